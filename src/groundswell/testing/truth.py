"""The known truth of a data set, read from a labeled manifest."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from groundswell.domain.addresses import is_web
from groundswell.domain.errors import InvalidManifest
from groundswell.tasktypes.base import TaskType


def label_attribute_of(lines: Sequence[Mapping[str, Any]], asked: str | None) -> str:
    """The label attribute of a labeled manifest: the asked one, or the only key that has a `-metadata` beside it."""
    keys = {key for line in lines for key in line}
    if asked is not None:
        if asked not in keys:
            raise InvalidManifest(f"no line has the label attribute {asked!r}; there are: {', '.join(sorted(keys))}")
        return asked
    labeled = sorted(key for key in keys if f"{key}-metadata" in keys)
    if len(labeled) != 1:
        found = ", ".join(labeled) or "none"
        raise InvalidManifest(f"expected one label attribute, found {found}: name it with --label-attribute")
    return labeled[0]


class Truth:
    """The true label of each data object, found by its text or file name, or else by its line."""

    def __init__(
        self, manifest: Iterable[bytes], task_type: TaskType, labels: Sequence[str], *, attribute: str | None = None
    ) -> None:
        lines = [_members(n, line) for n, line in enumerate(manifest, 1) if line.strip()]
        self.attribute = label_attribute_of(lines, attribute)
        self._by_line: list[Any] = []
        self._by_key: dict[str, Any] = {}
        self._sizes: dict[str, tuple[int, int]] = {}
        for line in lines:
            value = None
            if self.attribute in line:
                metadata = line.get(f"{self.attribute}-metadata", {})
                value = task_type.read_label(line[self.attribute], metadata, labels)
            self._by_line.append(value)
            self._by_key[_key(line)] = value
            if (size := _size_in(line.get(self.attribute))) is not None:
                self._sizes[_key(line)] = size
        self._named = len(self._by_key) == len(lines)

    def __len__(self) -> int:
        return len(self._by_line)

    def of(self, n: int, line: Mapping[str, Any]) -> Any:
        """The truth of data object n, whose manifest line this is."""
        if self._named and _key(line) in self._by_key:
            return self._by_key[_key(line)]
        return self._by_line[n]

    def size_of(self, line: Mapping[str, Any]) -> tuple[int, int] | None:
        """(width, height) of the picture, where the truth says it."""
        return self._sizes.get(_key(line))


def _members(n: int, line: bytes) -> dict[str, Any]:
    try:
        members = json.loads(line)
    except (ValueError, RecursionError):
        members = None
    if not isinstance(members, dict):
        raise InvalidManifest(
            f"line {n} of the truth is no JSON object: expected a labeled manifest, one object a line"
        )
    return members


def _size_in(label: Any) -> tuple[int, int] | None:
    try:
        said = label["image_size"][0]
        size = int(said["width"]), int(said["height"])
    except (KeyError, IndexError, TypeError, ValueError):
        return None
    return size if min(size) > 0 else None


def _key(line: Mapping[str, Any]) -> str:
    """What names a data object wherever it lies: its text, or the last part of its reference."""
    if "source" in line:
        return f"text {line['source']}"
    reference = str(line.get("source-ref", ""))
    if reference.startswith("/media/") or is_web(reference):  # a link's name is escaped, a manifest's is not
        return unquote(reference.partition("?")[0].rsplit("/", 1)[-1])
    return reference.rsplit("/", 1)[-1]
