"""AWS access keys and short-lived credentials: making them, taking them back, and whose a request's are.

A key's secret is kept sealed, because a signature is checked with the secret itself. Short-lived credentials are not
kept at all: their session token says what they are, and the server's key makes their secret of it.
"""

from __future__ import annotations

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import orjson

from groundswell.domain import events
from groundswell.domain.access_keys import TOKEN_KIND, AccessKey, KnownKey, SessionClaims, acting_with
from groundswell.domain.errors import Conflict, Forbidden, NotFound, Unauthenticated
from groundswell.domain.people import Principal, Role, Token
from groundswell.service.access import Action, require_here
from groundswell.service.context import Context
from groundswell.service.ports import Transaction
from groundswell.service.sign_in import in_force
from groundswell.wire import accounts as wire

MAX_ACCESS_KEYS = 100  # of one account that are good now
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_SECRET_BYTES = 30  # 40 characters, as AWS's


@dataclass(frozen=True)
class Credentials:
    """What a client signs with; told once."""

    access_key: str
    secret: str
    session_token: str
    expires_at: datetime


@dataclass(frozen=True)
class SomebodysAccessKey:
    """An access key with whose it is and where it acts."""

    key: AccessKey
    email: str
    workspace: str  # its name


def own(context: Context, principal: Principal) -> list[AccessKey]:
    """One's own access keys, newest first."""
    return context.read(lambda tx: tx.access_keys.select(account_id=principal.id))[::-1]


def everybodys(context: Context, principal: Principal) -> list[SomebodysAccessKey]:
    """Every access key of this server, newest first; for administrators."""
    require_here(principal, Action.CHANGE_ACCOUNTS)

    def work(tx: Transaction) -> list[SomebodysAccessKey]:
        return [
            SomebodysAccessKey(key, tx.workers.get(key.account_id).email, tx.workspaces.get(key.workspace_id).name)
            for key in reversed(tx.access_keys.select())
        ]

    return context.read(work)


def create(context: Context, principal: Principal, asked: wire.NewAccessKey) -> tuple[AccessKey, str]:
    """A new access key for the workspace one acts in, and its secret, which is told this once.

    Raises Forbidden for a role that one has not, Conflict for who has a hundred keys.
    """
    role = None if asked.role is None else Role(asked.role)
    if role is not None and role not in principal.roles:
        raise Forbidden(f"expected a role of yours, got {asked.role}: a key cannot do more than its owner")
    now, secret = context.clock(), urlsafe_b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()
    key = AccessKey(
        id=_new_id("AKIA"),
        account_id=principal.id,
        workspace_id=principal.workspace_id,
        name=asked.name.strip() or "access key",
        secret=context.seals.seal(secret.encode()),
        created_at=now,
        expires_at=None if asked.days is None else now + timedelta(days=asked.days),
        role=role,
    )

    def work(tx: Transaction) -> None:
        have = tx.access_keys.select(account_id=principal.id)
        if sum(one.expires_at is None or one.expires_at > now for one in have) >= MAX_ACCESS_KEYS:
            raise Conflict(f"expected at most {MAX_ACCESS_KEYS} access keys of one account; take one back first")
        tx.access_keys.add(key)
        tx.record(events.KeyAdded(at=now, actor=principal.id, workspace=key.workspace_id, key=key.id, name=key.name))

    context.write(work)
    return key, secret


def drop(context: Context, principal: Principal, key_id: str) -> None:
    """Take an access key of one's own back; raises NotFound."""
    _drop(context, principal, key_id, of=principal.id)


def revoke(context: Context, principal: Principal, key_id: str) -> None:
    """Take anybody's access key back; for administrators. Raises NotFound."""
    require_here(principal, Action.CHANGE_ACCOUNTS)
    _drop(context, principal, key_id, of=None)


def lend(secret: bytes, claims: SessionClaims) -> Credentials:
    """Short-lived credentials that say this; who asks has seen to it that they may be given.

    secret : the server's own (`Context.secret`).
    """
    key_id = _new_id("ASIA")
    body = {
        "account": claims.account_id,
        "workspace": claims.workspace_id,
        "expires": int(claims.expires_at.timestamp()),
        "role": claims.role,
        "services": sorted(claims.services),
        "arn": claims.arn,
        "key": claims.key_id,
        "reads": claims.reads,
        "writes": claims.writes,
        "id": key_id,
    }
    payload = urlsafe_b64encode(orjson.dumps(body)).decode().rstrip("=")
    token = f"{payload}.{_mac(secret, 'token', payload)}"
    return Credentials(key_id, _mac(secret, "secret", payload), token, claims.expires_at)


def known(context: Context, access_key: str, session_token: str | None) -> KnownKey:
    """Whose an access key is. Cheap: at most one query in ten seconds a key.

    Raises Unauthenticated, `field` saying of what: `access_key` (unknown, taken back, expired, of a disabled account),
    `session_token` (not the key's), `expires` (credentials that are over).
    """
    remembered = f"{access_key}.{session_token or ''}"
    found = context.access_keys.get(remembered)
    if found is None:
        found = _lent(context, access_key, session_token) if session_token else _kept(context, access_key)
        context.access_keys.put(remembered, found)
    if found.expires_at is not None and found.expires_at <= context.clock():
        raise Unauthenticated("The security token included in the request is expired", field="expires")
    return found


def _kept(context: Context, access_key: str) -> KnownKey:
    key = context.read(lambda tx: tx.access_keys.find(access_key))
    if key is None or (key.expires_at is not None and key.expires_at <= context.clock()):
        raise _unknown()
    token = Token("", key.account_id, TOKEN_KIND, key.name, key.created_at, key.expires_at, key.workspace_id)
    secret = context.seals.unseal(key.secret).decode()
    principal = _principal(context, token, key.role)
    return KnownKey(principal, secret, expires_at=key.expires_at, role=key.role, key_id=key.id)


def _lent(context: Context, access_key: str, session_token: str) -> KnownKey:
    payload, _, mac = session_token.partition(".")
    if not hmac.compare_digest(_mac(context.secret, "token", payload).encode(), mac.encode("utf-8", "replace")):
        raise _unknown("session_token")
    body = orjson.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    if body["id"] != access_key:
        raise _unknown("session_token")
    if body["key"] and context.read(lambda tx: tx.access_keys.find(body["key"])) is None:
        raise _unknown()
    expires = datetime.fromtimestamp(body["expires"], UTC)
    token = Token("", body["account"], TOKEN_KIND, body["arn"], expires, expires, body["workspace"])
    role = Role(body["role"]) if body["role"] else None
    reads = None if body["reads"] is None else tuple(body["reads"])
    return KnownKey(
        replace(_principal(context, token, role), reads=reads, writes=tuple(body["writes"])),
        _mac(context.secret, "secret", payload),
        frozenset(body["services"]),
        body["arn"],
        expires,
        role,
        body["key"],
    )


def _principal(context: Context, token: Token, role: Role | None) -> Principal:
    try:
        account = context.read(lambda tx: tx.workers.get(token.account_id))
    except NotFound:
        raise _unknown() from None
    if account.disabled:
        raise _unknown()
    return acting_with(in_force(context, account), token, role)


def _drop(context: Context, principal: Principal, key_id: str, *, of: str | None) -> None:
    now = context.clock()

    def work(tx: Transaction) -> AccessKey:
        key = tx.access_keys.find(key_id)
        if key is None or of not in (None, key.account_id):
            raise NotFound(f"there is no access key {key_id!r}; list the keys to see their ids")
        tx.access_keys.remove(key.id)
        tx.record(events.KeyDropped(at=now, actor=principal.id, workspace=key.workspace_id, key=key.id))
        return key

    context.access_keys.forget_account(context.write(work).account_id)


def _new_id(prefix: str) -> str:
    return prefix + "".join(secrets.choice(_LETTERS) for _ in range(16))


def _mac(secret: bytes, purpose: str, payload: str) -> str:
    """40 characters that only this server can make of a session's payload."""
    text = f"aws {purpose} {payload}".encode("utf-8", "replace")
    return urlsafe_b64encode(hmac.digest(secret, text, "sha512")[:30]).decode()


def _unknown(field: str = "access_key") -> Unauthenticated:
    return Unauthenticated("The security token included in the request is invalid.", field=field)
