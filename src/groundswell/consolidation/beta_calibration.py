"""A curve from stated confidences to those that known labels bear out, which leans on what was stated.

Beta calibration: confidences of right and of wrong labels follow Beta distributions, so that

    log odds(right) = a ln(p) - b ln(1 - p) + c

which is the stated confidence itself for a = b = 1 and c = 0. Normal priors hold the three there, so that thirty labels
move confidences where they clearly must and a few hardly do. A class that enough known objects are given has an offset
of its own. Elsewhere: whose confidences these may be (`recalibration.py`).

Source: Kull, Silva Filho & Flach 2017, Beta calibration, AISTATS 54, PMLR 54:623-631. The priors are this project's;
their spreads were chosen on recorded crowds of which 30 to 300 labels were known.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groundswell.domain.errors import InvalidInput

Floats = NDArray[np.float64]
Index = NDArray[np.int64]

_STATED = np.array([1.0, 1.0, 0.0])  # a, b, c that leave confidences as they are
_SPREAD = np.array([0.3, 0.3, 0.5])
_CLASS_SPREAD = 0.5  # of the offsets of classes, in log odds
_ENOUGH = 30  # known labels of a class from which on it has an offset of its own
_EDGE = 1e-4  # confidences are taken to be this far from 0 and 1 at least
_ROUNDS = 100


@dataclass(frozen=True)
class BetaCalibration:
    """A fitted curve."""

    a: float = 1.0
    b: float = 1.0
    c: float = 0.0
    by_class: Floats = field(default_factory=lambda: np.zeros(0))  # (K,) offsets of c; empty where classes have none

    def __call__(self, confidence: Any, label: Any = None) -> Floats:
        """(N,) confidences that known labels bear out.

        Parameters
        ----------
        confidence : (N,) stated, in [0, 1].        label : (N,) class indices; without it no class has an offset.
        """
        log_odds = _terms(np.asarray(confidence, np.float64)) @ np.array([self.a, self.b, self.c])
        if label is not None and self.by_class.size:
            log_odds = log_odds + self.by_class[np.asarray(label)]
        return np.asarray(1.0 / (1.0 + np.exp(-log_odds)))


def fit_beta_calibration(confidence: Any, correct: Any, *, label: Any = None, n_labels: int = 0) -> BetaCalibration:
    """The most probable curve for N known labels; for none the identity.

    Parameters
    ----------
    confidence : (N,) stated before the truth was known, in [0, 1].     correct : (N,) whether each label was right.
    label : (N,) class indices of the labels given, for offsets by class.      n_labels : K.
    Raises: InvalidInput, for unequal lengths, confidences outside [0, 1], anything but right or wrong.
    """
    chance, right = np.asarray(confidence, np.float64), np.asarray(correct, np.float64)
    if chance.shape != right.shape or chance.ndim != 1 or not ((chance >= 0.0) & (chance <= 1.0)).all():
        raise InvalidInput(
            f"confidence must be as many numbers from 0 to 1 as there are known labels, {right.shape}; given were "
            f"{chance.shape}",
            field="confidence",
        )
    if not np.isin(right, (0.0, 1.0)).all():
        raise InvalidInput("every known label must be right (1) or wrong (0)", field="correct")
    terms, centre, spread = _terms(chance), _STATED, _SPREAD
    classes = np.zeros(0, np.int64)
    if label is not None:
        given = np.asarray(label)
        classes = np.flatnonzero(np.bincount(given, minlength=n_labels) >= _ENOUGH)
        terms = np.concatenate([terms, given[:, None] == classes], axis=1)
        centre = np.concatenate([centre, np.zeros(classes.size)])
        spread = np.concatenate([spread, np.full(classes.size, _CLASS_SPREAD)])
    a, b, c, *offsets = _most_probable(terms, right, centre, spread).tolist()
    by_class = np.zeros(n_labels)
    by_class[classes] = offsets
    return BetaCalibration(a, b, c, by_class)


def _terms(chance: Floats) -> Floats:
    """(N, 3) what a, b and c are multiplied with."""
    inside = np.clip(chance, _EDGE, 1.0 - _EDGE)
    return np.stack([np.log(inside), -np.log1p(-inside), np.ones_like(inside)], axis=1)


def _most_probable(terms: Floats, right: Floats, centre: Floats, spread: Floats) -> Floats:
    """Weights (T,) of the most probable logistic regression, by Newton's steps halved until they gain.

    a and b stay at 0 or above: a higher stated confidence never becomes a lower one.
    """
    weights, precision = centre.copy(), spread**-2

    def value(at: Floats) -> float:
        log_odds = terms @ at
        return float(right @ log_odds - np.logaddexp(0.0, log_odds).sum() - 0.5 * precision @ (at - centre) ** 2)

    best = value(weights)
    for _ in range(_ROUNDS):
        chance = 1.0 / (1.0 + np.exp(-(terms @ weights)))
        slope = terms.T @ (right - chance) - precision * (weights - centre)
        curve = (terms * (chance * (1.0 - chance))[:, None]).T @ terms + np.diag(precision)
        step, gained = np.linalg.solve(curve, slope), False
        while not gained and np.abs(step).max() > 1e-9:
            trial = weights + step
            trial[:2] = np.maximum(trial[:2], 0.0)
            gained, step = value(trial) > best, step / 2.0
        if not gained:
            break
        weights, best = trial, value(trial)
    return weights
