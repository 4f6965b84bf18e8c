"""Mark every point of interest."""

from __future__ import annotations

from groundswell.tasktypes import file_forms, live, pictures, shapes, simulated
from groundswell.tasktypes.base import Gallery, TaskType

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
    kind_of_answer="keypoints",
    file_form=file_forms.KEYPOINTS,
    recognised_by=("keypoints",),
    simulate=simulated.keypoints,
    gallery=Gallery(
        "Images",
        7,
        pictures.drawing(
            '<rect width="190" height="84" fill="#dfe7e3"/>'
            '<path d="M60 90c2-22 16-30 35-30s33 8 35 30z" fill="#7d9bb5"/>'
            '<ellipse cx="95" cy="36" rx="25" ry="29" fill="#d9b08c"/>'
            '<g fill="#0072b2" stroke="#fff" stroke-width="1.5"><circle cx="85" cy="31" r="4"/>'
            '<circle cx="105" cy="31" r="4"/></g><g fill="#d55e00" stroke="#fff" stroke-width="1.5">'
            '<circle cx="95" cy="41" r="4"/><circle cx="86" cy="51" r="4"/><circle cx="104" cy="51" r="4"/>'
            "</g>",
        ),
    ),
    needs_picture=True,
)
