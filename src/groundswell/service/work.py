"""What a worker does: see their jobs, take tasks, answer, give back. Every act asks for the role of a worker.

Those on the hot path give a future, which the server's event loop waits for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from groundswell.domain.errors import InvalidAnnotation, InvalidInput
from groundswell.domain.people import Principal
from groundswell.domain.records import Annotation, Assignment, LabelingJob
from groundswell.manifests.lines import members_of
from groundswell.service import assignments
from groundswell.service.access import Action, require
from groundswell.service.annotations import LookFirst
from groundswell.service.annotations import look as look_at_answer
from groundswell.service.annotations import submit as submit_answer
from groundswell.service.assignments import OpenJob, Taken
from groundswell.service.context import Context
from groundswell.service.job_specs import spec_of
from groundswell.service.ports import Transaction
from groundswell.service.sign_in import check_link_holder
from groundswell.wire.job_spec import JobSpec
from groundswell.wire.work import MAX_HOLDING

Submitted = tuple[Annotation, Assignment]
"""A stored answer, and the assignment it answers."""


@dataclass(frozen=True)
class ShownTask:
    """What a task's template is filled with."""

    job: LabelingJob  # without counters
    spec: JobSpec
    line: Mapping[str, Any]  # of the manifest
    hook_input: Mapping[str, Any] | None  # what the pre-annotation hook made of it


def jobs(context: Context, principal: Principal) -> tuple[list[OpenJob], tuple[int, int]]:
    """The jobs open to a worker; and their annotations and rewards, in micro-dollars, of today."""
    require(principal, Action.WORK)
    now = context.clock()

    def work(tx: Transaction) -> tuple[list[OpenJob], tuple[int, int]]:
        found = assignments.jobs_for(tx, principal.account, at=now)
        return found, tx.annotations.of_day(principal.id, at=now)

    return context.read(work)


def held(context: Context, principal: Principal) -> list[Taken]:
    """Every task in the worker's hands."""
    require(principal, Action.WORK)
    now = context.clock()
    return context.read(lambda tx: assignments.held(tx, principal.account, at=now))


def take(context: Context, principal: Principal, name: str, *, holding: Sequence[str] = ()) -> Future[Taken | None]:
    """Take the next task of a job; None when there is none for this worker now.

    holding : assignments of the job that the worker's page has already. Raises InvalidInput for more than it may have.
    """
    require(principal, Action.WORK)
    if len(holding) > MAX_HOLDING:
        raise InvalidInput(f"expected at most {MAX_HOLDING} assignment ids, got {len(holding):,}", field="holding")
    now, new = context.clock(), context.new_id()
    return context.start(
        lambda tx: assignments.take_next(tx, principal.account, name, at=now, assignment_id=new, holding=holding)
    )


def describe(context: Context, principal: Principal, assignment_id: str) -> Taken:
    """A task in the worker's hands, again; raises Conflict when it is not there any more."""
    require(principal, Action.WORK)
    return context.read(lambda tx: assignments.describe(tx, principal.account, assignment_id))


def begin(context: Context, principal: Principal, assignment_id: str) -> Future[tuple[Assignment, str | None]]:
    """A task that was fetched ahead is on screen now: its time starts, once; and the worker's draft of it."""
    require(principal, Action.WORK)
    now = context.clock()
    return context.start(lambda tx: assignments.begin(tx, principal.account, assignment_id, at=now))


def submit(
    context: Context,
    principal: Principal,
    assignment_id: str,
    content: Any,
    time_spent_s: Any,
    *,
    size: int | None = None,
) -> Future[Submitted | Future[Submitted]]:
    """Store the worker's answer; the future resolves once it is durable. The same answer again is the same one.

    An answer that takes time to look at is looked at aside: then the future gives the future of that.
    size : bytes of the answer as JSON, where it is known.
    Raises InvalidAnnotation for an answer that is no JSON object, or a time that is no number of seconds.
    """
    require(principal, Action.WORK)
    if not isinstance(content, dict):
        raise InvalidAnnotation(f"expected an object in `answer`, got {kind_of(content)}", field="answer")
    if isinstance(time_spent_s, bool) or not isinstance(time_spent_s, int | float) or time_spent_s < 0:
        raise InvalidAnnotation(f"expected seconds, 0 or more, got {time_spent_s!r:.50}", field="time_spent_s")
    now, worker, seconds = context.clock(), principal.account, float(time_spent_s)

    def store(tx: Transaction, *, looked: bool = False) -> Submitted:
        return submit_answer(tx, worker, assignment_id, content, seconds, at=now, size=size, looked=looked)

    def look_and_store() -> Submitted:
        look_at_answer(context.store, context.pictures, worker, assignment_id, content, size)
        return context.write(lambda tx: store(tx, looked=True))

    def store_or_look(tx: Transaction) -> Submitted | Future[Submitted]:
        try:
            return store(tx)
        except LookFirst:  # nothing has been written
            return context.aside.submit(look_and_store)

    return context.start(store_or_look)


def show(context: Context, holder: str, assignment_id: str) -> ShownTask:
    """A task for the frame that shows it, to the account that a signed link was made for.

    Raises NotFound for a link of somebody who may not sign in any more, and for another's task.
    """
    account = check_link_holder(context, holder)

    def load(tx: Transaction) -> ShownTask:
        assignment = assignments.own(tx, account, assignment_id)
        job = tx.jobs.brief_by_id(assignment.job_id)
        found = tx.objects.task_input(job.id, assignment.n)
        line = members_of(tx.objects.line(job.id, assignment.n))
        return ShownTask(job, spec_of(job), line, found)

    return context.read(load)


def give_back(
    context: Context, principal: Principal, assignment_id: str, event: str, reason: str = ""
) -> Future[Assignment]:
    """Return a task (another worker, or this one later, gets it) or decline it (not this worker again).

    reason : why it cannot be answered; what is said is told to the requester as an event. Raises InvalidInput.
    """
    require(principal, Action.WORK)
    if len(reason) > assignments.MOST_REASON:
        raise InvalidInput(
            f"expected at most {assignments.MOST_REASON} characters, got {len(reason):,}", field="reason"
        )
    now = context.clock()
    return context.start(
        lambda tx: assignments.give_back(tx, principal.account, assignment_id, event, at=now, reason=reason)
    )


def save_draft(context: Context, principal: Principal, assignment_id: str, draft: str) -> Future[None]:
    """Keep what the worker has so far."""
    require(principal, Action.WORK)
    now = context.clock()
    return context.start(lambda tx: assignments.save_draft(tx, principal.account, assignment_id, draft, at=now))


def kind_of(value: Any) -> str:
    """What a JSON value is, in words."""
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "nothing"}
    return names.get(type(value), "a number")
