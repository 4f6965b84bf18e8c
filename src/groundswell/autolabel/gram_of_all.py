"""All kernel values of a pool at once, where they fit into memory: what makes hundreds of replays cheap.

Terms that many texts share are multiplied as a dense matrix; the rest pair by pair, which costs the sum of squares of
how many texts have each term.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from groundswell.autolabel.tfidf import COLUMNS, Sparse

MOST_OBJECTS = 12_000
"""The matrix of more objects would take over 600 MB."""
_FREQUENT = 4_096
_PAIRS = 4_000_000


def gram_of_all(rows: Sparse, dense: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
    """(N, N) products of every row with every row, and of dense rows (N, E) where there are any."""
    size = len(rows)
    frequency = np.bincount(rows.columns, minlength=COLUMNS)
    frequent = np.sort(np.argsort(-frequency, kind="stable")[:_FREQUENT])
    place = np.full(COLUMNS, -1)
    place[frequent] = np.arange(frequent.size)
    owners, at = rows.owners(), place[rows.columns]
    block = np.zeros((size, frequent.size), np.float32)
    block[owners[at >= 0], at[at >= 0]] = rows.values[at >= 0]
    product = block @ block.T
    rare = at < 0
    _add_pairs(product, owners[rare], rows.columns[rare], rows.values[rare])
    if dense is not None and dense.shape[1]:
        product += dense @ dense.T
    return product


def _add_pairs(
    product: NDArray[np.float32],
    owners: NDArray[np.int64],
    columns: NDArray[np.int32],
    values: NDArray[np.float32],
) -> None:
    """Add what each term adds to the products of the texts that have it."""
    order = np.argsort(columns, kind="stable")
    owners, values = owners[order], values[order]
    start = np.flatnonzero(np.diff(columns[order], prepend=-1))
    counts = np.diff(np.append(start, owners.size))
    flat = product.reshape(-1)
    for count in np.unique(counts):
        terms = start[counts == count]
        step = max(1, _PAIRS // int(count) ** 2)
        for first in range(0, terms.size, step):
            members = terms[first : first + step, None] + np.arange(count)
            texts, weights = owners[members], values[members]
            pairs = texts[:, :, None] * product.shape[1] + texts[:, None, :]
            np.add.at(flat, pairs.reshape(-1), (weights[:, :, None] * weights[:, None, :]).reshape(-1))
