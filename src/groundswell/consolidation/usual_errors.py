"""How far numbers usually lie from the others of their object, whatever a few of them say.

One slip, however gross, moves neither an object's middle nor what counts as usual by more than a bounded amount.
Elsewhere: what workers' errors make of a number (`numeric.py`).
Source: winsorized variance and weighted median as in Huber & Ronchetti 2009, Robust Statistics, 2nd ed., chapters 1, 5.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_MOST_COUNTED = 25.0  # mean squares that a single squared distance counts for at most
_OF_FREEDOM, _LEAST_COUNTED = 0.25, 1.5  # with few answers, this part of their degrees of freedom, but so much at least
_ROUNDS = 200
_OF_SIZE = 0.05  # usual distance, as a part of the numbers' size, where all answers but one agree
_OUT_OF_REACH = 100.0  # usual distances from a job's middle beyond which an answer loses against as many others
_LOSES = 0.9  # the weight of such an answer


@dataclass(frozen=True)
class Reach:
    """Where a job's answers lie."""

    middle: float = 0.0
    distance: float = np.inf  # usual one from there

    def weight(self, given: Floats) -> Floats:
        """(M,) 1, less where an answer lies so far off that as many others of its object are to be believed instead."""
        return np.where(np.abs(given - self.middle) > _OUT_OF_REACH * self.distance, _LOSES, 1.0)


def reach_of(given: Floats) -> Reach:
    """Where answers (M,) lie; anywhere, where there are too few to tell."""
    if len(given) < 3:
        return Reach()
    middle = float(np.median(given))
    away = np.sort(np.abs(given - middle))
    away = away[away > 0.0]
    return Reach(middle, float(away[(len(away) - 1) // 2])) if len(away) > 1 else Reach()


def middles(given: Floats, owner: Ints, weight: Floats, n_objects: int) -> Floats:
    """(N,) weighted medians of the answers (M,) of each object, halfway where weights balance; 0 without answers."""
    order = np.lexsort((given, owner))
    value, of = given[order], owner[order]
    size = np.bincount(owner, minlength=n_objects)
    first = np.cumsum(size) - size
    reached = np.cumsum(weight[order])
    half = np.append(0.0, reached)[first] + 0.5 * np.bincount(owner, weight, n_objects)
    slack = 1e-9 * max(float(reached[-1]), 1.0) if len(reached) else 0.0
    low, high = (np.bincount(of, reached < half[of] + side, n_objects).astype(np.int64) for side in (-slack, slack))
    told = np.flatnonzero(size)
    found = np.zeros(n_objects)
    last = size[told] - 1
    ends = value[first[told] + np.minimum(low[told], last)], value[first[told] + np.minimum(high[told], last)]
    found[told] = ends[0] + (ends[1] - ends[0]) / 2.0
    return found


def usual_square(square: Floats, freedom: int, *, otherwise: float) -> float:
    """The mean square of distances (M,) in which none counts for much more than the others.

    freedom : what they are divided by.     otherwise : the result where all but one of the distances are 0.
    """
    most = min(_MOST_COUNTED, max(_OF_FREEDOM * freedom, _LEAST_COUNTED))
    usual = float(square.sum()) / freedom
    for _ in range(_ROUNDS):
        before, usual = usual, float(np.minimum(square, most * usual).sum()) / freedom
        if usual > 0.999 * before:
            return usual
    some = np.sort(square[square > 0.0])
    return float(some[(len(some) - 1) // 2]) if len(some) > 1 else otherwise


def usual_distance(given: Floats, owner: Ints, centre: Floats) -> float:
    """How far answers (M,) usually lie from their object's middle (N,); never 0."""
    away = given - centre[owner]
    freedom = max(len(given) - len(np.unique(owner)), 1)
    size = _OF_SIZE * abs(float(np.median(given))) if len(given) else 0.0
    return float(np.sqrt(usual_square(away**2, freedom, otherwise=size**2))) or size or 1.0
