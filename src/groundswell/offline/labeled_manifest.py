"""A manifest of which every line has a label: its objects and labels, for replays, training and checks.

Texts come from `source`; images from `source-ref`, beside the manifest or at a path of their own. Elsewhere: the rules
of manifests (`groundswell.manifests`); files in buckets, which have to be copied here first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import numpy as np
import orjson

from groundswell.autolabel.learner import Modality, Rows
from groundswell.domain.errors import InvalidInput, InvalidManifest


@dataclass(frozen=True)
class LabeledManifest:
    """N objects with a class each."""

    path: Path
    attribute: str
    modality: Modality
    sources: tuple[str, ...]  # (N,) texts, or addresses as the manifest has them
    labels: Rows  # (N,) indices into class_names
    class_names: tuple[str, ...]
    unlabeled: int  # lines left out, since they have no label

    def objects(self) -> Iterator[Any]:
        """Each text, or each image's bytes; None for a file that cannot be read."""
        for source in self.sources:
            yield source if self.modality == "text" else _bytes(self.path.parent, source)


def read_labeled_manifest(path: Path, attribute: str | None) -> LabeledManifest:
    """The labeled lines of a manifest; without an attribute, the only label attribute there is.

    Raises: InvalidManifest, for lines that are no JSON objects; InvalidInput, where no line has the attribute.
    """
    lines = list(_lines(path))
    if not lines:
        raise InvalidManifest(f"{path} has no lines: expected one JSON object a line, with source or source-ref")
    attribute = attribute or _only_attribute(path, lines)
    labeled = [line for line in lines if _label(line, attribute) is not None]
    if not labeled:
        known = ", ".join(sorted(_attributes(lines))) or "none"
        raise InvalidInput(
            f"no line of {path} has a label {attribute!r}; label attributes there: {known}", field="label_attribute"
        )
    key = "source-ref" if "source-ref" in labeled[0] else "source"
    names = [str(_label(line, attribute)) for line in labeled]
    classes = sorted(set(names))
    place = {name: k for k, name in enumerate(classes)}
    return LabeledManifest(
        path,
        attribute,
        "image" if key == "source-ref" else "text",
        tuple(str(line.get(key, "")) for line in labeled),
        np.array([place[name] for name in names], np.int64),
        tuple(classes),
        len(lines) - len(labeled),
    )


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open("rb") as file:
        for number, raw in enumerate(file, start=1):
            if not raw.strip():
                continue
            try:
                line = orjson.loads(raw)
            except orjson.JSONDecodeError as error:
                raise InvalidManifest(
                    f"{path}, line {number}: expected a JSON object, got no JSON ({error})"
                ) from error
            if not isinstance(line, dict):
                raise InvalidManifest(f"{path}, line {number}: expected a JSON object, got {type(line).__name__}")
            yield line


def _label(line: Mapping[str, Any], attribute: str) -> str | int | None:
    """The class's name where the metadata has it, else the value itself; None without a label or of another kind."""
    value = line.get(attribute)
    metadata = line.get(f"{attribute}-metadata")
    name = metadata.get("class-name") if isinstance(metadata, dict) else None
    if isinstance(name, str):
        return name
    return value if isinstance(value, (str, int)) and not isinstance(value, bool) else None


def _attributes(lines: list[dict[str, Any]]) -> set[str]:
    return {key.removesuffix("-metadata") for line in lines[:100] for key in line if key.endswith("-metadata")}


def _only_attribute(path: Path, lines: list[dict[str, Any]]) -> str:
    found = _attributes(lines)
    if len(found) != 1:
        known = ", ".join(sorted(found)) or "none"
        raise InvalidInput(f"expected --label-attribute, since {path} has: {known}", field="label_attribute")
    return found.pop()


def _bytes(folder: Path, source: str) -> bytes | None:
    place = urlsplit(source)
    if place.scheme not in ("", "file"):
        return None
    try:
        return (folder / unquote(place.path)).read_bytes()
    except (OSError, ValueError):
        return None
