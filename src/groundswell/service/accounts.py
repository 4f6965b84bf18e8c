"""Accounts as administrators see them: making, listing and changing other people's; and the rules of an account."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from groundswell.domain import events
from groundswell.domain.errors import Conflict, InvalidInput, NotFound
from groundswell.domain.people import Account, Principal, Role, built_in
from groundswell.service.access import Action, permits, require_here, team_for
from groundswell.service.context import Context
from groundswell.service.keys import drop_tokens
from groundswell.service.passwords import hash_password
from groundswell.service.ports import Page, Transaction
from groundswell.service.tokens import new_password
from groundswell.service.verification import verify
from groundswell.wire import accounts as wire

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,255}")


def create(context: Context, principal: Principal, asked: wire.NewWorker) -> tuple[Account, str | None]:
    """An account for somebody else, in this workspace; its password where one was made.

    Raises Conflict when the address has an account.
    """
    require_here(principal, Action.CHANGE_ACCOUNTS)
    made = None if asked.password else new_password()
    everywhere, here = _split(Role(name) for name in asked.roles)
    blank = new_account(context, asked.email, asked.name)
    account = replace(blank, roles=everywhere, memberships={principal.workspace_id: here} if here else {})
    password_hash = hash_password(asked.password or made or "", about=(account.email, account.name))
    workspace = principal.workspace_id
    context.write(lambda tx: add(tx, account, password_hash=password_hash, by=principal.id, workspace=workspace))
    return account, made


def page(
    context: Context, principal: Principal, page: Page, *, role: Role | None = None, team: str | None = None
) -> list[Account]:
    """Accounts in order of their making, of one role or one team: this workspace's, for administrators all."""
    require_here(principal, Action.SEE_ACCOUNTS)
    where = None if permits(principal.roles, Action.CHANGE_ACCOUNTS) else principal.workspace_id

    def work(tx: Transaction) -> list[Account]:
        team_id = team_for(tx, principal, team).id if team else None
        return tx.workers.page(page, team_id=team_id, role=role, workspace_id=where)

    return context.read(work)


def describe(context: Context, principal: Principal, account_id: str) -> Account:
    """One account of this workspace, for administrators any; raises NotFound."""
    require_here(principal, Action.SEE_ACCOUNTS)
    return context.read(lambda tx: _visible(tx, principal, tx.workers.get(account_id)))


def change(context: Context, principal: Principal, account_id: str, asked: wire.PatchWorker) -> Account:
    """Change somebody's name, roles in this workspace or password, or disable their account.

    The last administrator stays one. A new password, and disabling, end every session and key of the account.
    """
    require_here(principal, Action.CHANGE_ACCOUNTS)
    password_hash = hash_password(asked.password) if asked.password else None
    roles = None if asked.roles is None else frozenset(Role(name) for name in asked.roles)
    now, workspace = context.clock(), principal.workspace_id

    def work(tx: Transaction) -> Account:
        before = tx.workers.get(account_id)
        keep_an_administrator(tx, before, roles, asked.disabled)
        everywhere = before.roles
        if roles is not None:
            everywhere, here = _split(roles)
            everywhere |= before.roles & roles  # who labels for the public goes on, if they are to label at all
            tx.workers.set_membership(account_id, workspace, here)
        after = tx.workers.update(
            account_id, name=asked.name, roles=everywhere, disabled=asked.disabled, password_hash=password_hash
        )
        if asked.disabled or password_hash:
            drop_tokens(tx, account_id)
        if asked.verified:
            after = verify(tx, after, by=principal.id, at=now)
        if asked.two_step is False:
            tx.workers.set_two_step(account_id, None)
        record_change(tx, after, by=principal.id, workspace=workspace, at=now, password=password_hash is not None)
        return after

    changed = context.write(work)
    context.forget_account(account_id)
    return changed


def reset_password(context: Context, principal: Principal, account_id: str) -> tuple[Account, str]:
    """A new password for somebody, made here, and the account; it ends their sessions and keys."""
    password = new_password()
    return change(context, principal, account_id, wire.PatchWorker(password=password)), password


def valid_email(email: str) -> str:
    """The address without outer blanks; raises InvalidInput when it cannot be one."""
    found = email.strip()
    if not _EMAIL.fullmatch(found):
        raise InvalidInput(f"expected an e-mail address such as ann@example.com, got {email[:80]!r}", field="email")
    return found


def new_account(context: Context, email: str, name: str) -> Account:
    """A new account as a value, without any role; raises InvalidInput for an address that cannot be one."""
    address = valid_email(email)
    return Account(context.new_id(), address, name.strip() or address.partition("@")[0], frozenset(), context.clock())


def add(
    tx: Transaction, account: Account, *, password_hash: str | None, by: str | None = None, workspace: str | None = None
) -> None:
    """Store a new account; raises Conflict when the address has one."""
    tx.workers.add(account, password_hash=password_hash)
    where = workspace or account.home
    tx.record(
        events.AccountRegistered(
            at=account.created_at,
            actor=by or account.id,
            workspace=where,
            account=account.id,
            roles=sorted(account.roles_in(where)),
        )
    )


def record_change(tx: Transaction, after: Account, *, by: str, workspace: str, at: datetime, password: bool) -> None:
    """Tell of an account's change; password: whether it got another one."""
    tx.record(
        events.AccountChanged(
            at=at,
            actor=by,
            workspace=workspace,
            account=after.id,
            roles=sorted(after.roles_in(workspace)),
            disabled=after.disabled,
            password=password,
        )
    )


def find(tx: Transaction, email: str) -> tuple[Account, str | None] | None:
    """The account of an address and its password hash, or None."""
    try:
        return tx.workers.by_email(email.strip())
    except NotFound:
        return None


def find_here(tx: Transaction, principal: Principal, email: str) -> Account | None:
    """The account of an address, if this person may know that it exists."""
    found = find(tx, email)
    try:
        return None if found is None else _visible(tx, principal, found[0])
    except NotFound:
        return None


def _visible(tx: Transaction, principal: Principal, account: Account) -> Account:
    """Requesters know of who is in their workspace or its teams; administrators of everybody."""
    here = principal.workspace_id
    if permits(principal.roles, Action.CHANGE_ACCOUNTS) or here in account.memberships:
        return account
    if not any(team.workspace_id == here for team in tx.teams.select(member_id=account.id) if not built_in(team.id)):
        raise NotFound(f"there is no account {account.id!r} in this workspace")
    return account


def _split(roles: Iterable[Role]) -> tuple[frozenset[Role], frozenset[Role]]:
    """The roles that hold everywhere, and those that hold in a workspace."""
    given = frozenset(roles)
    return given & {Role.ADMINISTRATOR}, given - {Role.ADMINISTRATOR}


def keep_an_administrator(
    tx: Transaction, before: Account, roles: frozenset[Role] | None, disabled: bool | None
) -> None:
    losing = Role.ADMINISTRATOR in before.roles and (
        disabled is True or (roles is not None and Role.ADMINISTRATOR not in roles)
    )
    others = tx.workers.page(Page(limit=1_000), role=Role.ADMINISTRATOR) if losing else []
    if losing and not any(one.id != before.id and not one.disabled for one in others):
        raise Conflict("this is the last administrator; make somebody else one first")
