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
from groundswell.hooks.targets import Hook
from groundswell.manifests.references import absolute_members
from groundswell.runner.desk import Desk
from groundswell.service import transitions, window
from groundswell.service.ports import Transaction

_CALLS = 16  # hook calls under way at a time
_ATTEMPTS = 3  # calls of a hook that does not answer, before its object fails


def release(desk: Desk) -> bool:
    """Publish what there is room for; whether anything moved."""
    if not desk.job.counters.pending or not window.room(desk.spec, desk.job.counters):
        return False
    if desk.spec.hooks.pre_annotation:
        return _release_prepared(desk)

    def work(tx: Transaction) -> int:
        job = tx.jobs.get(desk.job.id)
        return window.publish(tx, job, desk.spec, at=desk.now) if job.state is JobState.IN_PROGRESS else 0

    return desk.write(work) > 0


@dataclass
class _Calls:
    """Hook calls under way, by object."""

    hook: Hook
    waiting: dict[int, Future[Prepared]] = field(default_factory=dict)
    attempts: dict[int, int] = field(default_factory=dict)


@dataclass
class _Outcome:
    """What finished calls say."""

    inputs: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    skipped: list[int] = field(default_factory=list)
    failed: dict[int, str] = field(default_factory=dict)


def _release_prepared(desk: Desk) -> bool:
    """Call the hook for the next pending objects, and publish those it has answered for."""
    calls: _Calls | None = desk.memory.get("pre_annotation")
    if calls is None:
        calls = _Calls(desk.tools.open_hook(desk.spec.hooks.pre_annotation or ""))
        desk.memory["pre_annotation"] = calls
        desk.closing.append(calls.hook.close)
    outcome = _collect(calls)
    if outcome.inputs or outcome.skipped or outcome.failed:
        desk.write(lambda tx: _apply(tx, desk, outcome))
    room = min(_CALLS, window.room(desk.spec, desk.job.counters) - len(outcome.inputs)) - len(calls.waiting)
    if room > 0:
        _call(desk, calls, room)
    return True


def _call(desk: Desk, calls: _Calls, room: int) -> None:
    pending = desk.read(lambda tx: tx.objects.pending(desk.job.id, room + len(calls.waiting)))
    fresh = [n for n in pending if n not in calls.waiting][:room]
    lines = desk.read(lambda tx: {n: tx.objects.line(desk.job.id, n) for n in fresh})

    def call(line: str) -> Prepared:
        members = absolute_members(orjson.loads(line), desk.tools.storage.absolute(desk.job.input_uri))
        return pre_annotation.read_response(calls.hook.call(pre_annotation.request(desk.job.name, members)))

    for n, line in lines.items():
        calls.waiting[n] = desk.tools.pool.submit(call, line)


def _collect(calls: _Calls) -> _Outcome:
    outcome = _Outcome()
    for n in [n for n, future in calls.waiting.items() if future.done()]:
        future = calls.waiting.pop(n)
        try:
            prepared = future.result()
        except Unavailable as error:
            calls.attempts[n] = calls.attempts.get(n, 0) + 1
            if calls.attempts[n] >= _ATTEMPTS:
                outcome.failed[n] = error.message
        except GroundswellError as error:
            outcome.failed[n] = error.message
        else:
            outcome.inputs[n] = prepared.task_input
            if not prepared.needs_people:
                outcome.skipped.append(n)
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
        window.publish(tx, job, desk.spec, at=desk.now, prepared=shown)
