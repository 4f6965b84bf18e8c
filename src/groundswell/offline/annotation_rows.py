"""Rows of annotations from CSV and JSON Lines, one after the other, however long the file is.

Elsewhere: whole tables, folders of parts, Parquet (`annotation_files.py`).
"""

from __future__ import annotations

import csv
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from io import TextIOWrapper
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from groundswell.domain.errors import InvalidVotes

Progress = Callable[[int], None]
Row = tuple[Any, Any, Any]  # task, worker, label; no label is an abstention
COLUMNS = ("task", "worker", "label")
JSON_LINES = (".jsonl", ".ndjson", ".json", ".manifest")
CSV = (".csv", ".tsv")
_CHUNK_ROWS = 20_000  # rows between two reports of progress


class CsvRows:
    """Rows of a CSV or TSV file, or of anything that can be opened again.

    Raises, when iterated: InvalidVotes naming the line.
    """

    def __init__(
        self,
        name: str,
        opened: Callable[[], BinaryIO],
        columns: Mapping[str, str],
        *,
        delimiter: str = ",",
        progress: Progress = lambda done: None,
    ) -> None:
        self.name = name
        self.opened = opened
        self.columns = columns
        self.delimiter = delimiter
        self.progress = progress

    def __iter__(self) -> Iterator[Row]:
        csv.field_size_limit(1 << 30)
        with self.opened() as raw, TextIOWrapper(raw, encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, delimiter=self.delimiter)
            try:
                header = next(reader, None)
                if header is None:
                    names = ", ".join(self.columns.values())
                    raise InvalidVotes(f"{self.name} is empty; expected a header line with {names}")
                places = places_of(header, self.columns, self.name)
                yield from self._rows(reader, places, len(header), lambda: self.progress(raw.tell()))
            except (UnicodeDecodeError, csv.Error) as error:
                raise InvalidVotes(
                    f"{self.name} after line {reader.line_num}: expected CSV in UTF-8, but {error}"
                ) from error

    def place(self, row: int) -> str:
        """The line a row ends on."""
        return f"{self.name} line {self._lines[row]}"

    @cached_property
    def _lines(self) -> Sequence[int]:
        """The last line of every row, found by reading again, once: lines are needed for messages alone."""
        with self.opened() as raw, TextIOWrapper(raw, encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, delimiter=self.delimiter)
            return array("Q", (reader.line_num for line in reader if line))[1:]

    def _rows(
        self, reader: Any, places: tuple[int, int, int], width: int, show: Callable[[], None]
    ) -> Iterator[tuple[str, str, str | None]]:
        task, worker, label = places
        for number, row in enumerate(reader):
            if len(row) != width:
                if not row:
                    continue
                raise InvalidVotes(
                    f"{self.name} line {reader.line_num}: expected {width} values, as in the header, but found "
                    f"{len(row)}; put values with commas or line breaks in quotes"
                )
            if number % _CHUNK_ROWS == 0:
                show()
            if not row[task] or not row[worker]:
                raise InvalidVotes(
                    f"{self.name} line {reader.line_num}: a task and a worker must be given, but found task "
                    f"{row[task]!r} and worker {row[worker]!r}"
                )
            yield row[task], row[worker], row[label] or None


class JsonRows:
    """Rows of a JSON Lines file. Raises, when iterated: InvalidVotes naming the line."""

    def __init__(self, path: Path, columns: Mapping[str, str], *, progress: Progress = lambda done: None) -> None:
        self.path = path
        self.columns = columns
        self.progress = progress

    def __iter__(self) -> Iterator[Row]:
        done = 0
        with self.path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                done += len(line)
                if number % _CHUNK_ROWS == 0:
                    self.progress(done)
                if line.strip():
                    yield self._row(line, f"{self.path} line {number}")

    def place(self, row: int) -> str:
        """The line of a row."""
        return f"{self.path} line {self._lines[row]}"

    @cached_property
    def _lines(self) -> Sequence[int]:
        with self.path.open("rb") as file:
            return array("Q", (number for number, line in enumerate(file, start=1) if line.strip()))

    def _row(self, line: bytes, where: str) -> Row:
        try:
            value = orjson.loads(line)
        except ValueError as error:
            raise InvalidVotes(f"{where}: expected one JSON object, but {error}") from error
        if not isinstance(value, dict):
            raise InvalidVotes(f"{where}: expected a JSON object, but found {type(value).__name__}")
        task, worker, label = (value.get(self.columns[role]) for role in COLUMNS)
        for role, given in (("task", task), ("worker", worker)):
            if given is None or isinstance(given, (list, dict)):
                raise InvalidVotes(
                    f"{where}: {self.columns[role]!r} must be a text or a number, but it is {given!r:.60}; the line "
                    f"has {sorted(value)}; name yours with --{role}-column",
                    field=role,
                )
        return task, worker, label


def open_rows(
    path: Path, columns: Mapping[str, str], progress: Progress = lambda done: None
) -> CsvRows | JsonRows | None:
    """The rows of a file by its kind; None for other kinds."""
    suffix = path.suffix.lower()
    if suffix in JSON_LINES:
        return JsonRows(path, columns, progress=progress)
    if suffix in CSV:
        delimiter = "\t" if suffix == ".tsv" else ","
        return CsvRows(str(path), lambda: path.open("rb"), columns, delimiter=delimiter, progress=progress)
    return None


def places_of(header: Sequence[str], columns: Mapping[str, str], name: object) -> tuple[int, int, int]:
    """Where task, worker and label stand in a header. Raises: InvalidVotes."""
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
