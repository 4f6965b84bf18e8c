"""Data objects of a job, and their manifest lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from groundswell.domain.labels import Label
from groundswell.domain.records import DataObject
from groundswell.domain.states import ObjectState
from groundswell.service.ports.pages import ObjectFilter, Page


class ObjectRepository(Protocol):
    """Data objects, their manifest lines and the rolling window."""

    def add_lines(self, job_id: int, lines: Iterable[tuple[int, str, ObjectState, str | None]]) -> int:
        """Bulk insert (n, manifest line, first state, failure reason); streaming; the number inserted.

        Idempotent: an n that is there already is left alone.
        """
        ...

    def identify(self, job_id: int, identities: Mapping[int, int]) -> None:
        """Keep what objects are across jobs (`domain.identity`), by n; idempotent."""
        ...

    def same(self, identity: int) -> list[tuple[int, int]]:
        """(job id, n) of every object with this identity, in order of both."""
        ...

    def line(self, job_id: int, n: int) -> str: ...

    def lines(self, job_id: int, *, start: int = 0, stop: int | None = None) -> Iterator[tuple[int, str]]:
        """Manifest lines in order, streaming."""
        ...

    def get(self, job_id: int, n: int) -> DataObject: ...

    def page(self, job_id: int, wanted: ObjectFilter, page: Page) -> list[tuple[DataObject, Label | None]]:
        """In order of n; the page key is n as text."""
        ...

    def count(self, job_id: int, wanted: ObjectFilter) -> int: ...

    def pending(self, job_id: int, limit: int) -> list[int]:
        """The next pending objects, in order of rank, ties in order of n; not those that are kept back."""
        ...

    def answered(self, job_id: int, limit: int) -> list[DataObject]:
        """Objects that wait for consolidation."""
        ...

    def move(self, job_id: int, numbers: Sequence[int], event: str, *, reason: str | None = None) -> list[int]:
        """Apply `domain.states.object_after` to each (fail, put_back, skip, withdraw, answer); those that moved.

        Those whose state does not allow the event are left alone: another runner may have been faster.
        Keeps the job's counters. The task of an object that leaves open ends, its held assignments are returned, and
        the other objects that the task has, if any, go along.
        """
        ...

    def set_task_inputs(self, job_id: int, inputs: Mapping[int, Mapping[str, Any]]) -> None:
        """What the pre-annotation hook made of these objects."""
        ...

    def task_input(self, job_id: int, n: int) -> Mapping[str, Any] | None: ...
