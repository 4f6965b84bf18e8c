"""The loops of `groundswell.consolidation.special`, where each is described."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from groundswell.consolidation.special import LARGE

Floats = NDArray[np.float64]


@njit(cache=True, nogil=True)
def write_digamma(x: Floats, out: Floats) -> None:
    for i in range(x.size):
        at, below = x[i], 0.0
        if at <= 0.0:
            out[i] = -np.inf if at == 0.0 else np.nan
            continue
        while at < LARGE:
            below += 1.0 / at
            at += 1.0
        s = 1.0 / (at * at)
        series = s * (
            1 / 12 - s * (1 / 120 - s * (1 / 252 - s * (1 / 240 - s * (1 / 132 - s * (691 / 32760 - s / 12)))))
        )
        out[i] = math.log(at) - 0.5 / at - series - below


@njit(cache=True, nogil=True)
def write_log_gamma(x: Floats, out: Floats) -> None:
    for i in range(x.size):
        out[i] = np.nan if x[i] < 0.0 else math.lgamma(x[i]) if x[i] != 0.0 else np.inf


@njit(cache=True, nogil=True)
def write_normal_cdf(x: Floats, out: Floats) -> None:
    for i in range(x.size):
        out[i] = 0.5 * math.erfc(-x[i] / math.sqrt(2.0))
