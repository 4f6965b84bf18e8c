"""Outline every object of an image, pixel by pixel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from groundswell.consolidation.estimates import Estimate
from groundswell.domain.errors import InvalidAnnotation
from groundswell.tasktypes import live, mask_forms, metadata, pictures, planes
from groundswell.tasktypes.answers import items_of, label_of, member_of, part, shown
from groundswell.tasktypes.base import MASK_ANSWER_BYTES, DecodeContext, EncodeContext, EncodedLabel, Gallery, TaskType
from groundswell.tasktypes.semantic_segmentation import mask_uri
from groundswell.tasktypes.shapes import size_of_mask

MANIFEST_TYPE = "groundtruth/instance-segmentation"
_ELEMENTS = ("crowd-instance-segmentation", "annotatedResult")
_MOST = 65_535  # instances a grey PNG of 16 bits has room for

Answer = tuple[planes.Plane, list[str]]


def decode(content: Mapping[str, Any], context: DecodeContext) -> Answer:
    """(plane, labels): i + 1 in the plane is the instance of class labels[i]. Raises InvalidAnnotation."""
    answer = part(content, _ELEMENTS, "labeledImage")
    instances = items_of(member_of(answer, "instances", "answer"), "instances")
    if len(instances) > _MOST:
        raise InvalidAnnotation(f"instances: expected at most {_MOST:,}, got {len(instances):,}", field="instances")
    painted = planes.color_list(instances, "instances")
    labels = [
        label_of(member_of(item, "label", f"instances[{index}]"), context.labels, f"instances[{index}].label")
        for index, item in enumerate(instances)
    ]
    picture = answer["labeledImage"]
    if not isinstance(picture, Mapping):
        raise InvalidAnnotation(f"labeledImage: expected an object, got {shown(picture)}", field="labeledImage")
    size = size_of_mask(answer, context)
    image = planes.painted_image(member_of(picture, "pngImageData", "labeledImage"), "labeledImage", size=size)
    plane = planes.index_plane(image, painted, "labeledImage").astype(np.uint16)
    return plane, labels


def encode(estimate: Estimate, context: EncodeContext) -> EncodedLabel:
    """A PNG whose pixel values are instance numbers, and the class and confidence of each instance."""
    plane, labels = estimate.value
    uri = mask_uri(context)
    confidences = estimate.details.get("confidences") or [estimate.confidence] * len(labels)
    classes = [context.labels.index(label) for label in labels]
    instances = [
        {"index": index + 1, "class-id": k, "confidence": metadata.confidence(confidence, context)}
        for index, (k, confidence) in enumerate(zip(classes, confidences, strict=True))
    ]
    said = {"instances": instances, "class-map": metadata.class_map(list(context.labels), set(classes))}
    said |= metadata.common(context, MANIFEST_TYPE)
    return EncodedLabel(uri, said, files={uri: planes.instances_png(plane, len(labels))})


def read_label(value: Any, said: Mapping[str, Any], labels: Sequence[str]) -> Answer:
    """The instances of a mask whose bytes are given (a manifest has its address)."""
    if not isinstance(value, bytes):
        raise InvalidAnnotation(f"expected the bytes of the mask, got {shown(value)}: read its file first")
    names = said.get("class-map", {})
    classes = [
        label_of(names.get(str(item["class-id"])), labels, f"instances[{index}]")
        for index, item in enumerate(said.get("instances", []))
    ]
    return planes.read_png(value, "label").astype(np.uint16), classes


TASK_TYPE = TaskType(
    name="instance-segmentation",
    title="Instance segmentation",
    summary="Outline every object of an image, pixel by pixel.",
    modality="image",
    manifest_type=MANIFEST_TYPE,
    template="instance-segmentation.liquid.html",
    min_labels=1,
    max_labels=1_000,
    default_per_object=3,
    default_time_limit_s=3_600,
    decode=decode,
    consolidation=live.structured("instance-masks"),
    encode=encode,
    read_label=read_label,
    attribute_ref=True,
    kind_of_answer="instance-masks",
    file_form=mask_forms.INSTANCES,
    recognised_by=("instances", "labeledImage"),
    gallery=Gallery(
        "Images",
        6,
        pictures.drawing(
            pictures.SKY,
            pictures.HILL,
            '<path d="M20 68c0-13 9-19 22-19 15 0 23 4 25 11l6-7 4 6-5 9z" fill="#0072b2"/>'
            '<path d="M106 70c0-15 11-22 26-22 18 0 27 4 29 13l7-9 4 8-6 10z" fill="#cc79a7"/>',
        ),
    ),
    needs_picture=True,
    most_answer_bytes=MASK_ANSWER_BYTES,
)
