"""The end of a job: a last full fit, so that labels are those of all annotations together, then the final output."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import orjson

from groundswell.consolidation.estimates import Estimate
from groundswell.domain.errors import Conflict, NotFound
from groundswell.domain.labels import Label, Origin, says_the_same
from groundswell.domain.records import Annotation
from groundswell.domain.states import JobState, ObjectState
from groundswell.runner.answers import catch_up
from groundswell.runner.apart import Work, decode_ahead, decoded, estimates_of
from groundswell.runner.auto_labeling.step import is_labeling
from groundswell.runner.batches import in_parts
from groundswell.runner.consolidate import note_skill
from groundswell.runner.desk import Desk
from groundswell.runner.fits import fit_everything
from groundswell.runner.labels import Answered, labels_of
from groundswell.runner.response_files import write_files
from groundswell.runner.write_output import output
from groundswell.service import label_contexts, transitions, window
from groundswell.service.ports import ObjectFilter, Page, Transaction

_WITHDRAWN = 1_000


def finish(desk: Desk) -> bool:
    """Complete a job that has nothing more to do; whether there was anything to do."""
    is_read = desk.job.ingest.get("phase") == "done"
    if not is_read or not window.is_finished(desk.spec, desk.job.counters) or is_labeling(desk):
        desk.abandon("finale")
        return False
    if desk.slice("finale", lambda: _finale(desk)):
        desk.write(lambda tx: _end(tx, desk, "complete"))
    return not desk.is_waiting


def stop(desk: Desk) -> bool:
    """Take open tasks back, label what was answered, write the output, and stop."""
    if desk.job.ingest.get("phase") == "inserting":
        return True
    open_ = ObjectFilter(states=frozenset({ObjectState.OPEN}))
    page = desk.read(lambda tx: tx.objects.page(desk.job.id, open_, Page(limit=_WITHDRAWN)))
    if page:
        desk.write(lambda tx: tx.objects.move(desk.job.id, [one.n for one, _ in page], "withdraw"))
    elif not desk.job.counters.answered and desk.slice("finale", lambda: _finale(desk)):
        desk.write(lambda tx: _end(tx, desk, "stopped"))
    return not desk.is_waiting


def _end(tx: Transaction, desk: Desk, event: str) -> None:
    job = tx.jobs.get(desk.job.id)
    if event == "complete" and not (job.state is JobState.IN_PROGRESS and window.is_finished(desk.spec, job.counters)):
        return  # paused, stopped or given new work meanwhile: the next round sees
    try:
        transitions.move_job(tx, job, event, at=desk.now)
    except Conflict:
        return  # another runner was faster


def _finale(desk: Desk) -> Work[None]:
    desk.abandon("output")
    if not desk.spec.hooks.post_annotation and desk.job.counters.human_labeled:
        yield from catch_up(desk)
        yield from fit_everything(desk)
        yield None
        yield from _relabel(desk)
        note_skill(desk)
    yield from output(desk)
    if "consolidate_again" in desk.job.progress:
        desk.forget("consolidate_again")


def _relabel(desk: Desk) -> Work[None]:
    """Put the labels that the full fit changed."""
    total = desk.read(lambda tx: tx.jobs.counters(desk.job.id)).total
    block = 2 * desk.batch_size
    for start in range(0, total, block):
        labels = desk.read(
            lambda tx, start=start: list(tx.labels.all(desk.job.id, start=start, stop=start + block))  # type: ignore[misc]
        )
        changed = yield from _changed(desk, [label for label in labels if _is_to_be_made_anew(desk, label)])
        for some in in_parts(changed):
            desk.write(partial(_put, desk, some))
        yield None


def _is_to_be_made_anew(desk: Desk, label: Label) -> bool:
    """Labels of consolidation; once those that came with an import, of as many as came with their answers."""
    if label.origin is Origin.IMPORTED:
        return label.annotation_count > 0 and "consolidate_again" in desk.job.progress
    return label.origin is Origin.CONSOLIDATED


def _put(desk: Desk, labels: Sequence[Label], tx: Transaction) -> None:
    new = tx.labels.put(labels)
    transitions.record_labeled(tx, desk.job, new, origin=Origin.CONSOLIDATED, at=desk.now)


def _changed(desk: Desk, labels: list[Label]) -> Work[list[Label]]:
    estimates = yield from estimates_of(desk, [label.n for label in labels])
    stale = [
        (label, estimate)
        for label, estimate in zip(labels, estimates, strict=True)
        if label.origin is Origin.IMPORTED
        or abs(label.confidence - estimate.confidence) > 1e-9
        or (label.category is not None and label.category != estimate.value)
    ]
    changed: list[Label] = []
    while stale:  # a part at a time, where answers are large
        numbers = desk.read(
            lambda tx, stale=stale: tx.annotations.first_within(desk.job.id, [label.n for label, _ in stale])  # type: ignore[misc]
        )
        changed += yield from _made_anew(desk, stale[: len(numbers)])
        stale = stale[len(numbers) :]
    return changed


def _made_anew(desk: Desk, stale: Sequence[tuple[Label, Estimate]]) -> Work[list[Label]]:
    numbers = [label.n for label, _ in stale]
    by_object: dict[int, list[Annotation]] = {n: [] for n in numbers}
    found = desk.read(lambda tx: tx.annotations.of_objects(desk.job.id, numbers))
    yield from decode_ahead(desk, found, label_contexts.decoding(desk.job))
    for one in found:
        by_object[one.n].append(one)
    lines = desk.read(lambda tx: {n: orjson.loads(tx.objects.line(desk.job.id, n)) for n in numbers})
    changed = []
    for label, estimate in stale:
        answers = decoded(desk, by_object[label.n], label_contexts.decoding(desk.job, lines[label.n]))
        if not answers:  # they were removed, or cannot be read any more: the label stays as it is
            continue
        again = yield from _anew(desk, label, Answered(label.n, lines[label.n], answers), estimate)
        changed.append(again)
    return changed


def _anew(desk: Desk, label: Label, answered: Answered, estimate: Estimate) -> Work[Label]:
    """The label as it is thought of now: of the same date, and without new files, where it says the same."""
    ((again, files),) = yield from labels_of(desk, [(answered, estimate)], label.labeled_at)
    if says_the_same(label, again) and all(_is_stored(desk, uri, data) for uri, data in files.items()):
        return again
    ((fresh, files),) = yield from labels_of(desk, [(answered, estimate)], desk.now)
    write_files(desk, files)
    return fresh


def _is_stored(desk: Desk, uri: str, data: bytes) -> bool:
    try:
        return desk.tools.storage.read(uri) == data
    except NotFound:
        return False
