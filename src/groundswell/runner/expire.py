"""Time running out: holds past their limit, objects past their availability, objects nobody is left for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from groundswell.domain.asking import is_refused, refusal
from groundswell.domain.records import DataObject, Task, TaskKind
from groundswell.domain.states import JobState, ObjectState
from groundswell.runner.desk import Desk, Tools, forget, note
from groundswell.service import transitions
from groundswell.service.ports import ObjectFilter, Page, Transaction

_LIMIT = 500  # rows a transaction moves
_EVERY_S = 1.0


def expire_holds(tools: Tools) -> bool:
    """Expire every job's holds that are past their time; whether there were any."""
    now = tools.clock()
    return bool(tools.store.write(lambda tx: transitions.expire_holds(tx, at=now, limit=_LIMIT)).result())


def expire(desk: Desk) -> bool:
    """End the wait for objects past their availability or declined by everyone; whether any moved."""
    _count_pauses(desk)
    if desk.job.state is not JobState.IN_PROGRESS or not desk.job.counters.open or not desk.due("expire", _EVERY_S):
        return False
    began = desk.tools.monotonic()
    moved = _overdue(desk) + _declined(desk)
    # Looking through a wide window takes a while: then look less often.
    desk.memory["expire"] += max(0.0, 20 * (desk.tools.monotonic() - began) - _EVERY_S)
    return moved > 0


def opened_before(desk: Desk) -> datetime:
    """Objects published before this time are overdue; time in which the job was paused does not count."""
    paused = float(desk.job.progress.get("paused_s", 0.0))
    return desk.now - timedelta(seconds=desk.spec.workers.availability + paused)


def _overdue(desk: Desk) -> int:
    before, availability = opened_before(desk), desk.spec.workers.availability
    at = before + timedelta(seconds=availability)
    found = desk.read(lambda tx: tx.tasks.overdue(desk.job.id, at, _LIMIT, availability_s=availability))
    checks = [one.id for one in found if one.kind is not TaskKind.ORDINARY]
    if checks:
        desk.write(lambda tx: tx.tasks.close(desk.job.id, checks))
    return _settle(desk, [(one, _expired_reason(desk, one)) for one in found if one.kind is TaskKind.ORDINARY])


def _declined(desk: Desk) -> int:
    """Objects declined by as many workers as were asked, or by all who are left, as Ground Truth does."""
    wanted = ObjectFilter(states=frozenset({ObjectState.OPEN}))
    limit, asked = desk.spec.workers.max_concurrent_objects, desk.spec.workers.per_object

    def work(tx: Transaction) -> list[DataObject]:
        open_ = [one for one, _ in tx.objects.page(desk.job.id, wanted, Page(limit=limit)) if one.declined]
        people = tx.teams.member_count(desk.job.team_id) if open_ else 0
        return [one for one in open_ if is_refused(one, asked=asked, people=people)]

    return _settle(desk, [(one, refusal(one)) for one in desk.read(work)])


def _settle(desk: Desk, found: Sequence[tuple[DataObject | Task, str]]) -> int:
    enough = desk.spec.workers.min_answers
    return desk.write(lambda tx: transitions.settle(tx, desk.job, found, enough=enough, at=desk.now)) if found else 0


def _expired_reason(desk: Desk, one: Task) -> str:
    hours = (one.life_s or desk.spec.workers.availability) / 3600
    return (
        f"ClientError: Annotation tasks expired. {one.answered} of {one.wanted} annotations arrived within {hours:g} h "
        f"({one.declined} declined; at least {desk.spec.workers.min_answers} needed). Put the object back to ask again"
    )


def _count_pauses(desk: Desk) -> None:
    """Keep the sum of the time a job was paused: availability stands still meanwhile."""
    since = desk.job.progress.get("paused_at")
    now = desk.now
    if desk.job.state is JobState.PAUSED and since is None:
        desk.note(paused_at=now.isoformat())
    elif desk.job.state is not JobState.PAUSED and since is not None:
        spent = (now - datetime.fromisoformat(since)).total_seconds()

        def work(tx: Transaction) -> None:
            before = float(tx.jobs.brief_by_id(desk.job.id).progress.get("paused_s", 0.0))
            note(tx, desk.job.id, paused_s=before + max(0.0, spent))
            forget(tx, desk.job.id, "paused_at")

        desk.write(work)
        desk.refresh(desk.read(lambda tx: tx.jobs.get(desk.job.id)))
