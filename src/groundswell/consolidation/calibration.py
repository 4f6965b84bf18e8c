"""Do confidences mean what they say: of the labels given with 0.9, are nine in ten right?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groundswell.domain.errors import InvalidInput

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Bin:
    """Labels whose confidences lie together."""

    low: float
    high: float
    count: int
    confidence: float  # mean
    accuracy: float


@dataclass(frozen=True)
class Calibration:
    """How far confidences are from accuracies."""

    ece: float  # mean over labels of |confidence - accuracy| of their bin
    worst: float  # the largest such gap of a bin
    brier: float  # mean squared difference of confidence and right (1) or wrong (0)
    bins: tuple[Bin, ...]  # those that hold labels, ascending


def calibration_error(confidence: Any, correct: Any, *, bins: int = 15, equal_mass: bool = False) -> Calibration:
    """Expected calibration error of N labels.

    Parameters
    ----------
    confidence : (N,) in [0, 1].        correct : (N,) whether each label is right.
    bins : their number, of equal width, or of equal mass (`equal_mass`).
    Raises: InvalidInput, for no labels, unequal lengths, confidences outside [0, 1], anything but right or wrong.
    Source: Naeini, Cooper & Hauskrecht 2015 (AAAI); Brier 1950, doi:10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2.
    """
    chance, right = np.asarray(confidence, np.float64), np.asarray(correct, np.float64)
    if chance.shape != right.shape or chance.ndim != 1 or not chance.size:
        raise InvalidInput(
            f"confidence and correct must be two lists of one length above 0, not {chance.shape} and {right.shape}",
            field="confidence",
        )
    if not ((chance >= 0.0) & (chance <= 1.0)).all():
        raise InvalidInput("every confidence must be a number from 0 to 1", field="confidence")
    if not np.isin(right, (0.0, 1.0)).all():
        raise InvalidInput("every label must be right (1) or wrong (0)", field="correct")
    if bins < 1:
        raise InvalidInput(f"there must be at least one bin, not {bins}", field="bins")
    edges = np.linspace(0.0, 1.0, bins + 1)
    if equal_mass:
        edges = np.unique(np.quantile(chance, edges))
    index = np.clip(np.searchsorted(edges, chance, side="left") - 1, 0, max(len(edges) - 2, 0))
    held = [_bin(edges, i, chance[index == i], right[index == i]) for i in np.unique(index).tolist()]
    gaps = np.array([abs(b.confidence - b.accuracy) for b in held])
    ece = float(gaps @ [b.count for b in held]) / len(chance)
    return Calibration(ece, float(gaps.max()), float(((chance - right) ** 2).mean()), tuple(held))


def _bin(edges: Floats, i: int, chance: Floats, right: Floats) -> Bin:
    high = float(edges[min(i + 1, len(edges) - 1)])
    return Bin(float(edges[i]), high, len(chance), float(chance.mean()), float(right.mean()))


def gold_accuracy(right: int, answered: int, *, confidence_z: float = 1.96) -> tuple[float, float]:
    """The interval a worker's accuracy lies in, from gold objects: Wilson's, (0, 1) without answers.

    Raises: InvalidInput, unless 0 <= right <= answered.     Source: Wilson 1927, doi:10.1080/01621459.1927.10502953.
    """
    if not 0 <= right <= answered:
        raise InvalidInput(f"right answers must be 0 to those given, {answered}, not {right}", field="right")
    if not answered:
        return 0.0, 1.0
    share, z2 = right / answered, confidence_z**2
    centre = (share + z2 / (2 * answered)) / (1 + z2 / answered)
    half = confidence_z / (1 + z2 / answered) * float(np.sqrt(share * (1 - share) / answered + z2 / (4 * answered**2)))
    return max(centre - half, 0.0), min(centre + half, 1.0)


def mean_calibration_error(parts: Sequence[Calibration]) -> float:
    """Mean of the expected calibration errors of several sets; 0 without any."""
    return float(np.mean([part.ece for part in parts])) if parts else 0.0
