"""Correct the boxes of an earlier job."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from groundswell.consolidation.estimates import Estimate
from groundswell.domain.errors import InvalidAnnotation
from groundswell.tasktypes import audits, object_detection, pictures, shapes
from groundswell.tasktypes.base import EncodeContext, EncodedLabel, Gallery

_ORIGINAL = object_detection.TASK_TYPE


def encode(estimate: Estimate, context: EncodeContext) -> EncodedLabel:
    """As boxes, with `adjustment-status`: adjusted when at least one worker changed something."""
    from groundswell.consolidation.verification import adjustment_status

    encoded = _ORIGINAL.encode(estimate, context)
    status = adjustment_status(_shown(context), {str(index): value for index, value in enumerate(context.values)})
    return replace(encoded, metadata={"adjustment-status": status, **encoded.metadata})


def _shown(context: EncodeContext) -> Any:
    """The boxes workers were shown; None where the earlier label cannot be read: then anything is a change."""
    if context.audited is None:
        return None
    try:
        return shapes.reader(shapes.BOX)(context.audited.value, context.audited.metadata, context.labels)
    except InvalidAnnotation:
        return None


TASK_TYPE = replace(
    _ORIGINAL,
    name="label-adjustment-boxes",
    title="Box adjustment",
    summary="Correct the boxes of an earlier job.",
    template="label-adjustment-boxes.liquid.html",
    encode=encode,
    ground_truth_names=("AdjustmentBoundingBox",),
    audit_of=_ORIGINAL.name,
    shows_label=audits.boxes,
    recognised_by=(),
    gallery=Gallery(
        "Labels of an earlier job",
        2,
        pictures.drawing(
            pictures.SKY,
            pictures.HILL,
            pictures.BIRD,
            '<rect x="52" y="30" width="58" height="32" fill="none" stroke="#d55e00" stroke-width="2" '
            'stroke-dasharray="5 4"/>',
            pictures.BOX,
            '<g fill="#fff" stroke="#0072b2" stroke-width="1.5"><rect x="37" y="34" width="7" height="7"/>'
            '<rect x="120" y="65" width="7" height="7"/></g>',
        ),
    ),
)
