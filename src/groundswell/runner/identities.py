"""The identities of a job's objects, gathered while its lines go in and stored when all are there.

Hashes are in no order: stored chunk by chunk each transaction would touch every page of their index, and write
gigabytes for a million lines. Sorted first, each page is written once.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from groundswell.runner.inspection import Row

TOGETHER = 10_000  # rows a transaction inserts


class Identities:
    """What the objects of a manifest are across jobs: 16 bytes an object."""

    def __init__(self) -> None:
        self._numbers = array("q")
        self._identities = array("q")

    def add(self, rows: Iterable[Row]) -> None:
        """Take those of the rows that have an identity."""
        for row in rows:
            if row.identity is not None:
                self._numbers.append(row.n)
                self._identities.append(row.identity)

    def sorted_parts(self) -> Iterator[Mapping[int, int]]:
        """Identities by object number, in order of the identity, some thousands at a time."""
        numbers, identities = np.frombuffer(self._numbers, np.int64), np.frombuffer(self._identities, np.int64)
        order = np.argsort(identities, kind="stable")
        for start in range(0, len(order), TOGETHER):
            part = order[start : start + TOGETHER]
            yield dict(zip(numbers[part].tolist(), identities[part].tolist(), strict=True))
