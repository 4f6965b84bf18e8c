"""Pending objects to workers, as many as the rolling window has room for; past the pre-annotation hook, if any."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

import orjson

from groundswell.domain.errors import GroundswellError, Unavailable
from groundswell.domain.states import JobState
from groundswell.hooks import pre_annotation
from groundswell.hooks.pre_annotation import Prepared
from groundswell.manifests.references import absolute_members
from groundswell.runner.desk import Desk
from groundswell.runner.hook_calls import ATTEMPTS, HookCalls, rest_s
from groundswell.service import transitions, window
from groundswell.service.ports import Transaction
from groundswell.wire.hook_target import target_kind

_CALLS = 16  # objects that the hook is being asked about
_PROCESSES = 4  # of one job's function


def release(desk: Desk) -> bool:
    """Publish what there is room for; whether anything moved."""
    if not desk.job.counters.pending or not window.room(desk.spec, desk.job.counters):
        return False
    if desk.read(lambda tx: window.is_held_up(tx, desk.job, desk.spec)):
        return False
    if desk.spec.hooks.pre_annotation:
        return _release_prepared(desk)

    def work(tx: Transaction) -> int:
        tx.tasks.turn(desk.job.id)
        job = tx.jobs.get(desk.job.id)
        if job.state is not JobState.IN_PROGRESS:
            return 0
        return window.publish(tx, job, desk.spec, window.next_objects(tx, job, desk.spec), at=desk.now)

    return desk.write(work) > 0


@dataclass
class _Prepared:
    """The function, and the objects that it has been asked about."""

    calls: HookCalls
    waiting: dict[int, Future[Prepared]] = field(default_factory=dict)
    attempts: dict[int, int] = field(default_factory=dict)
    again_at: dict[int, float] = field(default_factory=dict)  # object -> when it is asked about again


@dataclass
class _Outcome:
    """What finished calls say."""

    inputs: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    skipped: list[int] = field(default_factory=list)
    failed: dict[int, str] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return not (self.inputs or self.skipped or self.failed)


def _release_prepared(desk: Desk) -> bool:
    """Call the hook for the next pending objects, and publish those it has answered for."""
    here: _Prepared | None = desk.memory.get("pre_annotation")
    if here is None:
        target = desk.spec.hooks.pre_annotation or ""
        at_once = _CALLS if target_kind(target) == "http" else _PROCESSES
        calls = HookCalls(desk, "pre_annotation", target, at_once=at_once)
        here = desk.memory["pre_annotation"] = _Prepared(calls)
    outcome = _collect(desk, here)
    if not outcome.is_empty:
        desk.write(lambda tx: _apply(tx, desk, outcome))
    room = min(_CALLS, window.room(desk.spec, desk.job.counters) - len(outcome.inputs)) - len(here.waiting)
    asked = _call(desk, here, room) if room > 0 else 0
    here.calls.tell()
    return True if asked or not outcome.is_empty else desk.wait()


def _call(desk: Desk, here: _Prepared, room: int) -> int:
    """Ask about as many objects as there is room for; how many."""
    now = desk.tools.monotonic()
    resting = {n for n, at in here.again_at.items() if at > now}
    pending = desk.read(lambda tx: tx.objects.pending(desk.job.id, room + len(here.waiting) + len(resting)))
    fresh = [n for n in pending if n not in here.waiting and n not in resting][:room]
    lines = desk.read(lambda tx: {n: tx.objects.line(desk.job.id, n) for n in fresh})
    for n, line in lines.items():
        members = absolute_members(orjson.loads(line), desk.tools.storage.absolute(desk.job.input_uri))
        event = pre_annotation.request(desk.arns.job(desk.job.name), members)
        here.waiting[n] = here.calls.submit(event, pre_annotation.read_response)
    return len(lines)


def _collect(desk: Desk, here: _Prepared) -> _Outcome:
    outcome = _Outcome()
    for n in [n for n, future in here.waiting.items() if future.done()]:
        future = here.waiting.pop(n)
        try:
            prepared = future.result()
        except GroundswellError as error:
            attempt = here.attempts[n] = here.attempts.get(n, 0) + 1
            again = isinstance(error, Unavailable) and attempt < ATTEMPTS
            here.calls.failed(error.message, again=again)
            if again:
                here.again_at[n] = desk.tools.monotonic() + rest_s(attempt)
                continue
            outcome.failed[n] = error.message
        else:
            outcome.inputs[n] = prepared.task_input
            if not prepared.needs_people:
                outcome.skipped.append(n)
        here.attempts.pop(n, None)
        here.again_at.pop(n, None)
    return outcome


def _apply(tx: Transaction, desk: Desk, outcome: _Outcome) -> None:
    job_id = desk.job.id
    tx.objects.set_task_inputs(job_id, outcome.inputs)
    transitions.skip_objects(tx, desk.job, outcome.skipped, at=desk.now)
    for n, reason in outcome.failed.items():
        said = f"ClientError: pre-annotation function failed: {reason}"
        transitions.fail_objects(tx, desk.job, [n], reason=said, at=desk.now)
    shown = [n for n in outcome.inputs if n not in outcome.skipped]
    job = tx.jobs.brief_by_id(job_id)
    if shown and job.state is JobState.IN_PROGRESS:
        window.publish(tx, job, desk.spec, shown, at=desk.now)
