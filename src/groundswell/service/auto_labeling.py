"""Automated labeling as people see and steer it: what was decided of what evidence, and taking it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from groundswell.consolidation.estimates import Estimate
from groundswell.domain import events
from groundswell.domain.auto_labeling import AutoLabeling, Decision, DecisionKind, Phase
from groundswell.domain.errors import Conflict, InvalidInput, NotFound
from groundswell.domain.labels import Label, Origin
from groundswell.domain.models import model_arn
from groundswell.domain.people import Principal
from groundswell.domain.records import LabelingJob
from groundswell.domain.states import ENDED
from groundswell.service import label_contexts
from groundswell.service.access import Action, allowed_with, job_for
from groundswell.service.context import Context
from groundswell.service.job_specs import spec_of
from groundswell.service.ports import Transaction
from groundswell.service.withdrawal import withdraw
from groundswell.tasktypes import registry

REVIEWER_IS_SURE = 1.0


@dataclass(frozen=True)
class LoopView:
    """A job's loop with everything it decided."""

    job: LabelingJob
    loop: AutoLabeling | None  # None: the job has none, or it has not begun
    rounds: Sequence[Decision]
    attempts: Sequence[Decision]
    may_change: bool  # whether who looks may end it and undo attempts
    may_overrule: bool  # ... may put their own labels over the model's


def describe(context: Context, principal: Principal, name: str) -> LoopView:
    """A job's loop; raises NotFound for a job that this person may not see."""

    def work(tx: Transaction) -> LoopView:
        job = job_for(tx, principal, name)
        allowed = allowed_with(tx, principal, job)
        return LoopView(
            job,
            tx.auto_labeling.get(job.id),
            tx.auto_labeling.decisions(job.id, DecisionKind.ROUND),
            tx.auto_labeling.decisions(job.id, DecisionKind.ATTEMPT),
            may_change={Action.CHANGE_JOB, Action.WITHDRAW_LABELS} <= allowed,
            may_overrule=Action.OVERRULE_LABEL in allowed,
        )

    return context.read(work)


def certificate(context: Context, principal: Principal, name: str, attempt: int) -> tuple[LabelingJob, bytes]:
    """A job and the certificate of one of its attempts, JSON; raises NotFound where it proved nothing."""
    view = describe(context, principal, name)
    found = next((one for one in view.attempts if one.number == attempt and one.data.get("certificate")), None)
    if found is None:
        raise NotFound(f"attempt {attempt} of {view.job.name} has no certificate", field="attempt")
    return view.job, context.storage.read(found.data["certificate"])


def overrule(context: Context, principal: Principal, name: str, n: int, *, category: str, reason: str = "") -> Label:
    """Put one's own label over a model's; people's labels are not touched by it.

    Raises Conflict where the object's label is no model's, InvalidInput for a category that the job does not have.
    """
    now = context.clock()

    def work(tx: Transaction) -> Label:
        job = job_for(tx, principal, name, Action.OVERRULE_LABEL)
        before = tx.labels.in_force(job.id, tx.objects.get(job.id, n).n)
        if before is None or before.human:
            raise Conflict(f"object {n} has no label by a model; there is nothing to overrule")
        label = _own_label(job, n, category, reason, by=principal.id, at=now)
        tx.labels.put([label])
        tx.record(
            events.LabelOverruled(
                at=now,
                actor=principal.id,
                workspace=job.workspace_id,
                job=job.id,
                name=job.name,
                count=1,
                objects=events.ranges_of([n]),
                category=category,
            )
        )
        return label

    return context.write(work)


def undo(context: Context, principal: Principal, name: str, attempt: int) -> int:
    """Take an attempt's machine labels back: people label these objects; how many there were.

    A job that had ended goes on. Labels that people put over the model's stay.
    Raises NotFound for an attempt that there is not, Conflict for one that labeled nothing or is labeling now.
    """
    now = context.clock()

    def mark(tx: Transaction) -> list[int]:
        job = job_for(tx, principal, name, Action.WITHDRAW_LABELS)
        loop, decision = tx.auto_labeling.get(job.id), _attempt(tx, job, attempt)
        if loop is None or decision.data["outcome"] not in ("certified", "undone") or loop.phase is Phase.LABELING:
            raise Conflict(f"attempt {attempt} of {job.name} has labeled nothing that could be taken back now")
        model = decision.data["model"]
        numbers = [one.n for one in tx.labels.all(job.id) if not one.human and one.by == model]
        if decision.data["outcome"] == "certified":
            tx.auto_labeling.decide(replace(decision, data={**decision.data, "outcome": "undone"}))
            tx.record(
                events.AutoLabelingUndone(
                    at=now,
                    actor=principal.id,
                    workspace=job.workspace_id,
                    job=job.id,
                    name=job.name,
                    count=len(numbers),
                    objects=events.ranges_of(numbers),
                    attempt=attempt,
                )
            )
        return numbers

    numbers = context.write(mark)
    return withdraw(context, principal, name, numbers, reason=f"attempt {attempt} was undone") if numbers else 0


def end(context: Context, principal: Principal, name: str) -> None:
    """No model labels anything more in this job; what it has labeled stays, people label the rest.

    Raises Conflict where the job has no loop, or it is over.
    """
    now = context.clock()

    def work(tx: Transaction) -> None:
        job = job_for(tx, principal, name, Action.CHANGE_JOB)
        loop = tx.auto_labeling.get(job.id)
        if loop is None or loop.is_over or job.state in ENDED:
            raise Conflict(f"automated labeling of {job.name} is over, or has not begun")
        reason = "somebody ended automated labeling"
        tx.auto_labeling.put(replace(loop, phase=Phase.RELEASING, changed_at=now, reason=reason))
        tx.record(
            events.AutoLabelingEnded(
                at=now, actor=principal.id, workspace=job.workspace_id, job=job.id, name=job.name, reason=reason
            )
        )

    context.write(work)


def final_model(attempts: Sequence[Decision]) -> str | None:
    """The ARN of the model that labeled last; None where none did, or all was undone."""
    labeled = [one.data["model"] for one in attempts if one.data["outcome"] == "certified"]
    return model_arn(labeled[-1]) if labeled else None


def _attempt(tx: Transaction, job: LabelingJob, attempt: int) -> Decision:
    for one in tx.auto_labeling.decisions(job.id, DecisionKind.ATTEMPT):
        if one.number == attempt:
            return one
    raise NotFound(f"{job.name} has no attempt {attempt}", field="attempt")


def _own_label(job: LabelingJob, n: int, category: str, reason: str, *, by: str, at: datetime) -> Label:
    labels = spec_of(job).labels
    if category not in labels:
        raise InvalidInput(
            f"expected one of the job's labels ({', '.join(labels)}), got {category!r}", field="category"
        )
    context = label_contexts.encoding(job, n=n, at=at, rated=True)
    encoded = registry.get(job.task_type).encode(Estimate(n, category, REVIEWER_IS_SURE), context)
    return Label(
        job_id=job.id,
        n=n,
        value=encoded.value,
        metadata=encoded.metadata,
        confidence=REVIEWER_IS_SURE,
        category=encoded.category,
        human=True,
        labeled_at=at,
        origin=Origin.REVIEWED,
        by=by,
        method="overruled",
        reason=reason or None,
    )
