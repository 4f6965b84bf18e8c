"""Requests of AWS's clients, found among the others and taken to the service that they are for.

The service is the one that the credential's scope names, wherever the request goes; without credentials it is the one
of `X-Amz-Target`. What is for none of these doors goes on to the app: S3 has a room of its own.
"""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from groundswell.server.admission import BoundedBody
from groundswell.server.aws.authentication import Caller, Replays, authenticate, claim_of, digest_of, known_key
from groundswell.server.aws.errors import AwsError, ErrorNames, SignatureFault, protocol_error
from groundswell.server.aws.sigv4 import Head
from groundswell.server.context import Context

log = logging.getLogger(__name__)
_SCOPE_OF_HEADER = re.compile(rb"Credential=[^/,\s]*/\d{8}/[\w-]*/([\w-]{1,64})/aws4_request")
_SCOPE_OF_QUERY = re.compile(
    rb"X-Amz-Credential=[^&]*?(?:%2F|/)\d{8}(?:%2F|/)[\w-]*(?:%2F|/)([\w-]{1,64})(?:%2F|/)aws4_"
)


@dataclass(frozen=True)
class Call:
    """One request that was let in."""

    here: Context
    caller: Caller
    head: Head
    body: bytes
    request_id: str
    base_url: str  # how the client reaches this server, without a slash at the end


class Door(Protocol):
    """A service."""

    scopes: frozenset[str]  # what the credential's scope of its requests may name; none: anything
    target: str  # what its X-Amz-Target begins with, up to the dot; empty: it has none
    names: ErrorNames  # its protocol's names for what is wrong with signatures
    most_bytes: int  # of a body

    def answer(self, call: Call) -> Response:
        """The answer; called in a thread. Raises AwsError."""
        ...

    def refuse(self, error: AwsError, request_id: str) -> Response:
        """An error in the service's form."""
        ...


class AwsDoors:
    """ASGI middleware: takes the requests that are for one of these services."""

    def __init__(self, app: ASGIApp, doors: Iterable[Door], elsewhere: Door, elsewhere_in_xml: Door) -> None:
        """elsewhere : who answers what is for a service that is not here, in JSON and in XML."""
        self._app = app
        self._by_scope = {name: door for door in doors for name in door.scopes}
        self._by_target = {door.target: door for door in self._by_scope.values() if door.target}
        self._elsewhere, self._elsewhere_in_xml = elsewhere, elsewhere_in_xml
        self._replays = Replays()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, or pass it on."""
        door = self._door_of(scope) if scope["type"] == "http" else None
        if door is None:
            await self._app(scope, receive, send)
            return
        response = await self._respond(door, scope, receive)
        await response(scope, receive, send)

    def _door_of(self, scope: Scope) -> Door | None:
        headers = dict(scope["headers"])
        named = _SCOPE_OF_HEADER.search(headers.get(b"authorization", b""))
        named = named or _SCOPE_OF_QUERY.search(scope["query_string"])
        name = named[1].decode() if named else None
        if name in self._by_scope:
            return self._by_scope[name]
        if name == "s3" or scope["path"] != "/" or scope["method"] != "POST":
            return None
        target = headers.get(b"x-amz-target", b"").decode("latin-1")
        if target:
            return self._by_target.get(target.partition(".")[0], self._elsewhere)
        return self._elsewhere_in_xml if name else None

    async def _respond(self, door: Door, scope: Scope, receive: Receive) -> Response:
        request_id = str(uuid.uuid4())
        here: Context = scope["app"].state.context
        head = Head.of(scope)
        bounded = BoundedBody(scope, receive, scope["app"].state.under_way, _has_key)
        try:
            body = await _read(door, bounded)
            return await run_in_threadpool(self._answer, door, here, head, body, request_id, scope)
        except AwsError as error:
            return _refused(door, error, request_id)
        finally:
            bounded.done()

    def _answer(self, door: Door, here: Context, head: Head, body: bytes, request_id: str, scope: Scope) -> Response:
        try:
            services = door.scopes or frozenset({claim_of(head).service})
            caller = authenticate(here, head, services=services, payload=digest_of(body))
            if not caller.claim.is_presigned:
                self._replays.refuse(caller.claim)
        except SignatureFault as fault:
            return _refused(door, protocol_error(fault, door.names), request_id)
        base = here.settings.base_url or f"{scope.get('scheme', 'http')}://{head.headers.get('host', '')}"
        try:
            return door.answer(Call(here, caller, head, body, request_id, base.rstrip("/")))
        except AwsError as error:
            return _refused(door, error, request_id)
        except Exception:
            log.exception("a request of %s failed", ", ".join(door.scopes))
            return _refused(door, AwsError("InternalFailure", "The request processing has failed", 500), request_id)


async def _read(door: Door, body: BoundedBody) -> bytes:
    """The whole body. One that is too large is read to its end nevertheless: who still sends does not listen."""
    too_large = AwsError("RequestEntityTooLargeException", f"expected a body of at most {door.most_bytes:,} bytes", 413)
    parts: list[bytes] = []
    size = 0
    try:
        while (message := await body())["type"] == "http.request":
            size += len(message.get("body", b""))
            if size <= door.most_bytes:
                parts.append(message.get("body", b""))
            if not message.get("more_body"):
                break
    except HTTPException as error:
        if error.status_code == 503:
            raise AwsError("ServiceUnavailable", str(error.detail), 503) from error
        raise too_large from error
    else:
        if message["type"] != "http.request":
            raise AwsError("IncompleteBody", "The request body terminated unexpectedly")
    if size > door.most_bytes:
        raise too_large
    return b"".join(parts)


async def _has_key(scope: Scope) -> bool:
    """Whether a request names an access key that there is: who has none sends no large bodies."""
    here: Context = scope["app"].state.context
    try:
        await run_in_threadpool(known_key, here, claim_of(Head.of(scope)))
    except SignatureFault:
        return False
    return True


def _refused(door: Door, error: AwsError, request_id: str) -> Response:
    response = door.refuse(error, request_id)
    if error.status == 413:
        response.headers["Connection"] = "close"  # what is left of the body is not wanted
    return response
