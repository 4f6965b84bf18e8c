"""Bodies in chunks: the worked example of AWS's documents, trailers, and what is wrong with them."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pytest

from groundswell.server.aws.chunks import ChunkDecoder
from groundswell.server.aws.errors import AwsError, SignatureFault
from groundswell.server.aws.sigv4 import (
    STREAMED,
    STREAMED_WITH_TRAILER,
    UNSIGNED_WITH_TRAILER,
    Claim,
    chunk_signature,
    signing_key,
)

SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
SEED = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"
FIRST = "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"
SECOND = "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497"
LAST = "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"


def claim(payload: str) -> Claim:
    at = datetime(2013, 5, 24, tzinfo=UTC)
    return Claim("AKIAIOSFODNN7EXAMPLE", "20130524", "us-east-1", "s3", ("host",), SEED, at, payload=payload)


def chunk(data: bytes, signature: str) -> bytes:
    return f"{len(data):x};chunk-signature={signature}\r\n".encode() + data + b"\r\n"


EXAMPLE = chunk(b"a" * 65_536, FIRST) + chunk(b"a" * 1_024, SECOND) + chunk(b"", LAST)


def decode(body: bytes, payload: str, *, step: int) -> tuple[bytes, dict[str, str]]:
    decoder = ChunkDecoder(claim(payload), SECRET)
    found = [part for start in range(0, len(body), step) for part in decoder.feed(body[start : start + step])]
    decoder.finish()
    return b"".join(found), decoder.trailers


@pytest.mark.parametrize("step", [7, 1_000, 1 << 20])
def test_the_worked_example_of_the_documents(step: int) -> None:
    """docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html."""
    assert decode(EXAMPLE, STREAMED, step=step) == (b"a" * 66_560, {})


def signed_with_trailer(data: bytes, trailer: bytes) -> bytes:
    about, key = claim(STREAMED_WITH_TRAILER), signing_key(SECRET, "20130524", "us-east-1", "s3")
    first = chunk_signature(key, "AWS4-HMAC-SHA256-PAYLOAD", about, SEED, hashlib.sha256(data).hexdigest())
    last = chunk_signature(key, "AWS4-HMAC-SHA256-PAYLOAD", about, first, hashlib.sha256(b"").hexdigest())
    end = chunk_signature(key, "AWS4-HMAC-SHA256-TRAILER", about, last, hashlib.sha256(trailer + b"\n").hexdigest())
    head = f"0;chunk-signature={last}\r\n".encode()
    return chunk(data, first) + head + trailer + b"\r\nx-amz-trailer-signature:" + end.encode() + b"\r\n\r\n"


def test_trailers_signed_and_not() -> None:
    body = signed_with_trailer(b"hello", b"x-amz-checksum-crc32:NhCmhg==")
    expected = (b"hello", {"x-amz-checksum-crc32": "NhCmhg=="})
    assert decode(body, STREAMED_WITH_TRAILER, step=3) == expected
    plain = b"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n"
    assert decode(plain, UNSIGNED_WITH_TRAILER, step=3) == expected


@pytest.mark.parametrize(
    ("body", "payload"),
    [
        (EXAMPLE.replace(b"aaa\r\n", b"aab\r\n", 1), STREAMED),  # a changed byte
        (EXAMPLE.replace(LAST.encode(), b"0" * 64), STREAMED),
        (EXAMPLE.replace(f";chunk-signature={FIRST}".encode(), b""), STREAMED),  # a chunk that is not signed
        (EXAMPLE[: len(EXAMPLE) // 2], STREAMED),
        (EXAMPLE[: EXAMPLE.index(b"400;")], STREAMED),  # no last chunk: cut off between two
        (signed_with_trailer(b"hello", b"x-a:1").replace(b"x-a:1", b"x-a:2"), STREAMED_WITH_TRAILER),
        (b"zz\r\n", UNSIGNED_WITH_TRAILER),
        (b"1\r\nab\r\n0\r\n\r\n", UNSIGNED_WITH_TRAILER),
        (b"f" * 20_000, UNSIGNED_WITH_TRAILER),
    ],
)
def test_what_is_changed_or_cut_off_is_refused(body: bytes, payload: str) -> None:
    with pytest.raises((SignatureFault, AwsError)):
        decode(body, payload, step=1_000)
