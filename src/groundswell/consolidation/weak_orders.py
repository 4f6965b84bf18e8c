"""Weak orders of a few things as signs of their pairs: all of them, and the best that small moves reach.

Elsewhere: what an order is worth, given workers' answers (`ranking.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_MOST_WEAK, _MOST_STRICT = 6, 7  # things up to which all orders are tried


def signs_of(ranks: Floats) -> Ints:
    """(V, n (n - 1) / 2) sign of rank i minus rank j for i < j, from (V, n) ranks."""
    i, j = np.triu_indices(ranks.shape[1], 1)
    return np.sign(ranks[:, i] - ranks[:, j]).astype(np.int64)


def size_of(signs: Ints) -> int:
    """How many things (V, pairs) signs are of."""
    return int((1 + np.sqrt(1 + 8 * signs.shape[1])) // 2)


def candidates(size: int, ties: bool) -> Ints | None:
    """(orders, pairs) signs of all orders, with ties or without; None where there are too many to try."""
    if size > (_MOST_WEAK if ties else _MOST_STRICT):
        return None
    return _weak_orders(size) if ties else _strict_orders(size)


@lru_cache(maxsize=8)
def _strict_orders(size: int) -> Ints:
    """(size!, pairs) signs of all orders without ties."""
    return signs_of(np.array(list(permutations(range(size))), np.float64))


@lru_cache(maxsize=8)
def _weak_orders(size: int) -> Ints:
    """(Fubini number, pairs) signs of all orders, strict ones first."""
    ranks = sorted(_all_ranks(size), key=lambda r: (-len(set(r)), r))
    return signs_of(np.array(ranks, np.float64))


def _all_ranks(size: int) -> Iterator[tuple[int, ...]]:
    """All ways to give `size` responses ranks 1, 2, ... without gaps."""
    if size == 0:
        yield ()
        return
    for rest in _all_ranks(size - 1):
        top = max(rest, default=0)
        for rank in range(1, top + 1):
            yield (*rest, rank)
        for rank in range(1, top + 2):
            yield (*(r + (r >= rank) for r in rest), rank)


def climb(scores: Floats, signs: Ints) -> Ints:
    """Signs of an order that moving one response, to between others or level with some, does not improve.

    From the best of the workers' orders (V, pairs) and the order by net wins.
    """
    size, pair = size_of(signs), np.arange(scores.shape[1])
    i, j = np.triu_indices(size, 1)
    # What it is worth to place the row's response before, level with and after the column's.
    worth = np.zeros((3, size, size))
    worth[:, i, j], worth[:, j, i] = scores, scores[::-1]
    wins = np.argsort(np.argsort(-(worth[0] - worth[2]).sum(axis=1), kind="stable"))
    starts = np.unique(np.concatenate((signs_of(wins[None].astype(np.float64)), signs)), axis=0)
    total = scores[starts + 1, pair].sum(axis=1)
    place = np.array(ranks_of(starts[int(np.argmax(total > total.max() - 1e-9))], size), np.int64)
    improved = True
    while improved:
        improved = False
        for response in range(size):
            moved = _moved(place, response, worth)
            improved = improved or moved is not place
            place = moved
    order: Ints = signs_of(place[None].astype(np.float64))[0]
    return order


def _moved(place: Ints, response: int, worth: Floats) -> Ints:
    """The ranks (n,) with one response where it is worth most among the others; the same array where that is now."""
    others = np.flatnonzero(np.arange(len(place)) != response)
    level = np.unique(place[others], return_inverse=True)[1]
    before, tied, after = (np.bincount(level, worth[side, response, others]) for side in (0, 1, 2))
    behind, ahead = np.append(0.0, np.cumsum(after)), np.append(np.cumsum(before[::-1])[::-1], 0.0)
    # Even numbers are places between the others' levels, odd ones those levels.
    gain = np.empty(2 * len(tied) + 1)
    gain[0::2], gain[1::2] = behind + ahead, behind[:-1] + tied + ahead[1:]
    level = 2 * level + 1
    below = place[others] < place[response]
    now = int(level[place[others] == place[response]].max(initial=2 * len(np.unique(level[below]))))
    at = int(np.argmax(gain > gain.max() - 1e-9))
    if not gain[at] > gain[now] + 1e-9:
        return place
    new = np.empty_like(place)
    new[others], new[response] = level, at
    return new


def ranks_of(order: Ints, size: int) -> list[int]:
    """Ranks 1, 2, ... without gaps from the signs of pairs."""
    i, j = np.triu_indices(size, 1)
    worse = np.zeros((size, size))
    worse[i, j], worse[j, i] = order, -order
    behind = (worse > 0).sum(axis=1)
    return [int(rank) + 1 for rank in np.unique(behind, return_inverse=True)[1]]
