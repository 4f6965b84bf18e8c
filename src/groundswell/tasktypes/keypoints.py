"""Mark every point of interest."""

from __future__ import annotations

from groundswell.tasktypes import live, shapes
from groundswell.tasktypes.base import TaskType

MANIFEST_TYPE = "groundtruth/keypoint"

TASK_TYPE = TaskType(
    name="keypoints",
    title="Keypoints",
    summary="Mark every point of interest.",
    modality="image",
    manifest_type=MANIFEST_TYPE,
    template="keypoints.liquid.html",
    min_labels=1,
    max_labels=1_000,
    default_per_object=3,
    default_time_limit_s=3_600,
    decode=shapes.decoder(shapes.KEYPOINT),
    consolidation=live.structured("keypoints"),
    encode=shapes.encoder(shapes.KEYPOINT, MANIFEST_TYPE),
    read_label=shapes.reader(shapes.KEYPOINT),
    needs_image=True,
)
