"""Batches of answered objects: what both ways of consolidating them (our own and a user's function) share."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta

import orjson

from groundswell.domain.labels import Label, Origin
from groundswell.domain.records import Annotation, DataObject
from groundswell.domain.states import ObjectState
from groundswell.runner.apart import decoded
from groundswell.runner.desk import Desk, note
from groundswell.runner.labels import Answered
from groundswell.runner.response_files import worker_response
from groundswell.service import label_contexts, transitions
from groundswell.service.ports import Transaction

_WRITTEN_TOGETHER = 200  # labels, some 20 ms of the writer


_SECOND = timedelta(seconds=1)


def may_begin(desk: Desk) -> bool:
    """Whether a batch may begin: its files are named by the second, so there is at most one a second."""
    return bool(desk.tools.monotonic() - desk.memory.get("batch_began", -1e9) >= 1.0)


def begin_batch(desk: Desk) -> datetime:
    """Begin a batch: the second that its files are named by, later than that of every batch before.

    That is now, unless the clock was set back since: then names go on from where they were.
    """
    desk.memory["batch_began"] = desk.tools.monotonic()
    second = desk.now.replace(microsecond=0)
    last = desk.memory.get("batch_second") or desk.job.progress.get("last_batch")
    if last:
        second = max(second, datetime.fromisoformat(last) + _SECOND)
    desk.memory["batch_second"] = second.isoformat()
    return second


def answered_objects(
    desk: Desk, *, most: int | None = None, besides: Collection[int] = frozenset()
) -> list[DataObject]:
    """The objects that have waited longest for a label: as many as are labeled together, and as fit into memory.

    besides : objects that somebody is labeling already.
    """
    limit = min(desk.batch_size, most or desk.batch_size)

    def work(tx: Transaction) -> list[DataObject]:
        waiting = tx.objects.answered(desk.job.id, limit + len(besides))
        found = [one for one in waiting if one.n not in besides][:limit]
        return found[: len(tx.annotations.first_within(desk.job.id, [one.n for one in found]))]

    return desk.read(work)


def read_answered(desk: Desk, found: Sequence[DataObject]) -> list[Answered]:
    """Objects with their manifest lines and answers; answers beyond those counted on the object are included."""
    numbers = [one.n for one in found]

    def work(tx: Transaction) -> tuple[dict[int, str], list[Annotation]]:
        lines = {n: tx.objects.line(desk.job.id, n) for n in numbers}
        return lines, tx.annotations.of_objects(desk.job.id, numbers)

    lines, annotations = desk.read(work)
    by_object: dict[int, list[Annotation]] = {n: [] for n in numbers}
    for one in annotations:
        by_object[one.n].append(one)
    batch = []
    for n in numbers:
        line = orjson.loads(lines[n])
        answers = decoded(desk, by_object[n], label_contexts.decoding(desk.job, line))
        last = max((one.submitted_at for one in by_object[n]), default=desk.now)
        uri = desk.layout.worker_response(desk.iteration(n), n, last)
        batch.append(Answered(n, line, answers, uri))
    return batch


def by_iteration(desk: Desk, batch: Sequence[Answered]) -> Iterator[tuple[int, list[Answered]]]:
    """A batch's objects by the iteration they belong to."""
    groups: dict[int, list[Answered]] = {}
    for answered in batch:
        groups.setdefault(desk.iteration(answered.n), []).append(answered)
    yield from sorted(groups.items())


def answer_files(desk: Desk, batch: Sequence[Answered]) -> dict[str, bytes]:
    """The worker-response file of each object."""
    return {one.response_uri: worker_response(desk, one.annotations) for one in batch if one.response_uri}


def in_parts(labels: Sequence[Label]) -> Iterator[Sequence[Label]]:
    """So few labels at a time that writing them keeps workers' answers waiting for a moment only."""
    for start in range(0, len(labels), _WRITTEN_TOGETHER):
        yield labels[start : start + _WRITTEN_TOGETHER]


def commit_labels(tx: Transaction, desk: Desk, labels: Sequence[Label]) -> None:
    """Put the labels of those objects that still wait for one: another runner may have been here."""
    fresh = [label for label in labels if is_answered(tx, desk, label.n)]
    new = tx.labels.put(fresh)
    if labels:
        transitions.record_labeled(tx, desk.job, new, origin=Origin.CONSOLIDATED, at=desk.now)
        note(tx, desk.job.id, last_batch=desk.memory["batch_second"])


def is_answered(tx: Transaction, desk: Desk, n: int) -> bool:
    """Whether an object still waits for consolidation."""
    return tx.objects.get(desk.job.id, n).state is ObjectState.ANSWERED
