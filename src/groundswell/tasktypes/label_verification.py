"""Say whether an earlier label is right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from groundswell.consolidation.estimates import Estimate, LiveConsolidation
from groundswell.tasktypes import audits, classes, file_forms, live, metadata, pictures, simulated
from groundswell.tasktypes.answers import label_of, part, text_of
from groundswell.tasktypes.base import DecodeContext, EncodeContext, EncodedLabel, Gallery, TaskType

MANIFEST_TYPE = "groundtruth/label-verification"
_ELEMENTS = ("crowd-image-classifier", "crowd-classifier")


def decode(content: Mapping[str, Any], context: DecodeContext) -> str | dict[str, str]:
    """The verdict, or `{"label", "comment"}` where the worker wrote one. Raises InvalidAnnotation."""
    answer = part(content, _ELEMENTS, "label")
    verdict = label_of(answer["label"], context.labels, "label")
    comment = text_of(answer.get("workerComment") or "", "workerComment").strip()
    return {"label": verdict, "comment": comment} if comment else verdict


def consolidation(labels: Sequence[str], method: str | None, options: Mapping[str, Any]) -> LiveConsolidation:
    """Verdicts are classes; comments are gathered beside them."""
    from groundswell.consolidation.registry import create_live

    made: LiveConsolidation = create_live("verification", labels=list(labels), method=method, **options)
    return made


def encode(estimate: Estimate, context: EncodeContext) -> EncodedLabel:
    """As a classification, with `worker-feedback` where anybody wrote a comment."""
    encoded = classes.encoder(MANIFEST_TYPE)(estimate, context)
    comments = estimate.details.get("worker_feedback", [])
    feedback = {"worker-feedback": [{"comment": comment} for comment in comments]} if comments else {}
    said = {name: encoded.metadata[name] for name in ("class-name", "confidence")}
    return EncodedLabel(
        encoded.value, said | feedback | metadata.common(context, MANIFEST_TYPE), category=encoded.category
    )


TASK_TYPE = TaskType(
    name="label-verification",
    title="Label verification",
    summary="Say whether an earlier label is right.",
    modality="any",
    manifest_type=MANIFEST_TYPE,
    template="label-verification.liquid.html",
    min_labels=2,
    max_labels=1_000,
    default_per_object=3,
    default_time_limit_s=300,
    decode=decode,
    consolidation=consolidation,
    encode=encode,
    read_label=classes.read_label,
    methods=live.CATEGORICAL_METHODS,
    ground_truth_names=("VerificationBoundingBox", "VerificationSemanticSegmentation"),
    audit_of="any",
    shows_label=audits.any_of(audits.boxes, audits.masks, audits.classes),
    kind_of_answer="classification",
    file_form=file_forms.CLASS,
    recognised_by=("label", "workerComment"),
    simulate=simulated.category("crowd-image-classifier"),
    gallery=Gallery(
        "Labels of an earlier job",
        1,
        pictures.drawing(
            pictures.SKY,
            pictures.HILL,
            pictures.BIRD,
            pictures.BOX,
            '<circle cx="146" cy="26" r="13" fill="#1b7f3b"/>'
            '<path d="M140 26l4.5 4.5 8-9" fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round" '
            'stroke-linejoin="round"/><circle cx="146" cy="58" r="13" fill="#b3261e"/>'
            '<path d="M141 53l10 10m0-10l-10 10" fill="none" stroke="#fff" stroke-width="3" '
            'stroke-linecap="round" stroke-linejoin="round"/>',
        ),
    ),
)
