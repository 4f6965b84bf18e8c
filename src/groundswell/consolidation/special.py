"""Special functions of arrays: logarithms of the gamma function, their derivative, the normal distribution, x log x.

Scalars come from the C library where it has them. The tests compare every one with SciPy's.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

_LARGE = 10.0  # from here on seven terms of the asymptotic series are exact to the last digit


def digamma(x: ArrayLike) -> Any:
    """The derivative of log gamma(x), elementwise, x > 0; -inf at 0, NaN below.

    Error: a few units in the last place, of the value or, near the root at 1.4616..., of 1.
    Source: psi(x) = psi(x + 1) - 1/x up to 10, then Abramowitz & Stegun 6.3.18, as in Bernardo 1976, AS 103,
    doi:10.2307/2347257.
    """
    values, flat = _result_and_input(x)
    _digamma(flat, values.ravel())
    return values[()]


def log_gamma(x: ArrayLike) -> Any:
    """log gamma(x), elementwise, x > 0; inf at 0, NaN below."""
    values, flat = _result_and_input(x)
    _log_gamma(flat, values.ravel())
    return values[()]


def normal_cdf(x: ArrayLike) -> Any:
    """The chance that a standard normal variable is at most x, elementwise; exact in the far tails too."""
    values, flat = _result_and_input(x)
    _normal_cdf(flat, values.ravel())
    return values[()]


def x_log_x(x: Floats) -> Floats:
    """x log x, elementwise, x >= 0; 0 at 0, its limit."""
    return np.asarray(x * np.log(np.where(x > 0.0, x, 1.0)))


def _result_and_input(x: ArrayLike) -> tuple[Floats, Floats]:
    """An empty contiguous array of the shape of x, and x as floats in one row of the same order."""
    given = np.asarray(x, np.float64)
    return np.empty(given.shape), given.ravel()


@njit(cache=True, nogil=True)
def _digamma(x: Floats, out: Floats) -> None:
    for i in range(x.size):
        at, below = x[i], 0.0
        if at <= 0.0:
            out[i] = -np.inf if at == 0.0 else np.nan
            continue
        while at < _LARGE:
            below += 1.0 / at
            at += 1.0
        s = 1.0 / (at * at)
        series = s * (
            1 / 12 - s * (1 / 120 - s * (1 / 252 - s * (1 / 240 - s * (1 / 132 - s * (691 / 32760 - s / 12)))))
        )
        out[i] = math.log(at) - 0.5 / at - series - below


@njit(cache=True, nogil=True)
def _log_gamma(x: Floats, out: Floats) -> None:
    for i in range(x.size):
        out[i] = np.nan if x[i] < 0.0 else math.lgamma(x[i]) if x[i] != 0.0 else np.inf


@njit(cache=True, nogil=True)
def _normal_cdf(x: Floats, out: Floats) -> None:
    for i in range(x.size):
        out[i] = 0.5 * math.erfc(-x[i] / math.sqrt(2.0))
