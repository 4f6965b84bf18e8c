"""Special functions of arrays: logarithms of the gamma function, their derivative, the normal distribution, x log x.

The tests compare every one with SciPy's. Elsewhere: the loops for large inputs (`compiled/special.py`).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from groundswell.consolidation.fast import twinned

Floats = NDArray[np.float64]

FEW = 512  # values up to which NumPy's cost of a call outweighs that of the values
_STEPS = np.arange(10.0)
LARGE = 10.0  # from here on seven terms of the asymptotic series are exact to the last digit


def digamma(x: ArrayLike) -> Any:
    """The derivative of log gamma(x), elementwise, x > 0; -inf at 0, NaN below.

    Error: a few units in the last place, of the value or, near the root at 1.4616..., of 1.
    Source: psi(x) = psi(x + 1) - 1/x up to 10, then Abramowitz & Stegun 6.3.18, as in Bernardo 1976, AS 103,
    doi:10.2307/2347257.
    """
    values, flat = _result_and_input(x)
    write_digamma(flat, values.ravel())
    return values[()]


def log_gamma(x: ArrayLike) -> Any:
    """log gamma(x), elementwise, x > 0; inf at 0, NaN below."""
    values, flat = _result_and_input(x)
    write_log_gamma(flat, values.ravel())
    return values[()]


def normal_cdf(x: ArrayLike) -> Any:
    """The chance that a standard normal variable is at most x, elementwise; exact in the far tails too."""
    values, flat = _result_and_input(x)
    write_normal_cdf(flat, values.ravel())
    return values[()]


def x_log_x(x: Floats) -> Floats:
    """x log x, elementwise, x >= 0; 0 at 0, its limit."""
    return np.asarray(x * np.log(np.where(x > 0.0, x, 1.0)))


def _result_and_input(x: ArrayLike) -> tuple[Floats, Floats]:
    """An empty contiguous array of the shape of x, and x as floats in one row of the same order."""
    given = np.asarray(x, np.float64)
    return np.empty(given.shape), given.ravel()


@twinned(lambda x, out: x.size)
def write_digamma(x: Floats, out: Floats) -> None:
    """`digamma` of x (M,) into out (M,)."""
    few = 0 < x.size <= FEW and x.min() > 0.0
    small, at = (slice(None), x + 10.0) if few else _shifted(x, 10)
    s = (1.0 / at) ** 2
    series = s * (1 / 12 - s * (1 / 120 - s * (1 / 252 - s * (1 / 240 - s * (1 / 132 - s * (691 / 32760 - s / 12))))))
    out[:] = np.log(at) - 0.5 / at - series
    if few:
        out -= (1.0 / (x[:, None] + _STEPS)).sum(axis=1)
        return
    near = x[small]
    pair = near * (near + 9.0)  # of the ten that are taken off the first and the last together, and so on inwards
    out[small] -= (2.0 * near + 9.0) * sum(1.0 / (pair + more) for more in (0.0, 8.0, 14.0, 18.0, 20.0))
    out[~(x > 0.0)] = np.nan
    out[x == 0.0] = -np.inf


@twinned(lambda x, out: x.size)
def write_log_gamma(x: Floats, out: Floats) -> None:
    """`log_gamma` of x (M,) into out (M,)."""
    if 0 < x.size <= FEW and x.min() > 0.0:
        out[:] = list(map(math.lgamma, x.tolist()))
        return
    small, at = _shifted(x, 6)  # no further: near the roots what is taken off again must not be large
    s = 1.0 / (at * at)
    tail = 1 / 1188 - s * (691 / 360360 - s * (1 / 156 - s * (3617 / 122400 - s * (43867 / 244188))))
    series = (1 / 12 - s * (1 / 360 - s * (1 / 1260 - s * (1 / 1680 - s * tail)))) / at
    out[:] = (at - 0.5) * np.log(at) - at + 0.5 * math.log(2.0 * math.pi) + series
    pair = x[small] * (x[small] + 5.0)
    out[small] -= np.log(pair * (pair + 4.0) * (pair + 6.0))
    out[~(x > 0.0)] = np.nan
    out[(x == 0.0) | (x == np.inf)] = np.inf


@twinned(lambda x, out: x.size)
def write_normal_cdf(x: Floats, out: Floats) -> None:
    """`normal_cdf` of x (M,) into out (M,)."""
    out[:] = [0.5 * math.erfc(-value / math.sqrt(2.0)) for value in x.tolist()]


def _shifted(x: Floats, by: int) -> tuple[NDArray[np.int64], Floats]:
    """Where x (M,) lies above 0 and below `LARGE`, and x moved up there; 1 where it is not above 0."""
    small = np.flatnonzero((x > 0.0) & (x < LARGE))
    at = np.where(x > 0.0, x, 1.0)
    at[small] += by
    return small, at
