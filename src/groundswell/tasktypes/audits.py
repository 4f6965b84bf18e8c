"""Which labels of an earlier job the built-in templates of verification and adjustment show.

Who judges a label without seeing it answers nothing: a line whose label would not be shown is a problem of the input. A
template of one's own may show what it likes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

ShowsLabel = Callable[[Any, Mapping[str, Any]], bool]
"""(`<attr>`, its metadata) -> whether workers see it."""


def boxes(value: Any, said: Mapping[str, Any]) -> bool:
    """Bounding boxes, none of them included."""
    drawn = value.get("annotations") if isinstance(value, Mapping) else None
    return isinstance(drawn, list) and all(isinstance(one, Mapping) and "left" in one for one in drawn)


def masks(value: Any, said: Mapping[str, Any]) -> bool:
    """Masks of classes; their metadata names the colours."""
    return isinstance(value, str) and isinstance(said.get("internal-color-map"), Mapping)


def classes(value: Any, said: Mapping[str, Any]) -> bool:
    """One class, by its name."""
    return isinstance(said.get("class-name"), str)


def any_of(*shows: ShowsLabel) -> ShowsLabel:
    """What one of these shows."""
    return lambda value, said: any(one(value, said) for one in shows)
