"""Annotations from files, for the offline tools: CSV, Parquet, JSON Lines, and Ground Truth's worker-response folders.

Every reader gives the same table of three columns. Text from CSV stays text: classes "1" and "01" are two classes.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import Any

import orjson

from groundswell.domain.errors import InvalidVotes

Progress = Callable[[int], None]
COLUMNS = ("task", "worker", "label")
_CHUNK_ROWS = 20_000  # rows between two reports of progress


@dataclass(frozen=True)
class AnnotationTable:
    """M annotations as columns: lists, or Arrow arrays from Parquet."""

    task: Any
    worker: Any
    label: Any  # None where the worker abstained

    def __len__(self) -> int:
        return len(self.task)


def read_annotations(path: Path, columns: Mapping[str, str], progress: Progress = lambda done: None) -> AnnotationTable:
    """Read a file or folder by its kind.

    columns : this file's names for "task", "worker" and "label".    progress : told the bytes (files) read so far.
    Raises: InvalidVotes, naming the line at fault; FileNotFoundError.
    """
    if path.is_dir():
        return read_worker_responses(path, progress)
    if not path.exists():
        raise FileNotFoundError(f"there is no file {path}")
    readers = {".parquet": _read_parquet, ".jsonl": _read_json_lines, ".ndjson": _read_json_lines, ".csv": _read_csv}
    suffix = path.suffix.lower()
    if suffix not in {*readers, ".tsv", ".json", ".manifest"}:
        raise InvalidVotes(
            f"annotations are a .csv, .tsv, .parquet or .jsonl file, or a worker-response folder, not {path}"
        )
    return readers.get(suffix, _read_csv if suffix == ".tsv" else _read_json_lines)(path, columns, progress)


def read_gold(path: Path, columns: Mapping[str, str]) -> dict[Any, Any]:
    """Known labels by task, from a file with at least a task and a label column."""
    wanted = {role: columns[role] for role in ("task", "label")}
    table = read_annotations(path, {**wanted, "worker": columns["task"]})
    task, label = (c.to_pylist() if hasattr(c, "to_pylist") else c for c in (table.task, table.label))
    return {t: k for t, k in zip(task, label, strict=True) if k is not None}


def _read_csv(path: Path, columns: Mapping[str, str], progress: Progress) -> AnnotationTable:
    csv.field_size_limit(1 << 30)
    with path.open("rb") as raw, TextIOWrapper(raw, encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, delimiter="\t" if path.suffix.lower() == ".tsv" else ",")
        try:
            header = next(reader, None)
            if header is None:
                raise InvalidVotes(f"{path} is empty; expected a header line with {', '.join(columns.values())}")
            places = _places(header, columns, path)
            rows = _rows_of_csv(reader, places, width=len(header), path=path, progress=lambda: progress(raw.tell()))
            return _as_table(rows)
        except (UnicodeDecodeError, csv.Error) as error:
            raise InvalidVotes(f"{path} after line {reader.line_num}: expected CSV in UTF-8, but {error}") from error


def _places(header: list[str], columns: Mapping[str, str], path: Path) -> tuple[int, int, int]:
    names = [name.strip() for name in header]
    for role in COLUMNS:
        if columns[role] not in names:
            raise InvalidVotes(
                f"{path} needs a column {columns[role]!r} for the {role}, but its header is {names}; "
                f"name yours with --{role}-column",
                field=role,
            )
    task, worker, label = (names.index(columns[role]) for role in COLUMNS)
    return task, worker, label


def _rows_of_csv(
    reader: Any, places: tuple[int, int, int], *, width: int, path: Path, progress: Callable[[], None]
) -> Iterator[tuple[str, str, str | None]]:
    task, worker, label = places
    for number, row in enumerate(reader):
        if len(row) != width:
            if not row:
                continue
            raise InvalidVotes(
                f"{path} line {reader.line_num}: expected {width} values, as in the header, but found {len(row)}",
                row=number,
            )
        if number % _CHUNK_ROWS == 0:
            progress()
        if not row[task] or not row[worker]:
            raise InvalidVotes(
                f"{path} line {reader.line_num}: a task and a worker must be given, but found task {row[task]!r} and "
                f"worker {row[worker]!r}",
                row=number,
            )
        yield row[task], row[worker], row[label] or None


def _read_json_lines(path: Path, columns: Mapping[str, str], progress: Progress) -> AnnotationTable:
    def rows() -> Iterator[tuple[Any, Any, Any]]:
        done = 0
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                done += len(line)
                if number % _CHUNK_ROWS == 0:
                    progress(done)
                if line.strip():
                    yield _row_of_json(line, columns, f"{path} line {number}")

    return _as_table(rows())


def _row_of_json(line: bytes, columns: Mapping[str, str], where: str) -> tuple[Any, Any, Any]:
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise InvalidVotes(f"{where}: expected one JSON object a line, but {error}") from error
    if not isinstance(value, dict):
        raise InvalidVotes(f"{where}: expected a JSON object with {', '.join(columns.values())}, but found {value!r}")
    for role in ("task", "worker"):
        if value.get(columns[role]) is None:
            raise InvalidVotes(f"{where}: {columns[role]!r} must be given; the line has {sorted(value)}", field=role)
    return value[columns["task"]], value[columns["worker"]], value.get(columns["label"])


def _read_parquet(path: Path, columns: Mapping[str, str], progress: Progress) -> AnnotationTable:
    try:
        from pyarrow import parquet
    except ImportError as error:
        raise InvalidVotes("reading Parquet needs pyarrow: pip install 'groundswell[parquet]'") from error
    names = parquet.read_schema(path).names
    _places(names, columns, path)
    table = parquet.read_table(path, columns=sorted(set(columns.values())))
    progress(path.stat().st_size)
    return AnnotationTable(*(table[columns[role]] for role in COLUMNS))


def read_worker_responses(folder: Path, progress: Progress = lambda done: None) -> AnnotationTable:
    """Ground Truth's raw answers: iteration-<N>/<datasetObjectId>/<time>.json, one file per object and moment.

    Later files and later answers come last, so that a worker's last answer counts.
    """
    files = sorted(folder.rglob("*.json"), key=lambda file: (file.parent.name, file.name))
    if not files:
        raise InvalidVotes(
            f"expected worker-response files iteration-*/<object>/<time>.json under {folder}, found none"
        )

    def rows() -> Iterator[tuple[int | str, str, Any]]:
        for done, file in enumerate(files, start=1):
            yield from _answers_in(file)
            progress(done)

    return _as_table(rows())


def _answers_in(file: Path) -> Iterator[tuple[int | str, str, Any]]:
    name = file.parent.name
    task = int(name) if name.isdigit() else name
    try:
        answers = json.loads(file.read_bytes())["answers"]
        for answer in answers:
            yield task, answer["workerId"], answer_value(answer["answerContent"], str(file))
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidVotes(
            f"{file}: expected {{'answers': [{{'workerId', 'answerContent'}}, ...]}} as Ground Truth writes; {error!r}"
        ) from error


def answer_value(content: Any, where: str) -> Any:
    """What the worker answered: the value of the first form element that has one.

    A classifier's label (blanks around it stripped), a multi-select's labels, a list of boxes, polygons, keypoints or
    entities; a text where the element holds a text.
    """
    if isinstance(content, str):
        content = json.loads(content)
    if not isinstance(content, Mapping) or not content:
        raise InvalidVotes(f"{where}: expected an answer with at least one form element, but found {content!r}")
    value = next(iter(content.values()))
    if not isinstance(value, Mapping):
        return value.strip() if isinstance(value, str) else value
    for key in ("label", "labels", "boundingBoxes", "polygons", "polylines", "keypoints", "entities", "transcription"):
        if key in value:
            return value[key].strip() if isinstance(value[key], str) else value[key]
    chosen = [key for key, on in value.items() if on is True]
    if chosen and len(chosen) == 1:
        return chosen[0]  # a radio group: {"cat": {"on": true}} flattened by older templates to booleans
    return dict(value)


def _as_table(rows: Iterable[tuple[Any, Any, Any]]) -> AnnotationTable:
    task: list[Any] = []
    worker: list[Any] = []
    label: list[Any] = []
    for t, w, k in rows:
        task.append(t)
        worker.append(w)
        label.append(k)
    return AnnotationTable(task, worker, label)
