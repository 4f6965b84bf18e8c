"""Masks in files of annotations and labels: PNG files beside them, or PNG as base64 text.

A mask's pixel values are its classes (0 background, i the i-th label) or, for instances, their numbers. Elsewhere:
what planes mean and how PNGs are made (`groundswell.tasktypes.planes`).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from groundswell.domain.errors import InvalidAnnotation, InvalidVotes
from groundswell.tasktypes import planes

KeepMask = Callable[[bytes, Any], str]
"""(PNG, task) -> what the label says of it: where it is, or the PNG as text."""

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_AS_TEXT = "iVBORw0KGgo"  # how every PNG begins in base64


def read_plane(value: Any, folder: Path, where: str) -> planes.Plane:
    """(H, W) pixel values of a mask: bytes of a PNG, base64 of one, or its path from `folder`. Raises: InvalidVotes."""
    data = value if isinstance(value, bytes) else _bytes_of(value, folder, where)
    rule = "pixel values 0 for background and i for the i-th label or instance"
    if not data.startswith(_SIGNATURE):
        raise InvalidVotes(f"{where}: expected a PNG with a palette or in grey, {rule}, but these bytes are no PNG")
    try:
        return planes.read_png(data, where)
    except InvalidAnnotation as error:
        raise InvalidVotes(f"{error}; a mask is a PNG with a palette or in grey, {rule}") from error


def _bytes_of(value: Any, folder: Path, where: str) -> bytes:
    if not isinstance(value, str) or not value.strip():
        raise InvalidVotes(
            f"{where}: expected a mask as the path of a PNG file or a PNG in base64, but found {value!r:.80}"
        )
    text = value.strip()
    try:
        if text.startswith(("data:", _PNG_AS_TEXT)):
            return base64.b64decode(text.rpartition(",")[2], validate=True)
        return (folder / text).read_bytes()
    except (OSError, binascii.Error, ValueError) as error:
        raise InvalidVotes(
            f"{where}: expected the path of a PNG file (from {folder or '.'}) or a PNG in base64, but {text[:80]!r} "
            f"cannot be read: {error}"
        ) from error


def read_instances(value: Any, folder: Path, where: str) -> tuple[planes.Plane, list[str]]:
    """(plane, labels) of {"mask", "labels"}: pixel value i is the instance of class labels[i - 1]."""
    labels = value.get("labels") if isinstance(value, Mapping) else None
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels) or "mask" not in value:
        raise InvalidVotes(
            f'{where}: expected {{"mask": PNG file or base64, "labels": [class of each instance]}}, but found '
            f"{value!r:.120}"
        )
    return read_plane(value["mask"], folder, where).astype(np.uint16), labels


def instances_png(plane: planes.Plane, instances: int) -> bytes:
    """A palette PNG of up to 255 instances, a 16-bit grey one of more."""
    return planes.palette_png(plane, instances) if instances <= 255 else planes.wide_png(plane)


def as_text(png: bytes, task: Any) -> str:
    """A `KeepMask` that puts the PNG into the label as base64."""
    return base64.b64encode(png).decode("ascii")


def in_folder(output: Path) -> KeepMask:
    """A `KeepMask` that writes files to `<output>-masks/` beside the output and gives their path from there."""
    folder = output.with_name(f"{output.stem}-masks")
    used: set[str] = set()

    def keep(png: bytes, task: Any) -> str:
        folder.mkdir(parents=True, exist_ok=True)
        name = safe = re.sub(r"[^\w.-]+", "_", str(task)).strip(".")[:80] or "_"
        again = 1
        while name.lower() in used:  # tasks such as a/b and a_b, and file systems that know no case
            again += 1
            name = f"{safe}-{again}"
        used.add(name.lower())
        (folder / f"{name}.png").write_bytes(png)
        return f"{folder.name}/{name}.png"

    return keep
