"""The keys of a folder in the byte order of S3, from anywhere on, without reading what is not asked for."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass

from groundswell.domain.addresses import name_problem
from groundswell.domain.buckets import FOLDER_MARK

_PARTIAL = re.compile(rb"\.\d+-\d+\.partial")
_MARK = FOLDER_MARK.encode()
END = b"\xff"
"""Behind every key that begins so: no UTF-8 has this byte."""


@dataclass(frozen=True)
class Walk:
    """Which keys are wanted, all as bytes."""

    root: bytes  # the bucket's folder, with a slash at the end
    prefix: bytes = b""
    after: bytes = b""
    delimiter: bytes = b""

    def __iter__(self) -> Iterator[tuple[bytes, bool]]:
        """(key, False), or (common prefix, True)."""
        start = self.prefix[: self.prefix.rfind(b"/") + 1]
        if start and not _is_key(start):
            return  # no key begins so, and no path out of the bucket may
        found = self._inside(self.root + start, start)
        yield from self._grouped(found) if self.delimiter not in (b"", b"/") else found

    def _inside(self, path: bytes, base: bytes) -> Iterator[tuple[bytes, bool]]:
        for name in _names(path):
            key = base if name == _MARK else base + name
            if name != _MARK and name.endswith(b"/"):
                yield from self._folder(path + name, key)
            elif key.startswith(self.prefix) and key > self.after and _is_key(key):
                yield key, False

    def _folder(self, path: bytes, key: bytes) -> Iterator[tuple[bytes, bool]]:
        if not key.startswith(self.prefix) and not self.prefix.startswith(key):
            return
        if self.after > key and not self.after.startswith(key):
            return  # everything in it comes before
        inside = self._inside(path, key)
        if self.delimiter == b"/" and len(key) > len(self.prefix):
            if next(inside, None) is not None:
                yield key, True
        else:
            yield from inside

    def _grouped(self, found: Iterator[tuple[bytes, bool]]) -> Iterator[tuple[bytes, bool]]:
        """By a delimiter that is no slash."""
        last = None
        for key, _ in found:
            place = key.find(self.delimiter, len(self.prefix))
            if place < 0:
                yield key, False
                continue
            group = key[: place + len(self.delimiter)]
            if group != last:
                last = group
                yield group, True


def _names(path: bytes) -> list[bytes]:
    """What a folder holds in the order of keys, folders with a slash; the folder's own object comes first."""
    try:
        with os.scandir(path) as found:
            names = [entry.name + b"/" if entry.is_dir() else entry.name for entry in found]
    except OSError:  # not there, no folder, or a prefix longer than names can be
        return []
    kept = (name for name in names if not _PARTIAL.fullmatch(name))
    return sorted(kept, key=lambda name: b"" if name == _MARK else name)


def _is_key(key: bytes) -> bool:
    """Whether it is a key at all: a person may have put files with odd names there."""
    try:
        return name_problem(key.decode().removesuffix("/")) is None
    except UnicodeDecodeError:
        return False
