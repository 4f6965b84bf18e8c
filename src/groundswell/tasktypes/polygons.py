"""Outline every object with a polygon."""

from __future__ import annotations

from groundswell.tasktypes import live, shapes
from groundswell.tasktypes.base import TaskType

MANIFEST_TYPE = "groundtruth/polygon"

TASK_TYPE = TaskType(
    name="polygons",
    title="Polygons",
    summary="Outline every object with a polygon.",
    modality="image",
    manifest_type=MANIFEST_TYPE,
    template="polygons.liquid.html",
    min_labels=1,
    max_labels=1_000,
    default_per_object=3,
    default_time_limit_s=3_600,
    decode=shapes.decoder(shapes.POLYGON),
    consolidation=live.structured("polygons"),
    encode=shapes.encoder(shapes.POLYGON, MANIFEST_TYPE),
    read_label=shapes.reader(shapes.POLYGON),
    needs_image=True,
)
