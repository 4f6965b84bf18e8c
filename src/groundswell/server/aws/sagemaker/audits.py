"""Which label of an earlier job a verification or adjustment looks at: Ground Truth's request does not say.

Its templates name the attribute, and its manifests have it: the first line's labels of the kind that is asked for, of
which the one that the template names is meant, or else the last.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from groundswell.service.ports import ObjectStorage

_FIRST_LINE = 200_000  # bytes: a manifest's lines are of 100,000 characters at most
_METADATA = "-metadata"
_KINDS = {"BoundingBox": "object-detection", "SemanticSegmentation": "semantic-segmentation"}


def audited_attribute(storage: ObjectStorage, manifest: str, *, task_name: str, template: str, but: str) -> str | None:
    """The label attribute; None where the first line has none. Raises what the storage says of the manifest.

    but : the attribute of the new labels.
    """
    line = _first_line(storage, manifest)
    kind = next((one for end, one in _KINDS.items() if task_name.endswith(end)), "groundtruth/")
    found = [name for name in line if name != but and kind in _kind_of(line.get(f"{name}{_METADATA}"))]
    named = [name for name in found if name in template]
    wanted = named or found
    return wanted[-1] if wanted else None


def _first_line(storage: ObjectStorage, manifest: str) -> Mapping[str, Any]:
    raw = storage.read_range(manifest, 0, _FIRST_LINE)
    try:
        found = orjson.loads(raw.removeprefix(b"\xef\xbb\xbf").lstrip().split(b"\n", 1)[0])
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _kind_of(said: Any) -> str:
    """The type that a label's metadata says; empty for what is no label's."""
    return str(said.get("type", "")) if isinstance(said, Mapping) else ""
