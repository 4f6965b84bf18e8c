"""The codec of free text: what transcriptions of sound and of images share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from groundswell.consolidation.estimates import Estimate
from groundswell.domain.errors import InvalidAnnotation
from groundswell.tasktypes import metadata
from groundswell.tasktypes.answers import shown, text_of
from groundswell.tasktypes.base import DecodeContext, EncodeContext, EncodedLabel

_NAMES = ("transcription", "text", "crowd-text-area", "crowd-input")


def decode(content: Mapping[str, Any], context: DecodeContext) -> str:
    """The text a worker wrote: under one of the usual names, or the answer's only text. Raises InvalidAnnotation.

    A text area left empty is not in the answer at all: nothing was said or written there.
    """
    for name in _NAMES:
        if name in content:
            return text_of(content[name], name).strip()
    texts = [value for value in content.values() if isinstance(value, str)]
    if len(texts) > 1:
        raise InvalidAnnotation(f"expected the text under {_NAMES[0]!r}, got {shown(dict(content))}", field=_NAMES[0])
    return texts[0].strip() if texts else ""


def encoder(manifest_type: str) -> Callable[[Estimate, EncodeContext], EncodedLabel]:
    """Writes the text as it is, with its confidence."""

    def encode(estimate: Estimate, context: EncodeContext) -> EncodedLabel:
        said = {"confidence": metadata.confidence(estimate.confidence, context)}
        return EncodedLabel(estimate.value or "", said | metadata.common(context, manifest_type))

    return encode


def read_label(value: Any, said: Mapping[str, Any], labels: Sequence[str]) -> str:
    """The text of a manifest's label. Raises InvalidAnnotation."""
    return text_of(value, "label")
