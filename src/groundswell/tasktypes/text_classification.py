"""One label for a text."""

from __future__ import annotations

from groundswell.tasktypes import classes, file_forms, live, pictures, simulated
from groundswell.tasktypes.base import Gallery, TaskType

MANIFEST_TYPE = "groundtruth/text-classification"

TASK_TYPE = TaskType(
    name="text-classification",
    title="Text classification",
    summary="Choose the one label that fits a text.",
    modality="text",
    manifest_type=MANIFEST_TYPE,
    template="text-classification.liquid.html",
    min_labels=2,
    max_labels=1_000,
    default_per_object=3,
    default_time_limit_s=300,
    decode=classes.decoder("crowd-classifier", "crowd-image-classifier"),
    consolidation=live.classification,
    encode=classes.encoder(MANIFEST_TYPE),
    read_label=classes.read_label,
    methods=live.CATEGORICAL_METHODS,
    ground_truth_names=("TextMultiClass",),
    kind_of_answer="classification",
    file_form=file_forms.CLASS,
    simulate=simulated.category("crowd-classifier"),
    gallery=Gallery(
        "Texts",
        1,
        pictures.drawing(
            pictures.PAPER,
            pictures.TEXT,
            '<rect x="20" y="57" width="58" height="18" rx="9" fill="#0072b2"/>'
            '<rect x="31" y="63.5" width="36" height="5" rx="2.5" fill="#fff"/>'
            '<rect x="84" y="57" width="58" height="18" rx="9" fill="#fff" stroke="#b9b2a3"/>'
            '<rect x="95" y="63.5" width="36" height="5" rx="2.5" fill="#b9b2a3"/>',
        ),
    ),
)
