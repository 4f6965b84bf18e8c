"""What happens to every response on its way out: security headers, and one line in the metrics."""

from __future__ import annotations

import time

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from groundswell.server.admission import API
from groundswell.server.metrics import Metrics

PAGE_POLICY = (
    "default-src 'self'; img-src 'self' https: data: blob:; media-src 'self' https:; style-src 'self'; "
    "style-src-attr 'unsafe-inline'; frame-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
"""For our own pages: no inline script, nobody may frame them. Strangers' templates have a policy of their own."""

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": PAGE_POLICY,
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class EdgeMiddleware:
    """Pure ASGI, because it runs on the hot path too."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        finally:
            route = getattr(scope.get("route"), "path", None) or "other"
            if scope["path"].startswith(API) and route.startswith("/") and not route.startswith(API):
                route = API + route  # the framework tells the path below the router's prefix
            self._metrics.observe(scope["method"], route, status, time.perf_counter() - started)
