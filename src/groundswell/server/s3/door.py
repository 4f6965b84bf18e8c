"""The way in: finds S3's requests among the others, lets in who may, calls the operation, answers in S3's form.

ASGI, before the framework: storing a small object costs less than its routing and middleware would.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from starlette.types import Receive, Scope, Send

from groundswell.domain.errors import GroundswellError
from groundswell.domain.people import Principal
from groundswell.server.aws.sigv4 import Head
from groundswell.server.context import Context
from groundswell.server.s3 import cors
from groundswell.server.s3.addressing import Addresses, Found
from groundswell.server.s3.bodies import Arriving, Body, Gone
from groundswell.server.s3.call import Answer, Call, Target, read_query
from groundswell.server.s3.errors import S3Error, as_s3, body_of, not_allowed
from groundswell.server.s3.form_calls import post_form, signer_of
from groundswell.server.s3.forms import Form
from groundswell.server.s3.routes import operation
from groundswell.server.s3.signing import body_of as signed_body
from groundswell.server.s3.signing import caller_of, principal_of, remembered
from groundswell.service import buckets

log = logging.getLogger(__name__)
T = TypeVar("T")
THREADS = 16
_METHODS = frozenset({"GET", "HEAD", "PUT", "POST", "DELETE"})
_SAFE = {
    # An object is strangers' bytes under this server's name: no page of ours may be made of it.
    "Content-Security-Policy": "sandbox; default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_NO_BODY = frozenset({204, 304})


@dataclass(frozen=True)
class Asked:
    """One request, before it is known who sends it."""

    found: Found
    head: Head
    request_id: str


class S3Door:
    """Answers S3's requests, and no others."""

    def __init__(self, here: Context, addresses: Addresses) -> None:
        self._here, self._addresses = here, addresses
        self._threads = ThreadPoolExecutor(THREADS, "buckets")
        self._host_id = secrets.token_hex(8)

    async def serves(self, scope: Scope, receive: Receive, send: Send) -> bool:
        """Whether the request is one of S3's: then it is answered."""
        found = self._addresses.find(scope) if scope["type"] == "http" else None
        if found is None:
            return False
        began = time.perf_counter()
        asked = Asked(found, Head.of(scope), secrets.token_hex(8).upper())
        arriving = Arriving(receive, asked.head.headers)
        try:
            answer = await self._answer(asked, scope, arriving)
            if not await arriving.drain():
                answer.headers["Connection"] = "close"
            await self._send(answer, asked, send)
        except Gone:
            answer = Answer(400)
        self._here.metrics.observe(scope["method"], "/s3", answer.status, time.perf_counter() - began)
        return True

    async def _answer(self, asked: Asked, scope: Scope, receive: Receive) -> Answer:
        target = Target()
        try:
            target = asked.found.target()
            return await self._operate(asked, target, scope, receive)
        except S3Error as error:
            return self._refused(asked, error, target)
        except GroundswellError as error:
            return self._refused(asked, as_s3(error), target)
        except Gone:
            raise
        except Exception:
            log.exception("%s %s failed", scope["method"], scope["path"])
            bug = S3Error("InternalError", "We encountered an internal error. Please try again.", 500)
            return self._refused(asked, bug, target)

    async def _operate(self, asked: Asked, target: Target, scope: Scope, receive: Receive) -> Answer:
        head = asked.head
        if self._here.bucket_files is None:
            raise S3Error("MethodNotAllowed", "This server keeps its buckets in another S3: ask that one.", 405)
        if head.method == "OPTIONS":
            bucket = await self._run(buckets.known, self._here, target.bucket) if target.bucket else None
            return cors.preflight(bucket.cors if bucket is not None else (), head.headers)
        if head.method not in _METHODS:
            raise not_allowed()
        query = read_query(scope["query_string"])
        location = f"{scope.get('scheme', 'http')}://{head.headers.get('host', '')}{head.path}"
        if head.method == "POST" and head.headers.get("content-type", "").startswith("multipart/form-data"):
            if not target.bucket or target.key:
                raise not_allowed()
            form = Form(head.headers["content-type"], Body(receive))
            await form.read_fields()
            principal = await self._run(signer_of, self._here, form.fields)
            call = self._call(principal, asked, target, query, Body(receive), location)
            return self._with_cors(await post_form(call, form), call)
        copies = "x-amz-copy-source" in head.headers
        work = operation(head.method, target.bucket, target.key, query, copies=copies)
        known = remembered(self._here, head)
        caller = known
        if caller is None:
            paths = (head.path, f"/{target.bucket}{head.path}", asked.found.path.decode("latin-1"))
            caller = await self._run(caller_of, self._here, head, query, paths)
        body = signed_body(head, caller, receive)
        call = self._call(principal_of(caller), asked, target, query, body, location)
        return self._with_cors(await work(call), call)

    def _call(
        self, principal: Principal, asked: Asked, target: Target, query: Mapping[str, str], body: Body, location: str
    ) -> Call:
        head = asked.head
        return Call(self._here, principal, head.method, target, query, head.headers, body, self._threads, location)

    def _with_cors(self, answer: Answer, call: Call) -> Answer:
        bucket = self._here.buckets.get(call.bucket)
        if bucket is not None and bucket.cors:
            answer.headers |= cors.headers_for(bucket.cors, call.headers, call.method)
        return answer

    async def _run(self, work: Callable[..., T], *given: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, partial(work, *given))

    def _refused(self, asked: Asked, error: S3Error, target: Target) -> Answer:
        resource = f"/{target.bucket}/{target.key}" if target.bucket else "/"
        return Answer.xml(body_of(error, resource, asked.request_id, self._host_id), error.status)

    async def _send(self, answer: Answer, asked: Asked, send: Send) -> None:
        is_head, body = asked.head.method == "HEAD", answer.body
        headers = {"x-amz-request-id": asked.request_id, "x-amz-id-2": self._host_id, **_SAFE, **answer.headers}
        if isinstance(body, bytes) and not is_head and answer.status not in _NO_BODY:
            headers["Content-Length"] = str(len(body))
        elif is_head:
            headers.setdefault("Content-Length", "0")
        raw = [(name.lower().encode(), value.encode("utf-8", "surrogateescape")) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": answer.status, "headers": raw})
        if is_head or answer.status in _NO_BODY:
            body = b""
        if isinstance(body, bytes):
            await send({"type": "http.response.body", "body": body})
            return
        async with aclosing(body) as chunks:
            async for chunk in chunks:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
