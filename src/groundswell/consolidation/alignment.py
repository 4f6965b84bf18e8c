"""Aligning sequences of words at least cost, by dynamic programming. Words are small numbers here.

Elsewhere: texts, votes at the places found (`transcriptions.py`), the loops for large inputs (`compiled/alignment.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from groundswell.consolidation.fast import twinned

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
    return int(count_edits(a, b))


def distances_to_all(texts: Sequence[Sequence[str]], count: Sequence[int]) -> list[int]:
    """Sum of each text's edit distances to all, each counted so often."""
    numbers, _ = numbered(texts)
    apart = np.zeros((len(texts), len(texts)), np.int64)
    for i, a in enumerate(numbers):
        for j in range(i):
            apart[i, j] = apart[j, i] = count_edits(a, numbers[j])
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
    fill_moves(offset, word, share, skip, given, len(number), moves)
    return _path(moves)


def _path(moves: Moves) -> list[int]:
    i, j = moves.shape[0] - 1, moves.shape[1] - 1
    path: list[int] = []
    while i or j:
        move = int(moves[i, j])
        path.append(move)
        i, j = i - (move != WORD_ONLY), j - (move != PLACE_ONLY)
    return path[::-1]


@twinned(lambda first, second: first.size * second.size)
def count_edits(first: Ints, second: Ints) -> int:
    """The edit distance of words first (A,) and second (B,)."""
    steps = np.arange(second.size + 1)
    row = steps
    for i, word in enumerate(first.tolist()):
        here = np.concatenate(([i + 1], np.minimum(row[1:] + 1, row[:-1] + (second != word))))
        row = np.minimum.accumulate(here - steps) + steps  # what follows an insertion costs one more each
    return int(row[-1])


@twinned(lambda offset, word, share, skip, given, n_words, moves: moves.size)
def fill_moves(offset: Ints, word: Ints, share: Floats, skip: Floats, given: Ints, n_words: int, moves: Moves) -> None:
    """The last step of the cheapest alignment of every first places with every first words, into moves (I + 1, J + 1).

    By diagonals, on which no cell needs another: the same sums in the same order as cell by cell.
    """
    places, words = skip.size, given.size
    having = np.zeros((places, n_words))
    having[np.repeat(np.arange(places), np.diff(offset)), word] = share
    lacks = having[:, given]  # (I, J)
    edge = np.concatenate(([0.0], np.cumsum(skip)))
    moves[:, 0], moves[0, :] = PLACE_ONLY, WORD_ONLY
    older, old = np.full(places + 1, np.inf), np.array([0.0] + [np.inf] * places)  # by place, of the diagonals before
    for d in range(1, places + words + 1):
        new = np.full(places + 1, np.inf)
        if d <= words:
            new[0] = d
        if d <= places:
            new[d] = edge[d]
        i = np.arange(max(1, d - words), min(places, d - 1) + 1)
        if i.size:
            both = older[i - 1] + 1.0 - lacks[i - 1, d - i - 1]
            place, between = old[i - 1] + skip[i - 1], old[i] + 1.0
            new[i] = np.minimum(np.minimum(both, place), between)
            rest = np.where(between == new[i], WORD_ONLY, BOTH)
            moves[i, d - i] = np.where(place == new[i], PLACE_ONLY, rest)
        older, old = old, new
