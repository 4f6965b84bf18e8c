"""The certificate's audit: a frozen model, and people who label a random draw of what it would label, blind.

Draws are ordinary tasks. Their labels count in the drawn order however late they come; an object that nobody could
label counts as the machine's error. The plan is a file, the labels are rows: an audit that is begun anew goes on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groundswell.autolabel.audit import Audit
from groundswell.autolabel.audit_plan import AuditPlan
from groundswell.autolabel.rounds import MAX_ATTEMPTS
from groundswell.autolabel.rounds_state import plan_from_json, plan_to_json
from groundswell.domain.auto_labeling import AutoLabeling, DecisionKind, Phase
from groundswell.domain.events import AuditBegan, AuditGaveUp, MachineCertified
from groundswell.domain.labels import Label
from groundswell.domain.states import ObjectState
from groundswell.runner.auto_labeling import certificates, files
from groundswell.runner.auto_labeling.preparing import rank
from groundswell.runner.auto_labeling.progress import advance, at_hand, event_of
from groundswell.runner.auto_labeling.releasing import give_up
from groundswell.runner.desk import Desk
from groundswell.service.ports import Transaction

_AHEAD = 20, 60  # draws that people have before them: at least, at most
_LOOK_EVERY_S = 0.3
EXAMPLES = 40


@dataclass
class _UnderWay:
    """An audit as this runner has it at hand."""

    attempt: int
    plan: AuditPlan
    confidences: list[float]  # of the machine's labels, by place in the plan
    audit: Audit
    asked: set[int] = field(default_factory=set)  # objects that people were given
    known: set[int] = field(default_factory=set)  # those whose loss the audit has
    observed: list[tuple[int, int | None, float]] = field(default_factory=list)  # object, people's label, loss
    errors: list[dict[str, Any]] = field(default_factory=list)
    path: list[list[float]] = field(default_factory=list)  # evidence after each look


@dataclass(frozen=True)
class Frozen:
    """An attempt that begins, as it is written down."""

    data: dict[str, Any]
    event: AuditBegan


def freeze(desk: Desk, loop: AutoLabeling, plan: AuditPlan, arrays: Mapping[str, NDArray[Any]]) -> Frozen:
    """Write down the next attempt's plan and calibrated confidences: the model of `loop.round` is frozen."""
    attempt, model = loop.attempt + 1, files.model_of(desk, loop.round)
    risk = dict(zip(arrays["pool"].tolist(), arrays["risk"].tolist(), strict=True))
    confidences = [round(1 - risk[n], 4) for n in plan.objects.tolist()]
    content = files.as_json({"plan": plan_to_json(plan), "confidences": confidences})
    uri = files.frozen_uri(desk, attempt, content)
    desk.tools.storage.write(uri, content)
    data = {
        "model": model,
        "round": loop.round,
        "frozen": uri,
        "outcome": "auditing",
        "objects": len(plan.objects),
        "level": plan.promise.level(attempt),
        "chains": Audit(plan).progress(),
    }
    began = AuditBegan(**event_of(desk), attempt=attempt, objects=len(plan.objects), model=model)
    return Frozen(data, began)


def audit(desk: Desk, loop: AutoLabeling) -> bool:
    """Take what people said of the draws, give them the next ones, or end the audit; whether anything moved."""
    here = _under_way(desk, loop)
    if not desk.due("auto-audit", _LOOK_EVERY_S):
        return desk.wait()
    moved = _observe(desk, here)
    if here.audit.over:
        _conclude(desk, loop, here)
        return True
    if moved:
        _note(desk, loop, here, "auditing")
    return _publish(desk, here) or moved


def _under_way(desk: Desk, loop: AutoLabeling) -> _UnderWay:
    """The audit at hand, or begun anew from its file: the labels that are there are taken next."""
    hand = at_hand(desk)
    found: _UnderWay | None = hand.memory.get("audit")
    if found is None or found.attempt != loop.attempt:
        frozen = files.read_json(desk, _decided(desk, loop.attempt)["frozen"])
        plan = plan_from_json(frozen["plan"])
        found = hand.memory["audit"] = _UnderWay(loop.attempt, plan, frozen["confidences"], Audit(plan))
        hand.audited = {int(n) for n in plan.objects}
        objects = hand.audited
        labels = desk.read(lambda tx: [one.n for one in tx.labels.all(desk.job.id) if one.human and one.n in objects])
        found.asked.update(labels)
    return found


def _observe(desk: Desk, here: _UnderWay) -> bool:
    """Give the audit the losses of draws that people are done with; whether there were any."""
    waiting = sorted(here.asked - here.known)
    place = {int(n): place for place, n in enumerate(here.plan.objects)}

    def work(tx: Transaction) -> list[tuple[int, ObjectState, Label | None]]:
        return [(n, tx.objects.get(desk.job.id, n).state, tx.labels.in_force(desk.job.id, n)) for n in waiting]

    moved = False
    for n, state, label in desk.read(work) if waiting else []:
        if state is ObjectState.LABELED and label is not None and label.human:
            said = label.category
        elif state is ObjectState.FAILED:
            said = None
        else:
            continue
        machine = desk.spec.labels[here.plan.answers[place[n]]]
        if said != machine:
            here.errors.append({"n": n, "machine": machine, "people": said})
        here.audit.observe(n, float(said != machine))
        here.observed.append((n, None if said is None else desk.spec.labels.index(said), float(said != machine)))
        here.known.add(n)
        moved = True
    if moved:
        chains = here.audit.progress()
        here.path.append([len(here.audit.draws), *(float(chain["log_evidence"]) for chain in chains)])
    return moved


def _publish(desk: Desk, here: _UnderWay) -> bool:
    """Let people have the next draws, in their order; whether there were new ones."""
    people = desk.read(lambda tx: tx.teams.member_count(desk.job.team_id))
    least, most = _AHEAD
    draws = [int(n) for n in here.audit.next_draws(max(least, min(most, 2 * people)))]
    fresh = [n for n in draws if n not in here.asked]
    if not fresh:
        return False
    first = len(here.asked)
    desk.write(partial(rank, desk.job.id, {n: first + index for index, n in enumerate(fresh)}))
    here.asked.update(fresh)
    return True


def _note(desk: Desk, loop: AutoLabeling, here: _UnderWay, outcome: str) -> None:
    data = _told(desk, here, outcome)
    advance(desk, loop, decisions=[(DecisionKind.ATTEMPT, loop.attempt, data)])


def _told(desk: Desk, here: _UnderWay, outcome: str, **more: Any) -> dict[str, Any]:
    """What the page says of the attempt."""
    data = _decided(desk, here.attempt)
    return {
        **data,
        "outcome": outcome,
        "chains": here.audit.progress(),
        "audited": len(here.audit.draws),
        "drawn": [draw.index for draw in here.audit.draws],
        "errors": _wrong(here),
        "observed": here.observed,
        "path": here.path,
        **more,
    }


def _wrong(here: _UnderWay) -> list[dict[str, Any]]:
    """The draws that the model got wrong; what people labeled besides, before its turn, is not among them."""
    drawn = {draw.index for draw in here.audit.draws}
    return [one for one in here.errors if one["n"] in drawn]


def _decided(desk: Desk, attempt: int) -> Mapping[str, Any]:
    """What is written down of an attempt."""
    found = desk.read(lambda tx: tx.auto_labeling.decisions(desk.job.id, DecisionKind.ATTEMPT))
    return next(one.data for one in found if one.number == attempt)


def _conclude(desk: Desk, loop: AutoLabeling, here: _UnderWay) -> None:
    """The audit is over: what it certified is labeled next, or its labels teach the next model."""
    certified = here.audit.certified()
    if not certified.size:
        return _give_way(desk, loop, here)
    _write_certified(desk, loop, here, certified)
    model = files.model_of(desk, loop.round)
    proven = MachineCertified(
        **event_of(desk),
        attempt=loop.attempt,
        objects=len(certified),
        audited=len(here.audit.draws),
        errors=len(_wrong(here)),
        model=model,
    )
    data = _told(
        desk, here, "certified", certified=len(certified), certificate=files.certificate_uri(desk, loop.attempt)
    )
    decision = (DecisionKind.ATTEMPT, loop.attempt, data)
    idle = partial(_take_back, desk.job.id, sorted(here.asked - here.known))
    advance(desk, loop, phase=Phase.LABELING, decisions=[decision], events=[proven], with_work=idle)


def _take_back(job_id: int, numbers: Sequence[int], tx: Transaction) -> None:
    """Draws that nobody has begun need no people any more."""
    found = [tx.objects.get(job_id, n) for n in numbers]
    free = [one.n for one in found if one.state is ObjectState.OPEN and not one.held and not one.answered]
    if free:
        tx.objects.move(job_id, free, "withdraw")


def _give_way(desk: Desk, loop: AutoLabeling, here: _UnderWay) -> None:
    audited, wrong = len(here.audit.draws), len(_wrong(here))
    target = desk.spec.auto_labeling.target_accuracy
    reason = (
        f"your people and the model's surest labels agree in only {1 - wrong / max(audited, 1):.1%} of {audited:,} "
        f"audited objects, which does not prove {target:.1%}: {min(wrong, EXAMPLES)} examples are on the job's page"
    )
    refused = AuditGaveUp(
        **event_of(desk),
        attempt=loop.attempt,
        audited=audited,
        errors=wrong,
        reason=reason,
    )
    decision = (DecisionKind.ATTEMPT, loop.attempt, _told(desk, here, "refused", reason=reason))
    after = advance(
        desk,
        loop,
        phase=Phase.LEARNING,
        reason=reason,
        notes={**loop.notes, "values": []},
        decisions=[decision],
        events=[refused],
    )
    if loop.attempt >= MAX_ATTEMPTS:
        give_up(desk, after, reason)


def _write_certified(desk: Desk, loop: AutoLabeling, here: _UnderWay, certified: Any) -> None:
    """What is certified, with calibrated confidences; read again by who writes the labels."""
    place = {int(n): place for place, n in enumerate(here.plan.objects)}
    numbers = certified.tolist()
    files.write_arrays(
        desk,
        files.certified_uri(desk, loop.attempt),
        {
            "n": np.array(numbers, np.int64),
            "answer": np.array([here.plan.answers[place[n]] for n in numbers], np.int64),
            "confidence": np.array([here.confidences[place[n]] for n in numbers]),
        },
    )
    certificates.write_certificate(desk, loop, here.observed)
