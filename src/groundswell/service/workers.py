"""Accounts: registering, signing in, API keys, roles. Passwords are hashed by the caller, outside the transaction."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from groundswell.domain import events
from groundswell.domain.errors import Conflict, Forbidden, InvalidInput, NotFound, Unauthenticated
from groundswell.domain.people import Account, Role
from groundswell.service.passwords import password_fits
from groundswell.service.ports import Page, Transaction

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,255}")
MAX_PREFERENCES = 100


@dataclass(frozen=True)
class ApiKey:
    """An API key, without its secret."""

    id: str  # the start of its digest
    name: str
    created_at: datetime
    expires_at: datetime | None


def new_token() -> str:
    """A secret for a session, a key or an invitation: 256 random bits."""
    return secrets.token_urlsafe(32)


def token_digest(token: str) -> str:
    """What the store keeps of a token. Tokens are long and random, so a plain hash is enough."""
    return sha256(token.encode()).hexdigest()


def valid_email(email: str) -> str:
    """The address without outer blanks; raises InvalidInput when it cannot be one."""
    found = email.strip()
    if not _EMAIL.fullmatch(found):
        raise InvalidInput(f"expected an e-mail address such as ann@example.com, got {email[:80]!r}", field="email")
    return found


def register(
    tx: Transaction,
    *,
    worker_id: str,
    email: str,
    name: str,
    password_hash: str | None,
    at: datetime,
    roles: Iterable[Role] = (Role.WORKER,),
    by: str | None = None,
) -> Account:
    """A new account; raises Conflict when the address has one."""
    address = valid_email(email)
    worker = Account(worker_id, address, name.strip() or address.partition("@")[0], frozenset(roles), at)
    tx.workers.add(worker, password_hash=password_hash)
    tx.record(events.AccountRegistered(at=at, actor=by or worker.id, account=worker.id, roles=sorted(worker.roles)))
    return worker


def register_self(
    tx: Transaction,
    *,
    worker_id: str,
    email: str,
    name: str,
    password_hash: str,
    at: datetime,
    invitation: str | None,
    open_to_all: bool,
) -> Account:
    """A worker's own account, with an invitation to a team or, where registration is open, without."""
    if invitation is None and not open_to_all:
        raise Forbidden("this server takes new accounts by invitation only; ask for an invitation link")
    team = tx.teams.use_invitation(token_digest(invitation), at=at) if invitation else None
    worker = register(tx, worker_id=worker_id, email=email, name=name, password_hash=password_hash, at=at)
    if team is not None:
        tx.teams.add_member(team.id, worker.id)
        tx.record(events.InvitationUsed(at=at, actor=worker.id, team=team.name, account=worker.id))
    return worker


def has_administrator(tx: Transaction) -> bool:
    """Whether this server has been started before."""
    return bool(tx.workers.page(Page(limit=1), role=Role.ADMINISTRATOR))


def first_administrator(
    tx: Transaction, *, worker_id: str, email: str, password_hash: str, at: datetime
) -> Account | None:
    """The server's first administrator, who is a requester and a worker too; None when there is one already."""
    if has_administrator(tx):
        return None
    roles = (Role.ADMINISTRATOR, Role.REQUESTER, Role.WORKER)
    return register(tx, worker_id=worker_id, email=email, name="", password_hash=password_hash, at=at, roles=roles)


def check_sign_in(found: tuple[Account, str | None] | None, password: str) -> Account:
    """The worker whose password this is; the same error, after the same time, whatever was wrong."""
    worker, password_hash = found if found else (None, None)
    if not password_fits(password, password_hash) or worker is None or worker.disabled:
        raise Unauthenticated("this e-mail address and password do not belong together", field="password")
    return worker


def account_of(tx: Transaction, email: str) -> tuple[Account, str | None] | None:
    """The worker of an address and their password hash, or None."""
    try:
        return tx.workers.by_email(email.strip())
    except NotFound:
        return None


def open_session(tx: Transaction, worker: Account, token: str, *, at: datetime, days: int, network: str = "") -> None:
    """Remember a session's token; network: the address that signs in, where known."""
    expires = at + timedelta(days=days)
    tx.workers.add_token(token_digest(token), worker.id, kind="session", name="", created_at=at, expires_at=expires)
    tx.record(events.SignedIn(at=at, actor=worker.id, account=worker.id, network=network))


def note_failed_sign_in(tx: Transaction, worker: Account | None, *, at: datetime, network: str) -> None:
    """Remember that somebody gave a wrong password, or an address that has no account."""
    tx.record(events.SignInFailed(at=at, account=worker.id if worker else "", network=network))


def close_session(tx: Transaction, worker: Account | None, digest: str, *, at: datetime) -> None:
    """Drop a session's token; worker: whose it was, None where it was no longer valid."""
    tx.workers.drop_token(digest)
    if worker is not None:
        tx.record(events.SignedOut(at=at, actor=worker.id, account=worker.id))


def add_key(
    tx: Transaction, worker: Account, token: str, *, name: str, at: datetime, days: int | None = None
) -> ApiKey:
    """Remember a new API key."""
    expires = None if days is None else at + timedelta(days=days)
    digest, title = token_digest(token), name.strip() or "key"
    tx.workers.add_token(digest, worker.id, kind="key", name=title, created_at=at, expires_at=expires)
    tx.record(events.KeyAdded(at=at, actor=worker.id, key=digest[:16], name=title))
    return ApiKey(digest[:16], title, at, expires)


def keys(tx: Transaction, worker: Account) -> list[ApiKey]:
    """The worker's API keys, newest first."""
    found = [
        ApiKey(digest[:16], name, made, expires) for digest, name, made, expires in tx.workers.tokens(worker.id, "key")
    ]
    return sorted(found, key=lambda key: key.created_at, reverse=True)


def drop_key(tx: Transaction, worker: Account, key_id: str, *, at: datetime) -> str:
    """Take a key back; its digest. Raises NotFound."""
    for digest, *_ in tx.workers.tokens(worker.id, "key"):
        if digest[:16] == key_id:
            tx.workers.drop_token(digest)
            tx.record(events.KeyDropped(at=at, actor=worker.id, key=key_id))
            return digest
    raise NotFound(f"you have no key {key_id!r}; list them to see their ids")


def drop_sessions(tx: Transaction, worker_id: str, *, but: str | None = None) -> None:
    """Sign a worker out everywhere, but for the session with this digest."""
    for digest, *_ in tx.workers.tokens(worker_id, "session"):
        if digest != but:
            tx.workers.drop_token(digest)


def change_own_password(tx: Transaction, worker: Account, password_hash: str, *, keep: str, at: datetime) -> None:
    """Set a new password and sign out everywhere but in the session with the digest `keep`."""
    changed = tx.workers.update(worker.id, password_hash=password_hash)
    drop_sessions(tx, worker.id, but=keep)
    _record_change(tx, changed, by=worker.id, at=at, password=True)


def set_preferences(tx: Transaction, worker: Account, changes: Mapping[str, Any]) -> Account:
    """Merge preferences key by key; None removes a key."""
    now = dict(tx.workers.get(worker.id).preferences)
    for key, value in changes.items():
        if value is None:
            now.pop(key, None)
        else:
            now[key] = value
    if len(now) > MAX_PREFERENCES:
        raise InvalidInput(f"expected at most {MAX_PREFERENCES} preferences, got {len(now)}", field="preferences")
    return tx.workers.update(worker.id, preferences=now)


def change(
    tx: Transaction,
    worker_id: str,
    *,
    by: Account,
    at: datetime,
    name: str | None = None,
    roles: Iterable[Role] | None = None,
    disabled: bool | None = None,
    password_hash: str | None = None,
) -> Account:
    """What an administrator changes of an account. The last administrator stays one."""
    before = tx.workers.get(worker_id)
    wanted = before.roles if roles is None else frozenset(roles)
    losing = Role.ADMINISTRATOR in before.roles and (Role.ADMINISTRATOR not in wanted or disabled is True)
    if losing and not _other_administrator(tx, worker_id):
        raise Conflict("this is the last administrator; make somebody else one first")
    after = tx.workers.update(
        worker_id, name=name, roles=None if roles is None else wanted, disabled=disabled, password_hash=password_hash
    )
    if disabled or password_hash:
        drop_sessions(tx, worker_id)
    _record_change(tx, after, by=by.id, at=at, password=password_hash is not None)
    return after


def _record_change(tx: Transaction, after: Account, *, by: str, at: datetime, password: bool) -> None:
    roles = sorted(after.roles)
    tx.record(
        events.AccountChanged(
            at=at, actor=by, account=after.id, roles=roles, disabled=after.disabled, password=password
        )
    )


def _other_administrator(tx: Transaction, worker_id: str) -> bool:
    others = tx.workers.page(Page(limit=1_000), role=Role.ADMINISTRATOR)
    return any(one.id != worker_id and not one.disabled for one in others)
