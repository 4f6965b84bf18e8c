"""Acting without a server: a context of acts over any store, and somebody who acts."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, datetime

from groundswell.domain.people import Account, Credential, Principal, principal_of
from groundswell.service.context import Context, Limits
from groundswell.service.ports import ObjectStorage, Store
from groundswell.testing.memory_storage import MemoryStorage


def acts_over(
    store: Store,
    *,
    storage: ObjectStorage | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    limits: Limits | None = None,
) -> Context:
    """What acts need, over this store."""
    ids = itertools.count(1)
    return Context(
        store=store,
        storage=storage or MemoryStorage(),
        clock=clock,
        new_id=lambda: f"id-{next(ids):08}",
        limits=limits or Limits(),
    )


def acting(account: Account) -> Principal:
    """The account as the server's own command line would let it act."""
    return principal_of(account, Credential("process"))
