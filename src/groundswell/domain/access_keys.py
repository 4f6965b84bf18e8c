"""AWS access keys: what lets boto3 and its like in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from groundswell.domain.people import Account, Principal, Role, Token

TOKEN_KIND = "aws"  # of principals that came with an access key


@dataclass(frozen=True)
class AccessKey:
    """An access key of an account, for one workspace."""

    id: str  # AKIA...
    account_id: str
    workspace_id: str
    name: str
    secret: str  # sealed: signatures are checked with the secret itself
    created_at: datetime
    expires_at: datetime | None = None
    role: Role | None = None  # the one role of the account's that it has; None: all that the account has there


@dataclass(frozen=True)
class SessionClaims:
    """What short-lived credentials say about who uses them; the session token carries it."""

    account_id: str
    workspace_id: str
    expires_at: datetime
    role: Role | None = None
    services: frozenset[str] = frozenset()  # what they may be used for; empty: every service
    arn: str = ""  # what GetCallerIdentity answers; empty: the account's own
    key_id: str = ""  # the access key they were made with: they end with it
    reads: tuple[str, ...] | None = None  # see `Principal.reads`
    writes: tuple[str, ...] = ()


@dataclass(frozen=True)
class KnownKey:
    """Whose an access key is, and the secret its signatures are made with."""

    principal: Principal
    secret: str
    services: frozenset[str] = frozenset()  # what it may be used for; empty: every service
    arn: str = ""  # of an assumed role
    expires_at: datetime | None = None
    role: Role | None = None  # the one role it has; None: all that the account has there
    key_id: str = ""  # the kept key itself, or the one that lent credentials end with

    @property
    def id(self) -> str:
        """The account's."""
        return self.principal.id


def acting_with(account: Account, token: Token, role: Role | None) -> Principal:
    """The account acting where the token says, with the one role where one is named and the account has it."""
    where = token.workspace_id
    if role is not None:
        mine: Mapping[str, frozenset[Role]] = {where: account.memberships.get(where, frozenset()) & {role}}
        account = replace(account, roles=account.roles & {role}, memberships=mine)
    return Principal(account, where, account.roles_in(where), token)
