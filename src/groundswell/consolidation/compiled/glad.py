"""The loops of `groundswell.consolidation.glad`, where each is described."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Index = NDArray[np.int32]


@njit(cache=True)
def joint_of(
    owner: Index, worker: Index, label: Index, ability: Floats, log_easiness: Floats, log_prior: Floats
) -> Floats:
    size = log_prior.size
    joint = np.empty((log_easiness.size, size))
    joint[:] = log_prior
    for m in range(owner.size):
        score = ability[worker[m]] * math.exp(log_easiness[owner[m]])
        if score > 0:
            wrong = -score - math.log1p(math.exp(-score))
        else:
            wrong = -math.log1p(math.exp(score))
        right = wrong + score
        for k in range(size):
            joint[owner[m], k] += right if k == label[m] else wrong - math.log(size - 1.0)
    return joint


@njit(cache=True)
def derivatives(
    owner: Index, worker: Index, right: Floats, ability: Floats, log_easiness: Floats
) -> tuple[Floats, Floats]:
    gradient, curvature = np.zeros(ability.size + log_easiness.size), np.full(ability.size + log_easiness.size, 1e-9)
    for m in range(owner.size):
        easiness = math.exp(log_easiness[owner[m]])
        score = ability[worker[m]] * easiness
        chance = 1.0 / (1.0 + math.exp(-score)) if score > -700.0 else 0.0
        surprise, spread = right[m] - chance, chance * (1.0 - chance)
        gradient[worker[m]] += surprise * easiness
        curvature[worker[m]] += spread * easiness * easiness
        gradient[ability.size + owner[m]] += surprise * score
        curvature[ability.size + owner[m]] += spread * score * score
    return gradient, curvature
