"""What is said of an object besides its bytes: kept with its file, so that both come and go together.

An extended attribute of the file where the file system has these and it fits; else a file of its own, by the object's
name, which counts as long as size and time are those of the object's file. A file without either is an object too:
a job or a person put it there.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

import orjson

from groundswell.domain.buckets import Described

_ATTRIBUTE = "user.groundswell.object"
_MOST_BYTES = 3_000  # ext4 has one block for all of a file's attributes
Record = Mapping[str, Any]


class Records:
    """Records of files; the folder is for those that file systems do not keep."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, file: int, name: str, record: dict[str, Any]) -> None:
        """Say this of an open file that will have this name."""
        found = os.fstat(file)
        data = orjson.dumps({**record, "size": found.st_size, "at": int(found.st_mtime)})
        if len(data) <= _MOST_BYTES and hasattr(os, "setxattr"):
            try:
                os.setxattr(file, _ATTRIBUTE, data)
            except OSError:
                pass  # this file system has none
            else:
                return
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}-{os.getpid()}-{file}")
        fresh.write_bytes(data)
        os.replace(fresh, path)

    def find(self, file: int | str, name: str, found: os.stat_result) -> Record | None:
        """What is said of a file (open, or its path) with this name and state."""
        data = self._attribute(file) or self._beside(name)
        if data is None:
            return None
        record: Record = orjson.loads(data)
        # A file that was changed in place is not what the record is about.
        return record if (record["size"], record["at"]) == (found.st_size, int(found.st_mtime)) else None

    def drop(self, name: str) -> None:
        """Forget what is kept outside of the file."""
        self._path(name).unlink(missing_ok=True)

    def _attribute(self, file: int | str) -> bytes | None:
        if not hasattr(os, "getxattr"):
            return None
        try:
            return os.getxattr(file, _ATTRIBUTE)
        except OSError:
            return None

    def _beside(self, name: str) -> bytes | None:
        if not os.path.isdir(self._folder):  # no file system here needed it yet
            return None
        try:
            return self._path(name).read_bytes()
        except FileNotFoundError:
            return None

    def _path(self, name: str) -> Path:
        digest = hashlib.sha256(name.encode()).hexdigest()
        return self._folder / digest[:2] / digest[2:]


def described_as_json(described: Described) -> dict[str, Any]:
    """What is not empty of it."""
    found = {"type": described.content_type, "headers": dict(described.headers), "meta": dict(described.metadata)}
    return {name: value for name, value in found.items() if value}


def described_from_json(kept: Record) -> Described:
    """The description that was kept so."""
    return Described(kept.get("type"), kept.get("headers", {}), kept.get("meta", {}))


def runs_of(sizes: list[int]) -> list[tuple[int, int]]:
    """Sizes of parts as (size, how many): ten thousand alike are one."""
    return [(size, len(list(same))) for size, same in groupby(sizes)]


def sizes_of(runs: list[tuple[int, int]]) -> list[int]:
    """The sizes that were kept as runs."""
    return [size for size, count in runs for _ in range(count)]
