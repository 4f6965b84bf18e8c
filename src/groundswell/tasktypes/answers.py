"""Reading what a worker's form submitted: every refusal names the place, what was expected and what was given.

Elements submit under their `name`. The built-in templates use fixed names; people rename them in templates of their
own, so an answer is found by its name first, and else by the member that makes it what it is.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from groundswell.domain.errors import InvalidAnnotation

FARTHEST_PX = 1e6  # no image is larger; coordinates beyond are mistakes


def part(content: Mapping[str, Any], names: Iterable[str], member: str) -> Mapping[str, Any]:
    """The element's value: under one of its names, else the first value that has the member, else the answer itself."""
    for name in names:
        value = content.get(name)
        if isinstance(value, Mapping) and member in value:
            return value
    for value in content.values():
        if isinstance(value, Mapping) and member in value:
            return value
    if member in content:
        return content
    expected = {next(iter(names)): {member: "..."}}
    raise InvalidAnnotation(f"expected an answer such as {shown(expected)}, got {shown(content)}", field=member)


def label_of(value: Any, labels: Sequence[str], where: str) -> str:
    """One of the job's labels, spaces around it ignored; raises InvalidAnnotation naming the place."""
    if isinstance(value, str):
        for label in (value, value.strip()):
            if label in labels:
                return label
        for label in labels:
            if label.strip() == value.strip():
                return label
    some = ", ".join(labels[:10]) + (", ..." if len(labels) > 10 else "")
    raise InvalidAnnotation(f"{where}: expected one of the labels {some}, got {shown(value)}", field=where)


def items_of(value: Any, where: str) -> list[Mapping[str, Any]]:
    """A list of objects; raises InvalidAnnotation naming the place."""
    if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
        raise InvalidAnnotation(f"{where}: expected a list of objects, got {shown(value)}", field=where)
    return value


def text_of(value: Any, where: str, *, longest: int = 100_000) -> str:
    """A text; raises InvalidAnnotation naming the place."""
    if not isinstance(value, str) or len(value) > longest:
        raise InvalidAnnotation(
            f"{where}: expected a text of at most {longest:,} characters, got {shown(value)}", field=where
        )
    return value


def number_of(value: Any, where: str, *, least: float = -FARTHEST_PX, most: float = FARTHEST_PX) -> float:
    """A finite number between bounds, as it was written (integers stay integers); raises InvalidAnnotation."""
    good = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if not good or not least <= value <= most:
        raise InvalidAnnotation(
            f"{where}: expected a number from {least:g} to {most:g}, got {shown(value)}", field=where
        )
    return value  # type: ignore[no-any-return]


def whole_of(value: Any, where: str, *, least: int = 0, most: int = 10**9) -> int:
    """A whole number between bounds; raises InvalidAnnotation."""
    number = number_of(value, where, least=least, most=most)
    if number != int(number):
        raise InvalidAnnotation(f"{where}: expected a whole number, got {shown(value)}", field=where)
    return int(number)


def member_of(item: Mapping[str, Any], name: str, where: str) -> Any:
    """A member that must be there; raises InvalidAnnotation naming it."""
    if name not in item:
        raise InvalidAnnotation(f"{where}: expected {name!r}, got only {shown(sorted(item))}", field=f"{where}.{name}")
    return item[name]


def shown(value: Any) -> str:
    """A value in an error message: short, as JSON."""
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        text = repr(value)
    return text if len(text) <= 120 else text[:120] + "…"
