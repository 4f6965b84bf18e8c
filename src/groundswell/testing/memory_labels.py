"""Labels in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from groundswell.domain.labels import VOUCHED, Label, Origin, may_replace, says_the_same
from groundswell.domain.records import TaskKind
from groundswell.domain.states import OBJECT_TRANSITIONS, ObjectState, object_after
from groundswell.testing.memory_tables import Tables
from groundswell.testing.memory_tasks import with_task


class MemoryLabels:
    """`service.ports.LabelRepository`."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def put(self, labels: Sequence[Label]) -> list[int]:
        new: dict[int, None] = {}
        for label in labels:
            key = label.job_id, label.n
            one = self._tables.objects[key]
            self._tables.objects[key] = replace(one, state=OBJECT_TRANSITIONS.get((one.state, "label"), one.state))
            before = self._tables.labels.get(key)
            if before is not None and not may_replace(before, label):
                continue
            if before is not None and says_the_same(before, label):
                now = replace(before, confidence=label.confidence, disputed=label.disputed)
                self._tables.labels[key] = now
                continue
            log = self._tables.versions.get(key, ())
            added = replace(label, version=len(log) + 1)
            self._tables.versions[key] = (*log, added)
            self._tables.labels[key] = added
            self._tables.labeled_at.setdefault(key, label.labeled_at)
            new[label.n] = None
        return list(new)

    def withdraw(self, job_id: int, numbers: Sequence[int], *, at: datetime, reason: str | None = None) -> list[int]:
        gone = [n for n in dict.fromkeys(numbers) if self._is_machine(job_id, n)]
        for n in gone:
            key = job_id, n
            version = self._tables.labels.pop(key).version
            log = tuple(
                replace(one, withdrawn_at=at, reason=reason or one.reason) if one.version == version else one
                for one in self._tables.versions[key]
            )
            self._tables.versions[key] = log
            standing = [one for one in log if one.withdrawn_at is None]
            if standing:
                self._tables.labels[key] = standing[-1]
                continue
            del self._tables.labeled_at[key]
            one = with_task(self._tables, self._tables.objects[key])
            if one.state is ObjectState.LABELED:
                answered = one.answered > 0 and one.answered >= one.wanted
                event = "reconsider" if answered else "unlabel"
                self._tables.objects[key] = replace(self._tables.objects[key], state=object_after(one.state, event))
        return gone

    def in_force(self, job_id: int, n: int) -> Label | None:
        return self._tables.labels.get((job_id, n))

    def history(self, job_id: int, n: int) -> list[Label]:
        return list(self._tables.versions.get((job_id, n), ()))

    def all(self, job_id: int, *, start: int = 0, stop: int | None = None) -> Iterator[Label]:
        found = [one for one in self._of(job_id) if one.n >= start and (stop is None or one.n < stop)]
        return iter(sorted(found, key=lambda one: one.n))

    def known(self, job_id: int, *, after: int = -1, limit: int = 1_000) -> list[Label]:
        gold = {n for task in self._tables.tasks.values() if task.kind is TaskKind.GOLD for n in task.objects}
        found = [
            one
            for one in self._of(job_id)
            if one.n > after and (one.origin in VOUCHED or (one.origin is Origin.IMPORTED and one.n in gold))
        ]
        return sorted(found, key=lambda one: one.n)[:limit]

    def known_count(self, job_id: int) -> int:
        return len(self.known(job_id, limit=len(self._tables.labels)))

    def distribution(self, job_id: int) -> Mapping[str, int]:
        return dict(sorted(Counter(one.category for one in self._of(job_id) if one.category is not None).items()))

    def confidence_histogram(self, job_id: int, bins: int = 20) -> Sequence[int]:
        counts = Counter(min(bins - 1, max(0, int(one.confidence * bins))) for one in self._of(job_id))
        return [counts[number] for number in range(bins)]

    def over_time(self, job_id: int, points: int = 60) -> list[tuple[datetime, int, int]]:
        found = sorted((self._tables.labeled_at[job_id, one.n], one.human) for one in self._of(job_id))
        if not found:
            return []
        first, last = found[0][0], found[-1][0]
        microsecond = timedelta(microseconds=1)
        step = max(1, -(-((last - first) // microsecond + 1) // points)) * microsecond
        curve: dict[int, tuple[datetime, int, int]] = {}
        people = models = 0
        for at, human in found:
            people, models = people + human, models + (not human)
            number = (at - first) // step
            curve[number] = (min(first + (number + 1) * step, last), people, models)
        return list(curve.values())

    def _of(self, job_id: int) -> list[Label]:
        return [one for one in self._tables.labels.values() if one.job_id == job_id]

    def _is_machine(self, job_id: int, n: int) -> bool:
        label = self._tables.labels.get((job_id, n))
        return label is not None and not label.human
