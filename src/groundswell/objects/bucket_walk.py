"""The keys of a folder in the byte order of S3, from anywhere on, without reading what is not asked for."""

from __future__ import annotations

import os
import re
import time
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from groundswell.domain.addresses import name_problem
from groundswell.domain.buckets import FOLDER_MARK

_PARTIAL = re.compile(rb"\.\d+-\d+\.partial")
_MARK = FOLDER_MARK.encode()
_LARGE = 2_000  # names
_MOST_KNOWN = 8  # large folders
_SETTLED_NS = 2_000_000_000  # a folder that changed just now may change again within the same tick of its clock
_known: dict[bytes, tuple[int, Sequence[bytes], bool]] = {}
"""Large folders' names, with the time of the folder's last change."""
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
        names, marked = _names(path)
        if marked and base.startswith(self.prefix) and base > self.after:
            yield base, False
        for place in range(self._start(names, base), len(names)):
            name = names[place]
            key = base + name
            if name.endswith(b"/"):
                yield from self._folder(path + name, key)
            elif not key.startswith(self.prefix):
                if key > self.prefix:
                    return
            elif key > self.after and _is_key(key):
                yield key, False

    def _start(self, names: Sequence[bytes], base: bytes) -> int:
        """Where in a folder's names those begin that may be wanted."""
        wanted = max((one[len(base) :] for one in (self.prefix, self.after) if one.startswith(base)), default=b"")
        folder = wanted.find(b"/") + 1  # what is wanted may be in a folder: its name comes before
        return bisect_left(names, wanted[:folder] if folder else wanted)

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


def _names(path: bytes) -> tuple[Sequence[bytes], bool]:
    """What a folder holds in the order of keys, folders with a slash; and whether it is an object itself.

    Large folders are remembered as long as they do not change: a listing reads them once for every page.
    """
    known = _known.get(path)
    try:
        changed = os.stat(path).st_mtime_ns
        if known is not None and known[0] == changed:
            return known[1], known[2]
        with os.scandir(path) as found:
            names = [entry.name + b"/" if entry.is_dir() else entry.name for entry in found]
    except OSError:  # not there, no folder, or a prefix longer than names can be
        return (), False
    hidden = {name for name in names if name[:1] == b"." and (name == _MARK or _PARTIAL.fullmatch(name))}
    kept = sorted(name for name in names if name not in hidden) if hidden else sorted(names)
    if len(kept) >= _LARGE and time.time_ns() - changed > _SETTLED_NS:
        while len(_known) >= _MOST_KNOWN:
            _known.pop(next(iter(_known), b""), None)
        _known[path] = (changed, kept, _MARK in hidden)
    return kept, _MARK in hidden


def _is_key(key: bytes) -> bool:
    """Whether it is a key at all: a person may have put files with odd names there."""
    try:
        return name_problem(key.decode().removesuffix("/")) is None
    except UnicodeDecodeError:
        return False
