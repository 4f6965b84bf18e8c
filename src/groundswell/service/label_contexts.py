"""What codecs of task types are given, made from a job: the one place where decoding's and encoding's needs are met."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from groundswell.domain.records import LabelingJob
from groundswell.service.job_specs import spec_of
from groundswell.tasktypes.base import AuditedLabel, DecodeContext, EncodeContext
from groundswell.tasktypes.picture_facts import Picture

_NOTHING: Mapping[str, Any] = {}


def decoding(
    job: LabelingJob,
    line: Mapping[str, Any] = _NOTHING,
    *,
    picture: Picture | None = None,
    handed_in: bool = False,
) -> DecodeContext:
    """For reading an answer to an object. line : its manifest line; picture : what was shown; as far as known.

    handed_in : whether a worker submits it now, so that what it says of a picture nobody can read is checked too.
    """
    return DecodeContext(spec_of(job).labels, line, picture, handed_in)


def encoding(
    job: LabelingJob,
    *,
    n: int,
    at: datetime,
    line: Mapping[str, Any] = _NOTHING,
    answers: Sequence[Mapping[str, Any]] = (),
    values: Sequence[Any] = (),
    response_uri: str | None = None,
    picture: Picture | None = None,
    human: bool = True,
    rated: bool = False,
) -> EncodeContext:
    """For writing the label of object n, made at a time from answers and their values (both in order of submission).

    human : False for a model's label.    rated : whether its confidence counts without any answer.
    """
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
        rated=rated or len(values) > 1 or spec.consolidation.stop_at_confidence is not None,
        response_uri=response_uri,
        human=human,
        audited=_audited(spec.audit_attribute, line),
        picture=picture,
    )


def _audited(attribute: str | None, line: Mapping[str, Any]) -> AuditedLabel | None:
    """The earlier label on the line that the job looks at."""
    if attribute is None or attribute not in line:
        return None
    return AuditedLabel(line[attribute], line.get(f"{attribute}-metadata", {}))
