"""One label for an image."""

from __future__ import annotations

from groundswell.tasktypes import classes, file_forms, live, pictures, simulated
from groundswell.tasktypes.base import Gallery, TaskType

MANIFEST_TYPE = "groundtruth/image-classification"

TASK_TYPE = TaskType(
    name="image-classification",
    title="Image classification",
    summary="Choose the one label that fits an image.",
    modality="image",
    manifest_type=MANIFEST_TYPE,
    template="image-classification.liquid.html",
    min_labels=2,
    max_labels=1_000,
    default_per_object=3,
    default_time_limit_s=300,
    decode=classes.decoder("crowd-image-classifier", "crowd-classifier"),
    consolidation=live.classification,
    encode=classes.encoder(MANIFEST_TYPE),
    read_label=classes.read_label,
    methods=live.CATEGORICAL_METHODS,
    ground_truth_names=("ImageMultiClass",),
    kind_of_answer="classification",
    file_form=file_forms.CLASS,
    recognised_by=("label",),
    simulate=simulated.category("crowd-image-classifier"),
    gallery=Gallery(
        "Images",
        1,
        pictures.drawing(
            pictures.SKY,
            pictures.HILL,
            '<circle cx="150" cy="22" r="10" fill="#f7e08a"/>',
            pictures.BIRD,
            '<rect x="118" y="54" width="62" height="20" rx="10" fill="#fff"/>'
            '<circle cx="129" cy="64" r="4" fill="#0072b2"/>'
            '<rect x="138" y="61" width="32" height="6" rx="3" fill="#16211e"/>',
        ),
    ),
)
