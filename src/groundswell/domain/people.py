"""Who there is: accounts, the workspaces they belong to, who acts, whose answers count, and work teams."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

MAIN = "main"  # the workspace a server starts with
EVERYONE = "everyone"  # the built-in team of who an administrator or an invitation brought into the workspace
PUBLIC = "public"  # the built-in team of whoever registers


class Role(StrEnum):
    """What a person may do; one person may have several roles."""

    ADMINISTRATOR = "administrator"  # everything, accounts included
    REQUESTER = "requester"  # creates labeling jobs and sees their labels
    REVIEWER = "reviewer"  # sees the jobs and labels of the workspace, and changes none
    VENDOR_MANAGER = "vendor-manager"  # manages the workers of their own vendor team, sees only its jobs
    WORKER = "worker"  # labels


class TeamKind(StrEnum):
    """Where a work team's people come from."""

    PRIVATE = "private"
    VENDOR = "vendor"
    PUBLIC = "public"


class AnnotatorKind(StrEnum):
    """What answers come from."""

    ACCOUNT = "account"
    MODEL = "model"  # one version of one
    PARTICIPANT = "participant"  # somebody of an outside pool, who has no account


@dataclass(frozen=True)
class Workspace:
    """Who owns jobs, teams, keys and events: a company, a group, a course. A server starts with one."""

    id: str
    name: str  # unique without regard to case
    created_at: datetime
    aws_account: str = "000000000000"  # what its ARNs carry
    region: str = "us-east-1"


@dataclass(frozen=True)
class Account:
    """Somebody who signs in: a requester, a worker, an administrator, or several of these."""

    id: str
    email: str  # as given; unique without regard to case
    name: str
    roles: frozenset[Role]  # in every workspace: administrator; worker, for public work
    created_at: datetime
    disabled: bool = False
    preferences: Mapping[str, Any] = field(default_factory=dict)  # keymap, theme
    memberships: Mapping[str, frozenset[Role]] = field(default_factory=dict)  # workspace -> roles there
    verified: bool = True  # whether the address is known to be theirs; nothing is theirs to do before
    two_step: bool = False  # whether signing in asks for a code besides the password

    def roles_in(self, workspace_id: str) -> frozenset[Role]:
        """What the account may do in a workspace."""
        return self.roles | self.memberships.get(workspace_id, frozenset())

    @property
    def home(self) -> str:
        """The workspace the account acts in until it says otherwise."""
        return MAIN if MAIN in self.memberships or not self.memberships else min(self.memberships)


@dataclass(frozen=True)
class TwoStep:
    """The second step of signing in: a code of an authenticator, or one of the recovery codes, each good for once."""

    secret: str  # base32, sealed
    active: bool = False  # not before the first code was right
    used: int = 0  # the newest period whose code was used: none is good twice
    recovery: tuple[str, ...] = ()  # SHA-256 of the codes that are left


@dataclass(frozen=True)
class Annotator:
    """Whose answers count in statistics. An account's annotator has the account's id."""

    id: str
    kind: AnnotatorKind
    name: str
    created_at: datetime


@dataclass(frozen=True)
class WorkTeam:
    """A named group of workers who share jobs."""

    id: str
    name: str  # unique in its workspace without regard to case
    kind: TeamKind
    description: str
    created_at: datetime
    manager_id: str | None = None  # vendor teams: the account that manages it
    workspace_id: str = MAIN
    details: Mapping[str, Any] = field(default_factory=dict)  # what clients of AWS said of it, kept to be told again
    tags: Mapping[str, str] = field(default_factory=dict)
    updated_at: datetime | None = None  # when it was changed last; None: never


@dataclass(frozen=True)
class Invitation:
    """A link that makes whoever opens it a member of a team, without its secret."""

    digest: str  # SHA-256 of the secret
    team_id: str
    created_by: str  # the account
    created_at: datetime
    expires_at: datetime
    max_uses: int
    uses: int = 0


@dataclass(frozen=True)
class Token:
    """What lets somebody in, without its secret: a session, or a key for programs."""

    digest: str  # SHA-256 of the secret
    account_id: str
    kind: str  # session, key; process: the server's own command line
    name: str  # of a key
    created_at: datetime
    expires_at: datetime | None
    workspace_id: str = MAIN  # where it acts


@dataclass(frozen=True)
class Principal:
    """Who acts now: an account, where, with which roles, let in by what."""

    account: Account
    workspace_id: str
    roles: frozenset[Role]  # in this workspace
    token: Token
    reads: tuple[str, ...] | None = None
    """Of a function's credentials: beginnings of the s3:// addresses they read. None: whatever the roles allow."""
    writes: tuple[str, ...] = ()  # the same of those they write, where `reads` is not None

    @property
    def id(self) -> str:
        """The account's id: whom events name."""
        return self.account.id

    @cached_property
    def roles_anywhere(self) -> frozenset[Role]:
        """Every role of the account, wherever it has it."""
        return self.account.roles.union(self.roles, *self.account.memberships.values())


def principal_of(account: Account, token: Token) -> Principal:
    """The account acting with a token, in the token's workspace."""
    return Principal(account, token.workspace_id, account.roles_in(token.workspace_id), token)


def built_in_team(workspace_id: str, name: str) -> str:
    """The id of a workspace's team `everyone` or `public`."""
    return name if workspace_id == MAIN else f"{workspace_id}.{name}"


def built_in(team_id: str) -> tuple[str, str] | None:
    """(workspace, EVERYONE or PUBLIC) of a built-in team's id; None for a team that somebody made."""
    workspace_id, _, name = team_id.rpartition(".")
    return (workspace_id or MAIN, name) if name in (EVERYONE, PUBLIC) else None
