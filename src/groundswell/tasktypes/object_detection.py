"""Draw a tight box around every object."""

from __future__ import annotations

from groundswell.tasktypes import file_forms, live, pictures, shapes, simulated
from groundswell.tasktypes.base import Gallery, TaskType

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
    needs_picture=True,
    ground_truth_names=("BoundingBox",),
    kind_of_answer="boxes",
    file_form=file_forms.BOXES,
    recognised_by=("boundingBoxes",),
    simulate=simulated.boxes,
    gallery=Gallery(
        "Images",
        3,
        pictures.drawing(
            pictures.SKY,
            pictures.HILL,
            pictures.BIRD,
            pictures.FLYING,
            '<g fill-opacity=".14" stroke-width="2.5">'
            '<rect x="40" y="37" width="84" height="32" fill="#0072b2" stroke="#0072b2"/>'
            '<rect x="134" y="18" width="42" height="20" fill="#e69f00" stroke="#e69f00"/></g>',
        ),
    ),
)
