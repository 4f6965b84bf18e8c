"""Ground Truth's worker-response files, read as annotations of outside participants (developer guide, "Output data").

`<answers>/iteration-<N>/<object>/<time>.json`. One worker's last answer to an object counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import orjson

from groundswell.domain.errors import NotFound
from groundswell.domain.people import Annotator, AnnotatorKind
from groundswell.domain.records import Annotation
from groundswell.manifests.ground_truth import parse_time
from groundswell.runner.desk import Desk

FOLDERS = ("annotations/worker-response", "worker-response")
_MASKS = "annotations/consolidated-annotation/output"
MAX_FILE_BYTES = 256 << 20  # answers with painted masks are large
_MAX_ID = 200


class Problem(NamedTuple):
    """What cannot be brought over, and why."""

    file: str  # relative to the import's folder
    message: str


class Given(NamedTuple):
    """An answer as a file has it."""

    worker: str
    content: Mapping[str, Any]
    submitted_at: datetime
    accepted_at: datetime
    seconds: float
    file: str


def find_files(desk: Desk, source: str) -> tuple[dict[int, list[str]], list[Problem]]:
    """The files of each object, oldest first, and those that belong to none."""
    found: dict[int, list[str]] = {}
    problems = []
    for folder in FOLDERS:
        for uri, _ in desk.tools.storage.entries(f"{source}/{folder}/"):
            if not uri.endswith(".json"):
                continue
            number = uri.split("/")[-2]
            if number.isdecimal() and len(number) < 12:
                found.setdefault(int(number), []).append(uri)
            else:
                problems.append(Problem(relative(uri, source), "expected <object number>/<time>.json"))
        if found:
            break
    for files in found.values():
        files.sort(key=lambda uri: uri.rsplit("/", 1)[-1])
    return found, problems


def find_masks(desk: Desk, source: str) -> dict[str, str]:
    """Where the files of labels are now, by their names: a folder that was copied still names its old bucket."""
    entries = desk.tools.storage.entries(f"{source}/{_MASKS}/")
    return {uri.rsplit("/", 1)[-1]: desk.tools.storage.absolute(uri) for uri, _ in entries}


def relative(uri: str, source: str) -> str:
    """The part of an address below the import's folder."""
    return uri.partition(f"{source}/")[2] or uri


def read_file(desk: Desk, uri: str, source: str) -> tuple[list[Given], list[Problem]]:
    """The answers in a file. Waits for storage: not for the runner's own thread."""
    name = relative(uri, source)
    try:
        if desk.tools.storage.size(uri) > MAX_FILE_BYTES:
            return [], [Problem(name, f"expected at most {MAX_FILE_BYTES >> 20} MB")]
        answers = orjson.loads(desk.tools.storage.read(uri))["answers"]
        if not isinstance(answers, list):
            raise TypeError
    except (ValueError, KeyError, TypeError, NotFound):
        return [], [Problem(name, 'expected {"answers": [{"workerId": ..., "answerContent": ...}]}')]
    found: list[Given] = []
    problems: list[Problem] = []
    for index, one in enumerate(answers):
        try:
            found.append(_given(one, name))
        except (ValueError, KeyError, TypeError) as error:
            said = f"{type(error).__name__}: {error}"
            problems.append(Problem(name, f"answer {index + 1}: expected workerId and answerContent, got {said[:200]}"))
    return found, problems


def annotations_of(desk: Desk, n: int, given: list[Given]) -> Iterator[tuple[Annotation, str]]:
    """The answers to one object, with their files: of each worker the last, in order of submission."""
    last = {one.worker: one for one in sorted(given, key=lambda one: one.submitted_at)}
    for index, one in enumerate(sorted(last.values(), key=lambda one: one.submitted_at)):
        yield (
            Annotation(
                assignment_id=f"imported-{desk.job.id}-{n}-{index}",
                job_id=desk.job.id,
                n=n,
                annotator_id=participant(one.worker),
                content=one.content,
                accepted_at=one.accepted_at,
                submitted_at=one.submitted_at,
                time_spent_s=one.seconds,
            ),
            one.file,
        )


def participant(worker: str) -> str:
    """The annotator's id: Ground Truth's own, `private.us-east-1.<id>`; never that of an account, which has no dot."""
    return worker if "." in worker else f"participant.{worker}"


def annotator(worker_id: str, at: datetime) -> Annotator:
    """An outside participant by this id."""
    return Annotator(worker_id, AnnotatorKind.PARTICIPANT, worker_id, at)


def _given(one: Mapping[str, Any], file: str) -> Given:
    content = one["answerContent"]
    content = orjson.loads(content) if isinstance(content, str) else content
    worker = one["workerId"]
    if not isinstance(content, Mapping):
        raise TypeError(f"answerContent {content!r:.60}")
    if not isinstance(worker, str) or not 0 < len(worker) <= _MAX_ID or not worker.isprintable():
        raise ValueError(f"workerId {worker!r:.60}")
    submitted = parse_time(str(one["submissionTime"]))
    if submitted is None:
        raise ValueError(f"submissionTime {one['submissionTime']!r:.60}")
    seconds = float(one.get("timeSpentInSeconds") or 0)
    if not 0 <= seconds < 1e8:
        raise ValueError(f"timeSpentInSeconds {seconds!r}")
    accepted = parse_time(str(one.get("acceptanceTime", ""))) or submitted - timedelta(seconds=seconds)
    return Given(worker, content, submitted, min(accepted, submitted), seconds, file)
