"""Aligning sequences of words at least cost, in compiled passes. Words are small numbers here.

Elsewhere: texts, votes at the places found (`transcriptions.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Moves = NDArray[np.int8]

BOTH, PLACE_ONLY, WORD_ONLY = 0, 1, 2  # a step of an alignment: a word at a place, no word there, a word between places


def numbered(texts: Sequence[Sequence[str]]) -> tuple[list[Ints], dict[str, int]]:
    """Each text as numbers of its words, and the number of each word."""
    number: dict[str, int] = {}
    return [np.array([number.setdefault(w, len(number)) for w in text], np.int64) for text in texts], number


def edit_distance(first: Sequence[str], second: Sequence[str]) -> int:
    """Fewest insertions, deletions and replacements between two texts.

    Source: Wagner & Fischer 1974, doi:10.1145/321796.321811, of the distance of Levenshtein 1966.
    """
    (a, b), _ = numbered((first, second))
    return int(_edit_distance(a, b))


def distances_to_all(texts: Sequence[Sequence[str]], count: Sequence[int]) -> list[int]:
    """Sum of each text's edit distances to all, each counted so often."""
    numbers, _ = numbered(texts)
    apart = np.zeros((len(texts), len(texts)), np.int64)
    for i, a in enumerate(numbers):
        for j in range(i):
            apart[i, j] = apart[j, i] = _edit_distance(a, numbers[j])
    return [int(total) for total in apart @ np.asarray(count, np.int64)]


def cheapest_path(shares: Sequence[Mapping[str, float]], words: Sequence[str]) -> list[int]:
    """The steps that align words to places at least cost, from the first on.

    shares : for each place, the share of its workers who have each word, "" for none. A word costs the share who have
        another one, a place left out the share who have one, a word between places 1. Of equally cheap steps, from the
        last on, leaving out a place comes first, then a word between places.
    """
    (given,), number = numbered((words,))
    known = [[(number[w], share) for w, share in place.items() if w in number] for place in shares]
    offset = np.concatenate(([0], np.cumsum([len(place) for place in known], dtype=np.int64))).astype(np.int64)
    word = np.array([w for place in known for w, _ in place], np.int64)
    share = np.array([s for place in known for _, s in place], np.float64)
    skip = np.array([1.0 - place.get("", 0.0) for place in shares], np.float64)
    moves = np.zeros((len(shares) + 1, len(words) + 1), np.int8)
    _fill(offset, word, share, skip, given, len(number), moves)
    return _path(moves)


def _path(moves: Moves) -> list[int]:
    i, j = moves.shape[0] - 1, moves.shape[1] - 1
    path: list[int] = []
    while i or j:
        move = int(moves[i, j])
        path.append(move)
        i, j = i - (move != WORD_ONLY), j - (move != PLACE_ONLY)
    return path[::-1]


@njit(cache=True, nogil=True)
def _edit_distance(first: Ints, second: Ints) -> int:
    row = np.arange(second.size + 1)
    for i in range(first.size):
        before, row[0] = row[0], i + 1
        for j in range(second.size):
            here = min(row[j + 1] + 1, row[j] + 1, before + (first[i] != second[j]))
            before, row[j + 1] = row[j + 1], here
    return int(row[-1])


@njit(cache=True, nogil=True)
def _fill(offset: Ints, word: Ints, share: Floats, skip: Floats, given: Ints, n_words: int, moves: Moves) -> None:
    """The last step of the cheapest alignment of every first places with every first words."""
    having = np.zeros(n_words)
    cost = np.arange(given.size + 1).astype(np.float64)
    moves[0, :] = WORD_ONLY
    for i in range(skip.size):
        for k in range(offset[i], offset[i + 1]):
            having[word[k]] = share[k]
        before, cost[0], moves[i + 1, 0] = cost[0], cost[0] + skip[i], PLACE_ONLY
        for j in range(given.size):
            both, place, between = before + 1.0 - having[given[j]], cost[j + 1] + skip[i], cost[j] + 1.0
            least = min(both, place, between)
            moves[i + 1, j + 1] = PLACE_ONLY if place == least else (WORD_ONLY if between == least else BOTH)
            before, cost[j + 1] = cost[j + 1], least
        for k in range(offset[i], offset[i + 1]):
            having[word[k]] = 0.0
