"""The arrays between the steps of consolidating instances: marks, items and sites of a list of objects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from groundswell.consolidation.existence import Marks

Ints = NDArray[np.int64]
Shape = NDArray[Any]


class Row(NamedTuple):
    """One mark as read."""

    who: int  # counted among the workers of its object
    label: str
    shape: Shape
    worker: int  # counted among all workers


@dataclass(frozen=True)
class Items:
    """A marks at `n_sites` sites, each site's marks by different workers."""

    shapes: Sequence[Shape]  # A shapes, as the kind reads them
    site: Ints  # (A,) ascending within an object
    worker: Ints  # (A,) index of the worker; the last index stands for a worker never seen
    label: Ints  # (A,) index of the class
    who: Ints  # (A,) the worker counted among those of the object
    n_sites: int
    n_workers: int


@dataclass(frozen=True)
class Tables:
    """Marks, items and sites of a list of objects."""

    marks: Marks
    items: Items
    labels: Sequence[str]  # K
    site_object: Ints  # (sites,) ascending


class TableBuilder:
    """Collects objects' rows into the arrays of `Tables`."""

    def __init__(self, n_workers: int) -> None:
        self.n_workers = n_workers
        self.shapes: list[Shape] = []
        self.item_columns: list[tuple[Ints, Ints, Ints, Ints]] = []
        self.mark_columns: list[tuple[Ints, Ints, NDArray[np.bool_]]] = []
        self.seen: list[Ints] = []
        self.site_counts: list[int] = []
        self.n_sites = 0

    def add(self, seen: Ints, rows: list[Row], number: Mapping[str, int], cluster: Ints) -> None:
        """One object: the workers who saw it, their marks, and the cluster of each mark."""
        count = int(cluster.max(initial=-1)) + 1
        site = cluster + self.n_sites
        self.shapes += [row.shape for row in rows]
        worker = np.array([row.worker for row in rows], np.int64)
        label = np.array([number[row.label] for row in rows], np.int64)
        who = np.array([row.who for row in rows], np.int64)
        self.item_columns.append((site, worker, label, who))
        marked = np.zeros((count, len(seen)), np.bool_)
        marked[cluster, who] = True
        every_site = np.repeat(np.arange(count) + self.n_sites, len(seen))
        self.mark_columns.append((every_site, np.tile(seen, count), marked.ravel()))
        self.seen.append(seen)
        self.site_counts.append(count)
        self.n_sites += count

    def build(self, labels: Sequence[str]) -> Tables:
        """All objects' arrays."""
        site, worker, label, who = (_joined([c[i] for c in self.item_columns]) for i in range(4))
        mark_site, mark_worker = _joined([c[0] for c in self.mark_columns]), _joined([c[1] for c in self.mark_columns])
        marked = np.concatenate([np.zeros(0, np.bool_), *(c[2] for c in self.mark_columns)])
        n_objects = len(self.seen)
        seen_object = np.repeat(np.arange(n_objects), [len(s) for s in self.seen])
        marks = Marks(
            mark_site, mark_worker, marked, seen_object, _joined(self.seen), self.n_sites, n_objects, self.n_workers
        )
        items = Items(self.shapes, site, worker, label, who, self.n_sites, self.n_workers)
        return Tables(marks, items, labels, np.repeat(np.arange(n_objects), self.site_counts))


def _joined(columns: Sequence[Ints]) -> Ints:
    return np.concatenate([np.zeros(0, np.int64), *columns])
