"""Jobs that Ground Truth finished, taken over from their output folders; the runner brings answers and labels over."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from groundswell.domain.errors import Conflict, InvalidSpec, NotFound
from groundswell.domain.job_notes import IngestReport
from groundswell.domain.people import Principal
from groundswell.domain.records import LabelingJob
from groundswell.domain.states import JobState
from groundswell.manifests.ground_truth import OUTPUT_MANIFESTS, Survey, survey
from groundswell.manifests.splitting import split_lines
from groundswell.service.access import Action, job_for, require_here
from groundswell.service.context import Context
from groundswell.service.job_specs import complete
from groundswell.service.labeling_jobs import add_job
from groundswell.service.places import problems as place_problems
from groundswell.service.ports import ObjectStorage, Transaction
from groundswell.tasktypes import registry
from groundswell.wire.jobs import ImportJob

_ADJUSTMENTS = {"groundtruth/object-detection": "label-adjustment-boxes"}
_ADJUSTMENTS |= {"groundtruth/semantic-segmentation": "label-adjustment-masks"}
_TEMPLATE = "<crowd-form><p>{{ task.input | json }}</p></crowd-form>"


@dataclass(frozen=True)
class Imported:
    """The job, and whether this import made it."""

    job: LabelingJob
    is_new: bool


def import_ground_truth(context: Context, principal: Principal, asked: ImportJob) -> Imported:
    """A job of the same name, task type, labels and attribute; the runner fills it. Once more: the same job.

    Raises NotFound where there is no output manifest, InvalidInput for one without labels, InvalidSpec naming the field
    for a kind of task that there is not here, Conflict when another job has the name.
    """
    require_here(principal, Action.CREATE_JOB)
    source = asked.source.rstrip("/")
    _check_place(context, principal, source)
    storage = context.storage_of(principal)
    manifest, digest = _manifest(storage, source), hashlib.sha256()
    found = survey(_lines(storage, manifest, digest), attribute=asked.label_attribute, folder=source.rpartition("/")[2])
    given = _specification(asked, found, manifest)
    ingest: IngestReport = {
        "phase": "importing",
        "done": 0,
        "total": found.lines,
        "imported_from": source,
        "imported_digest": digest.hexdigest(),
    }
    now = context.clock()

    def work(tx: Transaction) -> Imported:
        spec, _, team = complete(tx, principal.workspace_id, given)
        known = _known(tx, principal, spec.name)
        if known is None:
            return Imported(add_job(context, tx, principal, spec, team, at=now, ingest=ingest), True)
        if known.ingest.get("imported_digest") != ingest["imported_digest"] or known.state is JobState.FAILED:
            raise Conflict(f"there is a job named {known.name!r} already: give this one another name", field="name")
        return Imported(known, False)

    return context.write(work)


def _check_place(context: Context, principal: Principal, source: str) -> None:
    where, given = principal.workspace_id, {"input": source}
    for error in context.read(lambda tx: place_problems(tx, where, context.storage, context.places, given)):
        raise InvalidSpec(error.message, field="source") from error


def _manifest(storage: ObjectStorage, source: str) -> str:
    for name in OUTPUT_MANIFESTS:
        if storage.exists(f"{source}/{name}"):
            return f"{source}/{name}"
    raise NotFound(
        f"expected the output folder of a Ground Truth job, <S3OutputPath>/<job name>, got {source!r}: "
        f"there is neither {OUTPUT_MANIFESTS[0]} nor {OUTPUT_MANIFESTS[1]} in it",
        field="source",
    )


def _lines(storage: ObjectStorage, manifest: str, digest: Any) -> Iterator[bytes]:
    def chunks() -> Iterator[bytes]:
        for chunk in storage.stream(manifest):
            digest.update(chunk)
            yield chunk

    yield from split_lines(chunks())


def _known(tx: Transaction, principal: Principal, name: str) -> LabelingJob | None:
    try:
        return job_for(tx, principal, name)
    except NotFound:
        return None


def _specification(asked: ImportJob, found: Survey, manifest: str) -> dict[str, Any]:
    kind = asked.task_type or _task_type(found)
    labels = list(asked.labels or found.labels)
    fewest = registry.get(kind).min_labels
    if asked.labels is None:  # classes that no label has are in no manifest
        labels += [f"class {index}" for index in range(len(labels), fewest)]
    given: dict[str, Any] = {
        "name": asked.name or found.job_name or found.attribute,
        "task_type": kind,
        "input": manifest,
        "input_format": "manifest",
        "label_attribute": found.attribute,
        "labels": labels,
        "workers": {"per_object": 1},
    }
    if kind == "custom":
        given["template"] = asked.template or _TEMPLATE
    elif registry.get(kind).audit_of is not None:
        given["audit_attribute"] = found.audit_attribute
    return given


def _task_type(found: Survey) -> str:
    if found.adjusted and found.manifest_type in _ADJUSTMENTS:
        return _ADJUSTMENTS[found.manifest_type]
    for kind in registry.every().values():
        if kind.manifest_type == found.manifest_type and (kind.audit_of is None or kind.name == "label-verification"):
            return kind.name
    raise InvalidSpec(
        f"expected labels of a kind that there is here, got {found.manifest_type!r} ({found.attribute}): "
        "video and 3-D labels cannot be imported; for others give task_type",
        field="task_type",
    )
