"""The files Ground Truth keeps of every object: workers' answers, what consolidation was asked and what it said.

Formats: developer guide, "Output data" and "Annotation consolidation function creation".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from groundswell.domain.addresses import resolve
from groundswell.domain.people import TeamKind
from groundswell.domain.pseudonyms import pseudonym
from groundswell.domain.records import Annotation
from groundswell.manifests.members import json_text
from groundswell.runner.desk import Desk
from groundswell.runner.layout import iso_time

_AT_ONCE = 16  # files stored at the same time: a bucket is far away


def worker_id(desk: Desk, worker: str) -> str:
    """A worker in files: `private.groundswell.<id>`, three parts as Ground Truth's ids have.

    One whose answers came with an imported job has such an id already.
    """
    if "." in worker:
        return worker
    kind = desk.team_kind
    return f"{'public' if kind is TeamKind.PUBLIC else 'private'}.groundswell.{_known_as(desk, worker)}"


def _known_as(desk: Desk, worker: str) -> str:
    """The id by which requesters know a worker: of vendor and public teams, a pseudonym of their workspace's own."""
    if desk.team_kind is TeamKind.PRIVATE:
        return worker
    return pseudonym(desk.tools.secret, desk.job.workspace_id, worker)


def worker_response(desk: Desk, answers: Sequence[Annotation]) -> bytes:
    """All answers to one object."""
    return orjson.dumps({"answers": [_answer(desk, one) for one in answers]})


def request_entry(desk: Desk, n: int, line: Mapping[str, Any], answers: Sequence[Annotation]) -> dict[str, Any]:
    """One object of a consolidation request."""
    reference = line.get("source-ref")
    if isinstance(reference, str):
        data: dict[str, Any] = {"s3Uri": resolve(reference, desk.tools.storage.absolute(desk.job.input_uri))}
    else:
        data = {"content": line.get("source", "")}
    annotations = [
        {"workerId": worker_id(desk, one.annotator_id), "annotationData": {"content": json_text(one.content)}}
        for one in answers
    ]
    return {"datasetObjectId": str(n), "dataObject": data, "annotations": annotations}


def response_entry(desk: Desk, n: int, value: Any, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """One object of a consolidation response."""
    attribute = desk.spec.attribute
    content = {attribute: value, f"{attribute}-metadata": dict(metadata)}
    return {"datasetObjectId": str(n), "consolidatedAnnotation": {"content": content}}


def write_files(desk: Desk, files: Mapping[str, bytes]) -> None:
    """Store files, several at a time; each whole or not at all."""
    storage, waiting = desk.tools.storage, list(files.items())

    def write(part: Sequence[tuple[str, bytes]]) -> None:
        for uri, data in part:
            kind = "image/png" if uri.endswith(".png") else "application/json"
            storage.write(uri, data, content_type=kind)

    for _ in desk.tools.pool.map(write, [waiting[start::_AT_ONCE] for start in range(_AT_ONCE)]):
        pass


def _answer(desk: Desk, one: Annotation) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "acceptanceTime": iso_time(one.accepted_at),
        "submissionTime": iso_time(one.submitted_at),
        "timeSpentInSeconds": round(one.time_spent_s, 3),
        "answerContent": one.content,
        "workerId": worker_id(desk, one.annotator_id),
    }
    if desk.team_kind is not TeamKind.PUBLIC:
        known = _known_as(desk, one.annotator_id)
        identity = {"identityProviderType": "Oidc", "issuer": desk.tools.issuer, "sub": known}
        answer["workerMetadata"] = {"identityData": identity}
    return answer
