"""One label for a text."""

from __future__ import annotations

from groundswell.tasktypes import classes, live
from groundswell.tasktypes.base import TaskType

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
)
