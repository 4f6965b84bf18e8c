"""The loop of `groundswell.consolidation.live_kernels`, where it is described."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from groundswell.consolidation.live_kernels import LEAST

Floats = NDArray[np.float64]
Index = NDArray[np.int32]
Offsets = NDArray[np.int64]


@njit(cache=True)
def step_objects(
    objects: Offsets,
    old: tuple[Offsets, Index, Index],
    new: tuple[Offsets, Index, Index],
    gold: Index,
    power: float,
    answers: Floats,
    classes: Floats,
    posterior: Floats,
) -> None:
    for t in range(objects.size):
        n = objects[t]
        known = old[0][t + 1] > old[0][t]
        if known:
            _count(old, t, posterior[n], -1.0, answers)
            for k in range(classes.size):
                classes[k] = max(classes[k] - posterior[n, k], LEAST)
        live_posterior(new, t, gold[n], power, answers, classes, posterior[n])
        if new[0][t + 1] > new[0][t]:
            _count(new, t, posterior[n], 1.0, answers)
            for k in range(classes.size):
                classes[k] += posterior[n, k]


@njit(cache=True)
def live_posterior(
    votes: tuple[Offsets, Index, Index],
    t: int,
    gold: int,
    power: float,
    answers: Floats,
    classes: Floats,
    posterior: Floats,
) -> None:
    """Write object t's posterior (K,): class rates times the chances of its answers."""
    offsets, worker, label = votes
    size = classes.size
    total = classes.sum()
    for k in range(size):
        posterior[k] = math.log(classes[k] / total)
    for row in range(offsets[t], offsets[t + 1]):
        habits = answers[worker[row]]
        for k in range(size):
            given = 0.0
            for l in range(size):  # noqa: E741  l is the answer given, k the truth, as in every formula here
                given += habits[l, k]
            posterior[k] += power * math.log(habits[label[row], k] / given)
    highest = posterior.max()
    mass = 0.0
    for k in range(size):
        posterior[k] = math.exp(posterior[k] - highest)
        mass += posterior[k]
    for k in range(size):
        posterior[k] = posterior[k] / mass
        if gold >= 0:
            posterior[k] = 1.0 if k == gold else 0.0


@njit(cache=True)
def _count(votes: tuple[Offsets, Index, Index], t: int, posterior: Floats, sign: float, answers: Floats) -> None:
    offsets, worker, label = votes
    for row in range(offsets[t], offsets[t + 1]):
        for k in range(posterior.size):
            cell = answers[worker[row], label[row], k] + sign * posterior[k]
            answers[worker[row], label[row], k] = max(cell, LEAST)
