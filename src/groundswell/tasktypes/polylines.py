"""Follow every line with a polyline."""

from __future__ import annotations

from groundswell.tasktypes import file_forms, live, pictures, shapes, simulated
from groundswell.tasktypes.base import OUTLINES_ANSWER_BYTES, Gallery, TaskType

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
    kind_of_answer="polylines",
    file_form=file_forms.VERTICES,
    recognised_by=("polylines",),
    simulate=simulated.outlines("crowd-polyline", "polylines"),
    gallery=Gallery(
        "Images",
        8,
        pictures.drawing(
            pictures.ROAD,
            '<path d="M88 24c-6 22-28 36-56 60M102 24c6 22 28 36 56 60" fill="none" stroke="#f0e442" '
            'stroke-width="3"/><g fill="#fff" stroke="#16211e"><circle cx="88" cy="24" r="3"/>'
            '<circle cx="66" cy="58" r="3"/><circle cx="102" cy="24" r="3"/><circle cx="124" cy="58" r="3"/>'
            "</g>",
        ),
    ),
    needs_picture=True,
    most_answer_bytes=OUTLINES_ANSWER_BYTES,
)
