"""The rules for a label attribute's name, as Ground Truth has them (docs: CreateLabelingJob, LabelAttributeName)."""

from __future__ import annotations

import re

from groundswell.domain.errors import InvalidSpec

RESERVED = frozenset({"source", "source-ref"})
_PATTERN = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9_]){0,126}")


def check_label_attribute(name: str, *, is_reference: bool, audit_attribute: str | None = None) -> None:
    """Raises InvalidSpec naming `label_attribute` when a job of this kind cannot use the name.

    `is_reference`: the label is a file's address (masks), so the name must end in -ref; otherwise it must not.
    """
    if not _PATTERN.fullmatch(name):
        _refuse(f"expected 1 to 127 letters, digits and inner hyphens, got {name!r}")
    if name in RESERVED or name.endswith("-metadata"):
        _refuse(
            f"{name!r} is reserved: expected a name other than source and source-ref that does not end in -metadata"
        )
    if is_reference and not name.endswith("-ref"):
        _refuse(
            f"this task type's label is a file, so its attribute must end in -ref: expected {name}-ref, got {name!r}"
        )
    if not is_reference and name.endswith("-ref"):
        _refuse(f"names that end in -ref are for labels that are files: expected another name, got {name!r}")
    if name == audit_attribute:
        _refuse(f"expected a name other than the label that is looked at, got {name!r} for both")


def _refuse(message: str) -> None:
    raise InvalidSpec(message, field="label_attribute")
