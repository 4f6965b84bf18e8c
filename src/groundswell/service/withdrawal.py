"""Withdrawing labels that models gave: what was in force before is again, or the object goes back to people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from groundswell.domain.people import Principal
from groundswell.domain.states import JobState
from groundswell.service.access import Action, job_for
from groundswell.service.context import Context
from groundswell.service.ports import ObjectFilter, Page, Transaction
from groundswell.service.transitions import move_job, withdraw_labels

_TOGETHER = 2_000
_BY_MODELS = ObjectFilter(human=False)


def withdraw(context: Context, principal: Principal, name: str, numbers: Sequence[int] | None, *, reason: str) -> int:
    """Models' labels of these objects (or all) stand no more; how many did. Labels by people are left alone.

    Of each the version in force is withdrawn, one. An ended job goes on: objects without a label go to people, and
    the output is written anew. A great many are withdrawn some thousand at a time, so nobody else waits for all.
    """
    parts = _pages(context, principal, name) if numbers is None else _parts(sorted(set(numbers)))
    return sum(_withdraw(context, principal, name, part, reason) for part in parts)


def _withdraw(context: Context, principal: Principal, name: str, numbers: Sequence[int], reason: str) -> int:
    now = context.clock()

    def work(tx: Transaction) -> int:
        job = job_for(tx, principal, name, Action.WITHDRAW_LABELS)
        count = withdraw_labels(tx, job, numbers, reason=reason, at=now, by=principal.id)
        if count and job.state in (JobState.COMPLETED, JobState.STOPPED):
            move_job(tx, job, "extend", by=principal.id, at=now)
        return count

    return context.write(work)


def _parts(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    """At least one, so that who may not is refused whatever they ask."""
    for start in range(0, max(1, len(numbers)), _TOGETHER):
        yield numbers[start : start + _TOGETHER]


def _pages(context: Context, principal: Principal, name: str) -> Iterator[Sequence[int]]:
    after: str | None = None

    def work(tx: Transaction) -> list[int]:
        job = job_for(tx, principal, name, Action.WITHDRAW_LABELS)
        found = tx.objects.page(job.id, _BY_MODELS, Page(limit=_TOGETHER, after=after))
        return [data_object.n for data_object, _ in found]

    while numbers := context.read(work):
        yield numbers
        after = str(numbers[-1])
