"""Bodies in chunks of AWS's own (`Content-Encoding: aws-chunked`), signed chunk by chunk or not, with trailers or not.

Without I/O: bytes go in as they come, the object's bytes come out; a chunk is passed on as it is read, so what was
passed on counts only once `finish` has answered.
Source: docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html and sigv4-streaming-trailers.html
"""

from __future__ import annotations

import hashlib
import hmac
import re

from groundswell.server.aws.errors import AwsError, Fault, SignatureFault
from groundswell.server.aws.sigv4 import (
    STREAMED,
    STREAMED_WITH_TRAILER,
    UNSIGNED_WITH_TRAILER,
    Claim,
    chunk_signature,
    signing_key,
)

KINDS = frozenset({STREAMED, STREAMED_WITH_TRAILER, UNSIGNED_WITH_TRAILER})
"""What `x-amz-content-sha256` says of a body in chunks."""

_HEAD = re.compile(rb"([0-9a-fA-F]{1,16})(?:;chunk-signature=([0-9a-f]{64}))?\s*")
_MAX_LINE = 16 << 10
_WRONG = "The request signature we calculated does not match the signature you provided."


class ChunkDecoder:
    """One body. `feed` what comes, then `finish`; `trailers`: what came behind the last chunk, by lower-case name."""

    def __init__(self, claim: Claim, secret: str) -> None:
        self._claim = claim
        self._key = signing_key(secret, claim.date, claim.region, claim.service)
        self._signed = claim.payload in (STREAMED, STREAMED_WITH_TRAILER)
        self._with_trailers = claim.payload in (STREAMED_WITH_TRAILER, UNSIGNED_WITH_TRAILER)
        self._previous = claim.signature
        self._buffer = bytearray()
        self._left = 0  # bytes of the chunk that are still to come
        self._state = "head"  # head, data, end (of a chunk), trailers, done
        self._said = ""
        self._digest = hashlib.sha256()
        self._trailer_text = b""
        self._trailer_signature = ""
        self.trailers: dict[str, str] = {}

    def feed(self, data: bytes) -> list[bytes]:
        """The object's bytes that these make whole. Raises SignatureFault, AwsError."""
        self._buffer += data
        found: list[bytes] = []
        while self._step(found):
            pass
        return found

    def finish(self) -> None:
        """Raise unless the body ended as it must: the last chunk is there and every signature was right."""
        if self._state == "trailers" and not self._buffer and not self._with_trailers:
            self._state = "done"  # the last empty line may be left away
        if self._state != "done":
            raise AwsError("IncompleteBody", "The request body terminated unexpectedly")

    def _step(self, found: list[bytes]) -> bool:
        if self._state == "data":
            return self._take_data(found)
        if self._state == "done":
            return False
        line = self._line()
        if line is None:
            return False
        if self._state == "head":
            self._read_head(line)
        elif self._state == "end":
            self._end_chunk(line)
        else:
            self._read_trailer(line)
        return True

    def _line(self) -> bytes | None:
        end = self._buffer.find(b"\n")
        if end < 0:
            if len(self._buffer) > _MAX_LINE:
                raise _malformed("a chunk's head is longer than it may be")
            return None
        line = bytes(self._buffer[:end]).removesuffix(b"\r")
        del self._buffer[: end + 1]
        return line

    def _read_head(self, line: bytes) -> None:
        match = _HEAD.fullmatch(line)
        if match is None:
            raise _malformed("expected a chunk's size in hexadecimal")
        self._left, self._digest = int(match[1], 16), hashlib.sha256()
        self._said = (match[2] or b"").decode()
        if self._left:
            self._state = "data"
        else:
            self._check_chunk()
            self._state = "trailers"

    def _take_data(self, found: list[bytes]) -> bool:
        part = bytes(self._buffer[: self._left])
        if not part:
            return False
        del self._buffer[: len(part)]
        self._left -= len(part)
        if self._signed:
            self._digest.update(part)
        found.append(part)
        if not self._left:
            self._state = "end"
        return True

    def _end_chunk(self, line: bytes) -> None:
        if line:
            raise _malformed("a chunk is longer than it says")
        self._check_chunk()
        self._state = "head"

    def _check_chunk(self) -> None:
        if self._signed:
            self._check_signature("AWS4-HMAC-SHA256-PAYLOAD", self._said, self._digest.hexdigest())

    def _read_trailer(self, line: bytes) -> None:
        if not line:
            if self._signed and self._with_trailers:
                digest = hashlib.sha256(self._trailer_text).hexdigest()
                self._check_signature("AWS4-HMAC-SHA256-TRAILER", self._trailer_signature, digest)
            self._state = "done"
            return
        name, colon, value = line.decode("latin-1").partition(":")
        name, value = name.strip().lower(), value.strip()
        if not colon:
            raise _malformed("expected a trailing header")
        if name == "x-amz-trailer-signature":
            self._trailer_signature = value
        else:
            self._trailer_text += f"{name}:{value}\n".encode("latin-1")
            self.trailers[name] = value

    def _check_signature(self, kind: str, said: str, digest: str) -> None:
        right = chunk_signature(self._key, kind, self._claim, self._previous, digest)
        if not hmac.compare_digest(right, said):
            raise SignatureFault(Fault.WRONG, _WRONG)
        self._previous = right


def _malformed(what: str) -> AwsError:
    return AwsError("InvalidChunkSizeError", f"The body is not in chunks as it says: {what}")
