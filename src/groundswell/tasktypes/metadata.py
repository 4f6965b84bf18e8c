"""What the metadata of every label says, as Ground Truth writes it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from groundswell.tasktypes.base import EncodeContext


def creation_date(at: datetime) -> str:
    """UTC with microseconds and without a zone: `2026-11-20T08:01:16.123456`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")


def job_name(name: str) -> str:
    """A labeling job's name as metadata has it: `labeling-job/birds-1`, lower case."""
    return f"labeling-job/{name.lower()}"


def common(context: EncodeContext, manifest_type: str) -> dict[str, Any]:
    """The members every label's metadata ends with."""
    return {
        "type": manifest_type,
        "job-name": job_name(context.job_name),
        "human-annotated": "yes" if context.human else "no",
        "creation-date": creation_date(context.created_at),
    }


def failure(*, reason: str, manifest_type: str, name: str, at: datetime, retries: int = 1) -> dict[str, Any]:
    """The metadata of an object that got no label."""
    return {
        "failure-reason": reason,
        "retry-count": retries,
        "type": manifest_type,
        "job-name": job_name(name),
        "human-annotated": "no",  # nobody labeled it: readers count lines that say yes
        "creation-date": creation_date(at),
    }


def confidence(value: float, context: EncodeContext) -> float:
    """A confidence as manifests have it: two decimals, 0 where only one worker was asked."""
    return round(float(value), 2) if context.rated else 0.0


def class_map(labels: list[str] | tuple[str, ...], used: set[int]) -> dict[str, str]:
    """The classes used, from index (as text) to name, in order of index."""
    return {str(index): labels[index] for index in sorted(used)}
