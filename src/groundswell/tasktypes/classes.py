"""The codec of single-class labels: what image, text and other classifications share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from groundswell.consolidation.estimates import Estimate
from groundswell.domain.errors import InvalidAnnotation
from groundswell.tasktypes import metadata
from groundswell.tasktypes.answers import label_of, part
from groundswell.tasktypes.base import DecodeContext, EncodeContext, EncodedLabel


def decoder(*elements: str) -> Callable[[Mapping[str, Any], DecodeContext], str]:
    """Reads `{"<element>": {"label": "owl"}}` as "owl"; raises InvalidAnnotation."""

    def decode(content: Mapping[str, Any], context: DecodeContext) -> str:
        return label_of(part(content, elements, "label")["label"], context.labels, "label")

    return decode


def encoder(manifest_type: str) -> Callable[[Estimate, EncodeContext], EncodedLabel]:
    """Writes an estimate of a class as its index, with `class-name` and `confidence` in the metadata."""

    def encode(estimate: Estimate, context: EncodeContext) -> EncodedLabel:
        label = str(estimate.value)
        said = {"class-name": label, "confidence": metadata.confidence(estimate.confidence, context)}
        return EncodedLabel(context.labels.index(label), said | metadata.common(context, manifest_type), category=label)

    return encode


def read_label(value: Any, said: Mapping[str, Any], labels: Sequence[str]) -> str:
    """The class of a label in a manifest: by its name, or by its index (a number or a text, both exist)."""
    name = said.get("class-name")
    if isinstance(name, str) and name in labels:
        return name
    try:
        return labels[int(value)]
    except (TypeError, ValueError, IndexError):
        raise InvalidAnnotation(
            f"expected a class index from 0 to {len(labels) - 1} or a known class-name, got {value!r} ({name!r})",
            field="label",
        ) from None
