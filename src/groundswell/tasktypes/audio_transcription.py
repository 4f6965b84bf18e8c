"""Write down what is said."""

from __future__ import annotations

from groundswell.tasktypes import live, transcripts
from groundswell.tasktypes.base import TaskType

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
)
