"""Rows of annotations from CSV, one after the other, however long the file is; every mistake with its line.

Elsewhere: JSON Lines, and which file is read how (`annotation_rows.py`).
"""

from __future__ import annotations

import csv
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from io import TextIOWrapper
from itertools import chain
from typing import Any, BinaryIO

from groundswell.domain.errors import InvalidVotes

Progress = Callable[[int], None]
Row = tuple[Any, Any, Any]  # task, worker, label; no label is an abstention
COLUMNS = ("task", "worker", "label")
_SEPARATORS = (",", ";", "\t", "|")
_LONGEST_CELL = 1 << 30  # characters
_CHUNK_ROWS = 20_000  # rows between two reports of progress


class CsvRows:
    """Rows of a CSV file, or of anything that can be opened again; the separator is what makes the header fit.

    Raises, when iterated: InvalidVotes naming the line.
    """

    def __init__(
        self,
        name: str,
        opened: Callable[[], BinaryIO],
        columns: Mapping[str, str],
        *,
        progress: Progress = lambda done: None,
    ) -> None:
        self.name = name
        self.opened = opened
        self.columns = columns
        self.progress = progress

    def __iter__(self) -> Iterator[Row]:
        with _long_cells(), self.opened() as raw, _text(raw) as file:
            reader = csv.reader(file)  # of an empty file
            try:
                reader = self._reader(file)
                header = next(reader, None)
                if header is None:
                    names = ", ".join(self.columns.values())
                    raise InvalidVotes(f"{self.name} is empty; expected a header line with {names}")
                places = places_of(header, self.columns, self.name)
                yield from self._rows(reader, places, len(header), lambda: self.progress(raw.tell()))
            except UnicodeDecodeError as error:
                raise self._not_utf8() from error
            except csv.Error as error:
                raise InvalidVotes(f"{self.name} line {reader.line_num}: expected CSV, but {error}") from error

    def place(self, row: int) -> str:
        """The line a row ends on."""
        return f"{self.name} line {self._lines[row]}"

    def _reader(self, file: Iterable[str]) -> Any:
        """The records of a file, split by what makes its first line have the columns; a comma where nothing does."""
        lines = iter(file)
        first = next(lines, "")
        wanted = set(self.columns.values())
        fitting = (mark for mark in _SEPARATORS if wanted <= set(_names(next(csv.reader([first], delimiter=mark), []))))
        return csv.reader(chain([first] if first else [], lines), delimiter=next(fitting, ","))

    @cached_property
    def _lines(self) -> Sequence[int]:
        """The last line of every row, found by reading again, once: lines are needed for messages alone."""
        with _long_cells(), self.opened() as raw, _text(raw) as file:
            reader = self._reader(file)
            return array("Q", (reader.line_num for line in reader if line))[1:]

    def _rows(
        self, reader: Any, places: tuple[int, int, int], width: int, show: Callable[[], None]
    ) -> Iterator[tuple[str, str, str | None]]:
        task, worker, label = places
        row: list[str] = []
        for number, row in enumerate(reader):
            if len(row) != width:
                if not row:
                    continue
                raise InvalidVotes(self._misfit(reader.line_num, width, len(row)))
            if number % _CHUNK_ROWS == 0:
                show()
            if not row[task] or not row[worker] or row[task].isspace() or row[worker].isspace():
                raise InvalidVotes(
                    f"{self.name} line {reader.line_num}: a task and a worker must be given, but found task "
                    f"{row[task]!r} and worker {row[worker]!r}"
                )
            yield row[task], row[worker], row[label] or None
        if any("\n" in value or "\r" in value for value in row):
            begin = self._begin_of(reader.line_num)
            if self._open_quote(begin):
                raise InvalidVotes(self._unclosed(begin))

    def _misfit(self, end: int, width: int, found: int) -> str:
        begin = self._begin_of(end)
        if end > begin and self._open_quote(begin):
            return self._unclosed(begin)
        lines = f"line {end}" if begin == end else f"lines {begin} to {end}"
        return (
            f"{self.name} {lines}: expected {width} values, as in the header, but found {found}; put values that "
            "contain the separator or line breaks in quotes"
        )

    def _unclosed(self, begin: int) -> str:
        return f"{self.name} line {begin}: a quote begins here and is never closed; close it, or double it in a text"

    def _begin_of(self, end: int) -> int:
        """The first line of the record that ends on a line, found by reading again."""
        with _long_cells(), self.opened() as raw, _text(raw) as file:
            reader = self._reader(file)
            before = 0
            for _ in reader:
                if reader.line_num >= end:
                    break
                before = reader.line_num
        return before + 1

    def _open_quote(self, begin: int) -> bool:
        """Whether the row that begins on a line, the last one read, has a quote that nothing closes."""
        with self.opened() as raw, _text(raw) as file:
            return sum(line.count('"') for number, line in enumerate(file, start=1) if number >= begin) % 2 == 1

    def _not_utf8(self) -> InvalidVotes:
        """Says where the bytes are that are no UTF-8; decoding reads ahead, so they are looked for again."""
        line = 1
        with self.opened() as raw:
            for text in raw:
                try:
                    text.decode("utf-8")
                except UnicodeDecodeError as error:
                    line += text[: error.start].count(b"\r")
                    return InvalidVotes(
                        f"{self.name} line {line}: expected CSV in UTF-8, but found the byte "
                        f"0x{text[error.start]:02x} after {text[max(error.start - 20, 0) : error.start]!r}; save the "
                        "file as UTF-8"
                    )
                line += len(text.splitlines()) - (not text.endswith((b"\n", b"\r")))
        return InvalidVotes(f"{self.name}: expected CSV in UTF-8")


@contextmanager
def _long_cells() -> Iterator[None]:
    """Cells as long as a label can be, such as a mask as text; the limit is the whole process's, and is put back."""
    before = csv.field_size_limit(_LONGEST_CELL)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _text(raw: BinaryIO) -> TextIOWrapper:
    return TextIOWrapper(raw, encoding="utf-8-sig", newline="")


def places_of(header: Iterable[str], columns: Mapping[str, str], name: object) -> tuple[int, int, int]:
    """Where task, worker and label stand in a header. Raises: InvalidVotes."""
    names = _names(header)
    for role in COLUMNS:
        if columns[role] not in names:
            raise InvalidVotes(
                f"{name} needs a column {columns[role]!r} for the {role}, but its header is {names}; "
                f"name yours with {role}_column=",
                field=role,
            )
    task, worker, label = (names.index(columns[role]) for role in COLUMNS)
    return task, worker, label


def _names(header: Iterable[str]) -> list[str]:
    return [column.strip() for column in header]
