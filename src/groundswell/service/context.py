"""What every act needs: the ports, what is remembered between acts, and the limits this server sets."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from groundswell.domain.access_keys import KnownKey
from groundswell.domain.people import Principal
from groundswell.service.bucket_cache import BucketCache
from groundswell.service.media_views import MediaViews
from groundswell.service.pictures import Pictures
from groundswell.service.places import Places, WorkspaceStorage
from groundswell.service.ports import (
    BucketFiles,
    CheckAddress,
    Clock,
    Functions,
    Mail,
    NewId,
    ObjectStorage,
    Seals,
    Store,
    Transaction,
)
from groundswell.service.report_cache import ReportCache
from groundswell.service.throttle import SignInThrottle
from groundswell.service.token_cache import TokenCache

T = TypeVar("T")

_ASIDE = 4  # answers looked at together: each may hold a picture of a hundred million pixels


@dataclass(frozen=True)
class Limits:
    """What the operator chose of what acts must know; `settings.Settings` says it for a server."""

    session_days: int = 30
    open_registration: bool = False  # whether anybody may make a worker's account
    base_url: str = ""  # how people reach this server, for links in letters
    require_two_step: bool = False  # whether administrators are ones only with a second step of signing in


@dataclass(frozen=True, kw_only=True)
class Context:
    """The ports that acts use, and what is remembered between acts."""

    store: Store
    storage: ObjectStorage
    functions: Functions
    clock: Clock
    new_id: NewId
    seals: Seals
    check_address: CheckAddress  # where others may point this server
    secret: bytes = b""  # the server's own: what pseudonyms are made with
    mail: Mail | None = None
    limits: Limits = Limits()
    places: Places = field(default_factory=Places)
    tokens: TokenCache[Principal] = field(default_factory=TokenCache)
    access_keys: TokenCache[KnownKey] = field(default_factory=TokenCache)
    sign_ins: SignInThrottle = field(default_factory=SignInThrottle)
    reports: ReportCache = field(default_factory=ReportCache)
    media_views: MediaViews = field(default_factory=MediaViews)
    bucket_files: BucketFiles | None = None  # of the buckets kept here; None: they are in a real S3
    buckets: BucketCache = field(default_factory=BucketCache)

    @cached_property
    def pictures(self) -> Pictures:
        """Facts of the storage's pictures."""
        return Pictures(self.storage)

    @cached_property
    def aside(self) -> ThreadPoolExecutor:
        """Threads for what neither the event loop nor the store's writer may wait for: headers, painted masks."""
        return ThreadPoolExecutor(_ASIDE, "aside")

    def forget_account(self, account_id: str) -> None:
        """After a change of an account: what is remembered of it is read anew."""
        self.tokens.forget_account(account_id)
        self.access_keys.forget_account(account_id)

    def storage_of(self, principal: Principal) -> ObjectStorage:
        """The storage as the principal's workspace may use it."""
        return WorkspaceStorage(self.storage, self.places, principal.workspace_id, self._bucket_owner)

    def _bucket_owner(self, name: str) -> str | None:
        bucket = self.buckets.get(name) or self.read(lambda tx: tx.buckets.find(name))
        return None if bucket is None else bucket.workspace_id

    def read(self, work: Callable[[Transaction], T]) -> T:
        """Run work that only reads."""
        return self.store.read(work)

    def write(self, work: Callable[[Transaction], T]) -> T:
        """Run work in a unit of work; returns once its effects are durable."""
        return self.store.write(work).result()

    def start(self, work: Callable[[Transaction], T]) -> Future[T]:
        """The same for acts that an event loop waits for."""
        return self.store.write(work)
