"""Masks as files of annotations hold them: pixel values are classes (0 background, i the i-th label) or instances.

Elsewhere: where the bytes of a mask come from and go to (`groundswell.offline.mask_files`), planes and PNGs
(`planes.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from groundswell.consolidation.estimates import Estimate
from groundswell.domain.errors import InvalidAnnotation, InvalidVotes
from groundswell.tasktypes import planes
from groundswell.tasktypes.file_forms import FileForm, Reading

_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def read_plane(value: Any, reading: Reading, where: str) -> planes.Plane:
    """(H, W) pixel values of a mask: bytes of a PNG, base64 of one, or its path. Raises: InvalidVotes."""
    data = value if isinstance(value, bytes) else reading.load(value, where)
    rule = "pixel values 0 for background and i for the i-th label or instance"
    if not data.startswith(_SIGNATURE):
        raise InvalidVotes(f"{where}: expected a PNG with a palette or in grey, {rule}, but these bytes are no PNG")
    try:
        return planes.read_png(data, where)
    except InvalidAnnotation as error:
        raise InvalidVotes(f"{error}; a mask is a PNG with a palette or in grey, {rule}") from error


def read_classes(value: Any, reading: Reading, where: str) -> planes.Plane:
    """A mask of classes. Raises: InvalidVotes, also for pixel values beyond the labels."""
    plane, labels = read_plane(value, reading, where), reading.labels
    if int(plane.max(initial=0)) > len(labels):
        raise InvalidVotes(
            f"{where}: expected pixel values from 0 for background to {len(labels)} for {labels[-1]!r}, the last of "
            f"labels=, but the mask has {int(plane.max())}"
        )
    return plane


def write_classes(estimate: Estimate, reading: Reading, keep: Callable[[bytes], str]) -> str | None:
    """A palette PNG; None where nobody answered."""
    return None if estimate.value is None else keep(planes.palette_png(estimate.value, len(reading.labels)))


def read_instances(value: Any, reading: Reading, where: str) -> tuple[planes.Plane, list[str]]:
    """(plane, labels) of {"mask", "labels"}: pixel value i is the instance of class labels[i - 1]."""
    labels = value.get("labels") if isinstance(value, Mapping) else None
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels) or "mask" not in value:
        raise InvalidVotes(
            f'{where}: expected {{"mask": PNG file or base64, "labels": [class of each instance]}}, but found '
            f"{value!r:.120}"
        )
    return read_plane(value["mask"], reading, where).astype(np.uint16), labels


def write_instances(estimate: Estimate, reading: Reading, keep: Callable[[bytes], str]) -> dict[str, Any] | None:
    """A PNG of instance numbers and the class of each; None where nobody answered."""
    if estimate.value is None:
        return None
    plane, labels = estimate.value
    return {"mask": keep(planes.instances_png(plane, len(labels))), "labels": list(labels)}


CLASSES = FileForm(
    "a PNG: its path from the file, or base64; pixels 0, 1, ... K",
    read_classes,
    write_classes,
    is_text=True,
    needs_labels=True,
)
INSTANCES = FileForm('{"mask":PNG as above,"labels":[class of each instance]}', read_instances, write_instances)
