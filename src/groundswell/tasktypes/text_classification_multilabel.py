"""All labels that fit a text."""

from __future__ import annotations

from groundswell.tasktypes import file_forms, label_sets, live, pictures, simulated
from groundswell.tasktypes.base import Gallery, TaskType

MANIFEST_TYPE = "groundtruth/text-classification-multilabel"

TASK_TYPE = TaskType(
    name="text-classification-multilabel",
    title="Text classification, several labels",
    summary="Choose every label that fits a text.",
    modality="text",
    manifest_type=MANIFEST_TYPE,
    template="text-classification-multilabel.liquid.html",
    min_labels=2,
    max_labels=1_000,
    default_per_object=3,
    default_time_limit_s=300,
    decode=label_sets.decoder("crowd-classifier-multi-select", "crowd-image-classifier-multi-select"),
    consolidation=live.structured("multi-label"),
    encode=label_sets.encoder(MANIFEST_TYPE),
    read_label=label_sets.read_label,
    ground_truth_names=("TextMultiClassMultiLabel",),
    kind_of_answer="multi-label",
    file_form=file_forms.LABEL_SET,
    simulate=simulated.categories("crowd-classifier-multi-select"),
    gallery=Gallery(
        "Texts",
        2,
        pictures.drawing(
            pictures.PAPER,
            pictures.TEXT,
            '<rect x="20" y="57" width="46" height="18" rx="9" fill="#0072b2"/>'
            '<rect x="31" y="63.5" width="24" height="5" rx="2.5" fill="#fff"/>'
            '<rect x="71" y="57" width="46" height="18" rx="9" fill="#0072b2"/>'
            '<rect x="82" y="63.5" width="24" height="5" rx="2.5" fill="#fff"/>'
            '<rect x="122" y="57" width="46" height="18" rx="9" fill="#fff" stroke="#b9b2a3"/>'
            '<rect x="133" y="63.5" width="24" height="5" rx="2.5" fill="#b9b2a3"/>',
        ),
    ),
)
