"""All labels that fit an image."""

from __future__ import annotations

from groundswell.tasktypes import file_forms, label_sets, live, pictures, simulated
from groundswell.tasktypes.base import Gallery, TaskType

MANIFEST_TYPE = "groundtruth/image-classification-multilabel"

TASK_TYPE = TaskType(
    name="image-classification-multilabel",
    title="Image classification, several labels",
    summary="Choose every label that fits an image.",
    modality="image",
    manifest_type=MANIFEST_TYPE,
    template="image-classification-multilabel.liquid.html",
    min_labels=2,
    max_labels=1_000,
    default_per_object=3,
    default_time_limit_s=300,
    decode=label_sets.decoder("crowd-image-classifier-multi-select", "crowd-classifier-multi-select"),
    consolidation=live.structured("multi-label"),
    encode=label_sets.encoder(MANIFEST_TYPE),
    read_label=label_sets.read_label,
    ground_truth_names=("ImageMultiClassMultiLabel",),
    kind_of_answer="multi-label",
    file_form=file_forms.LABEL_SET,
    recognised_by=("labels",),
    simulate=simulated.categories("crowd-image-classifier-multi-select"),
    gallery=Gallery(
        "Images",
        2,
        pictures.drawing(
            pictures.SKY,
            pictures.HILL,
            pictures.BIRD,
            pictures.FLYING,
            '<rect x="14" y="10" width="44" height="18" rx="9" fill="#0072b2"/>'
            '<rect x="25" y="16.5" width="22" height="5" rx="2.5" fill="#fff"/>'
            '<rect x="62" y="10" width="44" height="18" rx="9" fill="#0072b2"/>'
            '<rect x="73" y="16.5" width="22" height="5" rx="2.5" fill="#fff"/>'
            '<rect x="110" y="58" width="56" height="18" rx="9" fill="#fff" stroke="#dfe7e3"/>'
            '<rect x="121" y="64.5" width="34" height="5" rx="2.5" fill="#dfe7e3"/>',
        ),
    ),
)
