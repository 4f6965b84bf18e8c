"""Addresses inside manifest lines: which members are ones, and lines whose addresses mean the same elsewhere.

A relative address is beside its manifest. A line that is copied into a manifest at another place has to say where its
files are, or it would name others, or none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from groundswell.domain.addresses import is_absolute, resolve
from groundswell.manifests.members import with_values

SOURCE = "source-ref"
_SUFFIX = "-ref"


def references(members: Mapping[str, Any]) -> Mapping[str, str]:
    """The members that are addresses: the data object's, and labels of earlier jobs that are files."""
    return {
        key: value
        for key, value in members.items()
        if isinstance(value, str)
        and value
        and (key == SOURCE or (key.endswith(_SUFFIX) and f"{key}-metadata" in members))
    }


def absolute_members(members: Mapping[str, Any], manifest_uri: str) -> dict[str, Any]:
    """The members of a line with addresses that hold anywhere, for those who do not know the manifest."""
    return {**members, **{key: resolve(value, manifest_uri) for key, value in references(members).items()}}


def with_absolute_references(line: str, members: Mapping[str, Any], manifest_uri: str) -> str:
    """The line with addresses that hold anywhere; itself, byte for byte, where they do already.

    members : the line, parsed. manifest_uri : the manifest that it is from.
    """
    moved = {key: resolve(value, manifest_uri) for key, value in references(members).items() if not is_absolute(value)}
    return with_values(line, moved) if moved else line
