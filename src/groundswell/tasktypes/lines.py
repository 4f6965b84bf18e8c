"""Mark every straight line by its two ends."""

from __future__ import annotations

from groundswell.tasktypes import file_forms, live, pictures, shapes, simulated
from groundswell.tasktypes.base import OUTLINES_ANSWER_BYTES, Gallery, TaskType

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
    kind_of_answer="lines",
    file_form=file_forms.VERTICES,
    recognised_by=("lines",),
    simulate=simulated.outlines("crowd-line", "lines"),
    gallery=Gallery(
        "Images",
        9,
        pictures.drawing(
            pictures.ROAD,
            '<path d="M88 24L32 82M102 24l56 58M8 22h174" fill="none" stroke="#d55e00" stroke-width="3"/>'
            '<g fill="#fff" stroke="#16211e"><circle cx="88" cy="24" r="3"/><circle cx="32" cy="81" r="3"/>'
            '<circle cx="102" cy="24" r="3"/><circle cx="158" cy="81" r="3"/></g>',
        ),
    ),
    needs_picture=True,
    most_answer_bytes=OUTLINES_ANSWER_BYTES,
)
