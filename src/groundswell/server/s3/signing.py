"""Who asks: a signature (in headers or in the address) or a bearer token; and the body as the signature says it comes.

Cookies let nobody in here: a page of another site must not store objects in somebody's name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeVar

from starlette.types import Receive

from groundswell.domain.errors import Unauthenticated
from groundswell.domain.people import Principal
from groundswell.server.aws.authentication import Caller, authenticate
from groundswell.server.aws.chunks import KINDS, ChunkDecoder
from groundswell.server.aws.errors import S3_NAMES, AwsError, SignatureFault, protocol_error
from groundswell.server.aws.sigv4 import UNSIGNED, Head, read_claim
from groundswell.server.context import Context
from groundswell.server.s3.bodies import Body
from groundswell.server.s3.errors import S3Error
from groundswell.server.s3.old_links import is_old_link, signer_of_link
from groundswell.service import sign_in
from groundswell.service.tokens import token_digest

T = TypeVar("T")
SERVICES = frozenset({"s3"})
_PAYLOAD = re.compile(r"[0-9a-fA-F]{64}")
_DENIED = "Access Denied"


def remembered(here: Context, head: Head) -> Principal | Caller | None:
    """Who asks, where that needs no query; else None, and `caller_of` is to be asked away from the event loop.

    Raises S3Error.
    """
    token = _bearer(head)
    if token is not None:
        return here.tokens.get(token_digest(token))
    if head.headers.get("authorization", "").startswith("AWS "):
        raise S3Error(
            "InvalidRequest",
            "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
        )
    claim = _reading(lambda: read_claim(head))
    if claim is None or here.access_keys.get(f"{claim.access_key}.{claim.token or ''}") is None:
        return None
    return _reading(lambda: authenticate(here, head, services=SERVICES, payload=None))


def caller_of(here: Context, head: Head, query: Mapping[str, str], paths: tuple[str, ...]) -> Principal | Caller:
    """Who asks; raises S3Error.

    paths : what a signature of the old kind may call the object.
    """
    token = _bearer(head)
    if token is not None:
        try:
            return sign_in.principal(here, token)
        except Unauthenticated as error:
            raise S3Error("AccessDenied", error.message, 403) from error
    if is_old_link(query):
        key = _reading(lambda: signer_of_link(here, head, query, paths))
        if key.services and not key.services & SERVICES:
            raise S3Error("AccessDenied", "These credentials are not good for S3", 403)
        return key.principal
    if _reading(lambda: read_claim(head)) is None:
        raise S3Error("AccessDenied", _DENIED, 403)
    return _reading(lambda: authenticate(here, head, services=SERVICES, payload=None))


def body_of(head: Head, caller: Principal | Caller, receive: Receive) -> Body:
    """The request's body as its headers say it comes; raises S3Error."""
    headers, payload = head.headers, head.headers.get("x-amz-content-sha256", UNSIGNED)
    if isinstance(caller, Principal) or payload == UNSIGNED or _PAYLOAD.fullmatch(payload):
        return Body(receive, length=_length(headers, "content-length"))
    if payload not in KINDS:
        raise S3Error(
            "InvalidArgument",
            "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, "
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.",
        )
    length = _length(headers, "x-amz-decoded-content-length")
    if length is None:
        raise S3Error("MissingContentLength", "You must provide the Content-Length HTTP header.", 411)
    decoder = ChunkDecoder(caller.claim, caller.key.secret)
    return Body(receive, decoder=_Named(decoder), length=length)


def principal_of(caller: Principal | Caller) -> Principal:
    """Who acts."""
    return caller if isinstance(caller, Principal) else caller.principal


class _Named:
    """A decoder whose errors are S3's."""

    def __init__(self, decoder: ChunkDecoder) -> None:
        self._decoder = decoder

    @property
    def trailers(self) -> Mapping[str, str]:
        return self._decoder.trailers

    def feed(self, data: bytes) -> list[bytes]:
        return _reading(lambda: self._decoder.feed(data))

    def finish(self) -> None:
        _reading(self._decoder.finish)


def _bearer(head: Head) -> str | None:
    given = head.headers.get("authorization", "")
    return given[7:].strip() if given[:7].lower() == "bearer " else None


def _length(headers: Mapping[str, str], name: str) -> int | None:
    given = headers.get(name)
    if given is None:
        return None
    if not given.isascii() or not given.isdigit() or len(given) > 15:
        raise S3Error("InvalidArgument", f"{name} is to be a number of bytes")
    return int(given)


def _reading(work: Callable[[], T]) -> T:
    """What the checking of signatures answers, or its errors by S3's names."""
    try:
        return work()
    except SignatureFault as fault:
        error = protocol_error(fault, S3_NAMES)
        raise S3Error(error.code, error.message, error.status) from fault
    except AwsError as error:
        raise S3Error(error.code, error.message, error.status) from error
