"""Follow every line with a polyline."""

from __future__ import annotations

from groundswell.tasktypes import live, shapes
from groundswell.tasktypes.base import TaskType

MANIFEST_TYPE = "groundtruth/polyline"

TASK_TYPE = TaskType(
    name="polylines",
    title="Polylines",
    summary="Follow every line with a polyline.",
    modality="image",
    manifest_type=MANIFEST_TYPE,
    template="polylines.liquid.html",
    min_labels=1,
    max_labels=1_000,
    default_per_object=3,
    default_time_limit_s=3_600,
    decode=shapes.decoder(shapes.POLYLINE),
    consolidation=live.structured("polylines"),
    encode=shapes.encoder(shapes.POLYLINE, MANIFEST_TYPE),
    read_label=shapes.reader(shapes.POLYLINE),
    needs_image=True,
)
