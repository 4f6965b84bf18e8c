"""Time running out: holds past their limit, objects past their availability, objects nobody is left for."""

from __future__ import annotations

from datetime import datetime, timedelta

from groundswell.domain.people import Role
from groundswell.domain.records import DataObject
from groundswell.domain.states import JobState, ObjectState
from groundswell.runner.desk import Desk, Tools, note
from groundswell.service import transitions
from groundswell.service.ports import ObjectFilter, Page, Transaction

_LIMIT = 500  # rows a transaction moves
_EVERY_S = 1.0
_LONGEST_TEAM = 1_000  # members counted; larger teams count as endless


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


def people_for(tx: Transaction, desk: Desk) -> int:
    """How many people could take this job's tasks."""
    page = Page(limit=_LONGEST_TEAM)
    people = tx.workers.page(page, team_id=desk.job.team_id, role=Role.WORKER)
    return sum(not worker.disabled for worker in people)


def _overdue(desk: Desk) -> int:
    before = opened_before(desk)
    found = desk.read(lambda tx: tx.objects.overdue(desk.job.id, before, _LIMIT))
    return _settle(desk, [(one, _expired_reason(desk, one)) for one in found]) if found else 0


def _declined(desk: Desk) -> int:
    """Objects declined by as many workers as were asked, or by all who are left, as Ground Truth does."""
    wanted = ObjectFilter(states=frozenset({ObjectState.OPEN}))
    limit = desk.spec.workers.max_concurrent_objects

    def work(tx: Transaction) -> list[DataObject]:
        page = tx.objects.page(desk.job.id, wanted, Page(limit=limit))
        refused = [one for one, _ in page if one.declined and not one.held]
        if not refused:
            return []
        people = people_for(tx, desk)
        asked = desk.spec.workers.per_object
        return [one for one in refused if one.declined >= asked or one.declined + one.answered >= people]

    found = desk.read(work)
    return _settle(desk, [(one, _declined_reason(one)) for one in found]) if found else 0


def _settle(desk: Desk, found: list[tuple[DataObject, str]]) -> int:
    """On to consolidation with the answers there are, if they are enough; else failed with the reason."""
    enough = desk.spec.workers.min_answers
    answered = [one.n for one, _ in found if one.answered >= enough]

    def work(tx: Transaction) -> int:
        moved = len(tx.objects.move(desk.job.id, answered, "answer")) if answered else 0
        for one, reason in found:
            if one.answered < enough:
                moved += transitions.fail_objects(tx, desk.job, [one.n], reason=reason, at=desk.now)
        return moved

    return desk.write(work)


def _expired_reason(desk: Desk, one: DataObject) -> str:
    hours = desk.spec.workers.availability / 3600
    return (
        f"ClientError: Annotation tasks expired. {one.answered} of {one.wanted} annotations arrived within {hours:g} h "
        f"({one.declined} declined; at least {desk.spec.workers.min_answers} needed). Put the object back to ask again"
    )


def _declined_reason(one: DataObject) -> str:
    workers = "1 worker" if one.declined == 1 else f"{one.declined} workers"
    return (
        f"ClientError: Annotation tasks declined. {workers} declined and {one.answered} answered; nobody is left to "
        "ask. Put the object back to ask again"
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
            note(tx, desk.job.id, paused_at=None, paused_s=before + max(0.0, spent))

        desk.write(work)
        desk.refresh(desk.read(lambda tx: tx.jobs.get(desk.job.id)))
