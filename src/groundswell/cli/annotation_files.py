"""Annotations from files, for the offline tools: CSV, Parquet and JSON Lines, one file or a folder of parts.

Every reader gives the same table of three columns, which knows where each row came from. Text from CSV stays text:
classes "1" and "01" are two classes. Elsewhere: Ground Truth's worker-response folders (`worker_responses.py`), what a
label means (`answer_kinds.py`).
"""

from __future__ import annotations

import csv
import sys
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from io import BytesIO, TextIOWrapper
from itertools import accumulate, islice
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from groundswell.domain.errors import InvalidVotes

Progress = Callable[[int], None]
COLUMNS = ("task", "worker", "label")
STANDARD_INPUT = Path("-")
JSON_LINES = (".jsonl", ".ndjson", ".json", ".manifest")
PART_KINDS = (".parquet", ".csv", ".tsv", ".jsonl", ".ndjson")  # of files in a folder of parts
_CHUNK_ROWS = 20_000  # rows between two reports of progress


@dataclass(frozen=True)
class AnnotationTable:
    """M annotations as columns: lists, or Arrow arrays from Parquet."""

    task: Any
    worker: Any
    label: Any  # None where the worker abstained
    place: Callable[[int], str] = "row {}".format  # of a row, for messages: "votes.csv line 7"
    folder: Path = Path()  # what paths in labels are relative to
    task_type: str | None = None  # what the input itself says its labels are

    def __len__(self) -> int:
        return len(self.task)

    def lists(self) -> tuple[list[Any], list[Any], list[Any]]:
        """The columns as lists."""
        task, worker, label = (
            column.to_pylist() if hasattr(column, "to_pylist") else column
            for column in (self.task, self.worker, self.label)
        )
        return task, worker, label


def read_annotations(path: Path, columns: Mapping[str, str], progress: Progress = lambda done: None) -> AnnotationTable:
    """Read a file by its kind, all parts in a folder, or CSV from standard input (`-`).

    columns : this file's names for "task", "worker" and "label".    progress : told the bytes read so far.
    Raises: InvalidVotes, naming the line at fault; FileNotFoundError.
    """
    if path == STANDARD_INPUT:
        data = sys.stdin.buffer.read()
        return _read_csv("standard input", lambda: BytesIO(data), ",", columns, progress)
    if path.is_dir():
        return _joined([_read_file(part, columns, lambda done: None) for part in parts_of(path)], path)
    if not path.exists():
        raise FileNotFoundError(f"there is no file {path}")
    return _read_file(path, columns, progress)


def parts_of(folder: Path) -> list[Path]:
    """The files of a folder of parts, in order of their names. Raises: InvalidVotes, when they are of several kinds."""
    parts = sorted(file for file in folder.rglob("*") if file.suffix.lower() in PART_KINDS and file.is_file())
    kinds = sorted({part.suffix.lower() for part in parts})
    if len(kinds) != 1:
        found = f"{' and '.join(kinds)} files" if kinds else "neither"
        raise InvalidVotes(
            f"a folder holds parts of one kind ({', '.join(PART_KINDS)}), or Ground Truth's answers "
            f"iteration-<N>/<object>/<time>.json, but {folder} has {found}"
        )
    return parts


def _read_file(path: Path, columns: Mapping[str, str], progress: Progress) -> AnnotationTable:
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        return _read_parquet(path, columns, progress)
    if suffix in JSON_LINES:
        return _read_json_lines(path, columns, progress)
    if suffix in (".csv", ".tsv"):
        return _read_csv(str(path), lambda: path.open("rb"), "\t" if suffix == ".tsv" else ",", columns, progress)
    raise InvalidVotes(
        f"annotations are a .csv, .tsv, .parquet or .jsonl file, a folder of such files, a worker-response folder, or "
        f"- for CSV from standard input; given was {path}"
    )


def read_gold(path: Path, columns: Mapping[str, str]) -> dict[Any, Any]:
    """Known labels by task, from a file with at least a task and a label column."""
    wanted = {role: columns[role] for role in ("task", "label")}
    task, _, label = read_annotations(path, {**wanted, "worker": columns["task"]}).lists()
    return {t: k for t, k in zip(task, label, strict=True) if k is not None}


def _read_csv(
    name: str, opened: Callable[[], BinaryIO], delimiter: str, columns: Mapping[str, str], progress: Progress
) -> AnnotationTable:
    csv.field_size_limit(1 << 30)
    with opened() as raw, TextIOWrapper(raw, encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, delimiter=delimiter)
        try:
            header = next(reader, None)
            if header is None:
                raise InvalidVotes(f"{name} is empty; expected a header line with {', '.join(columns.values())}")
            places = _places(header, columns, name)
            rows = _rows_of_csv(reader, places, width=len(header), name=name, progress=lambda: progress(raw.tell()))
            table = as_table(rows)
        except (UnicodeDecodeError, csv.Error) as error:
            raise InvalidVotes(f"{name} after line {reader.line_num}: expected CSV in UTF-8, but {error}") from error
    folder = Path(name).parent
    return replace(table, place=lambda row: f"{name} line {_line_of_csv(opened, delimiter, row)}", folder=folder)


def _line_of_csv(opened: Callable[[], BinaryIO], delimiter: str, row: int) -> int:
    """The line on which a row ends, found by reading again: lines are needed for messages alone."""
    with opened() as raw, TextIOWrapper(raw, encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, delimiter=delimiter)
        next(islice((line for line in reader if line), row + 1, None), None)
        return reader.line_num


def _places(header: Sequence[str], columns: Mapping[str, str], name: object) -> tuple[int, int, int]:
    names = [column.strip() for column in header]
    for role in COLUMNS:
        if columns[role] not in names:
            raise InvalidVotes(
                f"{name} needs a column {columns[role]!r} for the {role}, but its header is {names}; "
                f"name yours with --{role}-column",
                field=role,
            )
    task, worker, label = (names.index(columns[role]) for role in COLUMNS)
    return task, worker, label


def _rows_of_csv(
    reader: Any, places: tuple[int, int, int], *, width: int, name: str, progress: Callable[[], None]
) -> Iterator[tuple[str, str, str | None]]:
    task, worker, label = places
    for number, row in enumerate(reader):
        if len(row) != width:
            if not row:
                continue
            raise InvalidVotes(
                f"{name} line {reader.line_num}: expected {width} values, as in the header, but found {len(row)}; "
                "put values with commas or line breaks in quotes"
            )
        if number % _CHUNK_ROWS == 0:
            progress()
        if not row[task] or not row[worker]:
            raise InvalidVotes(
                f"{name} line {reader.line_num}: a task and a worker must be given, but found task {row[task]!r} and "
                f"worker {row[worker]!r}"
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

    return replace(as_table(rows()), place=lambda row: f"{path} line {_line_of_json(path, row)}", folder=path.parent)


def _line_of_json(path: Path, row: int) -> int:
    with path.open("rb") as file:
        return next(islice((number for number, line in enumerate(file, start=1) if line.strip()), row, None))


def _row_of_json(line: bytes, columns: Mapping[str, str], where: str) -> tuple[Any, Any, Any]:
    try:
        value = orjson.loads(line)
    except ValueError as error:
        raise InvalidVotes(f"{where}: expected one JSON object, but {error}") from error
    if not isinstance(value, dict):
        raise InvalidVotes(f"{where}: expected a JSON object, but found {type(value).__name__}")
    for role in ("task", "worker"):
        if value.get(columns[role]) is None:
            raise InvalidVotes(f"{where}: {columns[role]!r} must be given; the line has {sorted(value)}", field=role)
    return value[columns["task"]], value[columns["worker"]], value.get(columns["label"])


def _read_parquet(path: Path, columns: Mapping[str, str], progress: Progress) -> AnnotationTable:
    try:
        from pyarrow import ArrowException, parquet
    except ImportError as error:
        raise InvalidVotes("reading Parquet needs pyarrow: pip install 'groundswell[parquet]'") from error
    try:
        _places(parquet.read_schema(path).names, columns, path)
        table = parquet.read_table(path, columns=sorted(set(columns.values())))
    except ArrowException as error:
        raise InvalidVotes(f"{path}: expected a Parquet file, but {error}") from error
    progress(path.stat().st_size)
    task, worker, label = (table[columns[role]] for role in COLUMNS)
    return AnnotationTable(task, worker, label, lambda row: f"{path} row {row}", path.parent)


def _joined(tables: Sequence[AnnotationTable], folder: Path) -> AnnotationTable:
    """All parts as one table; rows of the same task and worker keep the order of the files' names."""
    task, worker, label = (_one_column([getattr(table, role) for table in tables]) for role in COLUMNS)
    starts = [0, *accumulate(len(table) for table in tables)]

    def place(row: int) -> str:
        part = bisect_right(starts, row) - 1
        return tables[part].place(row - starts[part])

    return AnnotationTable(task, worker, label, place, folder)


def _one_column(parts: Sequence[Any]) -> Any:
    """Arrow columns of one type stay in Arrow; others become one list."""
    if all(hasattr(part, "chunks") and part.type == parts[0].type for part in parts):
        from pyarrow import chunked_array

        return chunked_array([chunk for part in parts for chunk in part.chunks], parts[0].type)
    return [value for part in parts for value in (part.to_pylist() if hasattr(part, "to_pylist") else part)]


def as_table(rows: Iterable[tuple[Any, Any, Any]]) -> AnnotationTable:
    """A table from rows (task, worker, label)."""
    task: list[Any] = []
    worker: list[Any] = []
    label: list[Any] = []
    for t, w, k in rows:
        task.append(t)
        worker.append(w)
        label.append(k)
    return AnnotationTable(task, worker, label)
