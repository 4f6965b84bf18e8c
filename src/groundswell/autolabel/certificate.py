"""The certificate of a job's machine labels: a document with which anybody can do the proof again.

It holds the promise, every attempt's frozen plan (objects in their ranking, machine labels, sets, slack, level, seed)
and people's labels of the audited objects; not the evidence, which follows from them. `check_certificate` does it all
again and says what is wrong.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from groundswell.autolabel.audit import Audit
from groundswell.autolabel.audit_plan import AuditPlan
from groundswell.autolabel.rounds import Loss, RoundsState, zero_one
from groundswell.autolabel.rounds_state import decisions_from_json, decisions_to_json, plan_from_json, plan_to_json

VERSION = 1


def statement(promise: Mapping[str, Any], machine_labeled: int) -> str:
    """What is promised, in words that claim no more than the proof does."""
    target, confidence = promise["target"], promise["confidence"]
    each = ", of every predicted class," if promise["by_class"] else ""
    return (
        f"Of the {machine_labeled:,} objects labeled by machine in this job, at least {target:.4g}{each} carry the "
        "label that your people, under these instructions and this consolidation, would have given. The procedure "
        f"errs in at most {1 - confidence:.4g} of jobs, whatever the model and the data; the chance is in which "
        "objects were audited. It says nothing of single objects, of classes without a floor, of later data, or of "
        "wrong instructions."
    )


def make_certificate(
    state: RoundsState,
    *,
    sources: Sequence[str],
    class_names: Sequence[str] = (),
    learner: str = "",
    loss: str = "zero-one",
) -> dict[str, Any]:
    """The certificate of a finished job as JSON values. `sources` (N,): each object's text or address, in order."""
    machine = {row for row in state.certified if row not in state.labels}
    attempts = [_attempt(plan, state) for plan in state.finished]
    promise = attempts[0]["plan"]["promise"] if attempts else {}
    return {
        "version": VERSION,
        "statement": statement(promise, len(machine)) if machine else "Nothing is labeled by machine in this job.",
        "objects": len(sources),
        "objects_sha256": digest_of(sources),
        "class_names": list(class_names),
        "learner": learner,
        "loss": loss,
        "attempts": attempts,
        "machine_labeled": len(machine),
    }


def _attempt(plan: AuditPlan, state: RoundsState) -> dict[str, Any]:
    known = {row: state.audited[row] for row in plan.objects.tolist() if row in state.audited}
    losses = {row: loss for row, (_, loss) in known.items()}
    audit = Audit.resume(plan, losses, state.decisions.get(plan.attempt))
    frozen = plan_to_json(plan)
    return {
        "plan": frozen,
        "plan_sha256": _digest(frozen),
        "decisions": decisions_to_json(audit.decisions),
        "audited": [[draw.index, known[draw.index][0], draw.loss] for draw in audit.draws],
        "also_labeled": [[row, known[row][0], loss] for row, loss in sorted(audit.early.items())],
        "certified": int(audit.certified().size),
    }


def digest_of(sources: Sequence[str]) -> str:
    """SHA-256 of the objects, in order."""
    found = hashlib.sha256()
    for source in sources:
        found.update(source.encode("utf-8", "surrogatepass") + b"\n")
    return found.hexdigest()


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def certified_labels(certificate: Mapping[str, Any]) -> dict[int, Any]:
    """Index to the machine's label of every object that the certificate's own audits certify."""
    found: dict[int, Any] = {}
    for attempt in certificate["attempts"]:
        plan = plan_from_json(attempt["plan"])
        audit = _again(plan, attempt)
        answers = dict(zip(plan.objects.tolist(), plan.answers, strict=True))
        found.update({row: answers[row] for row in audit.certified().tolist()})
    return found


def _again(plan: AuditPlan, attempt: Mapping[str, Any]) -> Audit:
    """The audit as it was: what came ahead of its turn first, since the order in which answers come is no matter."""
    known = [*attempt["also_labeled"], *attempt["audited"]]
    losses = {int(index): float(loss) for index, _, loss in known}
    return Audit.resume(plan, losses, decisions_from_json(attempt["decisions"]))


def check_certificate(certificate: Mapping[str, Any], *, losses: Mapping[str, Loss] | None = None) -> list[str]:
    """What is wrong with a certificate taken by itself; nothing where its proof holds.

    losses : further losses by the name that certificates give them.
    """
    problems = [
        f"expected {name}, it is missing" for name in ("attempts", "objects", "loss") if name not in certificate
    ]
    if certificate.get("version") != VERSION:
        problems.append(f"expected version {VERSION}, got {certificate.get('version')!r}")
    if problems:
        return problems
    loss = {"zero-one": zero_one, **(losses or {})}.get(certificate["loss"])
    seen: set[int] = set()
    for number, attempt in enumerate(certificate["attempts"], start=1):
        problems += [f"attempt {number}: {text}" for text in _check_attempt(attempt, number, certificate, loss, seen)]
    if not problems:
        stated, found = certificate.get("machine_labeled"), len(certified_labels(certificate))
        if not isinstance(stated, int) or stated > found:
            problems.append(f"the audits certify {found:,} objects, the certificate says {stated!r}")
    return problems


def _check_attempt(
    attempt: Mapping[str, Any], number: int, certificate: Mapping[str, Any], loss: Loss | None, seen: set[int]
) -> list[str]:
    try:
        plan = plan_from_json(attempt["plan"])
        audited = [(int(index), label, float(value)) for index, label, value in attempt["audited"]]
        also = [(int(index), label, float(value)) for index, label, value in attempt["also_labeled"]]
        audit = _again(plan, attempt)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        return [f"it cannot be read ({error})"]
    return [
        *_check_plan(plan, audit, number, certificate, seen),
        *_check_losses(plan, audited + also, loss),
        *_check_draws(audit, audited, attempt),
    ]


def _check_plan(
    plan: AuditPlan, audit: Audit, number: int, certificate: Mapping[str, Any], seen: set[int]
) -> list[str]:
    first, attempt = certificate["attempts"][0]["plan"], certificate["attempts"][number - 1]
    objects = plan.objects
    allowed = plan.promise.level(number) / max(len(plan.chains), 1)
    rules: list[tuple[bool, str]] = [
        (_digest(attempt["plan"]) == attempt.get("plan_sha256"), "its frozen plan is not the one that was signed"),
        (plan.attempt == number, f"expected attempt {number}, got {plan.attempt}"),
        (plan.seed == first["seed"], "its seed is not the first attempt's"),
        (attempt["plan"]["promise"] == first["promise"], "its promise is not the first attempt's"),
        (all(c.level <= allowed * (1 + 1e-9) for c in plan.chains), f"expected a level of at most {allowed:.3g}"),
        (len(set(objects.tolist())) == objects.size, "an object is ranked twice"),
        (not seen & set(audit.certified().tolist()), "it certifies an object that an earlier attempt certified"),
        (len(plan.answers) == objects.size, "not every ranked object has a machine label"),
        (all(list(c.sizes) == sorted(set(c.sizes)) for c in plan.chains), "its sets are not nested"),
        (all(c.sizes[-1] == len(c.objects) for c in plan.chains), "its largest set is not all it ranks"),
        (all(s >= 0 for c in plan.chains for s in c.slack), "a slack is below zero"),
        (not objects.size or 0 <= objects.min() <= objects.max() < certificate["objects"], "an object does not exist"),
        (certificate["loss"] != "zero-one" or plan.whole, "losses of classes are whole"),
    ]
    seen.update(audit.certified().tolist())
    return [text for holds, text in rules if not holds]


def _check_losses(plan: AuditPlan, audited: Sequence[tuple[int, Any, float]], loss: Loss | None) -> list[str]:
    if loss is None:
        return ["its loss is unknown here, so that people's labels cannot be compared with the machine's"]
    answers = dict(zip(plan.objects.tolist(), plan.answers, strict=True))
    wrong = []
    for index, label, value in audited:
        if index not in answers:
            wrong.append(f"object {index} was audited and never ranked")
        elif abs((1.0 if label is None else loss(answers[index], label)) - value) > 1e-6:
            wrong.append(f"object {index} has loss {value:g}, which does not follow from its two labels")
    return wrong


def _check_draws(audit: Audit, audited: Sequence[tuple[int, Any, float]], attempt: Mapping[str, Any]) -> list[str]:
    problems = []
    if [draw.index for draw in audit.draws] != [index for index, _, _ in audited]:
        problems.append("the audited objects are not the ones the seed draws, in that order")
    found, stated = audit.certified().size, attempt.get("certified")
    if found != stated:
        problems.append(f"the evidence certifies {found:,} objects, the certificate says {stated!r}")
    return problems
