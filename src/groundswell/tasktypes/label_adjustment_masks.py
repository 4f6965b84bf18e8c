"""Correct the mask of an earlier job."""

from __future__ import annotations

from dataclasses import replace

from groundswell.consolidation.estimates import Estimate
from groundswell.tasktypes import semantic_segmentation
from groundswell.tasktypes.answers import part
from groundswell.tasktypes.base import EncodeContext, EncodedLabel

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
)
