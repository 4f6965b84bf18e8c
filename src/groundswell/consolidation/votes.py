"""Annotations as index arrays: what every categorical consolidator reads.

Here: `Votes`, built from columns of any common kind, checked once, sorted by object. Elsewhere: turning columns into
indices (`columns.py`), reading files (`groundswell.offline`), structured answers such as boxes (one file per kind).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groundswell.consolidation.columns import Column, as_ids, read_column
from groundswell.consolidation.csr import group_by_object, keep_last_answers
from groundswell.consolidation.scales import in_scale_order
from groundswell.domain.errors import InvalidVotes

Ids = NDArray[Any]
Index = NDArray[np.int32]


@dataclass(frozen=True, eq=False, repr=False)
class Votes:
    """M annotations of N objects by W workers in K classes, sorted by object; rows of one object keep their order.

    An object and a worker meet at most once: of several answers the last counts, and `replaced` says how many others
    there were. Ids are sorted by type, then value, so that nothing depends on the order of the rows. Ids compare as
    Python values do: 1 and 1.0 are one id, 1 and "1" are two.
    """

    object: Index  # (M,) index of the object, ascending
    worker: Index  # (M,) index of the worker
    label: Index  # (M,) index of the class given, 0 <= label < K
    objects: Ids  # (N,) ids of objects; those nobody annotated are here when they were named
    workers: Ids  # (W,) ids of workers
    labels: Ids  # (K,) the classes; among equals the earliest wins
    offsets: NDArray[np.int64]  # (N + 1,) rows of object n are offsets[n] to offsets[n + 1]
    replaced: int = 0  # answers set aside because the same worker answered the same object again
    abstentions: int = 0  # rows without a label, left out
    ordered: bool = False  # the order of `labels` is a scale: a declared one, or that of numbers

    @classmethod
    def from_columns(
        cls,
        *,
        task: Any,
        worker: Any,
        label: Any,
        labels: Iterable[Any] | None = None,
        objects: Iterable[Any] | None = None,
    ) -> Votes:
        """Votes from three columns of equal length: lists, NumPy, Arrow, pandas or Polars.

        Parameters
        ----------
        task, worker, label : M ids each. A missing label (None, NaN, null) is an abstention.
        labels : the K classes in order; without it, those of an ordered categorical column in its order, else those
            that occur: numbers by their value, also as text, other ids by type, then value.
        objects : ids to consolidate besides those that occur, such as objects nobody annotated.
        Raises: InvalidVotes, for columns of unequal length, a missing task or worker, a label not among `labels`.
        """
        tasks, workers, given = (read_column(c, n) for c, n in ((task, "task"), (worker, "worker"), (label, "label")))
        _require_equal_lengths(task=tasks, worker=workers, label=given)
        for name, column in (("task", tasks), ("worker", workers)):
            _require_present(name, column)
        if objects is not None:
            tasks = tasks.extended(read_column(objects, "objects"))
        declared = given.ordered or labels is not None
        if labels is not None:
            given = given.restricted(read_column(labels, "labels"))
        elif not declared:
            given = _on_scale(given)
        present = given.codes >= 0
        abstentions = int(given.codes.size - np.count_nonzero(present))
        if abstentions:
            tasks, workers, given = (replace(c, codes=c.codes[present]) for c in (tasks, workers, given))
        return cls._assemble(tasks, workers, given, abstentions, ordered=declared or given.ordered)

    @classmethod
    def from_frame(
        cls,
        frame: Any,
        task: str = "task",
        worker: str = "worker",
        label: str = "label",
        *,
        labels: Iterable[Any] | None = None,
        objects: Iterable[Any] | None = None,
    ) -> Votes:
        """Votes from a table with named columns: pandas, Polars, an Arrow table, or a mapping of columns.

        task, worker, label : names of the columns.     labels, objects and Raises : as `from_columns`.
        """
        columns, present = {}, _column_names(frame)
        for role, name in (("task", task), ("worker", worker), ("label", label)):
            if name not in present:
                raise InvalidVotes(
                    f"the table needs a column {name!r} for the {role}; it has {present}; name yours with {role}=",
                    field=name,
                )
            columns[role] = frame[name]
        return cls.from_columns(**columns, labels=labels, objects=objects)

    @classmethod
    def from_arrays(
        cls,
        object: NDArray[np.integer[Any]],
        worker: NDArray[np.integer[Any]],
        label: NDArray[np.integer[Any]],
        *,
        n_objects: int,
        n_workers: int,
        n_labels: int,
    ) -> Votes:
        """Votes from indices already made: ids are 0 to N-1, 0 to W-1, 0 to K-1. A negative label is an abstention."""
        columns = {"object": np.asarray(object), "worker": np.asarray(worker), "label": np.asarray(label)}
        _require_equal_lengths(**columns)
        for (name, column), (low, high) in zip(
            columns.items(), ((0, n_objects), (0, n_workers), (-1, n_labels)), strict=True
        ):
            _require_range(name, column, low, high)
        present = columns["label"] >= 0
        abstentions = int(present.size - np.count_nonzero(present))
        if abstentions:
            columns = {name: column[present] for name, column in columns.items()}
        sizes = (n_objects, n_workers, n_labels)
        tasks, workers, labels = (
            Column(column.astype(np.int32, copy=False), np.arange(size))
            for column, size in zip(columns.values(), sizes, strict=True)
        )
        return cls._assemble(tasks, workers, labels, abstentions, ordered=True)

    @classmethod
    def _assemble(cls, tasks: Column, workers: Column, labels: Column, abstentions: int, *, ordered: bool) -> Votes:
        n_objects, n_workers = len(tasks.ids), len(workers.ids)
        if n_objects and not len(labels.ids):
            raise InvalidVotes("no annotation names a class; give the classes with labels=", field="label")
        worker, label = workers.codes, labels.codes
        offsets, order = group_by_object(tasks.codes, n_objects)
        if order is not None:
            worker, label = worker[order], label[order]
        kept = keep_last_answers(offsets, worker, n_workers)
        replaced = 0
        if kept is not None:
            replaced = int(worker.size - np.count_nonzero(kept))
            worker, label = worker[kept], label[kept]
            offsets = np.concatenate(([0], np.cumsum(kept)))[offsets]
        in_place = order is None and kept is None
        owner = tasks.codes if in_place else np.repeat(np.arange(n_objects, dtype=np.int32), np.diff(offsets))
        # One kind of array for the compiled kernels: those that data frames lend are read-only.
        owner, worker, label = (np.require(column, requirements=("C", "W")) for column in (owner, worker, label))
        return cls(
            owner,
            worker,
            label,
            tasks.ids,
            workers.ids,
            labels.ids,
            offsets,
            replaced=replaced,
            abstentions=abstentions,
            ordered=ordered,
        )

    def with_labels(self, labels: Sequence[Any]) -> Votes:
        """The same votes with other ids for the K classes, in the same order; a list in order declares a scale."""
        if len(labels) != self.n_labels:
            raise InvalidVotes(f"expected {self.n_labels} classes, given were {len(labels)}", field="labels")
        return replace(self, labels=as_ids(list(labels)), ordered=True)

    def only(self, rows: NDArray[np.bool_]) -> Votes:
        """The votes of some annotations, those true in (M,) rows; objects, workers and classes stay."""
        offsets = np.concatenate(([0], np.cumsum(rows)))[self.offsets]
        kept = {name: getattr(self, name)[rows] for name in ("object", "worker", "label")}
        return replace(self, **kept, offsets=offsets, replaced=0, abstentions=0)

    @property
    def n_objects(self) -> int:
        """N."""
        return len(self.objects)

    @property
    def n_workers(self) -> int:
        """W."""
        return len(self.workers)

    @property
    def n_labels(self) -> int:
        """K."""
        return len(self.labels)

    def __repr__(self) -> str:
        return (
            f"Votes({len(self)} annotations of {self.n_objects} objects by {self.n_workers} workers "
            f"in {self.n_labels} classes)"
        )

    def __len__(self) -> int:
        """M."""
        return len(self.worker)

    @cached_property
    def counts_by_object(self) -> NDArray[np.int64]:
        """(N,) annotations of each object."""
        return np.diff(self.offsets)

    @cached_property
    def counts_by_worker(self) -> NDArray[np.int64]:
        """(W,) annotations of each worker."""
        return np.bincount(self.worker, minlength=self.n_workers)

    @cached_property
    def object_positions(self) -> dict[Any, int]:
        """Object id to its index n."""
        return {key: n for n, key in enumerate(self.objects.tolist())}

    @cached_property
    def worker_positions(self) -> dict[Any, int]:
        """Worker id to its index w."""
        return {key: w for w, key in enumerate(self.workers.tolist())}

    @cached_property
    def label_positions(self) -> dict[Any, int]:
        """Class to its index k."""
        return {key: k for k, key in enumerate(self.labels.tolist())}


def _column_names(frame: Any) -> list[str]:
    names = frame if isinstance(frame, Mapping) else getattr(frame, "column_names", getattr(frame, "columns", None))
    if names is None:
        raise InvalidVotes(
            "a table is a pandas, Polars or Arrow table, or a mapping of names to columns; given was "
            f"{type(frame).__name__}; give the columns to from_columns"
        )
    return [str(name) for name in names]


def _on_scale(column: Column) -> Column:
    """A column of classes with its ids in the order of `in_scale_order`."""
    if column.ids.dtype.kind in "iufb":
        return replace(column, ordered=True)
    ids = column.ids.tolist()
    order, scale = in_scale_order(ids)
    if order != ids:
        column = column.reordered(order)
    return replace(column, ordered=scale)


def _require_equal_lengths(**columns: Column | NDArray[Any] | Sequence[Any]) -> None:
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        given = ", ".join(f"{name} has {length}" for name, length in lengths.items())
        raise InvalidVotes(
            f"columns must have one value for each annotation, but {given}; the first row without a full set of values "
            f"is {min(lengths.values())}",
            row=min(lengths.values()),
        )


def _require_present(name: str, column: Column) -> None:
    missing = np.flatnonzero(column.codes < 0)
    if missing.size:
        row = int(missing[0])
        raise InvalidVotes(
            f"every annotation needs a {name}, but row {row} has none (None, NaN or null); fill it in or drop the row",
            row=row,
            field=name,
        )


def _require_range(name: str, column: NDArray[Any], low: int, high: int) -> None:
    if column.dtype.kind not in "iu":
        raise InvalidVotes(f"{name} must be an array of integers, not of {column.dtype}", field=name)
    wrong = np.flatnonzero((column < low) | (column >= high))
    if wrong.size:
        row = int(wrong[0])
        raise InvalidVotes(
            f"{name} must lie in {low}..{high - 1}, but row {row} has {int(column[row])}", row=row, field=name
        )
