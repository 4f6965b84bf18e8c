"""Annotations and the labels made of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from groundswell.domain.labels import Label
from groundswell.domain.records import Annotation

ANSWERS_BYTES = 64 << 20
"""Of answers that are held in memory together: an answer may be a painted picture of megabytes."""


class AnnotationRepository(Protocol):
    """Submitted answers: append-only. `checks` asks for those to other than ordinary tasks instead."""

    def get(self, assignment_id: str) -> Annotation | None: ...

    def of_objects(self, job_id: int, numbers: Sequence[int], *, checks: bool = False) -> list[Annotation]:
        """In order of n, then of submission."""
        ...

    def first_within(self, job_id: int, numbers: Sequence[int], *, most_bytes: int = ANSWERS_BYTES) -> list[int]:
        """The first of these objects whose answers have together about so many bytes; one at least."""
        ...

    def all(
        self,
        job_id: int,
        *,
        after: str | None = None,
        limit: int = 10_000,
        checks: bool = False,
        most_bytes: int = ANSWERS_BYTES,
    ) -> list[Annotation]:
        """In order of submission; `after` is an assignment id: how a runner rebuilds its consolidation.

        At most `limit`, fewer where they have more than about `most_bytes` together, and one at least; none at the end.
        Never passes over one that commits later: on Postgres the newest wait until every older transaction has ended.
        """
        ...

    def worker_totals(self, job_id: int) -> list[tuple[str, int, float, datetime]]:
        """(worker id, annotations, median seconds spent, last submission) of everyone who submitted.

        The median is over the worker's share of the job's last 20,000 annotations; the mean where they have none there.
        """
        ...

    def done_by(self, worker_id: str, job_ids: Sequence[int]) -> Mapping[int, int]:
        """How many this worker submitted to each of these jobs, checks included: to them they are the same work."""
        ...

    def of_day(self, worker_id: str, *, at: datetime) -> tuple[int, int]:
        """(annotations, rewards in micro-dollars) of this worker on the day, UTC, that `at` is in."""
        ...

    def per_interval(self, job_id: int, *, since: datetime, seconds: int) -> list[tuple[datetime, int]]: ...

    def jobs_of(self, annotator_id: str) -> list[int]:
        """Ids of the jobs that this annotator has answers in."""
        ...

    def remove_of(self, annotator_id: str, job_id: int, limit: int) -> int:
        """Remove up to `limit` of an annotator's answers to a job, from its counters too; how many were removed.

        Labels that were made of them stay, and what was paid for them stays paid.
        """
        ...


class LabelRepository(Protocol):
    """Labels: a log of versions an object, of which one is in force. Readers but `history` see those in force."""

    def put(self, labels: Sequence[Label]) -> list[int]:
        """New versions, in force at once; answered or pending -> labeled; keeps the job's counters.

        One that says the same as the version in force (`domain.labels.says_the_same`) is not written: what is thought
        of that one's confidence is kept to more decimals. Nor is one that may not replace it (`may_replace`): a
        model's over people's; the object counts as labeled all the same. The numbers of those with a new version.
        """
        ...

    def withdraw(self, job_id: int, numbers: Sequence[int], *, at: datetime, reason: str | None = None) -> list[int]:
        """Machines' labels in force stand no more: the newest version before that stands is in force again.

        An object that has none goes back to answered where its answers are there, else to pending. Objects with a
        label by people, or with none, are left alone; the numbers of the others.
        """
        ...

    def in_force(self, job_id: int, n: int) -> Label | None: ...

    def history(self, job_id: int, n: int) -> list[Label]:
        """Every version of one object's label, the first first, withdrawn ones included."""
        ...

    def all(self, job_id: int, *, start: int = 0, stop: int | None = None) -> Iterator[Label]:
        """Those in force, in order of n, streaming."""
        ...

    def known(self, job_id: int, *, after: int = -1, limit: int = 1_000) -> list[Label]:
        """Those in force that are taken for the truth, in order of n, beyond `after`.

        What a reviewer looked at or changed, and what came with the input for an object that a gold task shows.
        """
        ...

    def known_count(self, job_id: int) -> int: ...

    def distribution(self, job_id: int) -> Mapping[str, int]:
        """Labels by category."""
        ...

    def confidence_histogram(self, job_id: int, bins: int = 20) -> Sequence[int]: ...

    def over_time(self, job_id: int, points: int = 60) -> list[tuple[datetime, int, int]]:
        """(time, objects labeled by people so far, by models so far), by when each first got its label."""
        ...
