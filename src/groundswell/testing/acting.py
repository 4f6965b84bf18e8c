"""Acting without a server: a context of acts over any store, members of workspaces, and somebody who acts."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, datetime

from groundswell.domain.people import MAIN, Account, Principal, Role, Token, principal_of
from groundswell.service.context import Context, Limits
from groundswell.service.ports import ObjectStorage, Store
from groundswell.testing.memory_hooks import AnyFunction
from groundswell.testing.memory_seals import MemorySeals
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
        functions=AnyFunction(),
        clock=clock,
        new_id=lambda: f"id-{next(ids):08}",
        seals=MemorySeals(),
        check_address=lambda url: None,
        limits=limits or Limits(),
    )


def member(account_id: str, name: str, *roles: Role, at: datetime, workspace: str = MAIN) -> Account:
    """An account with these roles in a workspace, a worker's by default; `name` is its e-mail address's too."""
    given = frozenset(roles or (Role.WORKER,))
    inside = given - {Role.ADMINISTRATOR}
    return Account(
        account_id,
        f"{name.lower()}@example.com",
        name,
        given - inside,
        at,
        memberships={workspace: inside} if inside else {},
    )


def acting(account: Account, workspace: str | None = None) -> Principal:
    """The account as the server's own command line would let it act: in its own workspace, or in this."""
    where = workspace or account.home
    return principal_of(account, Token("", account.id, "process", "", account.created_at, None, where))
