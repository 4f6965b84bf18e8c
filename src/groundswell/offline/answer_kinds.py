"""What a label is, for each `--task-type`: how files hold it, who decodes Ground Truth's form, who consolidates it.

A kind is one line of `_KINDS`. Names are those of job specifications, and shorter ones. Elsewhere: boxes, sets, numbers
and forms in files (`answer_values.py`), masks (`mask_files.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from groundswell.consolidation.estimates import LiveConsolidation
from groundswell.consolidation.registry import create_live
from groundswell.domain.errors import InvalidAnnotation, InvalidInput, InvalidVotes
from groundswell.offline import answer_values, mask_files
from groundswell.offline.worker_responses import Response, form_answers
from groundswell.tasktypes import registry
from groundswell.tasktypes.base import DecodeContext, TaskType


@dataclass(frozen=True)
class Reading:
    """What reading a label needs to know besides the label."""

    labels: Sequence[str] = ()  # the classes in order
    folder: Path = Path()  # what paths of masks are relative to


Read = Callable[[Any, Reading, str], Any]
"""(label as the file has it, -, place for messages) -> the value consolidation takes; raises InvalidVotes."""
Write = Callable[[Any, Reading, Callable[[bytes], str]], Any]
"""(Estimate, -, what to do with a PNG) -> the label as files have it."""


@dataclass(frozen=True)
class AnswerKind:
    """One kind of label."""

    name: str  # the `--task-type` asked for
    live: str  # as `consolidation.registry` names it; "classification" for one class
    form: str  # a label in files, for messages
    task_type: str | None = None  # whose reader decodes Ground Truth's answers
    read: Read = answer_values.as_given
    write: Write = answer_values.value_of
    several_rows: bool = False  # rows of one task and worker add up instead of replacing each other
    is_text: bool = False  # a label is text even where it looks like JSON
    foreign: TaskType | None = None  # of another package: its own consolidation

    def value(self, label: Any, reading: Reading, where: str) -> Any:
        """The value of one label of a file or a worker-response folder. Raises: InvalidVotes naming the place."""
        if isinstance(label, Response):
            return self._decoded(label.content, reading, where)
        return self.read(label if self.is_text else answer_values.from_json(label, where), reading, where)

    def consolidation(self, labels: Sequence[str]) -> LiveConsolidation:
        """What a job of this kind consolidates with."""
        if self.foreign is not None:
            return self.foreign.consolidation(labels, None, {})
        return create_live(self.live, labels=labels or None)

    def _decoded(self, content: Mapping[str, Any], reading: Reading, where: str) -> Any:
        if self.task_type is None:
            return self._of_form(content, reading, where)
        try:
            return registry.get(self.task_type).decode(content, DecodeContext(reading.labels))
        except InvalidAnnotation as error:
            if self.live == "classification":
                return answer_values.only_answer(form_answers(content), where)
            raise InvalidVotes(f"{where}: {error}; the task type read is {self.name}") from error

    def _of_form(self, content: Mapping[str, Any], reading: Reading, where: str) -> Any:
        if self.live == "passthrough":
            return content
        answers = form_answers(content)
        if self.live == "question-answers":
            return answers
        return self.read(answer_values.only_answer(answers, where), reading, where)


def _instances(value: Any, reading: Reading, where: str) -> Any:
    return mask_files.read_instances(value, reading.folder, where)


def _plane(value: Any, reading: Reading, where: str) -> Any:
    return answer_values.within_labels(mask_files.read_plane(value, reading.folder, where), reading.labels, where)


def _write_plane(estimate: Any, reading: Reading, keep: Callable[[bytes], str]) -> Any:
    from groundswell.tasktypes.planes import palette_png

    return None if estimate.value is None else keep(palette_png(estimate.value, len(reading.labels)))


def _write_instances(estimate: Any, reading: Reading, keep: Callable[[bytes], str]) -> Any:
    if estimate.value is None:
        return None
    plane, labels = estimate.value
    return {"mask": keep(mask_files.instances_png(plane, len(labels))), "labels": list(labels)}


_CLASS = AnswerKind("classification", "classification", "a class", "image-classification")
_SET = AnswerKind(
    "multi-label", "multi-label", '["a","b"], or one class a row', read=answer_values.label_list, several_rows=True
)
_BOXES = AnswerKind(
    "object-detection", "boxes", "[[x1,y1,x2,y2],...], with the class as a fifth value where there are several",
    "object-detection", answer_values.boxes, answer_values.write_boxes,
)  # fmt: skip
_SHAPE = AnswerKind(
    "polygons", "polygons", '[{"label","vertices":[{"x","y"},...]},...]', write=answer_values.write_shapes
)
_SPANS = AnswerKind("named-entities", "spans", '[{"label","startOffset","endOffset"},...]', "named-entity-recognition")
_MASK = AnswerKind(
    "semantic-segmentation", "semantic-masks", "a PNG: its path from the file, or base64; pixels 0, 1, ... K",
    "semantic-segmentation", _plane, _write_plane, is_text=True,
)  # fmt: skip
_TEXT = AnswerKind("transcription", "transcription", "a text", "audio-transcription", is_text=True)
_RANKING = AnswerKind("ranking", "ranking", '{"dimension":[rank of each response]}', "text-ranking")

_KINDS = {
    "classification": _CLASS,
    "image-classification": _CLASS,
    "text-classification": replace(_CLASS, task_type="text-classification"),
    "label-verification": replace(_CLASS, task_type="label-verification"),
    "multi-label": replace(_SET, task_type="image-classification-multilabel"),
    "image-classification-multilabel": replace(_SET, task_type="image-classification-multilabel"),
    "text-classification-multilabel": replace(_SET, task_type="text-classification-multilabel"),
    "object-detection": _BOXES,
    "label-adjustment-boxes": _BOXES,
    "named-entities": _SPANS,
    "named-entity-recognition": _SPANS,
    "polygons": replace(_SHAPE, live="polygons", task_type="polygons"),
    "polylines": replace(_SHAPE, live="polylines", task_type="polylines"),
    "lines": replace(_SHAPE, live="lines", task_type="lines"),
    "keypoints": replace(_SHAPE, live="keypoints", task_type="keypoints", form='[{"label","x","y"},...]'),
    "semantic-segmentation": _MASK,
    "label-adjustment-masks": _MASK,
    "instance-segmentation": AnswerKind(
        "instance-segmentation", "instance-masks", '{"mask":PNG as above,"labels":[class of each instance]}',
        "instance-segmentation", _instances, _write_instances,
    ),
    "transcription": _TEXT,
    "audio-transcription": _TEXT,
    "image-transcription": _TEXT,
    "ranking": _RANKING,
    "text-ranking": _RANKING,
    "pairwise": AnswerKind("pairwise", "pairwise", "left, right or tie"),
    "numeric": AnswerKind("numeric", "numeric", "a number", read=answer_values.number),
    "question-answer": AnswerKind(
        "question-answer", "passthrough", '[{"question","answer"},...]', "question-answer",
        answer_values.pairs, answer_values.write_gathered,
    ),
    "custom": AnswerKind("custom", "question-answers", '{"question":answer,...}'),
    "passthrough": AnswerKind("passthrough", "passthrough", "anything: the commonest answer wins"),
}  # fmt: skip

TASK_TYPES = tuple(_KINDS)


def kind_named(name: str) -> AnswerKind:
    """The kind of label a `--task-type` means; task types of other packages as well. Raises: InvalidInput."""
    if name in _KINDS:
        return replace(_KINDS[name], name=name)
    if name in registry.every():
        return AnswerKind(name, name, "what its reader gives", name, foreign=registry.get(name))
    raise InvalidInput(f"--task-type is one of {', '.join(TASK_TYPES)}; given was {name!r}", field="task-type")
