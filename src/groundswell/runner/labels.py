"""From an estimate to the label the store keeps and the manifest will say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from groundswell.consolidation.estimates import Estimate
from groundswell.domain.labels import Label
from groundswell.domain.records import Annotation
from groundswell.runner.apart import Work, encoded_labels
from groundswell.runner.desk import Desk
from groundswell.service import label_contexts
from groundswell.tasktypes.base import EncodeContext, EncodedLabel
from groundswell.tasktypes.picture_facts import Picture

WEAK_CONFIDENCE = 0.6
"""A label less sure than this counts as disputed, whatever its annotators said."""
FEW_AGREE = 2 / 3
"""So does one that fewer of its annotators gave."""


@dataclass(frozen=True)
class Answered:
    """One object with what is needed to label it."""

    n: int
    line: Mapping[str, Any]
    answers: Sequence[tuple[Annotation, Any]]  # in order of submission, each with its value
    response_uri: str | None = None

    @property
    def annotations(self) -> list[Annotation]:
        """The answers without their values."""
        return [one for one, _ in self.answers]


def labels_of(
    desk: Desk, work: Sequence[tuple[Answered, Estimate]], at: datetime
) -> Work[list[tuple[Label, Mapping[str, bytes]]]]:
    """The labels of objects, in their order, and the files that go with each (masks)."""
    contexts = [_context(desk, answered, at) for answered, _ in work]
    encoded = yield from encoded_labels(
        desk, [(estimate, context) for (_, estimate), context in zip(work, contexts, strict=True)]
    )
    return [
        (_label(desk, answered, estimate, one, at), one.files)
        for (answered, estimate), one in zip(work, encoded, strict=True)
    ]


def _context(desk: Desk, answered: Answered, at: datetime) -> EncodeContext:
    return label_contexts.encoding(
        desk.job,
        n=answered.n,
        at=at,
        line=answered.line,
        answers=[one.content for one, _ in answered.answers],
        values=[value for _, value in answered.answers],
        response_uri=answered.response_uri,
        picture=_picture(desk, answered.line),
    )


def _label(desk: Desk, answered: Answered, estimate: Estimate, encoded: EncodedLabel, at: datetime) -> Label:
    values = [value for _, value in answered.answers]
    return Label(
        job_id=desk.job.id,
        n=answered.n,
        value=encoded.value,
        metadata=encoded.metadata,
        confidence=float(estimate.confidence),
        category=encoded.category,
        human=True,
        labeled_at=at,
        annotation_count=len(values),
        disputed=is_disputed(estimate.value, float(estimate.confidence), values),
        method=desk.spec.consolidation.method,
    )


def is_disputed(value: Any, confidence: float, values: Sequence[Any]) -> bool:
    """Whether annotators disagree or the evidence is weak; one annotator alone disputes nothing."""
    if len(values) < 2:
        return False
    agree = sum(given == value for given in values) / len(values) if isinstance(value, str) else 1.0
    return confidence < WEAK_CONFIDENCE or agree < FEW_AGREE - 1e-9


def see_pictures(desk: Desk, batch: Sequence[Answered]) -> None:
    """Read the headers of a batch's pictures, several at a time: `label_of` asks for one after the other."""
    if desk.task_type.needs_picture:
        for _ in desk.tools.pool.map(lambda answered: _picture(desk, answered.line), batch):
            pass


def _picture(desk: Desk, line: Mapping[str, Any]) -> Picture | None:
    """The object's picture, where its kind of task asks for it."""
    return desk.tools.pictures.of_line(line, desk.job.input_uri) if desk.task_type.needs_picture else None
