"""Correct the mask of an earlier job."""

from __future__ import annotations

from dataclasses import replace

from groundswell.consolidation.estimates import Estimate
from groundswell.tasktypes import audits, pictures, semantic_segmentation
from groundswell.tasktypes.answers import part
from groundswell.tasktypes.base import EncodeContext, EncodedLabel, Gallery

_ORIGINAL = semantic_segmentation.TASK_TYPE


def encode(estimate: Estimate, context: EncodeContext) -> EncodedLabel:
    """As a mask, with `adjustment-status`: adjusted when at least one worker changed something.

    Elements say so themselves (`initialValueModified`); an answer that does not say counts as changed.
    """
    encoded = _ORIGINAL.encode(estimate, context)
    answers = [part(content, ("crowd-semantic-segmentation",), "labeledImage") for content in context.answers]
    changed = any(answer.get("initialValueModified", True) for answer in answers)
    status = "adjusted" if changed else "unadjusted"
    return replace(encoded, metadata={"adjustment-status": status, **encoded.metadata})


TASK_TYPE = replace(
    _ORIGINAL,
    name="label-adjustment-masks",
    title="Mask adjustment",
    summary="Correct the mask of an earlier job.",
    template="label-adjustment-masks.liquid.html",
    encode=encode,
    ground_truth_names=("AdjustmentSemanticSegmentation",),
    audit_of=_ORIGINAL.name,
    shows_label=audits.masks,
    recognised_by=(),
    gallery=Gallery(
        "Labels of an earlier job",
        3,
        pictures.drawing(
            pictures.SKY,
            pictures.HILL,
            '<path d="M44 66c0-17 12-25 30-25 20 0 31 5 33 15l8-10 5 9-7 11z" fill="#0072b2" '
            'fill-opacity=".75"/>'
            '<circle cx="106" cy="50" r="14" fill="none" stroke="#fff" stroke-width="2.5" '
            'stroke-dasharray="4 3"/>',
        ),
    ),
)
