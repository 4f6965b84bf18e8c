"""A worker task template of one's own, with or without functions around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from groundswell.tasktypes import metadata
from groundswell.tasktypes.base import EncodedLabel, LabelContext, LiveConsolidation, TaskType

MANIFEST_TYPE = "groundtruth/custom"


@dataclass(frozen=True)
class _Untouched:
    """The estimate of an object whose answers nobody consolidates."""

    object: int
    value: Mapping[str, Any] = field(default_factory=dict)
    confidence: float = 0.0
    details: Mapping[str, Any] = field(default_factory=dict)


class _PassThrough:
    """No consolidation: answers stay in their worker-response files."""

    def absorb(self, annotations: Sequence[Any]) -> None:
        return None

    def estimate(self, objects: Sequence[int]) -> list[Any]:
        return [_Untouched(n) for n in objects]

    def refit(self) -> None:
        return None

    def worker_skill(self) -> dict[str, float]:
        return {}


def decode(content: Mapping[str, Any], context: LabelContext) -> Mapping[str, Any]:
    """Whatever the form submitted."""
    return content


def consolidation(labels: Sequence[str], method: str | None, options: Mapping[str, Any]) -> LiveConsolidation:
    """None; a post-annotation hook consolidates where there is one."""
    return _PassThrough()


def encode(estimate: Any, context: LabelContext) -> EncodedLabel:
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
)
