"""The codec of several labels for one object: what image and text multi-label classification share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from groundswell.consolidation.estimates import Estimate
from groundswell.domain.errors import InvalidAnnotation
from groundswell.tasktypes import metadata
from groundswell.tasktypes.answers import label_of, part, shown
from groundswell.tasktypes.base import DecodeContext, EncodeContext, EncodedLabel

KEPT_AT = 0.5
"""Ground Truth writes every label that at least one worker chose; those this sure count as the object's labels."""


def decoder(*elements: str) -> Callable[[Mapping[str, Any], DecodeContext], list[str]]:
    """Reads `{"<element>": {"labels": ["cat", "dog"]}}` as the labels in the job's order; raises InvalidAnnotation."""

    def decode(content: Mapping[str, Any], context: DecodeContext) -> list[str]:
        given = part(content, elements, "labels")["labels"]
        if not isinstance(given, list):
            raise InvalidAnnotation(f"labels: expected a list of labels, got {shown(given)}", field="labels")
        chosen = {label_of(label, context.labels, f"labels[{index}]") for index, label in enumerate(given)}
        return [label for label in context.labels if label in chosen]

    return decode


def encoder(manifest_type: str) -> Callable[[Estimate, EncodeContext], EncodedLabel]:
    """Writes every label some worker chose, as indices, with a map of names and one of confidences."""

    def encode(estimate: Estimate, context: EncodeContext) -> EncodedLabel:
        posteriors = estimate.details.get("posteriors", {})
        chosen = estimate.details.get("chosen", estimate.value)
        indices = sorted(context.labels.index(label) for label in chosen)
        said: dict[str, Any] = {
            "class-map": {str(k): context.labels[k] for k in indices},
            "confidence-map": {
                str(k): metadata.confidence(posteriors.get(context.labels[k], estimate.confidence), context)
                for k in indices
            },
        }
        return EncodedLabel(indices, said | metadata.common(context, manifest_type))

    return encode


def read_label(value: Any, said: Mapping[str, Any], labels: Sequence[str]) -> list[str]:
    """The labels that are more likely right than not; all of them where only one worker was asked."""
    names, sure = said.get("class-map", {}), said.get("confidence-map", {})
    rated = any(sure.values())
    found = []
    for index in value if isinstance(value, list) else [value]:
        name = names.get(str(index))
        if name not in labels:
            try:
                name = labels[int(index)]
            except (TypeError, ValueError, IndexError):
                raise InvalidAnnotation(
                    f"expected class indices from 0 to {len(labels) - 1}, got {shown(value)}", field="labels"
                ) from None
        if not rated or sure.get(str(index), 1.0) >= KEPT_AT:
            found.append(name)
    return [label for label in labels if label in found]
