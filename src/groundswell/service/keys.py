"""API keys, bearer tokens for programs; and the tokens of sessions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from groundswell.domain import events
from groundswell.domain.errors import NotFound
from groundswell.domain.people import Principal
from groundswell.service.context import Context
from groundswell.service.ports import Transaction
from groundswell.service.tokens import new_token, token_digest
from groundswell.wire import accounts as wire


@dataclass(frozen=True)
class ApiKey:
    """An API key, without its secret."""

    id: str  # the start of its digest
    name: str
    created_at: datetime
    expires_at: datetime | None


def own(context: Context, principal: Principal) -> list[ApiKey]:
    """One's own API keys, newest first."""
    return context.read(lambda tx: of_account(tx, principal.id))


def create(context: Context, principal: Principal, asked: wire.NewKey) -> tuple[ApiKey, str]:
    """A new key of one's own, and its secret, which is told this once."""
    token, now = new_token(), context.clock()
    expires = None if asked.days is None else now + timedelta(days=asked.days)
    digest, title = token_digest(token), asked.name.strip() or "key"

    def work(tx: Transaction) -> ApiKey:
        tx.workers.add_token(digest, principal.id, kind="key", name=title, created_at=now, expires_at=expires)
        tx.record(events.KeyAdded(at=now, actor=principal.id, key=digest[:16], name=title))
        return ApiKey(digest[:16], title, now, expires)

    return context.write(work), token


def drop(context: Context, principal: Principal, key_id: str) -> None:
    """Take a key of one's own back; raises NotFound."""
    now = context.clock()

    def work(tx: Transaction) -> str:
        for digest, *_ in tx.workers.tokens(principal.id, "key"):
            if digest[:16] == key_id:
                tx.workers.drop_token(digest)
                tx.record(events.KeyDropped(at=now, actor=principal.id, key=key_id))
                return digest
        raise NotFound(f"you have no key {key_id!r}; list them to see their ids")

    context.tokens.forget_token(context.write(work))


def of_account(tx: Transaction, account_id: str) -> list[ApiKey]:
    """An account's API keys, newest first."""
    rows = tx.workers.tokens(account_id, "key")
    found = [ApiKey(digest[:16], name, made, expires) for digest, name, made, expires in rows]
    return sorted(found, key=lambda key: key.created_at, reverse=True)


def drop_sessions(tx: Transaction, account_id: str, *, but: str | None = None) -> None:
    """Sign an account out everywhere, but for the session with this digest."""
    for digest, *_ in tx.workers.tokens(account_id, "session"):
        if digest != but:
            tx.workers.drop_token(digest)
