"""Rows of annotations from JSON Lines, and which file is read how.

Elsewhere: CSV (`csv_rows.py`); whole tables, folders of parts, Parquet (`annotation_files.py`).
"""

from __future__ import annotations

import json
import re
from array import array
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import orjson

from groundswell.domain.errors import InvalidVotes
from groundswell.offline.csv_rows import COLUMNS, CsvRows, Progress, Row

JSON_LINES = (".jsonl", ".ndjson", ".json", ".manifest")
CSV = (".csv", ".tsv")
_CHUNK_ROWS = 20_000  # rows between two reports of progress
_BOM = b"\xef\xbb\xbf"
_FOR_PYTHON = re.compile(rb"NaN|Infinity|\d{19}")  # what orjson refuses or rounds: NaN, and integers past 64 bits


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
                if number == 1:
                    line = line.removeprefix(_BOM)
                if line.strip():
                    yield self._row(line, f"{self.path} line {number}")

    def place(self, row: int) -> str:
        """The line of a row."""
        return f"{self.path} line {self._lines[row]}"

    @cached_property
    def _lines(self) -> Sequence[int]:
        with self.path.open("rb") as file:
            return array("Q", (number for number, line in enumerate(file, start=1) if line.strip().removeprefix(_BOM)))

    def _row(self, line: bytes, where: str) -> Row:
        try:
            value = json.loads(line) if _FOR_PYTHON.search(line) else orjson.loads(line)
        except ValueError as error:
            raise InvalidVotes(f"{where}: expected one JSON object, but {error}") from error
        if not isinstance(value, dict):
            raise InvalidVotes(f"{where}: expected a JSON object, but found {type(value).__name__}")
        task, worker, label = (value.get(self.columns[role]) for role in COLUMNS)
        for role, given in (("task", task), ("worker", worker)):
            if given is None or isinstance(given, (list, dict)):
                raise InvalidVotes(
                    f"{where}: {self.columns[role]!r} must be a text or a number, but it is {given!r:.60}; the line "
                    f"has {sorted(value)}; name yours with {role}_column=",
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
        return CsvRows(str(path), lambda: path.open("rb"), columns, progress=progress)
    return None
