"""What codecs of task types are given, made from a job: the one place where decoding's and encoding's needs are met."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from groundswell.domain.records import LabelingJob
from groundswell.service.job_specs import spec_of
from groundswell.tasktypes.base import AuditedLabel, DecodeContext, EncodeContext

_NOTHING: Mapping[str, Any] = {}


def decoding(job: LabelingJob, line: Mapping[str, Any] = _NOTHING) -> DecodeContext:
    """For reading an answer to an object. line : its manifest line, as far as it is known."""
    return DecodeContext(spec_of(job).labels, line)


def encoding(
    job: LabelingJob,
    *,
    n: int,
    at: datetime,
    line: Mapping[str, Any] = _NOTHING,
    answers: Sequence[Mapping[str, Any]] = (),
    values: Sequence[Any] = (),
    response_uri: str | None = None,
    image_depth: int = 3,
) -> EncodeContext:
    """For writing the label of object n, made at a time from answers and their values (both in order of submission)."""
    spec = spec_of(job)
    return EncodeContext(
        spec.labels,
        job.name,
        job.output_uri,
        at,
        options=spec.consolidation.options,
        n=n,
        answers=answers,
        values=values,
        rated=len(values) > 1 or spec.consolidation.stop_at_confidence is not None,
        response_uri=response_uri,
        audited=_audited(spec.audit_attribute, line),
        image_depth=image_depth,
    )


def _audited(attribute: str | None, line: Mapping[str, Any]) -> AuditedLabel | None:
    """The earlier label on the line that the job looks at."""
    if attribute is None or attribute not in line:
        return None
    return AuditedLabel(line[attribute], line.get(f"{attribute}-metadata", {}))
