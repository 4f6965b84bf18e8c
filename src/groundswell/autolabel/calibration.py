"""How likely a label of a margin is right: P(right | margin) = (1 - floor) * sigmoid(slope * margin + offset).

The floor is what people and model still disagree on where the model is surest: noise in labels, which no model learns.
Fitted on left-out margins of objects that were *drawn at random*: the ones chosen for their low margin err two to three
times as often at the same margin. It steers which sets are audited; no promise rests on it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groundswell.autolabel.learner import Reals

LEAST = 20
"""With fewer random labels nothing is said: every object counts as likely wrong."""
_FLOORS = np.array([0.0, 0.0025, 0.005, 0.01, 0.015, 0.02, 0.03, 0.04, 0.06, 0.08, 0.12, 0.2, 0.3, 0.45, 0.6])
_ITERATIONS = 40


@dataclass(frozen=True)
class Calibration:
    """A fitted curve of margins, which are measured in `scale`s."""

    slope: float  # at least 0
    offset: float
    floor: float  # share of the surest labels that are wrong all the same
    scale: float  # the spread of the margins it was fitted on
    labels: int  # random labels it rests on

    def right(self, margin: Reals) -> Reals:
        """(N,) chance that labels of these margins are right; 0 where the margin is no number."""
        line = np.clip(self.slope * margin / self.scale + self.offset, -40, 40)
        chance: Reals = np.nan_to_num((1 - self.floor) / (1 + np.exp(-line)))
        return chance

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


NOTHING_KNOWN = Calibration(0.0, 0.0, 0.0, 1.0, 0)


def fit_calibration(margin: Reals, right: Reals) -> Calibration:
    """The curve of left-out margins (L,) and how right each label was (L,), in [0, 1], of randomly drawn objects.

    Right answers may be parts (1 - loss). Half a made-up object, right, where margins are high and half a wrong one
    where they are low keep the curve finite where all are right.
    """
    usable = np.isfinite(margin)
    margin, right = margin[usable], right[usable]
    if margin.size < LEAST:
        return NOTHING_KNOWN
    scale = float(np.std(margin)) or 1.0
    x = np.append(margin / scale, np.quantile(margin, [0.9, 0.1]) / scale)
    y = np.append(right, [1.0, 0.0])
    weight = np.append(np.ones(margin.size), [0.5, 0.5])
    slope, offset, gain = _climb(x, y, weight)
    best = int(np.argmax(gain))
    return Calibration(float(slope[best]), float(offset[best]), float(_FLOORS[best]), scale, int(margin.size))


def _climb(x: Reals, y: Reals, weight: Reals) -> tuple[Reals, Reals, Reals]:
    """Most likely slope and offset for every floor, by Fisher scoring; and their penalised likelihoods, (F,) each."""
    kept = (1 - _FLOORS)[:, None]
    slope, offset = np.ones(_FLOORS.size), np.zeros(_FLOORS.size)
    for _ in range(_ITERATIONS):
        right, curve, _ = _chances(slope, offset, x, kept)
        pull = weight * (y - right) / (right * (1 - right)) * kept * curve * (1 - curve)
        size = weight * (kept * curve * (1 - curve)) ** 2 / (right * (1 - right))
        a11, a12, a22 = (size * x * x).sum(1) + 0.05, (size * x).sum(1), size.sum(1) + 0.05
        b1, b2 = (pull * x).sum(1), pull.sum(1)
        det = a11 * a22 - a12 * a12
        slope = np.clip(slope + np.clip((a22 * b1 - a12 * b2) / det, -1, 1), 0.0, 30.0)
        offset = np.clip(offset + np.clip((a11 * b2 - a12 * b1) / det, -1, 1), -30.0, 30.0)
    right, _, _ = _chances(slope, offset, x, kept)
    gain = (weight * (y * np.log(right) + (1 - y) * np.log(1 - right))).sum(1)
    return slope, offset, gain - 0.01 * slope**2


def _chances(slope: Reals, offset: Reals, x: Reals, kept: NDArray[Any]) -> tuple[Reals, Reals, Reals]:
    line = np.clip(slope[:, None] * x + offset[:, None], -30, 30)
    curve = 1 / (1 + np.exp(-line))
    return np.clip(kept * curve, 1e-9, 1 - 1e-9), curve, line
