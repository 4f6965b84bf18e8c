"""Mark every name in a text, and say what it names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from groundswell.consolidation.estimates import Estimate
from groundswell.domain.errors import InvalidAnnotation
from groundswell.tasktypes import file_forms, live, metadata, pictures, simulated
from groundswell.tasktypes.answers import items_of, label_of, member_of, part, whole_of
from groundswell.tasktypes.base import DecodeContext, EncodeContext, EncodedLabel, Gallery, TaskType

MANIFEST_TYPE = "groundtruth/text-span"
Span = dict[str, Any]


def decode(content: Mapping[str, Any], context: DecodeContext) -> list[Span]:
    """Spans `{"label", "startOffset", "endOffset"}` in code points, end exclusive. Raises InvalidAnnotation."""
    entities = part(content, ("crowd-entity-annotation",), "entities")["entities"]
    text = context.manifest_line.get("source")
    return _spans(entities, context.labels, len(text) if isinstance(text, str) else None)


def encode(estimate: Estimate, context: EncodeContext) -> EncodedLabel:
    """The job's labels and the entities found, a confidence each."""
    short = context.options.get("short_display_names", {})
    labels = [{"label": label, "shortDisplayName": short.get(label, label)} for label in context.labels]
    confidences = estimate.details.get("confidences") or [estimate.confidence] * len(estimate.value)
    said = {"entities": [{"confidence": metadata.confidence(value, context)} for value in confidences]}
    value = {"annotations": {"labels": labels, "entities": list(estimate.value)}}
    return EncodedLabel(value, said | metadata.common(context, MANIFEST_TYPE))


def read_label(value: Any, said: Mapping[str, Any], labels: Sequence[str]) -> list[Span]:
    """The spans of a manifest's label. Raises InvalidAnnotation."""
    annotations = member_of(value, "annotations", "label")
    return _spans(member_of(annotations, "entities", "annotations"), labels, None)


def _spans(entities: Any, labels: Sequence[str], length: int | None) -> list[Span]:
    found = []
    for index, item in enumerate(items_of(entities, "entities")):
        where = f"entities[{index}]"
        start, end = (
            whole_of(member_of(item, name, where), f"{where}.{name}", most=10**9 if length is None else length)
            for name in ("startOffset", "endOffset")
        )
        if start >= end:
            raise InvalidAnnotation(
                f"{where}: expected startOffset before endOffset, got {start} and {end}", field=f"{where}.endOffset"
            )
        label = label_of(member_of(item, "label", where), labels, f"{where}.label")
        found.append({"label": label, "startOffset": start, "endOffset": end})
    return found


TASK_TYPE = TaskType(
    name="named-entity-recognition",
    title="Named entities",
    summary="Mark every name in a text, and say what it names.",
    modality="text",
    manifest_type=MANIFEST_TYPE,
    template="named-entity-recognition.liquid.html",
    min_labels=1,
    max_labels=1_000,
    default_per_object=3,
    default_time_limit_s=3_600,
    decode=decode,
    consolidation=live.structured("spans"),
    encode=encode,
    read_label=read_label,
    ground_truth_names=("NamedEntityRecognition",),
    kind_of_answer="spans",
    file_form=file_forms.SPANS,
    recognised_by=("entities",),
    simulate=simulated.entities,
    gallery=Gallery(
        "Texts",
        3,
        pictures.drawing(
            pictures.PAPER,
            '<rect x="16" y="14" width="50" height="16" rx="3" fill="#56b4e9" fill-opacity=".55"/>'
            '<rect x="96" y="34" width="64" height="16" rx="3" fill="#e69f00" fill-opacity=".5"/>'
            '<g fill="#8f8878"><rect x="20" y="19" width="42" height="6" rx="3"/>'
            '<rect x="72" y="19" width="98" height="6" rx="3"/>'
            '<rect x="20" y="39" width="70" height="6" rx="3"/>'
            '<rect x="100" y="39" width="56" height="6" rx="3"/>'
            '<rect x="20" y="59" width="120" height="6" rx="3"/></g>',
        ),
    ),
)
