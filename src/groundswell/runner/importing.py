"""A finished Ground Truth job brought over: its lines become objects, its answers annotations, its labels versions.

A chunk of objects is one transaction, with how far the import is; what is there already is left alone, so that a
runner that dies is followed by one that goes on. What is labeled nowhere waits: the job is Stopped then, and goes on
when it is extended; otherwise the runner completes it as any other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

import orjson

from groundswell.domain.errors import InvalidAnnotation, InvalidInput, InvalidManifest
from groundswell.domain.identity import identity_of
from groundswell.domain.job_notes import BadLine
from groundswell.domain.labels import Label, Origin
from groundswell.domain.records import Annotation
from groundswell.domain.states import JobState, ObjectState
from groundswell.manifests.ground_truth import Brought, confidence_of, labeled_at, read_line
from groundswell.manifests.lines import MAX_PROBLEMS_SHOWN
from groundswell.manifests.splitting import split_lines
from groundswell.runner.desk import Desk, storable
from groundswell.runner.import_answers import (
    Given,
    Problem,
    annotations_of,
    annotator,
    find_files,
    find_masks,
    read_file,
)
from groundswell.service import label_contexts, transitions
from groundswell.service.ports import Transaction
from groundswell.tasktypes.answer_parts import labels_in

CHUNK = 200  # objects brought over in one transaction: workers' answers to other jobs wait for one at most
_MAX_PER_OBJECT = 100


@dataclass
class _Chunk:
    """Some objects on their way."""

    rows: list[tuple[int, str, ObjectState, str | None]] = field(default_factory=list)
    annotations: list[Annotation] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    identities: dict[int, int] = field(default_factory=dict)
    problems: list[BadLine] = field(default_factory=list)


def bring_over(desk: Desk) -> Iterator[None]:
    """Everything, from where the import is."""
    source = desk.job.ingest["imported_from"]
    files, odd = find_files(desk, source)
    masks = find_masks(desk, source) if desk.task_type.attribute_ref else {}
    yield
    done = desk.job.ingest.get("done", 0)
    lines = islice(split_lines(desk.tools.storage.stream(desk.job.input_uri)), done, None)
    total = done
    while raw := list(islice(lines, CHUNK)):
        numbers = range(total, total + len(raw))
        answers, problems = _answers(desk, [(n, uri) for n in numbers for uri in files.pop(n, [])], source)
        _add_labels(desk, answers)
        chunk = _chunk(desk, numbers, raw, answers)
        chunk.labels = [replace(label, value=masks.get(_name(label.value), label.value)) for label in chunk.labels]
        chunk.problems += map(_of_file, problems)
        total += len(raw)
        desk.write(lambda tx, chunk=chunk, upto=total: _store(tx, desk, chunk, upto))  # type: ignore[misc]
        yield
    if not total:
        raise InvalidManifest(f"{desk.job.input_uri} has no lines: expected those of a Ground Truth job's output")
    odd += [
        Problem(f"{n}/", f"the manifest has no line {n + 1}, so these answers belong to no object")
        for n in sorted(files)
        if n >= total
    ]
    desk.write(lambda tx: _end(tx, desk, [_of_file(one) for one in odd]))


def _name(value: Any) -> str:
    return value.rsplit("/", 1)[-1] if isinstance(value, str) else ""


def _answers(
    desk: Desk, wanted: Sequence[tuple[int, str]], source: str
) -> tuple[dict[int, list[Given]], list[Problem]]:
    """The answers in these files by object, several read at a time: a bucket is far away."""
    found: dict[int, list[Given]] = {}
    problems: list[Problem] = []
    read = desk.tools.pool.map(lambda one: read_file(desk, one[1], source), wanted)
    for (n, _), (given, wrong) in zip(wanted, read, strict=True):
        found.setdefault(n, []).extend(given)
        problems += wrong
    return found, problems


def _add_labels(desk: Desk, answers: Mapping[int, Sequence[Given]]) -> None:
    """Classes that somebody chose and no label has come behind those that labels have."""
    if desk.task_type.max_labels == 0 or desk.spec.task_type == "custom":
        return
    named = labels_in(one.content for given in answers.values() for one in given)
    new = [name for name in named if name not in desk.spec.labels and 0 < len(name) <= 256]
    room = desk.task_type.max_labels - len(desk.spec.labels)
    if new[:room]:
        spec = {**desk.job.spec, "labels": [*desk.spec.labels, *new[:room]]}
        desk.write(lambda tx: tx.jobs.update(desk.job.id, spec=spec))
        desk.refresh(desk.read(lambda tx: tx.jobs.get(desk.job.id)))


def _chunk(desk: Desk, numbers: Sequence[int], raw: Sequence[bytes], answers: Mapping[int, list[Given]]) -> _Chunk:
    chunk = _Chunk()
    for n, line in zip(numbers, raw, strict=True):
        try:
            brought = read_line(line, desk.spec.attribute)
        except InvalidInput as error:
            reason = f"ClientError: {error.message}"
            chunk.rows.append((n, line.decode("utf-8", "replace"), ObjectState.FAILED, storable(reason)))
            chunk.problems.append({"line": n + 1, "key": None, "message": storable(error.message)})
            continue
        state = ObjectState.PENDING if brought.failure is None else ObjectState.FAILED
        reason_or_none = None if brought.failure is None else storable(brought.failure)[:1_000]
        chunk.rows.append((n, brought.line, state, reason_or_none))
        members: dict[str, Any] = orjson.loads(brought.line)
        identity = identity_of(members, desk.job.input_uri)
        if identity is not None:
            chunk.identities[n] = identity
        count = _take_answers(desk, chunk, n, members, answers.get(n, []))
        if brought.value is not None:
            _take_label(desk, chunk, n, brought, count)
    return chunk


def _take_answers(desk: Desk, chunk: _Chunk, n: int, line: Mapping[str, Any], given: list[Given]) -> int:
    """The object's answers that its task type can read; how many."""
    count, context = 0, label_contexts.decoding(desk.job, line)
    for annotation, file in annotations_of(desk, n, given):
        try:
            desk.task_type.decode(annotation.content, context)
        except InvalidAnnotation as error:
            said = f"the answer of {annotation.annotator_id}: {error.message}"
            chunk.problems.append(_of_file(Problem(file, said)))
            continue
        chunk.annotations.append(annotation)
        count += 1
    return count


def _take_label(desk: Desk, chunk: _Chunk, n: int, brought: Brought, count: int) -> None:
    said, name = brought.metadata, brought.metadata.get("class-name")
    if not desk.task_type.attribute_ref:  # a mask is a file of its own, which is looked at when it is shown
        try:
            desk.task_type.read_label(brought.value, said, desk.spec.labels)
        except InvalidAnnotation as error:
            chunk.problems.append({"line": n + 1, "key": desk.spec.attribute, "message": storable(error.message)})
            return
    chunk.labels.append(
        Label(
            job_id=desk.job.id,
            n=n,
            value=brought.value,
            metadata=said,
            confidence=confidence_of(said),
            category=name if isinstance(name, str) else None,
            human=said.get("human-annotated") != "no",
            labeled_at=labeled_at(said) or desk.job.created_at,
            annotation_count=count,
            origin=Origin.IMPORTED,
        )
    )


def _store(tx: Transaction, desk: Desk, chunk: _Chunk, upto: int) -> None:
    job = tx.jobs.brief_by_id(desk.job.id)
    tx.objects.add_lines(job.id, chunk.rows)
    tx.objects.identify(job.id, chunk.identities)
    for worker in sorted({one.annotator_id for one in chunk.annotations}):
        tx.annotators.add(annotator(worker, desk.now))
    tx.tasks.answered_elsewhere(chunk.annotations)
    labeled = tx.labels.put(chunk.labels)
    transitions.record_labeled(tx, job, labeled, origin=Origin.IMPORTED, at=desk.now, by=job.created_by)
    counts = Counter(Counter(one.n for one in chunk.annotations).values())
    known = Counter({int(many): objects for many, objects in job.ingest.get("answers_of", {}).items()})
    answers_of = {str(many): objects for many, objects in (known + counts).items()}
    ingest = {**job.ingest, "done": upto, "answers_of": answers_of}
    tx.jobs.update(job.id, ingest=_with_problems(ingest, chunk.problems))  # type: ignore[arg-type]


def _end(tx: Transaction, desk: Desk, odd: Sequence[BadLine]) -> None:
    """All is there: ask for as many answers an object as most have, and let the runner end the job."""
    job = tx.jobs.get(desk.job.id)
    counts = {int(many): objects for many, objects in job.ingest.get("answers_of", {}).items()}
    usual = min(_MAX_PER_OBJECT, max(counts, key=lambda many: counts[many], default=1))
    spec = {**job.spec, "workers": {**job.spec["workers"], "per_object": usual}}
    ingest = {**job.ingest, "phase": "done"}
    tx.jobs.update(job.id, spec=spec, ingest=_with_problems(ingest, odd))  # type: ignore[arg-type]
    if job.state is not JobState.INITIALIZING:
        return  # somebody stopped it meanwhile
    transitions.move_job(tx, job, "stop" if job.counters.pending else "start", at=desk.now)


def _with_problems(ingest: dict[str, Any], found: Sequence[BadLine]) -> dict[str, Any]:
    shown = [*ingest.get("problems", []), *found][:MAX_PROBLEMS_SHOWN]
    return {**ingest, "problems": shown, "problem_count": ingest.get("problem_count", 0) + len(found)}


def _of_file(problem: Problem) -> BadLine:
    return {"line": 0, "key": problem.file, "message": storable(problem.message)}
