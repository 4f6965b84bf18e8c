"""The order of classes: which ones lie on a scale, and where.

Numbers do, also as text; so do dates, and classes whose order somebody declared. Words do not: "low" comes after "high"
in the alphabet. Elsewhere: who declares an order (`votes.py`, `columns.py`), who needs one (`ordinal.py`,
`groundswell.quality`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from groundswell.consolidation.columns import sort_ids

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_UNORDERED_MATTERS = 3  # classes: of two, either order is the same scale


def as_number(value: Any) -> Decimal | None:
    """A number, also one spelled out in decimal digits, exactly; None for anything else."""
    if isinstance(value, str):
        text = value.strip()
        return Decimal(text) if _NUMBER.fullmatch(text) else None
    if not isinstance(value, (int, float, Decimal)):
        return None
    number = Decimal(value)
    return number if number.is_finite() else None


def in_scale_order(labels: Iterable[Any]) -> tuple[list[Any], bool]:
    """Classes in order, and whether that order is a scale.

    Numbers go by their value, however they are spelled; else it is the order of `sort_ids`, a scale unless one is text.
    """
    ordered = sort_ids(labels)
    numbers = [as_number(label) for label in ordered]
    known = [number for number in numbers if number is not None]
    if len(known) == len(ordered):
        places = sorted(range(len(ordered)), key=known.__getitem__)
        return [ordered[place] for place in places], True
    return ordered, len({type(label) for label in ordered}) == 1 and not isinstance(ordered[0], str)


def scale_problem(
    labels: Sequence[Any], wanted_by: str, how: str = "labels=[...] or an ordered categorical column"
) -> str | None:
    """What to say where these classes have no declared order, and how to declare one; None where any order will do."""
    if len(labels) < _UNORDERED_MATTERS:
        return None
    few = ", ".join(str(label) for label in labels[:4]) + (", ..." if len(labels) > 4 else "")
    return (
        f"{wanted_by} needs to know the order of the classes, and words such as {few} have none of their own; declare "
        f"it from one end to the other with {how}"
    )
