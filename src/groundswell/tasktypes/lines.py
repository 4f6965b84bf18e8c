"""Mark every straight line by its two ends."""

from __future__ import annotations

from groundswell.tasktypes import live, shapes
from groundswell.tasktypes.base import TaskType

MANIFEST_TYPE = "groundtruth/line"

TASK_TYPE = TaskType(
    name="lines",
    title="Lines",
    summary="Mark every straight line by its two ends.",
    modality="image",
    manifest_type=MANIFEST_TYPE,
    template="lines.liquid.html",
    min_labels=1,
    max_labels=1_000,
    default_per_object=3,
    default_time_limit_s=3_600,
    decode=shapes.decoder(shapes.LINE),
    consolidation=live.structured("lines"),
    encode=shapes.encoder(shapes.LINE, MANIFEST_TYPE),
    read_label=shapes.reader(shapes.LINE),
    needs_image=True,
)
