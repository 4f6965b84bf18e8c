"""The app, with a short way in for the two requests that a worker's loop consists of.

Routing, middleware and exit stacks of the framework cost three times what taking a task or storing an answer costs. So
these two paths are recognised first and their endpoints called at once; what the middleware would have done (errors in
the one form, security headers, metrics) is done here. The routes exist in the app as well, which documents them.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from groundswell.domain.errors import GroundswellError
from groundswell.server.admission import BoundedBody
from groundswell.server.auth import is_known
from groundswell.server.forwarded import TrustedProxies
from groundswell.server.headers import SECURITY_HEADERS
from groundswell.server.protocol import WHOLE_ANSWER

log = logging.getLogger(__name__)
Endpoint = Callable[[Request], Awaitable[Response]]


class Apart(Protocol):
    """What answers some requests by itself."""

    async def serves(self, scope: Scope, receive: Receive, send: Send) -> bool:
        """Whether it was one of these: then it is answered."""
        ...


Lane = tuple[str, str, str, str, Endpoint]
"""Method, path up to its parameter, the parameter's name, path after it, endpoint."""

_RAW_HEADERS = [(name.lower().encode(), value.encode()) for name, value in SECURITY_HEADERS.items()]


class FastLaneApp(FastAPI):
    """FastAPI, but for the hot paths.

    lanes : the hot paths' requests, and what answers them.
    proxies : whose word on where a request comes from is believed.
    """

    def __init__(self, *, lanes: Sequence[Lane], proxies: TrustedProxies, **options: Any) -> None:
        super().__init__(**options)
        self._lanes = lanes
        self._proxies = proxies
        self.buckets: Apart | None = None  # S3's requests, which have a way in of their own

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        scope = self._proxies.seen_through(scope)
        if self.buckets is not None and await self.buckets.serves(scope, receive, send):
            return
        found = _lane(self._lanes, scope)
        if found is None:
            await super().__call__(scope, receive, send)
            return
        endpoint, parameter, value, route = found
        started = time.perf_counter()
        scope["app"], scope["path_params"] = self, {parameter: value}
        body = BoundedBody(scope, receive, self.state.under_way, is_known)
        try:
            response = await self._answer(endpoint, Request(scope, body, send))
        finally:
            body.done()
        response.raw_headers += _RAW_HEADERS
        write = scope.get("extensions", {}).get(WHOLE_ANSWER)
        if write is None or not write(response.status_code, response.raw_headers, response.body):
            await response(scope, receive, send)
        seconds = time.perf_counter() - started
        self.state.context.metrics.observe(scope["method"], route, response.status_code, seconds)

    async def _answer(self, endpoint: Endpoint, request: Request) -> Response:
        try:
            return await endpoint(request)
        except Exception as error:
            kind = next(kind for kind in (GroundswellError, HTTPException, Exception) if isinstance(error, kind))
            if kind is Exception:
                log.error("%s %s failed", request.method, request.url.path, exc_info=error)
            handle: Any = self.exception_handlers[kind]
            answered: Response = await handle(request, error)
            return answered


def _lane(lanes: Sequence[Lane], scope: Scope) -> tuple[Endpoint, str, str, str] | None:
    """(endpoint, its parameter's name and value, the route) of a request on a hot path."""
    if scope["type"] == "http":
        method, path = scope["method"], scope["path"]
        for wanted, before, parameter, behind, endpoint in lanes:
            if method == wanted and path.startswith(before) and path.endswith(behind):
                value = path[len(before) : -len(behind)]
                if value and "/" not in value:
                    return endpoint, parameter, value, f"{before}{{{parameter}}}{behind}"
    return None
