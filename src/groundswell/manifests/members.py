"""A label into a manifest line, every other byte of the line untouched.

Re-serialising would change escapes, spaces, number formats and the order of repeated keys; splicing cannot.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

_SPACE = re.compile(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder(strict=False)


def with_members(line: str, members: Mapping[str, Any]) -> str:
    """The line with these members at its end; a member of the same name already in the line is cut out first.

    `line` must be a JSON object. Values become compact JSON in UTF-8.
    """
    for key in members:
        if f'"{key}"' in line or "\\" in line:  # escapes may spell the key another way: look properly
            line = without_members(line, frozenset(members))
            break
    added = ",".join(f"{json_text(key)}:{json_text(value)}" for key, value in members.items())
    body = line.rstrip()
    if not body.endswith("}"):
        raise ValueError(f"expected a JSON object, got {line[:60]!r}")
    body = body[:-1].rstrip()
    return f"{body}}}" if not added else f"{body}{'' if body.endswith('{') else ','}{added}}}"


def with_values(line: str, values: Mapping[str, Any]) -> str:
    """The line with these members' values in the place of theirs, every other byte as it was.

    Members that the line does not have are not added; of one that it has twice both are replaced.
    """
    parts, done = [], 0
    for key, start, end in _member_spans(line):
        if key in values:
            parts += [line[done:start], f"{json_text(key)}:{json_text(values[key])}"]
            done = end
    return "".join([*parts, line[done:]])


def without_members(line: str, names: frozenset[str]) -> str:
    """The line without these members, the others byte for byte as they were; the line itself when it has none."""
    spans = list(_member_spans(line))
    if not any(key in names for key, _, _ in spans):
        return line
    kept = [line[start:end] for key, start, end in spans if key not in names]
    return "{" + ",".join(kept) + "}"


def json_text(value: Any) -> str:
    """Compact JSON; non-ASCII characters as themselves."""
    try:
        return orjson.dumps(value).decode()
    except TypeError:  # lone surrogates and integers beyond 64 bits, which orjson refuses
        return json.dumps(value, separators=(",", ":"))


def _member_spans(line: str) -> Iterator[tuple[str, int, int]]:
    """(key, start, end) of each member of the object, from its key's quote to its value's end."""
    position = _skip(line, line.index("{") + 1)
    while line[position] != "}":
        start = position
        key, position = _DECODER.raw_decode(line, position)
        position = _skip(line, position)
        if line[position] != ":":
            raise ValueError(f"expected a colon at character {position + 1} of {line[:60]!r}")
        _, position = _DECODER.raw_decode(line, _skip(line, position + 1))
        yield key, start, position
        position = _skip(line, position)
        if line[position] == ",":
            position = _skip(line, position + 1)


def _skip(line: str, position: int) -> int:
    match = _SPACE.match(line, position)
    return match.end() if match else position
