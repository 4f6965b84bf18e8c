"""The forms that answers of every kind of task share: elements inside elements, and the classes named in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any


def labels_in(contents: Iterable[Mapping[str, Any]]) -> list[str]:
    """The classes that occur in answers of any kind, sorted."""
    found = {label.strip() for content in contents for part in parts_of(content) for label in _labels_of(part)}
    return sorted(found)


def _labels_of(part: Mapping[str, Any]) -> Iterator[str]:
    listed = [item for value in part.values() for item in _listed(value)]
    mappings = part.get("labelMappings")
    given = [
        part.get("label"),
        *_listed(part.get("labels")),
        *(item.get("label") for item in listed if isinstance(item, Mapping)),
        *(mappings if isinstance(mappings, Mapping) else ()),
    ]
    yield from (label for label in given if isinstance(label, str))


def parts_of(content: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The answer itself and its elements' values."""
    yield content
    yield from (value for value in content.values() if isinstance(value, Mapping))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
