"""Accounts as administrators see them: making, listing and changing other people's; and the rules of an account."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from groundswell.domain import events
from groundswell.domain.errors import Conflict, InvalidInput, NotFound
from groundswell.domain.people import Account, Principal, Role
from groundswell.service.access import Action, require
from groundswell.service.context import Context
from groundswell.service.keys import drop_sessions
from groundswell.service.passwords import hash_password
from groundswell.service.ports import Page, Transaction
from groundswell.service.tokens import new_password
from groundswell.wire import accounts as wire

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,255}")


def create(context: Context, principal: Principal, asked: wire.NewWorker) -> tuple[Account, str | None]:
    """An account for somebody else, and its password where one was made; raises Conflict when the address has one."""
    require(principal, Action.CHANGE_ACCOUNTS)
    made = None if asked.password else new_password()
    account = account_of(context, asked.email, asked.name, [Role(name) for name in asked.roles])
    password_hash = hash_password(asked.password or made or "")
    context.write(lambda tx: add(tx, account, password_hash=password_hash, by=principal.id))
    return account, made


def page(
    context: Context, principal: Principal, page: Page, *, role: Role | None = None, team: str | None = None
) -> list[Account]:
    """Accounts in order of their making, of one role or one team."""
    require(principal, Action.SEE_ACCOUNTS)

    def work(tx: Transaction) -> list[Account]:
        team_id = tx.teams.by_name(team).id if team else None
        return tx.workers.page(page, team_id=team_id, role=role)

    return context.read(work)


def describe(context: Context, principal: Principal, account_id: str) -> Account:
    """One account; raises NotFound."""
    require(principal, Action.SEE_ACCOUNTS)
    return context.read(lambda tx: tx.workers.get(account_id))


def change(context: Context, principal: Principal, account_id: str, asked: wire.PatchWorker) -> Account:
    """Change somebody's name, roles or password, or disable their account. The last administrator stays one."""
    require(principal, Action.CHANGE_ACCOUNTS)
    password_hash = hash_password(asked.password) if asked.password else None
    roles = None if asked.roles is None else frozenset(Role(name) for name in asked.roles)
    now = context.clock()

    def work(tx: Transaction) -> Account:
        _keep_an_administrator(tx, account_id, roles, asked.disabled)
        after = tx.workers.update(
            account_id, name=asked.name, roles=roles, disabled=asked.disabled, password_hash=password_hash
        )
        if asked.disabled or password_hash:
            drop_sessions(tx, account_id)
        record_change(tx, after, by=principal.id, at=now, password=password_hash is not None)
        return after

    changed = context.write(work)
    context.tokens.forget_account(account_id)
    return changed


def reset_password(context: Context, principal: Principal, account_id: str) -> tuple[Account, str]:
    """A new password for somebody, made here, and the account; it signs them out everywhere."""
    password = new_password()
    return change(context, principal, account_id, wire.PatchWorker(password=password)), password


def valid_email(email: str) -> str:
    """The address without outer blanks; raises InvalidInput when it cannot be one."""
    found = email.strip()
    if not _EMAIL.fullmatch(found):
        raise InvalidInput(f"expected an e-mail address such as ann@example.com, got {email[:80]!r}", field="email")
    return found


def account_of(context: Context, email: str, name: str, roles: Iterable[Role] = (Role.WORKER,)) -> Account:
    """A new account as a value; raises InvalidInput for an address that cannot be one."""
    address = valid_email(email)
    shown = name.strip() or address.partition("@")[0]
    return Account(context.new_id(), address, shown, frozenset(roles), context.clock())


def add(tx: Transaction, account: Account, *, password_hash: str | None, by: str | None = None) -> None:
    """Store a new account; raises Conflict when the address has one."""
    tx.workers.add(account, password_hash=password_hash)
    tx.record(
        events.AccountRegistered(
            at=account.created_at, actor=by or account.id, account=account.id, roles=sorted(account.roles)
        )
    )


def record_change(tx: Transaction, after: Account, *, by: str, at: datetime, password: bool) -> None:
    """Tell of an account's change; password: whether it got another one."""
    roles = sorted(after.roles)
    tx.record(
        events.AccountChanged(
            at=at, actor=by, account=after.id, roles=roles, disabled=after.disabled, password=password
        )
    )


def find(tx: Transaction, email: str) -> tuple[Account, str | None] | None:
    """The account of an address and its password hash, or None."""
    try:
        return tx.workers.by_email(email.strip())
    except NotFound:
        return None


def _keep_an_administrator(
    tx: Transaction, account_id: str, roles: frozenset[Role] | None, disabled: bool | None
) -> None:
    before = tx.workers.get(account_id)
    losing = Role.ADMINISTRATOR in before.roles and (
        disabled is True or (roles is not None and Role.ADMINISTRATOR not in roles)
    )
    others = tx.workers.page(Page(limit=1_000), role=Role.ADMINISTRATOR) if losing else []
    if losing and not any(one.id != account_id and not one.disabled for one in others):
        raise Conflict("this is the last administrator; make somebody else one first")
