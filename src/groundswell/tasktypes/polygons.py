"""Outline every object with a polygon."""

from __future__ import annotations

from groundswell.tasktypes import file_forms, live, pictures, shapes, simulated
from groundswell.tasktypes.base import OUTLINES_ANSWER_BYTES, Gallery, TaskType

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
    kind_of_answer="polygons",
    file_form=file_forms.VERTICES,
    recognised_by=("polygons",),
    simulate=simulated.outlines("crowd-polygon", "polygons"),
    gallery=Gallery(
        "Images",
        4,
        pictures.drawing(
            pictures.SKY,
            pictures.HILL,
            pictures.BIRD,
            '<path d="M44 66l4-14 14-9 22-2 20 6 5 8 7-9 5 9-7 11z" fill="#009e73" fill-opacity=".25" '
            'stroke="#009e73" stroke-width="2.5"/><g fill="#fff" stroke="#009e73" stroke-width="1.5">'
            '<circle cx="44" cy="66" r="3"/><circle cx="48" cy="52" r="3"/><circle cx="62" cy="43" r="3"/>'
            '<circle cx="84" cy="41" r="3"/><circle cx="104" cy="47" r="3"/><circle cx="121" cy="55" r="3"/>'
            "</g>",
        ),
    ),
    needs_picture=True,
    most_answer_bytes=OUTLINES_ANSWER_BYTES,
)
