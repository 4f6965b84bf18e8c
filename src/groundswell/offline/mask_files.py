"""Masks beside files of annotations and labels: PNG files, or PNG as base64 text.

Elsewhere: what their pixels mean (`groundswell.tasktypes.mask_forms`).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from groundswell.domain.errors import InvalidVotes

KeepMask = Callable[[bytes, Any], str]
"""(PNG, task) -> what the label says of it: where it is, or the PNG as text."""

_PNG_AS_TEXT = "iVBORw0KGgo"  # how every PNG begins in base64


def loader(folder: Path) -> Callable[[Any, str], bytes]:
    """(a mask as base64 or as a path from the folder, place for messages) -> its bytes; raises InvalidVotes."""
    return lambda value, where: _bytes_of(value, folder, where)


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
