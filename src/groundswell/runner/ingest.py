"""From a job's input to its data objects: made into a manifest if it is none, checked as a whole, then inserted.

The whole file is checked before any task is published. Rows then go in by chunks, each with the job's progress in one
transaction, and the first chunk starts the job: workers begin while the rest is inserted. After a crash the check is
done again, or the insertion goes on where the last chunk ended.
"""

from __future__ import annotations

import csv
import logging
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar, Unpack

from groundswell.domain.errors import Forbidden, GroundswellError, InvalidInput, InvalidManifest, LineProblem, NotFound
from groundswell.domain.job_notes import BadLine, IngestReport
from groundswell.domain.states import JobState, ObjectState
from groundswell.manifests.inputs import kind_of, made_lines
from groundswell.manifests.left_out import LeftOut
from groundswell.manifests.lines import LineRules
from groundswell.manifests.sampling import sample, sample_size
from groundswell.manifests.splitting import split_lines
from groundswell.runner.desk import Desk, note, storable
from groundswell.runner.identities import Identities
from groundswell.runner.importing import bring_over
from groundswell.runner.inspection import Inspector, Row
from groundswell.runner.layout import PROBE_OBJECTS
from groundswell.runner.spool import spooled
from groundswell.service import transitions
from groundswell.service.ports import Transaction

FIRST_CHUNK = 1_000
CHUNK = 2_000  # rows a transaction inserts: workers' answers wait for one chunk at most
BATCH = 1_000  # lines looked at together
REPORT_EVERY_S = 0.5

_UNREADABLE = (ValueError, LookupError, TypeError, ArithmeticError, RecursionError, EOFError, csv.Error)
"""What readers of files raise about what is in them."""

T = TypeVar("T")
log = logging.getLogger(__name__)


def ingest(desk: Desk) -> bool:
    """Go on reading the input; whether there was anything to do."""
    phase = desk.job.ingest.get("phase")
    if phase == "done" or (desk.job.state is JobState.STOPPING and phase != "inserting"):
        return False  # a job stopped while its rows go in gets them all: its output has every line
    try:
        desk.slice("ingest", lambda: _read_input(desk))
    except NotFound as error:  # storages say a key, without its bucket
        problem: GroundswellError = NotFound(f"the input {desk.job.input_uri} cannot be read: {error.message}")
    except (InvalidInput, Forbidden) as error:
        problem = error
    except _UNREADABLE as error:
        # Not an outage, which is tried again (Unavailable, OSError, the database's own): this input stays as it is.
        log.exception("job %s: its input cannot be read", desk.job.name)
        problem = InvalidManifest(f"{_name(desk)} cannot be read: {type(error).__name__}: {error}")
    else:
        return True
    desk.write(lambda tx: _fail(tx, desk, problem))
    return True


def _read_input(desk: Desk) -> Iterator[None]:
    if "imported_from" in desk.job.ingest:
        yield from bring_over(desk)
        return
    uri = desk.job.input_uri
    desk.tools.storage.exists(
        desk.layout.output_manifest
    )  # an output that cannot be reached is known now, not at the end
    if "made_from" not in desk.job.ingest and kind_of(desk.tools.storage, uri, desk.spec.input_format)[0] != "manifest":
        yield from _make_manifest(desk)
    if desk.job.ingest.get("phase") != "inserting":
        yield from _check(desk)
    yield from _insert(desk)


def _make_manifest(desk: Desk) -> Iterator[None]:
    """Write a manifest of a listing, a CSV or a text file into the job's output, and take it as the input."""
    given, spec, left_out = desk.job.input_uri, desk.spec, LeftOut()
    uri = desk.layout.made_manifest(desk.job.created_at)
    _report(desk, phase="making", done=0)
    lines = made_lines(
        desk.tools.storage,
        given,
        input_format=spec.input_format,
        column=spec.csv_column,
        modality=desk.task_type.modality,
        left_out=left_out,
        address=desk.tools.storage.absolute,
    )
    yield from spooled(desk.tools.storage, uri, _counted(desk, lines))
    ingest: IngestReport = {"phase": "checking", "done": 0, "made_from": given, "left_out": left_out.as_json()}
    desk.write(lambda tx: tx.jobs.update(desk.job.id, ingest=ingest, input_uri=uri))
    desk.refresh(desk.read(lambda tx: tx.jobs.get(desk.job.id)))


def _counted(desk: Desk, lines: Iterator[str]) -> Iterator[bytes]:
    for number, line in enumerate(lines, 1):
        if not number % BATCH and desk.due("ingest-report", REPORT_EVERY_S):
            _report(desk, phase="making", done=number)
        yield line.encode() + b"\n"


def _check(desk: Desk) -> Iterator[None]:
    """Look at every line; raises InvalidManifest with the first problems unless bad lines are to be skipped."""
    inspector = _inspector(desk)
    uri = desk.job.input_uri
    size, read = desk.tools.storage.size(uri), 0
    desk.memory.pop("ingest-report", None)
    for batch in _batched(split_lines(desk.tools.storage.stream(uri)), BATCH):
        inspector.rows(batch, inspector.checker.lines)
        read += sum(map(len, batch)) + len(batch)
        if desk.due("ingest-report", REPORT_EVERY_S):
            done = inspector.checker.lines
            _report(desk, phase="checking", done=done, total=round(done * max(size, read) / read))
        yield
    checker = inspector.checker
    problems: list[BadLine] = list(map(_as_json, checker.problems))
    if not desk.spec.skip_bad or not checker.lines:
        checker.raise_if_bad(_name(desk))
    inspector.raise_if_all_bare(_name(desk))
    percent = desk.spec.sample_percent
    total = checker.lines if percent is None else sample_size(checker.lines, percent)
    _report(
        desk,
        phase="inserting",
        done=0,
        total=total,
        lines=checker.lines,
        problems=problems,
        problem_count=checker.problem_count,
    )


def _name(desk: Desk) -> str:
    """The input in messages about its lines."""
    made_from = desk.job.ingest.get("made_from")
    name = (made_from or desk.job.input_uri).rstrip("/").rsplit("/", 1)[-1]
    return f"the manifest made of {name}" if made_from else name


def _insert(desk: Desk) -> Iterator[None]:
    ingest = desk.read(lambda tx: tx.jobs.get(desk.job.id)).ingest
    done, total = ingest["done"], ingest["total"]
    inspector = _inspector(desk, identify=True)
    lines: Iterator[bytes] = split_lines(desk.tools.storage.stream(desk.job.input_uri))
    if desk.spec.sample_percent is not None:
        seed = desk.spec.sample_seed
        lines = sample(lines, ingest["lines"], percent=desk.spec.sample_percent, seed=seed)
    lines = islice(lines, total)
    read, probed, probe_last = 0, 0, None
    identities = Identities()
    while chunk := inspector.rows(list(islice(lines, CHUNK if read else FIRST_CHUNK)), read):
        read += len(chunk)
        identities.add(chunk)
        for row in chunk:
            if probed < PROBE_OBJECTS and row.state is ObjectState.PENDING:
                probed, probe_last = probed + 1, row.n
        if read > done:
            last = probe_last if probed == PROBE_OBJECTS else None
            desk.write(lambda tx, rows=chunk, upto=read, last=last: _add(tx, desk, rows, upto, last))  # type: ignore[misc]
        yield
    if read < total:
        raise InvalidManifest(
            f"{desk.job.input_uri} had {total:,} lines when it was checked and has {read:,} now: "
            "expected an input that does not change; create the job again"
        )
    for some in identities.sorted_parts():
        desk.write(lambda tx, some=some: tx.objects.identify(desk.job.id, some))  # type: ignore[misc]
        yield
    _report(desk, phase="done", done=total)


def _add(tx: Transaction, desk: Desk, rows: Sequence[Row], upto: int, probe_last: int | None) -> None:
    job = tx.jobs.brief_by_id(desk.job.id)
    tx.objects.add_lines(job.id, (row[:4] for row in rows))
    tx.jobs.update(job.id, ingest={**job.ingest, "done": upto})
    if probe_last is not None and "probe_last" not in job.progress:
        note(tx, job.id, probe_last=probe_last)
    if job.state is JobState.INITIALIZING:
        transitions.move_job(tx, job, "start", at=desk.now)


def _inspector(desk: Desk, *, identify: bool = False) -> Inspector:
    shown = None if desk.spec.template else desk.task_type.shows_label
    needs = {"image": "source-ref", "audio": "source-ref", "video": "source-ref", "text": "source"}
    rules = LineRules(
        label_attribute=desk.spec.attribute,
        needs=needs.get("image" if shown else desk.task_type.modality),
        audit_attribute=desk.spec.audit_attribute,
        shows_label=shown,
    )
    return Inspector(rules, desk.tools.storage, desk.job.input_uri, identify=identify)


def _report(desk: Desk, **changes: Unpack[IngestReport]) -> None:
    def work(tx: Transaction) -> None:
        tx.jobs.update(desk.job.id, ingest={**tx.jobs.brief_by_id(desk.job.id).ingest, **changes})

    desk.write(work)


def _fail(tx: Transaction, desk: Desk, error: GroundswellError) -> None:
    job = tx.jobs.brief_by_id(desk.job.id)
    message = storable(error.message)
    found: IngestReport = {**job.ingest, "phase": "failed", "message": message}
    if isinstance(error, InvalidManifest):
        found["problems"] = list(map(_as_json, error.problems))
        found["problem_count"] = error.problem_count
    tx.jobs.update(job.id, ingest=found)
    transitions.move_job(tx, job, "fail", at=desk.now, reason=f"ClientError: {message}")


def _as_json(problem: LineProblem) -> BadLine:
    return {"line": problem.line, "key": problem.key, "message": problem.message}


def _batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
