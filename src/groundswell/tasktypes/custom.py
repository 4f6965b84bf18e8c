"""A worker task template of one's own, with or without functions around it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from groundswell.consolidation.estimates import Answer, Estimate, LiveConsolidation
from groundswell.tasktypes import metadata, pictures
from groundswell.tasktypes.base import MASK_ANSWER_BYTES, DecodeContext, EncodeContext, EncodedLabel, Gallery, TaskType

MANIFEST_TYPE = "groundtruth/custom"


class _PassThrough:
    """No consolidation: answers stay in their worker-response files."""

    def absorb(self, annotations: Sequence[Answer]) -> None:
        return None

    def estimate(self, objects: Iterable[int]) -> list[Estimate]:
        return [Estimate(n, {}, 0.0) for n in objects]

    def refit(self) -> None:
        return None

    def worker_skill(self) -> dict[str, float]:
        return {}


def decode(content: Mapping[str, Any], context: DecodeContext) -> Mapping[str, Any]:
    """Whatever the form submitted."""
    return content


def consolidation(labels: Sequence[str], method: str | None, options: Mapping[str, Any]) -> LiveConsolidation:
    """None; a post-annotation hook consolidates where there is one."""
    return _PassThrough()


def encode(estimate: Estimate, context: EncodeContext) -> EncodedLabel:
    """An empty label that says where the answers are, as Ground Truth writes it."""
    said = metadata.common(context, MANIFEST_TYPE)
    if context.response_uri is not None:
        said["worker-response-ref"] = context.response_uri
    return EncodedLabel({}, said)


def read_label(value: Any, said: Mapping[str, Any], labels: Sequence[str]) -> Any:
    """The label as it is: what it means, only its job's functions know."""
    return value


TASK_TYPE = TaskType(
    name="custom",
    title="Custom",
    summary="Use a worker task template of your own, with or without functions around it.",
    modality="any",
    manifest_type=MANIFEST_TYPE,
    template="",
    min_labels=0,
    max_labels=1_000,
    default_per_object=3,
    default_time_limit_s=3_600,
    decode=decode,
    consolidation=consolidation,
    encode=encode,
    read_label=read_label,
    ground_truth_names=("PassThrough",),
    gallery=Gallery(
        "Your own",
        1,
        pictures.drawing(
            '<rect width="190" height="84" fill="#e0f2ee"/>'
            '<g fill="none" stroke="#0b6e5f" stroke-width="3" stroke-linecap="round" stroke-linejoin="round">'
            '<path d="M78 28 62 42l16 14M112 28l16 14-16 14M101 22 89 62"/></g>',
        ),
    ),
    most_answer_bytes=MASK_ANSWER_BYTES,  # a template of one's own may have people paint
)
