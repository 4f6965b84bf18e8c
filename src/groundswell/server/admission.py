"""How much of a request is taken in, and from whom, before anything is done with it.

Who is not signed in may send a little; who is, as much as a labeling server has use for; and all requests under way
together no more than this process can hold. Bodies of JSON are looked at here, so that no route meets a value it cannot
keep.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from groundswell.domain.errors import GroundswellError, InvalidInput
from groundswell.server.bodies import check_query, read_json

API = "/api/v1"
UPLOADS = f"{API}/uploads"

MAX_STRANGERS_BYTES = 64 << 10
"""A sign-in, a registration, a form of a page: all far below."""
MAX_BODY_BYTES = 32 << 20
MAX_UNDER_WAY_BYTES = 512 << 20
"""Of all requests together; who comes when it is full is asked to come again."""

QUICK_BYTES = 256 << 10
"""JSON up to this size is read on the event loop: it takes about a millisecond."""

IsKnown = Callable[[Scope], Awaitable[bool]]
Refuse = Callable[[Scope, Receive, Send, Exception], Awaitable[None]]


@dataclass
class UnderWay:
    """Bytes of bodies that this process holds now."""

    limit: int = MAX_UNDER_WAY_BYTES
    held: int = 0

    def add(self, count: int) -> None:
        """Count bytes in; raises HTTPException 503 when there is no room for them."""
        if self.held + count > self.limit:
            raise HTTPException(503, "the server holds as many large requests as it can; try again in some seconds")
        self.held += count


class BoundedBody:
    """`receive` of one request, which gives up at the sender's limit; `done` when the request is."""

    def __init__(self, scope: Scope, receive: Receive, under_way: UnderWay, is_known: IsKnown) -> None:
        self._scope, self._receive, self._under_way, self._is_known = scope, receive, under_way, is_known
        self._limit = MAX_STRANGERS_BYTES
        self._size = 0

    async def __call__(self) -> Message:
        """The next message, counted."""
        message = await self._receive()
        count = len(message.get("body", b""))
        if count:
            self._under_way.add(count)
            self._size += count
            if self._size > self._limit:
                await self._raise_limit()
        return message

    async def _raise_limit(self) -> None:
        if self._limit < MAX_BODY_BYTES and await self._is_known(self._scope):
            self._limit = MAX_BODY_BYTES
        if self._size > self._limit:
            signed_in = self._limit == MAX_BODY_BYTES
            most = f"{MAX_BODY_BYTES >> 20} MiB" if signed_in else f"{MAX_STRANGERS_BYTES >> 10} KiB before signing in"
            raise HTTPException(413, f"expected a body of at most {most}")

    def done(self) -> None:
        """Nothing of this request is held any more."""
        self._under_way.held -= self._size
        self._size = 0


class AdmissionMiddleware:
    """Checks what every request brings: its path, its query, the size of its body, the JSON in it."""

    def __init__(self, app: ASGIApp, under_way: UnderWay, is_known: IsKnown, refuse: Refuse) -> None:
        self._app, self._under_way, self._is_known, self._refuse = app, under_way, is_known, refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it in the one form of an error."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = BoundedBody(scope, receive, self._under_way, self._is_known)
        bounded: Receive = receive if scope["path"].startswith(UPLOADS) else body
        try:
            check_address(scope)
            if _is_json(scope):
                bounded = _replayed(await _checked(body), receive)
        except (GroundswellError, HTTPException) as error:
            body.done()
            await self._refuse(scope, receive, send, error)
            return
        try:
            await self._app(scope, bounded, send)
        finally:
            body.done()


def check_address(scope: Scope) -> None:
    """Raise for a path or query with what no name here can hold: NUL, or bytes that are not UTF-8."""
    path = scope["path"]
    if ("\x00" in path or "\ufffd" in path) and not path.startswith(
        UPLOADS
    ):  # they say themselves what a file's name may be
        raise HTTPException(404, "there is nothing at this address")
    check_query(scope["query_string"])


def _is_json(scope: Scope) -> bool:
    if scope["method"] in ("GET", "HEAD", "OPTIONS") or not scope["path"].startswith(API):
        return False
    if scope["path"].startswith(UPLOADS):
        return False
    kinds = [value for name, value in scope["headers"] if name == b"content-type"]
    return bool(kinds) and b"json" in kinds[0].lower()


async def _checked(body: BoundedBody) -> bytes:
    parts = []
    while (message := await body())["type"] == "http.request":
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            break
    else:
        raise InvalidInput("the connection ended before the body did")
    raw = b"".join(parts)
    if len(raw) > QUICK_BYTES:
        await run_in_threadpool(read_json, raw)
    elif raw:
        read_json(raw)
    return raw


def _replayed(raw: bytes, receive: Receive) -> Receive:
    sent = False

    async def replay() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": raw, "more_body": False}

    return replay
