"""Checking manifest lines: every rule of Ground Truth's input manifest, all problems of a file in one report.

Speed matters here (a million lines are checked before the first task is published): one parse by orjson and a handful
of dictionary look-ups a line; everything slower happens only where a cheap test says that it may be needed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson

from groundswell.domain.addresses import is_web, name_problem, parse
from groundswell.domain.errors import InvalidInput, InvalidManifest, LineProblem

MAX_LINE_CHARACTERS = 100_000
MAX_VALUE_CHARACTERS = 20_000
MAX_DEPTH = 100
"""Lists and objects inside one another in a line: what reads and writes JSON gives up at a few hundred."""
MAX_PROBLEMS_SHOWN = 100
_OPENING = (b"{", b"[")
_BUCKETS = ("s3://", "gs://", "az://")


@dataclass(frozen=True)
class LineRules:
    """What a job asks of its manifest's lines beyond the format."""

    label_attribute: str | None = None  # a line that has it counts as labeled already
    needs: str | None = None  # `source` (texts) or `source-ref` (files), or None when either will do
    audit_attribute: str | None = None  # verification and adjustment: the label that is looked at
    shows_label: Callable[[Any, Mapping[str, Any]], bool] | None = None  # whether workers see that label


class LineChecker:
    """Checks line after line; counts lines and problems and keeps the first problems.

    `problems` holds at most `MAX_PROBLEMS_SHOWN` of the `problem_count` found; `lines` is the number checked so far.
    """

    def __init__(self, rules: LineRules | None = None, *, first_line: int = 1) -> None:
        self.rules = rules or LineRules()
        self.lines = 0
        self.problem_count = 0
        self.problems: list[LineProblem] = []
        self.last_problems: list[tuple[str | None, str]] = []  # (key, message) of the last bad line
        self._first_line = first_line
        self._usual_key = self.rules.needs or "source-ref"  # which of the two the lines have: files seldom mix them

    def check(self, raw: bytes) -> dict[str, Any] | None:
        """The line's members, or None when it is bad (its problems are recorded)."""
        self.lines += 1
        try:
            members = orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            self.last_problems = [(_key_at_fault(raw), _why_not_json(raw, error))]
            self._add(*self.last_problems[0])
            return None
        if self._is_plain(raw, members):
            return members  # type: ignore[no-any-return]
        found = list(_problems(raw, members, self.rules))
        if not found:
            self._usual_key = "source" if "source" in members else "source-ref"
            return members  # type: ignore[no-any-return]
        self.last_problems = found
        for key, message in found:
            self._add(key, message)
        return None

    def report(self, key: str | None, message: str, *, line: int | None = None) -> None:
        """Record a problem found elsewhere (a missing file) of a line already checked, the last one unless said."""
        self._add(key, message, line)

    def raise_if_bad(self, name: str) -> None:
        """Raises InvalidManifest with the first problems when there are any; `name` says which file was read."""
        if self.problem_count:
            lines = "1 problem" if self.problem_count == 1 else f"{self.problem_count:,} problems"
            first = self.problems[0]
            where = f"line {first.line}" + (f", {first.key}" if first.key else "")
            raise InvalidManifest(
                f"{name} has {lines}; the first: {where}: {first.message}. Correct the lines, or use skip_bad",
                problems=self.problems,
                problem_count=self.problem_count,
            )
        if not self.lines:
            raise InvalidManifest(f"{name} has no lines: expected one JSON object a line, with source or source-ref")

    def _is_plain(self, raw: bytes, members: Any) -> bool:
        """Whether a line is good beyond doubt by tests that cost next to nothing; most lines are."""
        value = members.get(self._usual_key) if type(members) is dict else None
        return (
            type(value) is str
            and not (value.isspace() or not value)
            and raw.count(b"[") + raw.count(b"{") <= MAX_DEPTH
            and not (self._usual_key == "source-ref" and _address_problem(value))
            and raw.count(b'"source') == 1  # neither both of them nor one of them twice
            and b'"$' not in raw
            and b"\\u00" not in raw  # an escape may spell a name another way
            and len(raw) <= MAX_VALUE_CHARACTERS
            and self.rules.audit_attribute is None
        )

    def _add(self, key: str | None, message: str, line: int | None = None) -> None:
        self.problem_count += 1
        if len(self.problems) < MAX_PROBLEMS_SHOWN:
            number = line if line is not None else self.lines - 1 + self._first_line
            self.problems.append(LineProblem(number, key, message))


def check_lines(lines: Iterable[bytes], rules: LineRules | None = None) -> LineChecker:
    """Check every line; the checker holds the counts and the first problems."""
    checker = LineChecker(rules)
    for line in lines:
        checker.check(line)
    return checker


def members_of(line: str) -> dict[str, Any]:
    """A stored line's members, for those who show it; none where it is one of the bad lines that a job left out."""
    try:
        members = orjson.loads(line)
    except orjson.JSONDecodeError:
        return {}
    if not isinstance(members, dict):
        return {}
    return {} if line.count("[") + line.count("{") > MAX_DEPTH and _depth(members) > MAX_DEPTH else members


def _problems(raw: bytes, members: Any, rules: LineRules) -> Iterable[tuple[str | None, str]]:
    """(key, message) of everything wrong with a line that is JSON."""
    if not isinstance(members, dict):
        yield None, f'expected a JSON object such as {{"source-ref": "s3://..."}}, got {_shape(members)}'
        return
    if len(raw) > MAX_LINE_CHARACTERS and (length := len(raw.decode())) > MAX_LINE_CHARACTERS:
        yield None, f"expected at most {MAX_LINE_CHARACTERS:,} characters in a line, got {length:,}"
    if sum(map(raw.count, _OPENING)) > MAX_DEPTH and (depth := _depth(members)) > MAX_DEPTH:
        yield None, f"expected lists and objects at most {MAX_DEPTH} deep in one another, got {depth:,}"
        return
    for key in _repeated_keys(raw):
        yield key, "expected a key once in a line, got it more than once"
    yield from _source_problems(members, rules)
    for key, value in members.items():
        if key.startswith("$"):
            yield key, "names that start with $ are reserved; expected another name"
        elif len(raw) > MAX_VALUE_CHARACTERS and not _is_earlier_label(key, members):
            length = len(value) if isinstance(value, str) else len(json.dumps(value, ensure_ascii=False))
            if length > MAX_VALUE_CHARACTERS:
                yield key, f"expected at most {MAX_VALUE_CHARACTERS:,} characters in a value, got {length:,}"
    if rules.audit_attribute is not None and rules.audit_attribute not in members:
        yield rules.audit_attribute, "expected the label that is to be looked at, got none"
    elif rules.audit_attribute is not None and rules.shows_label is not None:
        yield from _audit_problems(members, rules.audit_attribute, rules.shows_label)


def _source_problems(members: Mapping[str, Any], rules: LineRules) -> Iterable[tuple[str, str]]:
    both = [key for key in ("source", "source-ref") if key in members]
    if len(both) == 2:
        yield "source-ref", "expected either source (a text) or source-ref (a file's address), got both"
        return
    if not both:
        yield "source-ref", "expected source (a text) or source-ref (a file's address), got neither"
        return
    key = both[0]
    value = members[key]
    if not isinstance(value, str) or not value.strip():
        yield key, f"expected a text that is not empty, got {_shape(value)}"
    elif "\0" in value:
        yield key, "expected a text without NUL characters, which nothing shows"
    elif rules.needs is not None and key != rules.needs:
        meaning = "source-ref (a file's address)" if rules.needs == "source-ref" else "source (the text itself)"
        yield key, f"this task type needs {meaning}, got {key}"
    elif key == "source-ref" and (wrong := _address_problem(value)):
        yield key, f"expected a file's address, got {_shape(value)}: {wrong}"


def _audit_problems(
    members: Mapping[str, Any], attribute: str, shows_label: Callable[[Any, Mapping[str, Any]], bool]
) -> Iterable[tuple[str, str]]:
    said = members.get(f"{attribute}-metadata", {})
    if not isinstance(said, Mapping):
        yield f"{attribute}-metadata", f"expected an object, got {_shape(said)}"
    elif not shows_label(members[attribute], said):
        kind = _shape(said.get("type", "another kind"))
        message = f"expected a label that this kind of task shows to workers, got one of {kind}"
        yield attribute, f"{message}: give a template of your own that shows it"


def _address_problem(value: str) -> str | None:
    """Why nobody could fetch an address on the web, or why no object of a bucket has such a name.

    None for paths and for addresses that may be right: whether an object is there, the storage says.
    """
    if value.startswith(_BUCKETS):
        return _key_problem(value)
    if value[:4].lower() != "http" or not is_web(value):
        return None
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        return str(error)
    if not host:
        return "it names no host"
    return None if value.isprintable() else "it has characters that do not print"


def _key_problem(uri: str) -> str | None:
    """Why an object in a bucket cannot have this address."""
    key = uri[5:].partition("/")[2]
    usual = key.isprintable() and "//" not in key and "/." not in key and key[:1] not in "./" and len(key) < 200
    if key and usual and not key.endswith("/"):
        return None
    if not key:
        return "it is the address of a whole bucket"
    try:
        problem = name_problem(parse(uri).key)
    except InvalidInput as error:
        return error.message
    return f"its key {problem}" if problem else None


def _depth(value: Any) -> int:
    """How deep lists and objects are inside one another; without recursion, as they may be too deep for it."""
    depth, level = 0, [value]
    while level := [one for one in level if isinstance(one, dict | list)]:
        depth += 1
        level = [inner for one in level for inner in (one.values() if isinstance(one, dict) else one)]
    return depth


def _is_earlier_label(key: str, members: Mapping[str, Any]) -> bool:
    """Whether a key is a label (or its metadata) that an earlier job wrote; those may be long."""
    return f"{key}-metadata" in members or (key.endswith("-metadata") and key.removesuffix("-metadata") in members)


def _repeated_keys(raw: bytes) -> list[str]:
    repeated: list[str] = []

    def notice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal repeated
        seen: set[str] = set()
        repeated = [key for key, _ in pairs if key in seen or seen.add(key)]  # type: ignore[func-returns-value]
        return dict(pairs)

    json.loads(raw, object_pairs_hook=notice)  # the outermost object is noticed last
    return list(dict.fromkeys(repeated))


def _key_at_fault(raw: bytes) -> str | None:
    """The member that keeps a line from being read, where it is one value: a number or a broken character."""
    try:
        members = json.loads(raw)
        return next((key for key, value in members.items() if not _is_kept(value)), None)
    except (ValueError, AttributeError, RecursionError):
        return None


def _is_kept(value: Any) -> bool:
    try:
        orjson.loads(json.dumps(value))
    except ValueError:
        return False
    return True


def _why_not_json(raw: bytes, error: orjson.JSONDecodeError) -> str:
    if not raw.strip():
        return "expected a JSON object, got an empty line"
    try:
        text = raw.decode()
    except UnicodeDecodeError as wrong:
        return f"expected UTF-8, got the byte 0x{raw[wrong.start]:02x} at position {wrong.start + 1}"
    start = text if len(text) <= 60 else text[:60] + "…"
    return f"expected a JSON object on one line, got {start!r} ({error.msg} at character {error.pos + 1})"


def _shape(value: Any) -> str:
    """A value for an error message: short ones as they are, long ones by kind."""
    text = json.dumps(value, ensure_ascii=False)
    kind = "an object" if isinstance(value, dict) else "a list" if isinstance(value, list) else "a text"
    return text if len(text) <= 60 else f"{kind} of {len(text):,} characters"
