"""Labeling jobs and data objects as the API's response types."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from groundswell.domain.labels import Label
from groundswell.domain.records import Annotation, JobCounters, LabelingJob
from groundswell.domain.states import ENDED
from groundswell.server.links import Links
from groundswell.service.job_report import JobReport
from groundswell.service.job_specs import spec_of
from groundswell.service.labeling_jobs import JobView, output_manifest
from groundswell.service.objects import AnnotationView, ObjectHistory, ObjectView
from groundswell.wire import jobs as wire
from groundswell.wire.hooks import HookState


def label_attribute(job: LabelingJob) -> str:
    """The key of the label in the output manifest."""
    return spec_of(job).attribute


def counters_out(counters: JobCounters) -> wire.Counters:
    """Numbers of data objects."""
    return wire.Counters(**asdict(counters), labeled=counters.labeled)


def job_out(view: JobView) -> wire.Job:
    """A labeling job."""
    job = view.job
    return wire.Job(
        name=job.name,
        state=job.state.value,
        task_type=job.task_type,
        team=view.team,
        created_at=job.created_at,
        started_at=job.started_at,
        ended_at=job.ended_at,
        failure_reason=job.failure_reason,
        trouble=None if job.state in ENDED else job.progress.get("trouble"),
        created_by=view.creator,
        shared=job.shared,
        input_uri=job.input_uri,
        output_uri=job.output_uri,
        output_manifest=output_manifest(job),
        label_attribute=label_attribute(job),
        counters=counters_out(job.counters),
        hooks={role: HookState.model_validate(state) for role, state in job.progress.get("hooks", {}).items()},
        ingest=wire.Ingest.model_validate(job.ingest),
        spec=dict(job.spec),
    )


def report_out(report: JobReport) -> dict[str, Any]:
    """The job page's numbers; times are ISO, money is in micro-dollars."""
    return {**asdict(report), "counters": counters_out(report.counters).model_dump()}


def label_out(label: Label) -> wire.Label:
    """A consolidated label."""
    return wire.Label(
        value=label.value,
        category=label.category,
        confidence=round(label.confidence, 2),
        human=label.human,
        disputed=label.disputed,
        annotations=label.annotation_count,
        labeled_at=label.labeled_at,
        metadata=dict(label.metadata),
    )


def object_out(view: ObjectView, links: Links) -> wire.Object:
    """A data object with its label."""
    found = view.data_object
    reference = view.line.get("source-ref")
    return wire.Object(
        n=found.n,
        state=found.state.value,
        label=label_out(view.label) if view.label else None,
        wanted=found.wanted,
        held=found.held,
        answered=found.answered,
        declined=found.declined,
        failure_reason=found.failure_reason,
        source=view.text if view.text is not None else reference if isinstance(reference, str) else None,
        url=links.media(view.uri) if view.uri else None,
    )


def annotation_out(view: AnnotationView) -> wire.AnnotationOut:
    """A submitted answer."""
    one = view.annotation
    return wire.AnnotationOut(
        assignment_id=one.assignment_id,
        n=one.n,
        worker=one.annotator_id,
        worker_name=view.worker_name,
        answer=dict(one.content),
        category=view.category,
        agrees=view.agrees,
        accepted_at=one.accepted_at,
        submitted_at=one.submitted_at,
        time_spent_s=one.time_spent_s,
    )


def detail_out(history: ObjectHistory, links: Links) -> wire.ObjectDetail:
    """A data object with its annotations and history."""
    events = [
        wire.Event(at=event.at, what=event.what, worker=event.worker_name, note=event.note) for event in history.events
    ]
    return wire.ObjectDetail(
        **object_out(history.view, links).model_dump(),
        manifest_line=dict(history.view.line),
        annotations=[annotation_out(one) for one in history.annotations],
        history=events,
    )


def answer_line(one: Annotation) -> dict[str, Any]:
    """An answer as a line of a job's download: its annotator is called the worker there."""
    said = dict(vars(one))
    return {"worker_id": said.pop("annotator_id"), **said}
