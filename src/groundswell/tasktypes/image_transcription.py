"""Write down what is written in an image."""

from __future__ import annotations

from groundswell.tasktypes import file_forms, live, pictures, simulated, transcripts
from groundswell.tasktypes.base import Gallery, TaskType

MANIFEST_TYPE = "groundtruth/image-transcription"

TASK_TYPE = TaskType(
    name="image-transcription",
    title="Image transcription",
    summary="Write down what is written in an image.",
    modality="image",
    manifest_type=MANIFEST_TYPE,
    template="image-transcription.liquid.html",
    min_labels=0,
    max_labels=1_000,
    default_per_object=3,
    default_time_limit_s=3_600,
    decode=transcripts.decode,
    consolidation=live.structured("transcription"),
    encode=transcripts.encoder(MANIFEST_TYPE),
    read_label=transcripts.read_label,
    kind_of_answer="transcription",
    file_form=file_forms.TEXT,
    simulate=simulated.transcription,
    gallery=Gallery(
        "Images",
        10,
        pictures.drawing(
            '<rect width="190" height="84" fill="#cbb994"/>'
            '<rect x="22" y="10" width="90" height="64" rx="3" fill="#fbf7ec" transform="rotate(-3 67 42)"/>'
            '<g stroke="#43535a" stroke-width="2.5" fill="none" stroke-linecap="round">'
            '<path d="M34 30c4-7 8-7 8 0s5 7 9-2 8-5 8 1 6 5 10-1 8-4 12 0M34 48c5-7 10-6 10 0s7 6 12-2 8-3 '
            '10 1 8 4 14-1"/></g><rect x="124" y="28" width="54" height="28" rx="4" fill="#fff"/>'
            '<g fill="#55635f"><rect x="131" y="35" width="38" height="6" rx="3"/>'
            '<rect x="131" y="44" width="24" height="6" rx="3"/></g>',
        ),
    ),
)
