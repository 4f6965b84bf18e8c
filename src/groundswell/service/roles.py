"""Roles of AWS's kind, assumed: short-lived credentials under another name.

A role is a name here and gives no right: who assumes one may do what they could do before, and no longer than their own
credentials last. So code that assumes `roleArn` before it reads a bucket runs as it is.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import timedelta

from groundswell.domain.access_keys import KnownKey, SessionClaims
from groundswell.domain.errors import InvalidInput
from groundswell.service.access_keys import Credentials, lend
from groundswell.service.context import Context

MAX_CHAINED_S = 3_600
"""AWS's limit for roles that are assumed with credentials of a role."""
_ROLE = re.compile(r"arn:(aws[a-z-]*):iam::(\d{12}):role/((?:[\w+=,.@-]+/)*)([\w+=,.@-]{1,64})")


@dataclass(frozen=True)
class Assumed:
    """Credentials of a role, and who has them."""

    credentials: Credentials
    arn: str  # arn:aws:sts::<account>:assumed-role/<role>/<session>
    role_id: str


@dataclass(frozen=True)
class Identity:
    """Who somebody is in AWS's words."""

    account: str
    arn: str
    user_id: str


def assume(context: Context, key: KnownKey, role_arn: str, session: str, *, seconds: int) -> Assumed:
    """Credentials of a role, for who has this key. Raises InvalidInput for what is no role, and for too long."""
    match = _ROLE.fullmatch(role_arn)
    if match is None:
        raise InvalidInput(f"{role_arn[:200]} is invalid: expected arn:aws:iam::<account>:role/<name>", field="RoleArn")
    if key.arn and seconds > MAX_CHAINED_S:
        raise InvalidInput(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
            field="DurationSeconds",
        )
    partition, account, _, name = match.groups()
    arn = f"arn:{partition}:sts::{account}:assumed-role/{name}/{session}"
    return Assumed(session_of(context, key, arn, seconds=seconds), arn, _role_id(role_arn))


def session_of(context: Context, key: KnownKey, arn: str, *, seconds: int) -> Credentials:
    """Short-lived credentials with all that this key may, which end no later than it does."""
    expires_at = context.clock() + timedelta(seconds=seconds)
    if key.expires_at is not None:
        expires_at = min(expires_at, key.expires_at)
    claims = SessionClaims(
        account_id=key.id,
        workspace_id=key.principal.workspace_id,
        expires_at=expires_at,
        role=key.role,
        services=key.services,
        arn=arn,
        key_id=key.key_id,
        reads=key.principal.reads,
        writes=key.principal.writes,
    )
    return lend(context.secret, claims)


def identity(context: Context, key: KnownKey) -> Identity:
    """Who has this key."""
    account = context.read(lambda tx: tx.workspaces.get(key.principal.workspace_id)).aws_account
    if key.arn:
        parts = key.arn.split("/")
        return Identity(key.arn.split(":")[4] or account, key.arn, f"{_role_id(parts[1])}:{parts[-1]}")
    return Identity(account, f"arn:aws:iam::{account}:user/{key.id}", f"AIDA{key.id.upper()}"[:128])


def _role_id(name: str) -> str:
    """Twenty-one characters that are a role's own, as AWS's ids are."""
    digest = hashlib.blake2b(name.encode(), digest_size=11).hexdigest().upper()
    return f"AROA{digest[:17]}"
