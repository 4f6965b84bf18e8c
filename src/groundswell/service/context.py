"""What every act needs: the ports, what is remembered between acts, and the limits this server sets."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TypeVar

from groundswell.service.ports import Clock, NewId, ObjectStorage, Store, Transaction
from groundswell.service.report_cache import ReportCache
from groundswell.service.throttle import Throttle
from groundswell.service.token_cache import TokenCache

T = TypeVar("T")


@dataclass(frozen=True)
class Limits:
    """What the operator chose of what acts must know; `settings.Settings` says it for a server."""

    session_days: int = 30
    open_registration: bool = False  # whether anybody may make a worker's account
    uploads: str = "s3://groundswell-uploads"  # where uploaded files go


@dataclass(frozen=True, kw_only=True)
class Context:
    """The ports that acts use, and what is remembered between acts."""

    store: Store
    storage: ObjectStorage
    clock: Clock
    new_id: NewId
    limits: Limits = Limits()
    tokens: TokenCache = field(default_factory=TokenCache)
    sign_ins: Throttle = field(default_factory=Throttle)
    reports: ReportCache = field(default_factory=ReportCache)

    def read(self, work: Callable[[Transaction], T]) -> T:
        """Run work that only reads."""
        return self.store.read(work)

    def write(self, work: Callable[[Transaction], T]) -> T:
        """Run work in a unit of work; returns once its effects are durable."""
        return self.store.write(work).result()

    def start(self, work: Callable[[Transaction], T]) -> Future[T]:
        """The same for acts that an event loop waits for."""
        return self.store.write(work)
