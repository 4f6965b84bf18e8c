"""The loop of `groundswell.consolidation.many_classes`, where it is described."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Index = NDArray[np.int32]
Offsets = NDArray[np.int64]


@njit(cache=True, nogil=True)
def pass_coin(
    offsets: Offsets, worker: Index, label: Index, gold: Index, accuracy: Floats, log_prior: Floats, posterior: Floats
) -> float:
    size = log_prior.size
    total = 0.0
    for n in range(offsets.size - 1):
        scores = posterior[n]
        scores[:] = log_prior
        missed = 0.0  # log chance that every answer is wrong
        for m in range(offsets[n], offsets[n + 1]):
            error = math.log((1.0 - accuracy[worker[m]]) / (size - 1))
            missed += error
            scores[label[m]] += math.log(accuracy[worker[m]]) - error
        if gold[n] >= 0:
            total += missed + scores[gold[n]]
            scores[:] = 0.0
            scores[gold[n]] = 1.0
            continue
        highest = scores.max()
        norm = 0.0
        for k in range(size):
            scores[k] = math.exp(scores[k] - highest)
            norm += scores[k]
        for k in range(size):
            scores[k] /= norm
        total += missed + highest + math.log(norm)
    return total
