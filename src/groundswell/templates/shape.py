"""What a template looks like before it is parsed: every tag closed, none too long, too deep or too many.

One pass over the text. The parser's regular expressions take quadratic time over what is opened and never closed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from groundswell.domain.errors import InvalidTemplate

MAX_CHARACTERS = 1_000_000
MAX_TAGS = 20_000
MAX_TAG_CHARACTERS = 20_000  # texts in quotes left out
MAX_BRACKETS = 50  # inside one another
_OPENING = re.compile(r"\{\{|\{%")
_CLOSING = {"{{": "}}", "{%": "%}"}
_VERBATIM = re.compile(r"\{%-?\s{0,100}(raw|doc)\s{0,100}-?%\}")
_END = {name: re.compile(rf"\{{%-?\s{{0,100}}end{name}\s{{0,100}}-?%\}}") for name in ("raw", "doc")}
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")


def check_shape(text: str) -> int:
    """The characters of the longest tag; raises InvalidTemplate with the line at fault."""
    if len(text) > MAX_CHARACTERS:
        raise InvalidTemplate(f"expected at most {MAX_CHARACTERS:,} characters, got {len(text):,}")
    longest = 0
    for count, (start, tag) in enumerate(_tags(text), 1):
        length = _check_tag(text, start, tag)
        longest = max(longest, length)
        if count > MAX_TAGS:
            raise _at(text, start, f"expected at most {MAX_TAGS:,} tags and outputs")
    return longest


def _tags(text: str) -> Iterator[tuple[int, str]]:
    """Where each tag or output begins, and its text."""
    at = 0
    while found := _OPENING.search(text, at):
        start, closing = found.start(), _CLOSING[found[0]]
        end = text.find(closing, found.end())
        if end < 0:
            raise _at(text, start, f"expected {closing!r} after {found[0]!r}, found none")
        at = end + len(closing)
        verbatim = _VERBATIM.match(text, start)
        if verbatim is not None:
            last = _END[verbatim[1]].search(text, at)
            if last is None:
                raise _at(text, start, f"expected 'end{verbatim[1]}' after {verbatim[0]!r}, found none")
            at = last.end()
        yield start, text[start:end]


def _check_tag(text: str, start: int, tag: str) -> int:
    bare = _QUOTED.sub("", tag) if len(tag) > MAX_BRACKETS else tag
    if len(bare) > MAX_TAG_CHARACTERS:
        raise _at(text, start, f"expected a tag of at most {MAX_TAG_CHARACTERS:,} characters, got {len(bare):,}")
    depth = 0
    for bracket in re.findall(r"[()\[\]]", bare):
        depth += 1 if bracket in "([" else -1
        if depth > MAX_BRACKETS:
            raise _at(text, start, f"expected at most {MAX_BRACKETS} brackets inside one another")
    return len(bare)


def _at(text: str, index: int, message: str) -> InvalidTemplate:
    line = text.count("\n", 0, index) + 1
    return InvalidTemplate(f"line {line}: {message}", line=line)
