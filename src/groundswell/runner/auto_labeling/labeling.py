"""Labels of a certified model, written a part at a time: an object that people labeled meanwhile keeps their label."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from groundswell.consolidation.estimates import Estimate
from groundswell.domain.auto_labeling import AutoLabeling, DecisionKind, Model, Phase
from groundswell.domain.labels import Label, Origin
from groundswell.domain.models import model_arn
from groundswell.domain.people import Annotator, AnnotatorKind
from groundswell.domain.states import ObjectState
from groundswell.manifests.members import json_text
from groundswell.runner.auto_labeling import files, learners
from groundswell.runner.auto_labeling.progress import advance
from groundswell.runner.auto_labeling.releasing import give_up
from groundswell.runner.desk import Desk
from groundswell.service import label_contexts, transitions
from groundswell.service.ports import Transaction

_TOGETHER = 200


@dataclass(frozen=True)
class Said:
    """What a model says of one object."""

    n: int
    value: str  # a label category
    confidence: float  # calibrated


def label_certified(desk: Desk, loop: AutoLabeling) -> bool:
    """Write the labels of the attempt that was certified; then the loop goes on with what is left."""
    if desk.slice("auto-label", lambda: _put_all(desk, loop)):
        decisions = [(DecisionKind.ATTEMPT, loop.attempt, _told(desk, loop))]
        if desk.read(lambda tx: tx.jobs.counters(desk.job.id)).pending:
            advance(desk, loop, phase=Phase.LEARNING, notes={**loop.notes, "values": []}, decisions=decisions)
        else:
            give_up(desk, advance(desk, loop, decisions=decisions), "every object has its label")
    return True


def _told(desk: Desk, loop: AutoLabeling) -> dict[str, Any]:
    """What the page says of the attempt, with how many objects its model labeled in the end."""
    model = files.model_of(desk, loop.round)

    def work(tx: Transaction) -> dict[str, Any]:
        before = tx.auto_labeling.decisions(desk.job.id, DecisionKind.ATTEMPT)[-1]
        return {**before.data, "certified": sum(one.by == model for one in tx.labels.all(desk.job.id))}

    return desk.read(work)


def _put_all(desk: Desk, loop: AutoLabeling) -> Iterator[None]:
    arrays = files.read_arrays(desk, files.certified_uri(desk, loop.attempt))
    rows = zip(arrays["n"].tolist(), arrays["answer"].tolist(), arrays["confidence"].tolist(), strict=True)
    said = [Said(n, desk.spec.labels[answer], round(confidence, 4)) for n, answer, confidence in rows]
    model = _keep_model(desk, loop)
    lines = []
    for start in range(0, len(said), _TOGETHER):
        some = said[start : start + _TOGETHER]
        labels = [machine_label(desk, one, model) for one in some]
        desk.write(lambda tx, labels=labels: _put(tx, desk, labels))  # type: ignore[misc]
        lines += [_line(desk, label) for label in labels]
        yield
    desk.tools.storage.write(files.output_uri(desk, loop.attempt), "".join(lines).encode())


def _put(tx: Transaction, desk: Desk, labels: Sequence[Label]) -> None:
    waiting = [one for one in labels if tx.objects.get(desk.job.id, one.n).state is ObjectState.PENDING]
    new = tx.labels.put(waiting)
    tx.tasks.rank(desk.job.id, dict.fromkeys(new, 0))  # one that is withdrawn goes to people
    transitions.record_labeled(tx, desk.job, new, origin=Origin.MACHINE, at=desk.now)


def machine_label(desk: Desk, said: Said, model: str) -> Label:
    """A model's label as the store keeps it and the manifest will say."""
    context = label_contexts.encoding(desk.job, n=said.n, at=desk.now, human=False, rated=True)
    encoded = desk.task_type.encode(Estimate(said.n, said.value, said.confidence), context)
    return Label(
        job_id=desk.job.id,
        n=said.n,
        value=encoded.value,
        metadata={**encoded.metadata, "model-arn": model_arn(model)},
        confidence=said.confidence,
        category=encoded.category,
        human=False,
        labeled_at=desk.now,
        origin=Origin.MACHINE,
        by=model,
        method="auto-labeling",
    )


def _keep_model(desk: Desk, loop: AutoLabeling) -> str:
    """The model that labels is kept for later jobs, and is an annotator; its name."""
    name = files.model_of(desk, loop.round)
    model = Model(
        name=name,
        task_type=desk.job.task_type,
        labels=tuple(desk.spec.labels),
        learner=learners.learner_for(desk.task_type.name, desk.spec.labels).name,
        uri=files.training_uri(desk, loop.round),
        created_at=desk.now,
        created_by=desk.job.created_by,
        job=desk.job.name,
        workspace_id=desk.job.workspace_id,
    )

    def work(tx: Transaction) -> None:
        tx.models.add(model)
        tx.annotators.add(Annotator(name, AnnotatorKind.MODEL, name, desk.now))

    desk.write(work)
    return name


def _line(desk: Desk, label: Label) -> str:
    """`<object> <JSON>`, as Ground Truth writes them."""
    attribute = desk.spec.attribute
    said = {"id": label.n, attribute: label.value, f"{attribute}-metadata": label.metadata}
    return f"{label.n} {json_text(said)}\n"
