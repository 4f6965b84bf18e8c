"""A request's body as it comes: plain, or in S3's chunks with signatures and trailers; in pieces of one size."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from starlette.types import Message, Receive

from groundswell.domain.buckets import MOST_PUT_BYTES
from groundswell.server.s3.errors import S3Error

PIECE_BYTES = 1 << 20
"""What a request holds of its body at once."""
MOST_DRAINED_BYTES = 8 << 20
"""Of a body that nobody wants: who sends more is cut off."""


class Gone(Exception):
    """Who was sending went away in the middle."""


class Arriving:
    """`receive` of one request, which knows whether its body was taken to the end."""

    def __init__(self, receive: Receive, headers: Mapping[str, str]) -> None:
        self._receive = receive
        self._waits = "expect" in headers  # for leave to send the body
        self._began = False
        self.ended = headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers

    async def __call__(self) -> Message:
        """The next message."""
        self._began = True
        message = await self._receive()
        self.ended = self.ended or message["type"] != "http.request" or not message.get("more_body", False)
        return message

    async def drain(self) -> bool:
        """Take what still comes where it is little; whether the connection is good for another request then."""
        left = 0 if self._waits and not self._began else MOST_DRAINED_BYTES
        while not self.ended and left > 0:
            left -= len((await self()).get("body", b""))
        return self.ended


class Decoder(Protocol):
    """Takes chunks apart (`aws.chunks.ChunkDecoder`)."""

    @property
    def trailers(self) -> Mapping[str, str]: ...
    def feed(self, data: bytes) -> list[bytes]: ...
    def finish(self) -> None: ...


class Body:
    """The object's bytes of a request."""

    def __init__(self, receive: Receive, *, decoder: Decoder | None = None, length: int | None = None) -> None:
        self._receive, self._decoder = receive, decoder
        self._length = length  # of the object's bytes, as the request says it
        self._parts: list[bytes] = []
        self._held = 0
        self._total = 0
        self._more = True

    @property
    def at_end(self) -> bool:
        """Whether everything has come and been taken."""
        return not self._more and not self._held

    @property
    def trailers(self) -> Mapping[str, str]:
        """What came behind the bytes, by lower-case name."""
        return self._decoder.trailers if self._decoder is not None else {}

    async def piece(self) -> bytes:
        """The next bytes: PIECE_BYTES or more, fewer at the end. Raises Gone, S3Error."""
        while self._more and self._held < PIECE_BYTES:
            await self._next()
        data = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        self._parts, self._held = [], 0
        return data

    async def whole(self, most: int) -> bytes:
        """All of a body that is at most so long; raises S3Error."""
        parts, size = [], 0
        while not self.at_end:
            parts.append(await self.piece())
            size += len(parts[-1])
            if size > most:
                raise S3Error("MaxMessageLengthExceeded", "Your request was too large.")
        return b"".join(parts)

    async def _next(self) -> None:
        message = await self._receive()
        if message["type"] != "http.request":
            raise Gone
        data = message.get("body", b"")
        self._more = message.get("more_body", False)
        for found in self._decoder.feed(data) if self._decoder is not None else (data,):
            if found:
                self._parts.append(found)
                self._held += len(found)
                self._total += len(found)
        if self._total > MOST_PUT_BYTES:
            raise S3Error("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
        if not self._more:
            if self._decoder is not None:
                self._decoder.finish()
            if self._length is not None and self._total != self._length:
                raise S3Error(
                    "IncompleteBody", "You did not provide the number of bytes specified by the Content-Length header"
                )
