"""What a kind of task is. Adding one: a file beside this with a `TaskType`, and a template in `templates/builtin/`.

Others' packages register theirs by the entry point group `groundswell.task_types`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from groundswell.consolidation.estimates import Estimate, LiveConsolidation
from groundswell.tasktypes.audits import ShowsLabel
from groundswell.tasktypes.file_forms import GIVEN, FileForm
from groundswell.tasktypes.picture_facts import Picture
from groundswell.tasktypes.simulated import Answerer

MASK_ANSWER_BYTES = 30 << 20
"""Of an answer that holds a painted picture."""
OUTLINES_ANSWER_BYTES = 4 << 20
"""Of an answer with outlines: a crowded picture has thousands, of a hundred points each."""


@dataclass(frozen=True)
class DecodeContext:
    """What reading an answer needs besides the answer: what its worker was asked and shown."""

    labels: Sequence[str]  # the job's label categories, in order
    manifest_line: Mapping[str, Any] = field(default_factory=dict)  # of the data object
    picture: Picture | None = None  # what was shown, where that is a picture whose header could be read
    handed_in: bool = False  # whether it comes from a worker just now; what was taken once is not doubted later


@dataclass(frozen=True)
class AuditedLabel:
    """The earlier label that a verification or an adjustment looked at, as its manifest line has it."""

    value: Any
    metadata: Mapping[str, Any]


@dataclass(frozen=True)
class EncodeContext:
    """What writing a label needs besides its estimate: the job, the object, and what the label came of."""

    labels: Sequence[str]  # the job's label categories, in order
    job_name: str
    output_uri: str
    created_at: datetime  # when the label was made
    options: Mapping[str, Any] = field(default_factory=dict)  # of the job's consolidation
    n: int = 0  # the data object's number
    answers: Sequence[Mapping[str, Any]] = ()  # every worker's answerContent, in order of submission
    values: Sequence[Any] = ()  # the same, decoded
    rated: bool = True  # False: one worker only, so Ground Truth's confidence is 0
    human: bool = True  # False: a model's label
    response_uri: str | None = None  # the object's worker-response file
    audited: AuditedLabel | None = None  # verification and adjustment
    picture: Picture | None = None  # the object's, where the task type `needs_picture` and its header could be read


@dataclass(frozen=True)
class EncodedLabel:
    """One label as the manifest has it, and the files that go with it."""

    value: Any  # `<attr>`
    metadata: Mapping[str, Any]  # `<attr>-metadata`, complete
    category: str | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)  # URI -> bytes (masks)


OWN = "Your own"
"""The last group of the gallery, for kinds of task that name none."""


@dataclass(frozen=True)
class Gallery:
    """Where people find a kind of task among the others."""

    group: str = OWN
    place: int = 100  # in its group; equal ones go by name
    picture: str = ""  # an SVG image, see `pictures.py`; "": that of its modality


@dataclass(frozen=True)
class TaskType:
    """One kind of task: its template, its annotation's shape, its consolidation, its manifest codec."""

    name: str  # `image-classification`: the word in specifications
    title: str  # for people
    summary: str  # one sentence for the gallery
    modality: str  # image | text | audio | any: what a data object is
    manifest_type: str  # the metadata's `type`: `groundtruth/image-classification`
    template: str | Path  # a file name in templates/builtin, or another package's file
    min_labels: int  # fewest label categories a job needs
    max_labels: int
    default_per_object: int
    default_time_limit_s: int
    decode: Callable[[Mapping[str, Any], DecodeContext], Any]
    """answerContent -> the value consolidation absorbs; raises InvalidAnnotation naming the field."""
    consolidation: Callable[[Sequence[str], str | None, Mapping[str, Any]], LiveConsolidation]
    """(labels, method or None, options) -> one job's consolidation."""
    encode: Callable[[Estimate, EncodeContext], EncodedLabel]
    """What the answers say of an object -> what the manifest says."""
    read_label: Callable[[Any, Mapping[str, Any], Sequence[str]], Any]
    """(`<attr>`, its metadata, labels) -> the value that `decode` would have given: chaining, gold, audits."""
    methods: tuple[str, ...] = ()  # consolidation methods a specification may name; the first is the default
    attribute_ref: bool = False  # the label attribute name must end in -ref (masks)
    ground_truth_names: tuple[str, ...] = ()  # the <Task> of Ground Truth's PRE-/ACS- functions
    kind_of_answer: str = ""  # as `consolidation.registry` names it: how answers are compared, drawn and consolidated
    file_form: FileForm = GIVEN  # how files of annotations hold its answers
    recognised_by: tuple[str, ...] = ()  # members of an answer that tell it from other kinds', all in one element
    gallery: Gallery = Gallery()
    learner: Callable[[Sequence[str]], Any] | None = (
        None  # labels -> a learner of `autolabel`; None: people alone label
    )
    simulate: Answerer | None = None  # a simulated worker's answer; None: the simulated crowd does not know the kind
    needs_picture: bool = False  # answers are checked against the picture itself, and labels say its size
    most_answer_bytes: int = 1 << 20  # of one answer, or its draft, as JSON
    shows_label: ShowsLabel | None = None  # verification and adjustment: what the built-in template shows
    audit_of: str | None = None  # verification and adjustment: the task type whose labels are looked at, or "any"
