"""Facts of the pictures that tasks show: read once from their headers, wherever they are stored, and remembered.

Pictures on the web are not asked for: a server that fetches what a manifest names can be sent anywhere.
"""

from __future__ import annotations

import base64
import binascii
import io
from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock
from typing import Any

from groundswell.domain.addresses import is_web, resolve
from groundswell.domain.errors import Forbidden, InvalidInput, NotFound
from groundswell.service.ports import ObjectStorage
from groundswell.tasktypes.picture_facts import Picture, read_picture

_BLOCK_BYTES = 1 << 16  # a header is in the first, but for photographs with a large preview inside
_MOST_BLOCKS = 512
_REMEMBERED = 50_000


class Pictures:
    """The pictures of one storage. Safe to share between threads."""

    def __init__(self, storage: ObjectStorage) -> None:
        self._storage = storage
        self._known: OrderedDict[str, Picture] = OrderedDict()
        self._lock = Lock()

    def of_line(self, line: Mapping[str, Any], manifest_uri: str) -> Picture | None:
        """The picture that a manifest line names; None where it names none whose header can be read."""
        reference = line.get("source-ref")
        return self.at(resolve(reference, manifest_uri)) if isinstance(reference, str) else None

    def at(self, uri: str) -> Picture | None:
        """The picture at an address. Raises Unavailable where the storage does not answer."""
        with self._lock:
            if uri in self._known:
                self._known.move_to_end(uri)
                return self._known[uri]
        found = self._read(uri)
        if found is not None:
            with self._lock:
                self._known[uri] = found
                if len(self._known) > _REMEMBERED:
                    self._known.popitem(last=False)
        return found

    def _read(self, uri: str) -> Picture | None:
        if uri.startswith("data:"):
            return read_picture(io.BytesIO(_data_of(uri)))
        if is_web(uri):
            return None
        try:
            return read_picture(io.BufferedReader(_Stored(self._storage, uri), _BLOCK_BYTES))
        except (NotFound, Forbidden, InvalidInput):
            return None


class _Stored(io.RawIOBase):
    """An object of the storage as a file, of which only what is asked for is read; as empty beyond `_MOST_BLOCKS`."""

    def __init__(self, storage: ObjectStorage, uri: str) -> None:
        self._storage, self._uri = storage, uri
        self._size: int | None = None
        self._at = 0
        self._blocks = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence == io.SEEK_END:
            if self._size is None:
                self._size = self._storage.size(self._uri)
            offset += self._size
        elif whence == io.SEEK_CUR:
            offset += self._at
        self._at = max(0, offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        self._blocks += 1
        if self._blocks > _MOST_BLOCKS:
            return 0
        data = self._storage.read_range(self._uri, self._at, len(buffer))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


def _data_of(uri: str) -> bytes:
    """The bytes of a `data:` address in base64; nothing for another."""
    head, comma, data = uri.partition(",")
    try:
        return base64.b64decode(data) if comma and head.endswith(";base64") else b""
    except (binascii.Error, ValueError):
        return b""
