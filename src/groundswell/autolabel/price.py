"""What proof costs: how many audits it takes until the evidence of a set is enough, and how that shrinks the claim.

Here: forecasts from simulated audits, the same every time. They steer what is audited and when training stops; no
promise rests on them.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from groundswell.autolabel.evidence import FRACTIONS, LOG_SHARES
from groundswell.autolabel.learner import Reals

_PATHS = 40
_LENGTHS = (300, 1_600)
_MIXTURE = 1.2
"""How much more the mixture of all bets has than the best of every other one, in logarithms."""
_STEPS = 25
"""Losses are rounded to this many steps up to the tolerance ..."""
_GROWTH = 1.25
"""... and sizes of sets to powers of this, so that few forecasts are computed."""


def expected_audits(size: int, loss: float, tolerance: float, level: float) -> float:
    """Mean number of audits until a set is certified; infinity where its loss is too near the tolerance.

    size : objects in the set.      loss : its true mean loss.      level : d, the chance of a wrong certificate.
    tolerance : the mean loss that violates the claim.
    """
    tolerance = round(tolerance, 3)
    if size < 1 or tolerance <= 0 or loss >= 0.92 * tolerance:
        return float("inf")
    step = tolerance / _STEPS
    below = int(loss / step)
    share = loss / step - below
    low, high = (_simulated(_rounded(size), place, tolerance, level)[0] for place in (below, below + 1))
    return float(low + share * (high - low)) if np.isfinite(high) else (low if share < 0.5 else float("inf"))


def slack_for(size: int, loss: float, tolerance: float, level: float, copies: float = 1.0) -> float:
    """Losses to keep in hand so that a claim about the whole set carries over to its unaudited rest.

    The whole set's bound is lowered by this number before the first draw; the rest's claim then holds as long as the
    audits met at least tolerance * audits - slack losses. It is what all but one audit in twenty of such a set leave
    room for, since an audit that outruns it proves nothing. A draw reveals `copies` objects on average.
    """
    place = min(round(loss / tolerance * _STEPS), int(0.7 * _STEPS))
    slack = 0.0
    for _ in range(2):
        lowered = max(round(tolerance - slack / size, 3), 0.001)
        audits, gap = _simulated(_rounded(size), int(place * tolerance / lowered), lowered, level)
        gap += (tolerance - lowered) * min(audits, size)
        slack = min(gap * copies + 1.0, 0.5 * tolerance * size)
    return float(slack)


def _rounded(size: int) -> int:
    return max(1, round(_GROWTH ** round(math.log(size) / math.log(_GROWTH))))


@lru_cache(maxsize=50_000)
def _simulated(size: int, place: int, tolerance: float, level: float) -> tuple[float, float]:
    """Mean audits at a loss of `place` steps, infinity where a quarter come to nothing, and the slack they use.

    The slack is the 95 % quantile, over simulated audits, of tolerance * audits - losses met.
    """
    loss = place * tolerance / _STEPS
    for draws in _LENGTHS:
        needed, met, done = _audits(size, loss, tolerance, level, min(size, draws))
        if done >= 0.95:
            break  # longer audits would tell next to nothing more, at several times the price
    gap = float(np.quantile(tolerance * needed - met, 0.95))
    return (float(needed.mean()) if done >= 0.75 else float("inf")), gap


def _audits(size: int, loss: float, tolerance: float, level: float, draws: int) -> tuple[Reals, Reals, float]:
    """(audits each simulated audit needed, losses it met, share of audits that were enough within `draws`)."""
    rng = np.random.default_rng(20_221_113)
    wrong = rng.random((_PATHS, draws)) < loss
    known: NDArray[np.int64] = np.cumsum(wrong, axis=1) - wrong
    null = (np.floor(tolerance * size) + 1 - known) / (size - np.arange(draws))
    fair = (null > 0) & (null < 1)
    safe = np.where(fair, null, 0.5)
    gain = np.where(fair, (safe - wrong) / (1 - safe), 0.0)
    mixed = np.full(gain.shape, -np.inf)
    for fraction, share in zip(FRACTIONS[::2], LOG_SHARES[::2], strict=True):
        mixed = np.maximum(mixed, np.cumsum(np.log1p(fraction * gain), axis=1) + share)
    enough = (mixed + _MIXTURE >= -np.log(level)) | (null > 1)
    done = enough.any(axis=1)
    needed = np.where(done, enough.argmax(axis=1) + 1, draws)
    return needed.astype(np.float64), known[np.arange(_PATHS), needed - 1].astype(np.float64), float(done.mean())
