"""Data objects of a job as people look at them: filtered pages, and one object's annotations and history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from groundswell.domain.addresses import resolve
from groundswell.domain.errors import GroundswellError, InvalidInput, NotFound
from groundswell.domain.events import is_about
from groundswell.domain.labels import Label
from groundswell.domain.people import Principal
from groundswell.domain.records import Annotation, Assignment, DataObject, LabelingJob
from groundswell.domain.states import AssignmentState, ObjectState
from groundswell.manifests.lines import members_of
from groundswell.service import label_contexts
from groundswell.service.access import job_for
from groundswell.service.annotators import Shown, shown_to
from groundswell.service.context import Context
from groundswell.service.places import WorkspaceStorage
from groundswell.service.ports import EventFilter, ObjectFilter, Page, Transaction
from groundswell.service.viewing import note_view
from groundswell.tasktypes import registry

LOW_CONFIDENCE = 0.8
"""Labels below this are worth a look."""

_TOLD = {"object.failed": "failed", "object.put_back": "put back", "object.skipped": "skipped"}
_LOOKED_THROUGH = 1_000  # events of a kind, the newest
_UNLABELED = frozenset({ObjectState.PENDING, ObjectState.OPEN, ObjectState.ANSWERED})

VIEWS: Mapping[str, ObjectFilter] = {
    "all": ObjectFilter(),
    "unlabeled": ObjectFilter(states=_UNLABELED),
    "labeled": ObjectFilter(states=frozenset({ObjectState.LABELED})),
    "low-confidence": ObjectFilter(states=frozenset({ObjectState.LABELED}), max_confidence=LOW_CONFIDENCE),
    "disputed": ObjectFilter(disputed=True),
    "machine": ObjectFilter(human=False),
    "failed": ObjectFilter(states=frozenset({ObjectState.FAILED})),
}
"""The filters people use, by name."""


@dataclass(frozen=True)
class ObjectView:
    """One data object with its label and what it is."""

    data_object: DataObject
    label: Label | None
    line: Mapping[str, Any]
    text: str | None  # `source`
    uri: str | None  # of `source-ref`, resolved


@dataclass(frozen=True)
class AnnotationView:
    """One annotation with who made it and what it says."""

    annotation: Annotation
    worker_name: str
    category: str | None  # where the answer is one label category
    agrees: bool | None  # with the consolidated label's category


@dataclass(frozen=True)
class ObjectEvent:
    """One thing that happened to a data object."""

    at: datetime
    what: str
    worker_id: str | None = None
    worker_name: str | None = None
    note: str | None = None


@dataclass(frozen=True)
class ObjectHistory:
    """One data object, everything people said of it, and what happened in order."""

    view: ObjectView
    annotations: tuple[AnnotationView, ...]
    events: tuple[ObjectEvent, ...]


def named_filter(
    view: str = "all", *, category: str | None = None, worker_id: str | None = None, state: str | None = None
) -> ObjectFilter:
    """A filter by its name, narrowed to a label category, a worker or a state; raises InvalidInput."""
    if view not in VIEWS:
        raise InvalidInput(f"expected a filter among {', '.join(VIEWS)}, got {view!r}", field="filter")
    wanted = VIEWS[view]
    try:
        states = frozenset({ObjectState(state)}) if state else wanted.states
    except ValueError:
        known = ", ".join(one.value for one in ObjectState)
        raise InvalidInput(f"expected a state among {known}, got {state!r}", field="state") from None
    return ObjectFilter(
        states=states,
        category=category or None,
        max_confidence=wanted.max_confidence,
        disputed=wanted.disputed,
        human=wanted.human,
        worker_id=worker_id or None,
    )


def page(
    context: Context, principal: Principal, name: str, wanted: ObjectFilter, page: Page, *, counted: bool = True
) -> tuple[LabelingJob, list[ObjectView], int | None]:
    """A job, one page of its data objects in order of n, and, if asked to count, how many match in all."""

    def work(tx: Transaction) -> tuple[LabelingJob, list[ObjectView], int | None]:
        job = job_for(tx, principal, name)
        by = wanted.worker_id and shown_to(tx, principal, job, context.secret).who(tx, job, wanted.worker_id)
        narrowed = replace(wanted, worker_id=by)
        found = [_view(tx, job, one, label) for one, label in tx.objects.page(job.id, narrowed, page)]
        return job, found, tx.objects.count(job.id, narrowed) if counted else None

    shown = context.read(work)
    note_view(context, principal, shown[0])
    return shown


def some(context: Context, principal: Principal, name: str, numbers: Sequence[int]) -> list[ObjectView]:
    """These data objects of a job, in the order asked."""

    def work(tx: Transaction) -> tuple[LabelingJob, list[ObjectView]]:
        job = job_for(tx, principal, name)
        return job, [_view(tx, job, tx.objects.get(job.id, n), tx.labels.in_force(job.id, n)) for n in numbers]

    job, found = context.read(work)
    note_view(context, principal, job)
    return found


def describe(
    context: Context, principal: Principal, name: str, n: int, *, within: ObjectFilter | None = None
) -> tuple[LabelingJob, ObjectHistory, int | None]:
    """A job, everything about one of its data objects, and the next object's number within a filter."""

    def work(tx: Transaction) -> tuple[LabelingJob, ObjectHistory, int | None]:
        job = job_for(tx, principal, name)
        following = tx.objects.page(job.id, within, Page(limit=1, after=str(n))) if within is not None else []
        people = shown_to(tx, principal, job, context.secret)
        return job, _history(tx, job, n, people), following[0][0].n if following else None

    shown = context.read(work)
    note_view(context, principal, shown[0])
    return shown


def label_file(context: Context, principal: Principal, name: str, n: int) -> tuple[int, Iterator[bytes]]:
    """The size and the bytes of the file that an object's label names (a mask); raises NotFound where it names none."""

    def work(tx: Transaction) -> tuple[LabelingJob, Any]:
        job = job_for(tx, principal, name)
        label = tx.labels.in_force(job.id, n)
        return job, None if label is None else label.value

    job, value = context.read(work)
    note_view(context, principal, job)
    uri = context.storage.absolute(value) if isinstance(value, str) else ""
    folders = [job.output_uri, *([job.ingest["imported_from"]] if "imported_from" in job.ingest else [])]
    places = [f"{context.storage.absolute(folder).rstrip('/')}/" for folder in folders]
    if not any(uri.startswith(place) for place in places):  # a function may have labeled it with any address
        raise NotFound(f"the label of object {n} of {job.name} has no file in the job's output")
    storage = WorkspaceStorage(context.storage, context.places, job.workspace_id)
    return storage.size(uri), storage.stream(uri)


def annotator_name(context: Context, principal: Principal, name: str, annotator: str) -> str:
    """What a job's pages call somebody who answered; raises NotFound."""

    def work(tx: Transaction) -> str:
        job = job_for(tx, principal, name)
        people = shown_to(tx, principal, job, context.secret)
        return people.name(tx, people.who(tx, job, annotator))

    return context.read(work)


def _view(tx: Transaction, job: LabelingJob, found: DataObject, label: Label | None) -> ObjectView:
    """A data object with its manifest line read."""
    line = members_of(tx.objects.line(job.id, found.n))
    reference, text = line.get("source-ref"), line.get("source")
    uri = resolve(reference, job.input_uri) if isinstance(reference, str) else None
    return ObjectView(found, label, line, text if isinstance(text, str) else None, uri)


def _history(tx: Transaction, job: LabelingJob, n: int, people: Shown) -> ObjectHistory:
    """Everything about one data object; raises NotFound."""
    if not 0 <= n < max(job.counters.total, 1):
        raise NotFound(f"the job {job.name} has objects 0 to {job.counters.total - 1}, not {n}")
    found, label = tx.objects.get(job.id, n), tx.labels.in_force(job.id, n)
    annotations, assignments = tx.annotations.of_objects(job.id, [n]), tx.assignments.of_object(job.id, n)
    known = {one.annotator_id for one in annotations} | {one.worker_id for one in assignments}
    names = {people.id(annotator_id): people.name(tx, annotator_id) for annotator_id in known}
    assignments = [replace(one, worker_id=people.id(one.worker_id)) for one in assignments]
    views = []
    for submitted in annotations:
        one = replace(submitted, annotator_id=people.id(submitted.annotator_id))
        category = answer_category(job, one)
        agrees = None if category is None or label is None or label.category is None else category == label.category
        views.append(AnnotationView(one, names[one.annotator_id], category, agrees))
    versions = tx.labels.history(job.id, n)
    told = [*_events(found, versions, assignments, names), *_told(tx, job, n)]
    events = sorted(told, key=lambda event: event.at)
    return ObjectHistory(_view(tx, job, found, label), tuple(views), tuple(events))


def answer_category(job: LabelingJob, annotation: Annotation) -> str | None:
    """The label category an answer says, where the task type's answers are one category."""
    kind = registry.get(job.task_type)
    if kind.needs_picture:  # shapes and painted pictures are no category, and take long to read
        return None
    try:
        value = kind.decode(annotation.content, label_contexts.decoding(job))
    except GroundswellError:
        return None
    return value if isinstance(value, str) else None


def _events(
    found: DataObject, versions: Iterable[Label], assignments: Iterable[Assignment], names: Mapping[str, str]
) -> Iterable[ObjectEvent]:
    if found.opened_at is not None:
        yield ObjectEvent(found.opened_at, "published", note=f"{found.wanted} annotations asked for so far")
    for one in assignments:
        who = names[one.worker_id]
        yield ObjectEvent(one.accepted_at, "accepted", one.worker_id, who)
        if one.state is AssignmentState.SUBMITTED and one.submitted_at is not None:
            yield ObjectEvent(one.submitted_at, "submitted", one.worker_id, who)
        elif one.state is AssignmentState.EXPIRED:
            yield ObjectEvent(one.expires_at, "expired", one.worker_id, who, "the time limit ran out")
        elif one.state is not AssignmentState.HELD:
            yield ObjectEvent(one.accepted_at, one.state.value, one.worker_id, who)
    for label in versions:
        by = "people" if label.human else "the model"
        yield ObjectEvent(label.labeled_at, "labeled", note=f"by {by}, confidence {label.confidence:.2f}")
        if label.withdrawn_at is not None:
            yield ObjectEvent(label.withdrawn_at, "label withdrawn", note=label.reason)


def _told(tx: Transaction, job: LabelingJob, n: int) -> Iterable[ObjectEvent]:
    """What events of the job tell of this object."""
    for kind, what in _TOLD.items():
        for event in tx.events.page(EventFilter(kind=kind, job_id=job.id), Page(limit=_LOOKED_THROUGH)):
            if is_about(event.data, n):
                yield ObjectEvent(event.at, what, note=event.data.get("reason"))
