"""What a request needs of the running server, in one value."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from starlette.requests import HTTPConnection

from groundswell.server.links import SignedLinks
from groundswell.server.metrics import Metrics
from groundswell.server.report_cache import ReportCache
from groundswell.server.throttle import Throttle
from groundswell.server.token_cache import TokenCache
from groundswell.service.ports import Clock, NewId, ObjectStorage, Store, Transaction
from groundswell.settings import Settings

T = TypeVar("T")


@dataclass(frozen=True)
class Context:
    """The server's ports and settings."""

    settings: Settings
    store: Store
    storage: ObjectStorage
    clock: Clock
    new_id: NewId
    tokens: TokenCache
    links: SignedLinks
    metrics: Metrics
    sign_ins: Throttle
    reports: ReportCache

    def read(self, work: Callable[[Transaction], T]) -> T:
        """Run work that only reads."""
        return self.store.read(work)

    def write(self, work: Callable[[Transaction], T]) -> T:
        """Run work in a transaction; returns once its effects are durable. For routes that run in a thread."""
        return self.store.write(work).result()

    async def write_soon(self, work: Callable[[Transaction], T]) -> T:
        """The same for asynchronous routes."""
        return await asyncio.wrap_future(self.store.write(work))


def context(request: HTTPConnection) -> Context:
    """The running server's context."""
    found: Context = request.app.state.context
    return found


def base_url(request: HTTPConnection) -> str:
    """How people reach this server, without a slash at the end."""
    return (context(request).settings.base_url or str(request.base_url)).rstrip("/")
