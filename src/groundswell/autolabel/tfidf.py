"""TF-IDF of words and of characters as one sparse matrix, by hashing: no vocabulary, no language, no download.

Terms are words (letters and digits of any script, lower case), pairs of neighbouring words, and every run of 3 to 5
characters of the text with a space at both ends. A term's column is a hash of it; its value (1 + log count) * idf. The
two families are each scaled to length 1/sqrt(2), so that the product of two rows is the mean of two cosines.

Here: text to rows, products of rows. Elsewhere: what learns from them (`text.py`).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

COLUMNS = 2**18
_WORDS = re.compile(r"\w+", re.UNICODE)
_SIZES = (3, 4, 5)
_MAX_CHARACTERS = 4_000
"""A longer text counts by its first characters: what it is about shows early, and time stays linear."""
_PRIMES = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], np.uint64)
_CHUNK = 400_000


@dataclass(frozen=True)
class Sparse:
    """(N, COLUMNS) rows of a sparse matrix: row n has columns[start[n]:start[n+1]] with these values."""

    start: NDArray[np.int64]  # (N + 1,)
    columns: NDArray[np.int32]  # (M,), rising in a row
    values: NDArray[np.float32]  # (M,)

    def __len__(self) -> int:
        return len(self.start) - 1

    def take(self, rows: NDArray[np.int64]) -> Sparse:
        """These rows, in this order."""
        lengths = self.start[rows + 1] - self.start[rows]
        start = np.concatenate([[0], np.cumsum(lengths)])
        inside = np.arange(start[-1]) - np.repeat(start[:-1], lengths) + np.repeat(self.start[rows], lengths)
        return Sparse(start, self.columns[inside], self.values[inside])

    def owners(self) -> NDArray[np.int64]:
        """(M,) the row of each value."""
        return np.repeat(np.arange(len(self)), np.diff(self.start))

    def times(self, dense: NDArray[np.float32]) -> NDArray[np.float32]:
        """(N, K) the product with a dense matrix (COLUMNS, K)."""
        product = np.zeros((len(self), dense.shape[1]), np.float32)
        step = max(1, int(_CHUNK * 20 / max(dense.shape[1], 1) / max(self.start[-1] / max(len(self), 1), 1)))
        for first in range(0, len(self), step):
            last = min(first + step, len(self))
            a, b = self.start[first], self.start[last]
            filled = np.flatnonzero(np.diff(self.start[first : last + 1])) + first
            if filled.size:
                parts = dense[self.columns[a:b]] * self.values[a:b, None]
                product[filled] = np.add.reduceat(parts, self.start[filled] - a, axis=0)
        return product

    def transposed_times(self, dense: NDArray[np.floating]) -> NDArray[np.float32]:
        """(COLUMNS, K) the product of the transpose with a dense matrix (N, K)."""
        owners = self.owners()
        return np.stack(
            [
                np.bincount(self.columns, self.values * dense[owners, k], minlength=COLUMNS).astype(np.float32)
                for k in range(dense.shape[1])
            ],
            axis=1,
        )

    def gram(self, other: Sparse) -> NDArray[np.float32]:
        """(N, L) products of every row with every row of another matrix, L small."""
        used, place = np.unique(other.columns, return_inverse=True)
        dense = np.zeros((used.size + 1, len(other)), np.float32)
        dense[place, other.owners()] = other.values
        at = np.searchsorted(used, self.columns)
        known = used[np.minimum(at, used.size - 1)] == self.columns if used.size else np.zeros(at.shape, bool)
        kept = Sparse(
            np.concatenate([[0], np.cumsum(known)])[self.start],
            at[known].astype(np.int32),
            self.values[known],
        )
        return kept.times(dense)


def joined(parts: Sequence[Sparse]) -> Sparse:
    """The rows of several matrices one after the other."""
    lengths = np.concatenate([np.diff(part.start) for part in parts])
    return Sparse(
        np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        np.concatenate([part.columns for part in parts]),
        np.concatenate([part.values for part in parts]),
    )


def idf_of(counts: Sparse) -> NDArray[np.float32]:
    """(COLUMNS,) log((1 + N) / (1 + texts with the term)) + 1."""
    df = np.bincount(counts.columns, minlength=COLUMNS)
    return (np.log((1 + len(counts)) / (1 + df)) + 1).astype(np.float32)


def word_counts(texts: Iterable[str | None]) -> Sparse:
    """How often each text has each word and each pair of neighbours."""
    return _counts(texts, _word_hashes)


def character_counts(texts: Iterable[str | None]) -> Sparse:
    """How often each text has each run of characters."""
    return _counts(texts, _character_hashes)


def weighted(counts: Sparse, idf: NDArray[np.float32], length: float) -> Sparse:
    """TF-IDF rows of a length; a row without terms stays empty."""
    values = (1 + np.log(counts.values)) * idf[counts.columns]
    kept = values > 0
    start = np.concatenate([[0], np.cumsum(kept)])[counts.start]
    columns, values = counts.columns[kept], values[kept]
    owners = np.repeat(np.arange(len(counts)), np.diff(start))
    norms = np.sqrt(np.bincount(owners, values.astype(np.float64) ** 2, minlength=len(counts)))
    return Sparse(start, columns, (length * values / norms[owners]).astype(np.float32))


def beside(left: Sparse, right: Sparse) -> Sparse:
    """Both matrices' values in one, row by row; columns of the two are told apart by parity."""
    owners = np.concatenate([left.owners(), right.owners()])
    columns = np.concatenate([left.columns // 2 * 2, right.columns // 2 * 2 + 1])
    values = np.concatenate([left.values, right.values])
    key, inverse = np.unique(owners * COLUMNS + columns, return_inverse=True)
    summed = np.bincount(inverse, values, minlength=key.size).astype(np.float32)
    start = np.searchsorted(key, np.arange(len(left) + 1) * COLUMNS)
    return Sparse(start.astype(np.int64), (key % COLUMNS).astype(np.int32), summed)


def _counts(texts: Iterable[str | None], hashes: Callable[[str], NDArray[np.uint64]]) -> Sparse:
    columns, counts, lengths = [], [], [0]
    for text in texts:
        found = (hashes((text or "")[:_MAX_CHARACTERS].lower()) >> np.uint64(46)).astype(np.int32)
        one, times = np.unique(found, return_counts=True)
        columns.append(one)
        counts.append(times)
        lengths.append(one.size)
    return Sparse(
        np.cumsum(lengths).astype(np.int64),
        np.concatenate([np.empty(0, np.int32), *columns]),
        np.concatenate([np.empty(0, np.float32), *counts]).astype(np.float32),
    )


def _word_hashes(text: str) -> NDArray[np.uint64]:
    words = np.array([zlib.crc32(word.encode()) for word in _WORDS.findall(text)], np.uint64)
    single: NDArray[np.uint64] = (words + np.uint64(1)) * _PRIMES[0]
    if words.size < 2:
        return single
    return np.concatenate([single, (words[:-1] * _PRIMES[1] + words[1:] + np.uint64(7)) * _PRIMES[2]])


def _character_hashes(text: str) -> NDArray[np.uint64]:
    codes = np.frombuffer(f" {text} ".encode("utf-32-le"), np.uint32).astype(np.uint64)
    if codes.size < 4:
        return np.empty(0, np.uint64)
    found = []
    for size in _SIZES:
        if codes.size >= size:
            runs = np.full(codes.size - size + 1, size, np.uint64)
            for offset in range(size):
                runs = (runs * _PRIMES[1]) ^ codes[offset : codes.size - size + 1 + offset]
                runs = (runs ^ (runs >> np.uint64(29))) * _PRIMES[2]
            found.append(runs * _PRIMES[0])
    return np.concatenate(found)
