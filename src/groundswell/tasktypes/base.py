"""What a kind of task is. Adding one: a file beside this with a `TaskType`, and a template in `templates/builtin/`.

Others' packages register theirs by the entry point group `groundswell.task_types`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


class LiveConsolidation(Protocol):
    """One job's consolidation while it runs (`consolidation.live`): annotations in, labels and worker skill out."""

    def absorb(self, annotations: Sequence[Any]) -> None: ...
    def estimate(self, objects: Sequence[int]) -> list[Any]: ...
    def refit(self) -> None: ...
    def worker_skill(self) -> dict[str, float]: ...


@dataclass(frozen=True)
class LabelContext:
    """What codecs need to know of the job and the object besides the answer.

    `decode` is given only what a task shows (the fields without defaults); `encode` also what came of it.
    """

    labels: Sequence[str]
    label_attribute: str
    job_name: str
    output_uri: str
    manifest_line: Mapping[str, Any]
    created_at: datetime  # when the label was made
    options: Mapping[str, Any] = field(default_factory=dict)
    n: int = 0  # the data object's number
    answers: Sequence[Mapping[str, Any]] = ()  # every worker's answerContent, in order of submission
    values: Sequence[Any] = ()  # the same, decoded
    rated: bool = True  # False: one worker only, so Ground Truth's confidence is 0
    human: bool = True  # False: a model's label
    response_uri: str | None = None  # the object's worker-response file
    audited: Any = None  # verification and adjustment: (value, metadata) of the label that was looked at
    image_depth: int = 3  # colour channels of the object's image, where the task type `needs_image`


@dataclass(frozen=True)
class EncodedLabel:
    """One label as the manifest has it, and the files that go with it."""

    value: Any  # `<attr>`
    metadata: Mapping[str, Any]  # `<attr>-metadata`, complete
    category: str | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)  # URI -> bytes (masks)


@dataclass(frozen=True)
class TaskType:
    """One kind of task: its template, its annotation's shape, its consolidation, its manifest codec."""

    name: str  # `image-classification`: the word in specifications
    title: str  # for people
    summary: str  # one sentence for the gallery
    modality: str  # image | text | audio | any: what a data object is
    manifest_type: str  # the metadata's `type`: `groundtruth/image-classification`
    template: str  # file name in templates/builtin
    min_labels: int  # fewest label categories a job needs
    max_labels: int
    default_per_object: int
    default_time_limit_s: int
    decode: Callable[[Mapping[str, Any], LabelContext], Any]
    """answerContent -> the value consolidation absorbs; raises InvalidAnnotation naming the field."""
    consolidation: Callable[[Sequence[str], str | None, Mapping[str, Any]], LiveConsolidation]
    """(labels, method or None, options) -> one job's consolidation."""
    encode: Callable[[Any, LabelContext], EncodedLabel]
    """An Estimate (object, value, confidence, details) -> what the manifest says."""
    read_label: Callable[[Any, Mapping[str, Any], Sequence[str]], Any]
    """(`<attr>`, its metadata, labels) -> the value that `decode` would have given: chaining, gold, audits."""
    methods: tuple[str, ...] = ()  # consolidation methods a specification may name; the first is the default
    attribute_ref: bool = False  # the label attribute name must end in -ref (masks)
    ground_truth_names: tuple[str, ...] = ()  # the <Task> of Ground Truth's PRE-/ACS- functions
    needs_image: bool = False  # `encode` needs facts of the image itself
    audit_of: str | None = None  # verification and adjustment: the task type whose labels are looked at, or "any"
