"""Manifest lines out of what people have: listings of files, CSV, plain text.

What an input is, is read off its name (`input_kind`); which files of a folder are objects, off their endings.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Literal

from groundswell.domain.errors import InvalidManifest, LineProblem
from groundswell.manifests.members import json_text

Kind = Literal["manifest", "files", "csv", "text"]

ENDINGS: dict[str, tuple[str, ...]] = {
    "image": (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".avif"),
    "text": (".txt", ".csv"),
    "audio": (".wav", ".mp3", ".ogg", ".oga", ".m4a", ".flac", ".opus"),
    "video": (".mp4", ".webm", ".ogv", ".mov"),
}
"""File endings that are data objects, by a task type's modality."""

SOURCE_COLUMNS = ("source-ref", "source", "text", "url")
_GLOB = re.compile(r"[*?\[]")


def input_kind(uri: str, input_format: str = "auto") -> Kind:
    """What an input is: by its format if one is said, else by its name; a name without a known ending is a folder."""
    if input_format != "auto":
        return input_format  # type: ignore[return-value]
    lowered = uri.lower()
    if is_glob(uri):
        return "files"
    if lowered.endswith((".manifest", ".jsonl", ".json", ".ndjson")):
        return "manifest"
    if lowered.endswith(".csv"):
        return "csv"
    return "text" if lowered.endswith(".txt") else "files"


def is_glob(uri: str) -> bool:
    """Whether an address holds wildcards."""
    return bool(_GLOB.search(uri))


def glob_prefix(uri: str) -> str:
    """The folder before the first wildcard: what has to be listed."""
    match = _GLOB.search(uri)
    return uri if match is None else uri[: uri.rfind("/", 0, match.start()) + 1]


def select_files(uris: Iterable[str], *, modality: str, pattern: str | None = None) -> Iterator[str]:
    """The files that are data objects: by the pattern if there is one, else by the modality's endings.

    In a pattern `*` and `?` stay inside a folder, `**` crosses folders, `[abc]` is one of these; case counts.
    Hidden files (a name that starts with a dot) are never objects of a folder.
    """
    endings = ENDINGS.get(modality) or tuple(ending for group in ENDINGS.values() for ending in group)
    matches = None if pattern is None else _glob_expression(pattern).fullmatch
    for uri in uris:
        name = uri.rsplit("/", 1)[-1]
        if matches is not None:
            if matches(uri):
                yield uri
        elif not name.startswith(".") and name.lower().endswith(endings):
            yield uri


def reference_lines(uris: Iterable[str]) -> Iterator[str]:
    """A manifest line with source-ref for each address."""
    for uri in uris:
        yield f'{{"source-ref":{json_text(uri)}}}'


def text_lines(lines: Iterable[bytes]) -> Iterator[str]:
    """A manifest line with source for each line of a text file; blank lines are left out."""
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield f'{{"source":{json_text(_decode(line, number))}}}'


def lines_of_files(
    names: Iterable[str], read: Callable[[str], Iterable[bytes]], *, column: str | None = None
) -> Iterator[str]:
    """The manifest lines of a folder of text files: a line of a .txt and a row of a .csv are an object each.

    `read` gives the lines of the file of this name.
    """
    for name in names:
        if name.lower().endswith(".csv"):
            yield from csv_lines(read(name), column=column)
        else:
            yield from text_lines(read(name))


def csv_lines(lines: Iterable[bytes], *, column: str | None = None) -> Iterator[str]:
    """A manifest line for each row of a CSV file with a header; other columns come along as texts.

    The object is in `column`, or else in the first of `SOURCE_COLUMNS` that the file has, or in its only column. A
    column named source-ref or url, or whose first value is an address, becomes source-ref; any other source.

    Raises InvalidManifest for a missing column, a ragged row or an empty cell, with the line's number.
    """
    rows = csv.reader(_decode(line, number) + "\n" for number, line in enumerate(lines, 1))
    header = [name.strip() for name in next(rows, [])]
    chosen = _source_column(header, column)
    key: str | None = None
    for row in rows:
        if not row:
            continue
        if len(row) != len(header):
            raise _bad_row(rows.line_num, None, f"expected {len(header)} columns as in the header, got {len(row)}")
        value = row[chosen]
        if not value.strip():
            raise _bad_row(rows.line_num, header[chosen], "expected a text or an address, got an empty cell")
        if key is None:
            key = "source-ref" if header[chosen] in ("source-ref", "url") or _is_address(value) else "source"
        members = {key: value}
        members |= {
            name: cell
            for index, (name, cell) in enumerate(zip(header, row, strict=True))
            if index != chosen and name and name not in ("source", "source-ref") and not name.startswith("$")
        }
        yield json_text(members)


def _source_column(header: list[str], column: str | None) -> int:
    if column is not None:
        if column not in header:
            raise _bad_row(1, column, f"expected a column of this name, got {', '.join(header) or 'an empty file'}")
        return header.index(column)
    for name in SOURCE_COLUMNS:
        if name in header:
            return header.index(name)
    if len(header) == 1:
        return 0
    raise _bad_row(
        1,
        None,
        f"expected a column named {', '.join(SOURCE_COLUMNS)}, got {', '.join(header) or 'an empty file'}; "
        "name the column to label with csv_column",
    )


def _bad_row(line: int, key: str | None, message: str) -> InvalidManifest:
    problem = LineProblem(line, key, message)
    where = f"line {line}" + (f", {key}" if key else "")
    return InvalidManifest(f"the CSV file cannot be read: {where}: {message}", problems=[problem])


def _is_address(value: str) -> bool:
    return re.match(r"(s3|gs|az|file|https?)://", value) is not None


def _decode(line: bytes, number: int) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError as wrong:
        raise _bad_row(
            number, None, f"expected UTF-8, got the byte 0x{line[wrong.start]:02x} at position {wrong.start + 1}"
        ) from wrong


def _glob_expression(pattern: str) -> re.Pattern[str]:
    """A pattern as a regular expression; `[abc]` and `[!abc]` are sets, everything else stands for itself."""
    wild = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    pieces = re.split(r"(\*\*/|\*\*|\*|\?|\[!?\]?[^\]]*\])", pattern)
    return re.compile("".join(wild.get(piece) or _set_or_text(piece) for piece in pieces), re.DOTALL)


def _set_or_text(piece: str) -> str:
    if len(piece) > 2 and piece.startswith("[") and piece.endswith("]"):
        inside = piece[1:-1].replace("\\", "\\\\")
        return f"[^{inside[1:]}]" if inside.startswith("!") else f"[{inside}]"
    return re.escape(piece)
