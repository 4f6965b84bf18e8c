"""API keys, bearer tokens for programs; one's own, and for administrators everybody's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from groundswell.domain import events
from groundswell.domain.errors import Conflict, NotFound
from groundswell.domain.people import Principal, Token
from groundswell.service.access import Action, require_here
from groundswell.service.context import Context
from groundswell.service.ports import Transaction
from groundswell.service.tokens import new_token, token_digest
from groundswell.wire import accounts as wire

_ID_LETTERS = 16
MAX_KEYS = 100  # of one account that are good now: a program, or a machine, each


@dataclass(frozen=True)
class ApiKey:
    """An API key, without its secret."""

    id: str  # the start of its digest
    name: str
    created_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True)
class SomebodysKey:
    """A key with whose it is and where it acts."""

    key: ApiKey
    account_id: str
    email: str
    workspace: str  # its name


def own(context: Context, principal: Principal) -> list[ApiKey]:
    """One's own API keys, newest first."""
    found = context.read(lambda tx: tx.workers.tokens("key", worker_id=principal.id))
    return [_key(token) for token in reversed(found)]


def everybodys(context: Context, principal: Principal) -> list[SomebodysKey]:
    """Every API key of this server, newest first; for administrators."""
    require_here(principal, Action.CHANGE_ACCOUNTS)

    def work(tx: Transaction) -> list[SomebodysKey]:
        return [
            SomebodysKey(
                _key(token),
                token.account_id,
                tx.workers.get(token.account_id).email,
                tx.workspaces.get(token.workspace_id).name,
            )
            for token in reversed(tx.workers.tokens("key"))
        ]

    return context.read(work)


def create(context: Context, principal: Principal, asked: wire.NewKey) -> tuple[ApiKey, str]:
    """A new key of one's own, for the workspace one acts in, and its secret, which is told this once.

    Raises Conflict for who has a hundred.
    """
    secret, now = new_token(), context.clock()
    expires = None if asked.days is None else now + timedelta(days=asked.days)
    title = asked.name.strip() or "key"
    token = Token(token_digest(secret), principal.id, "key", title, now, expires, principal.workspace_id)

    def work(tx: Transaction) -> ApiKey:
        have = tx.workers.tokens("key", worker_id=principal.id)
        if sum(one.expires_at is None or one.expires_at > now for one in have) >= MAX_KEYS:
            raise Conflict(f"expected at most {MAX_KEYS} keys of one account; take one back that is not used any more")
        tx.workers.add_token(token)
        tx.record(
            events.KeyAdded(
                at=now, actor=principal.id, workspace=principal.workspace_id, key=_key(token).id, name=title
            )
        )
        return _key(token)

    return context.write(work), secret


def drop(context: Context, principal: Principal, key_id: str) -> None:
    """Take a key of one's own back; raises NotFound."""
    _drop(context, principal, key_id, of=principal.id)


def revoke(context: Context, principal: Principal, key_id: str) -> None:
    """Take anybody's key back; for administrators. Raises NotFound."""
    require_here(principal, Action.CHANGE_ACCOUNTS)
    _drop(context, principal, key_id, of=None)


def drop_tokens(tx: Transaction, account_id: str, *, but: str | None = None) -> None:
    """End every session and key of an account, AWS access keys included, but for the one with this digest."""
    for kind in ("session", "key"):
        for token in tx.workers.tokens(kind, worker_id=account_id):
            if token.digest != but:
                tx.workers.drop_token(token.digest)
    for access_key in tx.access_keys.select(account_id=account_id):
        tx.access_keys.remove(access_key.id)


def _drop(context: Context, principal: Principal, key_id: str, *, of: str | None) -> None:
    now = context.clock()

    def work(tx: Transaction) -> str:
        for token in tx.workers.tokens("key", worker_id=of):
            if _key(token).id == key_id:
                tx.workers.drop_token(token.digest)
                tx.record(events.KeyDropped(at=now, actor=principal.id, workspace=token.workspace_id, key=key_id))
                return token.digest
        raise NotFound(f"there is no key {key_id!r}; list the keys to see their ids")

    context.tokens.forget_token(context.write(work))


def _key(token: Token) -> ApiKey:
    return ApiKey(token.digest[:_ID_LETTERS], token.name, token.created_at, token.expires_at)
