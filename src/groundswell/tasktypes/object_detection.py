"""Draw a tight box around every object."""

from __future__ import annotations

from groundswell.tasktypes import live, shapes
from groundswell.tasktypes.base import TaskType

MANIFEST_TYPE = "groundtruth/object-detection"

TASK_TYPE = TaskType(
    name="object-detection",
    title="Bounding boxes",
    summary="Draw a tight box around every object.",
    modality="image",
    manifest_type=MANIFEST_TYPE,
    template="object-detection.liquid.html",
    min_labels=1,
    max_labels=1_000,
    default_per_object=5,
    default_time_limit_s=3_600,
    decode=shapes.decoder(shapes.BOX),
    consolidation=live.structured("boxes"),
    encode=shapes.encoder(shapes.BOX, MANIFEST_TYPE),
    read_label=shapes.reader(shapes.BOX),
    needs_image=True,
    ground_truth_names=("BoundingBox",),
)
