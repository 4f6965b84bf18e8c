"""The signed-in person's own account: name, preferences, password."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from groundswell.domain.errors import InvalidInput, Unauthenticated
from groundswell.domain.people import Account, Principal
from groundswell.service.accounts import record_change
from groundswell.service.context import Context
from groundswell.service.keys import drop_sessions
from groundswell.service.passwords import hash_password
from groundswell.service.ports import Transaction
from groundswell.service.sign_in import check_password
from groundswell.wire import accounts as wire

MAX_PREFERENCES = 100


def describe(context: Context, principal: Principal) -> tuple[Account, list[str]]:
    """One's own account as it is now, and the names of the teams one is in."""
    return context.read(lambda tx: _with_teams(tx, tx.workers.get(principal.id)))


def change(context: Context, principal: Principal, asked: wire.PatchMe) -> tuple[Account, list[str]]:
    """Change one's own name, preferences (merged key by key, None removes one) or password.

    A new password needs the current one (else InvalidInput) and signs one out everywhere else.
    """
    new_hash = _checked_hash(context, principal, asked) if asked.password is not None else None
    now = context.clock()

    def work(tx: Transaction) -> tuple[Account, list[str]]:
        name = None if asked.name is None else _shown(asked.name)
        tx.workers.update(principal.id, name=name, password_hash=new_hash)
        if new_hash is not None:
            drop_sessions(tx, principal.id, but=principal.key.digest)
            record_change(tx, tx.workers.get(principal.id), by=principal.id, at=now, password=True)
        if asked.preferences:
            _merge_preferences(tx, principal.id, asked.preferences)
        return _with_teams(tx, tx.workers.get(principal.id))

    changed = context.write(work)
    context.tokens.forget_account(principal.id)
    return changed


def _checked_hash(context: Context, principal: Principal, asked: wire.PatchMe) -> str:
    new_hash = hash_password(asked.password or "")
    try:
        found = context.read(lambda tx: tx.workers.by_email(principal.account.email))
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
    tx.workers.update(account_id, preferences=now)


def _with_teams(tx: Transaction, account: Account) -> tuple[Account, list[str]]:
    return account, [team.name for team in tx.teams.select(member_id=account.id)]
