"""Give every pixel of an image its class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from groundswell.consolidation.estimates import Estimate
from groundswell.domain.errors import InvalidAnnotation
from groundswell.tasktypes import live, mask_forms, metadata, pictures, planes
from groundswell.tasktypes.answers import label_of, member_of, part, shown
from groundswell.tasktypes.base import MASK_ANSWER_BYTES, DecodeContext, EncodeContext, EncodedLabel, Gallery, TaskType
from groundswell.tasktypes.shapes import size_of_mask

MANIFEST_TYPE = "groundtruth/semantic-segmentation"
_ELEMENTS = ("crowd-semantic-segmentation", "annotatedResult")


def decode(content: Mapping[str, Any], context: DecodeContext) -> planes.Plane:
    """The index plane of a painted mask: 0 background, i + 1 the job's i-th label. Raises InvalidAnnotation."""
    answer = part(content, _ELEMENTS, "labeledImage")
    mappings = answer.get("labelMappings", {})
    if not isinstance(mappings, Mapping):
        raise InvalidAnnotation(f"labelMappings: expected an object, got {shown(mappings)}", field="labelMappings")
    used = [label_of(label, context.labels, "labelMappings") for label in mappings]
    painted = planes.color_list(list(mappings.values()), "labelMappings")
    size = size_of_mask(answer, context)
    image = planes.painted_image(_picture(answer), "labeledImage", size=size)
    plane = planes.index_plane(image, painted, "labeledImage")
    of_job = np.array([0, *(context.labels.index(label) + 1 for label in used)], np.uint8)
    return of_job[plane]


def _picture(answer: Mapping[str, Any]) -> Any:
    picture = answer["labeledImage"]
    if not isinstance(picture, Mapping):
        raise InvalidAnnotation(f"labeledImage: expected an object, got {shown(picture)}", field="labeledImage")
    return member_of(picture, "pngImageData", "labeledImage")


def encode(estimate: Estimate, context: EncodeContext) -> EncodedLabel:
    """A palette PNG beside the other consolidated annotations, and the map of its colours."""
    plane, classes = estimate.value, len(context.labels)
    uri = mask_uri(context)
    confidence = metadata.confidence(estimate.confidence, context)
    used = [0, *(int(index) for index in np.unique(plane) if index)]
    color_map = {
        str(index): {
            "class-name": context.labels[index - 1] if index else "BACKGROUND",
            "hex-color": planes.hex_color(index, classes),
            "confidence": confidence,
        }
        for index in used
    }
    said = {"internal-color-map": color_map} | metadata.common(context, MANIFEST_TYPE)
    return EncodedLabel(uri, said, files={uri: planes.palette_png(plane, classes)})


def mask_uri(context: EncodeContext) -> str:
    """Where an object's mask is kept: `.../consolidated-annotation/output/<id>_<ISO time>.png`."""
    name = f"{context.n}_{metadata.creation_date(context.created_at)}.png"
    return f"{context.output_uri.rstrip('/')}/annotations/consolidated-annotation/output/{name}"


def read_label(value: Any, said: Mapping[str, Any], labels: Sequence[str]) -> planes.Plane:
    """The plane of a mask whose bytes are given (a manifest has its address); classes by name, whatever their index."""
    if not isinstance(value, bytes):
        raise InvalidAnnotation(f"expected the bytes of the mask, got {shown(value)}: read its file first")
    plane = planes.read_png(value, "label")
    of_job = np.zeros(max(int(plane.max(initial=0)), 255) + 1, np.uint8)
    for index, entry in said.get("internal-color-map", {}).items():
        if entry.get("class-name") in labels:
            of_job[int(index)] = list(labels).index(entry["class-name"]) + 1
    return of_job[plane]


TASK_TYPE = TaskType(
    name="semantic-segmentation",
    title="Semantic segmentation",
    summary="Give every pixel of an image its class.",
    modality="image",
    manifest_type=MANIFEST_TYPE,
    template="semantic-segmentation.liquid.html",
    min_labels=1,
    max_labels=255,
    default_per_object=3,
    default_time_limit_s=3_600,
    decode=decode,
    consolidation=live.structured("semantic-masks"),
    encode=encode,
    read_label=read_label,
    attribute_ref=True,
    needs_picture=True,
    most_answer_bytes=MASK_ANSWER_BYTES,
    ground_truth_names=("SemanticSegmentation",),
    kind_of_answer="semantic-masks",
    file_form=mask_forms.CLASSES,
    recognised_by=("labeledImage",),
    gallery=Gallery(
        "Images",
        5,
        pictures.drawing(
            '<rect width="190" height="84" fill="#56b4e9"/>'
            '<path d="M0 52c40-14 76-14 110-6s60 4 80-2v40H0z" fill="#009e73"/>'
            '<path d="M44 66c0-17 12-25 30-25 20 0 31 5 33 15l8-10 5 9-7 11z" fill="#d55e00"/>',
        ),
    ),
)
