"""Kernel ridge regression on one-hot targets: exact, with its left-out outputs for free, grown round after round.

Targets are +1 for the class and -1/(C-1) for the others. alpha = (K + lambda I)^-1 Y; the output of training object i
without its own label is y_i - alpha_i / [(K + lambda I)^-1]_ii. lambda is the one with the least left-out loss; it is
looked for again whenever the labels have doubled, and in between the inverse grows by the new objects' rows only.
With more than `MOST` labels the system is solved for that many of them, drawn at random.

Here: the algebra over a matrix of kernel values. Elsewhere: kernels and features (`text.py`, `images.py`).
Source: Rifkin, Yeo and Poggio 2003 (regularized least-squares classification, leave-one-out values).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from groundswell.autolabel.learner import Reals, Rows
from groundswell.domain.errors import InvalidInput

LAMBDAS = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
"""Candidates for lambda, for kernels with ones on their diagonal."""
MOST = 4_000
"""Labels that take part in the system: its cost grows with the third power."""
_LOOKED_FOR_UP_TO = 1_000
"""Labels that lambda is chosen on: an eigendecomposition costs ten times a solution, and lambda hardly moves."""

Gram = Callable[[Rows, Rows], NDArray[np.float32]]
"""Kernel values (R, S) between two lists of rows."""


@dataclass(frozen=True)
class RidgeFit:
    """A solved system of the objects `rows`."""

    rows: Rows  # (L,)
    labels: Rows  # (L,)
    alpha: Reals  # (L, C)
    left_out: Reals  # (L, C) outputs without the object's own label
    ridge: float  # lambda
    looked_at: int  # how many labels lambda was chosen on
    inverse: Reals  # (L, L) of K + lambda I


def fit_ridge(gram: Gram, rows: Rows, labels: Rows, classes: int, previous: RidgeFit | None = None) -> RidgeFit:
    """Solve for these training objects; `previous` saves work where its rows are the first of these.

    Raises: InvalidInput, where there are no labels or kernel values are no numbers.
    """
    if not len(rows):
        raise InvalidInput("a model needs at least one labeled object; none was given")
    y = targets(labels, classes)
    grown = _grown(gram, rows, previous)
    if grown is not None and previous is not None:
        return _solved(rows, labels, y, grown, previous.ridge, previous.looked_at)
    some = rows[:_LOOKED_FOR_UP_TO]
    values: Reals = np.asarray(gram(rows, rows), np.float64)
    if not np.isfinite(values).all():
        raise InvalidInput("features of labeled objects are not finite; compute them again")
    ridge = _best_lambda(values[: len(some), : len(some)], y[: len(some)])
    values[np.diag_indices_from(values)] += ridge
    return _solved(rows, labels, y, np.asarray(np.linalg.inv(values), np.float64), ridge, len(some))


def targets(labels: Rows, classes: int) -> Reals:
    """(L, C) +1 for the class, -1/(C-1) for the others; a single class is +1."""
    y = np.full((len(labels), classes), -1.0 / max(classes - 1, 1))
    y[np.arange(len(labels)), labels] = 1.0
    return y


def _solved(rows: Rows, labels: Rows, y: Reals, inverse: Reals, ridge: float, looked_at: int) -> RidgeFit:
    alpha = inverse @ y
    left_out = y - alpha / np.diag(inverse)[:, None]
    return RidgeFit(rows, labels, alpha, left_out, ridge, looked_at, inverse)


def _grown(gram: Gram, rows: Rows, previous: RidgeFit | None) -> Reals | None:
    """The inverse of the larger system by blocks, or None where it is better solved anew."""
    if previous is None:
        return None
    known = len(previous.rows)
    due = min(len(rows), _LOOKED_FOR_UP_TO) >= 2 * previous.looked_at
    if due or known > len(rows) or not np.array_equal(rows[:known], previous.rows):
        return None
    if known == len(rows):
        return previous.inverse
    fresh = rows[known:]
    side = np.asarray(gram(previous.rows, fresh), np.float64)
    corner = np.asarray(gram(fresh, fresh), np.float64)
    corner[np.diag_indices_from(corner)] += previous.ridge
    across = previous.inverse @ side
    schur = np.linalg.inv(corner - side.T @ across)
    turned = across @ schur
    inverse = np.empty((len(rows), len(rows)))
    inverse[:known, :known] = previous.inverse + turned @ across.T
    inverse[:known, known:] = -turned
    inverse[known:, :known] = -turned.T
    inverse[known:, known:] = schur
    return inverse


def _best_lambda(values: Reals, y: Reals) -> float:
    spectrum, vectors = np.linalg.eigh(values)
    turned, squares = vectors.T @ y, vectors**2
    losses = []
    for ridge in LAMBDAS:
        inverse = 1.0 / (np.maximum(spectrum, 0.0) + ridge)
        left_out = (vectors @ (inverse[:, None] * turned)) / (squares @ inverse)[:, None]
        losses.append(float((left_out**2).mean()))
    return LAMBDAS[int(np.argmin(losses))]
