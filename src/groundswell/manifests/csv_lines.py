"""Manifest lines out of CSV files: commas, semicolons, tabs or bars; what is not clear is refused with its line."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from itertools import chain

from groundswell.manifests.making import decode, unreadable
from groundswell.manifests.members import json_text

SOURCE_COLUMNS = ("source-ref", "source", "text", "url")
_SEPARATORS = (",", ";", "\t", "|")
_NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_EXCEL = re.compile(r"sep=(.)")  # Excel's own first line


def csv_lines(lines: Iterable[bytes], *, column: str | None = None, name: str = "the CSV file") -> Iterator[str]:
    """A manifest line for each row of a CSV file with a header; other columns come along as texts.

    The object is in `column`, or else in the first of `SOURCE_COLUMNS` that the file has, or in its only column. A
    column named source-ref or url, or whose first value is an address, becomes source-ref; any other source. Columns
    are separated by what separates the header's: commas, or else semicolons, tabs, or bars where they find the object.

    Raises InvalidManifest, naming file and line, for a missing column, a ragged row, an empty cell, a quote that is
    never closed, or what is not UTF-8.
    """
    texts = (decode(line, number, name) for number, line in enumerate(lines, 1))
    first, separator = next(texts, ""), ""
    before = 0
    if (said := _EXCEL.fullmatch(first)) is not None:
        first, separator, before = next(texts, ""), said[1], 1
    separator = separator or _separator(first, column)
    rows = _Rows(chain([first], texts), separator, name, before)
    header = [cell.strip() for cell in next(rows, [])]
    chosen = _source_column(header, column, name)
    key: str | None = None
    for row in rows:
        if not row:
            continue
        if len(row) != len(header):
            expected = (
                f"expected {len(header)} columns as in the header, separated by {_NAMES.get(separator, separator)}"
            )
            raise unreadable(name, rows.line, None, f"{expected}, got {len(row)}")
        value = row[chosen]
        if not value.strip():
            raise unreadable(name, rows.line, header[chosen], "expected a text or an address, got an empty cell")
        if key is None:
            key = "source-ref" if header[chosen] in ("source-ref", "url") or _is_address(value) else "source"
        members = {key: value}
        members |= {
            title: cell
            for index, (title, cell) in enumerate(zip(header, row, strict=True))
            if index != chosen and title and title not in ("source", "source-ref") and not title.startswith("$")
        }
        yield json_text(members)


class _Rows:
    """A CSV file's rows; `line` is where the last one began. What `csv` refuses is said with that line."""

    def __init__(self, lines: Iterable[str], separator: str, name: str, before: int) -> None:
        self.line = 0
        self._name = name
        self._before = before  # lines read already
        # Strict: else a quote that is never closed swallows the rest of the file into one cell.
        self._rows = csv.reader((f"{line}\n" for line in lines), delimiter=separator, strict=True)

    def __iter__(self) -> _Rows:
        return self

    def __next__(self) -> list[str]:
        self.line = self._rows.line_num + self._before + 1
        try:
            return next(self._rows)
        except csv.Error as error:
            raise unreadable(self._name, self.line, None, _reason(str(error))) from error


def _reason(said: str) -> str:
    if "unexpected end of data" in said:
        return "expected a quote to be closed, got the end of the file: a quote opened in this row has no other"
    if "field limit" in said:
        most = csv.field_size_limit()
        return f"expected at most {most:,} characters in a cell, got more: is a quote in this row never closed?"
    if "new-line character" in said:
        return "expected a line break inside quotes, got a carriage return inside a cell without them"
    if "expected after" in said:
        return "expected a quote inside a quoted cell to be doubled, or a separator after its last quote"
    return f"not CSV: {said}"


def _separator(header: str, column: str | None) -> str:
    """What separates the header's columns: that by which the column to label is found, else a comma before others."""
    inside = re.sub(r'"[^"]*"', "", header)
    there = [one for one in _SEPARATORS if one in inside]
    wanted = {column} if column else set(SOURCE_COLUMNS)
    fitting = [one for one in there if wanted & {cell.strip().strip('"') for cell in header.split(one)}]
    return (fitting or [one for one in there if one != "|"] or [","])[0]


def _source_column(header: list[str], column: str | None, name: str) -> int:
    twice = {title for title in header if title and header.count(title) > 1}
    if twice:
        raise unreadable(name, 1, sorted(twice)[0], "expected every column once in the header, got it twice")
    got = ", ".join(header) or "an empty file"
    if column is not None:
        if column not in header:
            raise unreadable(name, 1, column, f"expected a column of this name, got {got}")
        return header.index(column)
    for title in SOURCE_COLUMNS:
        if title in header:
            return header.index(title)
    if len(header) == 1:
        return 0
    raise unreadable(
        name,
        1,
        None,
        f"expected a column named {', '.join(SOURCE_COLUMNS)}, got {got}; name the column to label with csv_column",
    )


def _is_address(value: str) -> bool:
    return re.match(r"(s3|gs|az|file|https?)://", value) is not None
