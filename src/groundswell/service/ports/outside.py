"""Object storage, mail, seals of secrets, the clock and ids."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

OnOdd = Callable[[str, str], None]
"""Told of an object that a listing leaves out: its URI and why."""


class ObjectStorage(Protocol):
    """Bytes by URI: `file:///...`, `s3://bucket/key`, `gs://`, `az://`, or a plain path in the data directory."""

    def read(self, uri: str) -> bytes:
        """Raises NotFound, Unavailable."""
        ...

    def read_range(self, uri: str, start: int, length: int) -> bytes: ...

    def stream(self, uri: str, chunk_bytes: int = 1 << 20) -> Iterator[bytes]: ...

    def write(self, uri: str, data: bytes, *, content_type: str | None = None) -> None:
        """Whole or not at all: readers never see a half-written object."""
        ...

    def write_stream(self, uri: str, chunks: Iterable[bytes], *, content_type: str | None = None) -> None:
        """The same for data too large for memory."""
        ...

    def exists(self, uri: str) -> bool: ...

    def missing(self, uris: Sequence[str]) -> Mapping[str, str]:
        """Those of the URIs where there is no object that this server may read, each with a sentence that says why.

        Asked in bulk, so that a listing may answer for many.
        """
        ...

    def size(self, uri: str) -> int: ...

    def entries(self, prefix: str, *, on_odd: OnOdd | None = None) -> Iterator[tuple[str, int]]:
        """(URI, bytes) of every object under a prefix, in byte order of the URI.

        Objects whose names cannot be used are left out; `on_odd` is told of each: its URI, and why.
        """
        ...

    def delete(self, uri: str) -> None: ...

    def absolute(self, uri: str) -> str:
        """The address for whoever reads it elsewhere: relative paths, which are in the data directory, as `file:`."""
        ...


class Mail(Protocol):
    """Sending letters."""

    def send(self, to: str, subject: str, text: str) -> None:
        """Hand a letter over; blocks until it is taken. Raises Unavailable."""
        ...


class Seals(Protocol):
    """Secrets as they are kept: only who has the server's key reads them."""

    def seal(self, secret: bytes) -> str:
        """The secret to be stored; another text each time."""
        ...

    def unseal(self, kept: str) -> bytes:
        """The secret of a seal; a text from before there were seals is the secret itself. Raises Unsealable."""
        ...


CheckAddress = Callable[[str], None]
"""Raises Forbidden for the URL of a host that this server may not send requests to, as far as its name is known now."""

Clock = Callable[[], datetime]
"""The time now, aware UTC."""

NewId = Callable[[], str]
"""A new unique id, sortable by time."""
