"""The signed-in person's own account: name, preferences, password."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from groundswell.domain.errors import InvalidInput, NotFound, Unauthenticated
from groundswell.domain.people import Account, Principal, Role, Workspace
from groundswell.service.accounts import record_change
from groundswell.service.context import Context
from groundswell.service.keys import drop_tokens
from groundswell.service.passwords import hash_password
from groundswell.service.ports import Transaction
from groundswell.service.sign_in import check_password
from groundswell.wire import accounts as wire

MAX_PREFERENCES = 100
MAX_PREFERENCES_BYTES = 64 << 10


@dataclass(frozen=True)
class OwnAccount:
    """One's own account as it is now."""

    account: Account
    teams: list[str]  # names of those one is in
    workspace: Workspace  # where one acts
    workspaces: tuple[Workspace, ...]  # where one has roles


def describe(context: Context, principal: Principal) -> OwnAccount:
    """One's own account as it is now."""
    return context.read(lambda tx: _seen(tx, principal))


def change(context: Context, principal: Principal, asked: wire.PatchMe) -> OwnAccount:
    """Change one's own name, preferences (merged key by key, None removes one) or password.

    A new password needs the current one (else InvalidInput; TooManyRequests for who guesses); it ends every other
    session, and every key.
    """
    new_hash = _checked_hash(context, principal, asked) if asked.password is not None else None
    now = context.clock()

    def work(tx: Transaction) -> OwnAccount:
        name = None if asked.name is None else _shown(asked.name)
        tx.workers.update(principal.id, name=name, password_hash=new_hash)
        if new_hash is not None:
            drop_tokens(tx, principal.id, but=principal.token.digest)
            record_change(
                tx,
                tx.workers.get(principal.id),
                by=principal.id,
                workspace=principal.workspace_id,
                at=now,
                password=True,
            )
        if asked.preferences:
            _merge_preferences(tx, principal.id, asked.preferences)
        return _seen(tx, principal)

    changed = context.write(work)
    context.forget_account(principal.id)
    return changed


def places(context: Context, principal: Principal) -> tuple[Workspace, ...]:
    """The workspaces one may choose among; none where there is only one to act in."""
    if len(principal.account.memberships) < 2 and Role.ADMINISTRATOR not in principal.account.roles:
        return ()
    mine = context.read(lambda tx: _mine(tx, principal.account))
    return mine if len(mine) > 1 else ()


def choose_workspace(context: Context, principal: Principal, name: str) -> Workspace:
    """This session, or key, acts in another workspace of one's own from now on; raises NotFound."""

    def work(tx: Transaction) -> Workspace:
        found = tx.workspaces.by_name(name)
        if found.id not in principal.account.memberships and Role.ADMINISTRATOR not in principal.account.roles:
            raise NotFound(f"there is no workspace named {name!r} in which you have a role", field="name")
        tx.workers.move_token(principal.token.digest, found.id)
        return found

    chosen = context.write(work)
    context.tokens.forget_token(principal.token.digest)
    return chosen


def _checked_hash(context: Context, principal: Principal, asked: wire.PatchMe) -> str:
    new_hash = hash_password(asked.password or "", about=(principal.account.email, principal.account.name))
    try:
        found = context.read(lambda tx: tx.workers.by_email(principal.account.email))
        with context.sign_ins.proving(principal.account):
            check_password(found, asked.current_password or "")
    except Unauthenticated:
        raise InvalidInput("this is not the current password", field="current_password") from None
    return new_hash


def _shown(name: str) -> str:
    if not name.strip():
        raise InvalidInput("expected a name of 1 to 200 characters", field="name")
    return name.strip()


def _merge_preferences(tx: Transaction, account_id: str, changes: Mapping[str, Any]) -> None:
    now = dict(tx.workers.get(account_id).preferences)
    for key, value in changes.items():
        if value is None:
            now.pop(key, None)
        else:
            now[key] = value
    if len(now) > MAX_PREFERENCES:
        raise InvalidInput(f"expected at most {MAX_PREFERENCES} preferences, got {len(now)}", field="preferences")
    if (size := len(orjson.dumps(now))) > MAX_PREFERENCES_BYTES:
        raise InvalidInput(
            f"expected preferences of at most {MAX_PREFERENCES_BYTES:,} bytes, got {size:,}", field="preferences"
        )
    tx.workers.update(account_id, preferences=now)


def _seen(tx: Transaction, principal: Principal) -> OwnAccount:
    account = tx.workers.get(principal.id)
    teams = [team.name for team in tx.teams.select(member_id=account.id)]
    return OwnAccount(account, teams, tx.workspaces.get(principal.workspace_id), _mine(tx, account))


def _mine(tx: Transaction, account: Account) -> tuple[Workspace, ...]:
    everywhere = Role.ADMINISTRATOR in account.roles
    return tuple(one for one in tx.workspaces.all() if everywhere or one.id in account.memberships)
