"""Write down what is said."""

from __future__ import annotations

from groundswell.tasktypes import file_forms, live, pictures, simulated, transcripts
from groundswell.tasktypes.base import Gallery, TaskType

MANIFEST_TYPE = "groundtruth/audio-transcription"

TASK_TYPE = TaskType(
    name="audio-transcription",
    title="Audio transcription",
    summary="Write down what is said.",
    modality="audio",
    manifest_type=MANIFEST_TYPE,
    template="audio-transcription.liquid.html",
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
    recognised_by=("transcription",),
    simulate=simulated.transcription,
    gallery=Gallery(
        "Sound",
        1,
        pictures.drawing(
            pictures.SOUND,
            '<g stroke="#7a5ea8" stroke-width="4" stroke-linecap="round">'
            '<path d="M26 26v8M37 20v20M48 24v12M59 14v32M70 22v16M81 18v24M92 26v8M103 20v20M114 24v12M125 '
            '14v32M136 22v16M147 26v8M158 22v16"/></g><g fill="#a99bc0">'
            '<rect x="26" y="58" width="138" height="6" rx="3"/>'
            '<rect x="26" y="69" width="86" height="6" rx="3"/></g>',
        ),
    ),
)
