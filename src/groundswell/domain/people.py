"""Who there is: accounts, the workspaces they belong to, who acts, whose answers count, and work teams."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

MAIN = "main"  # the workspace a server starts with
EVERYONE = "everyone"  # the built-in team of all workers of this server
PUBLIC = "public"  # the built-in team anyone joins by registering


class Role(StrEnum):
    """What a person may do; one person may have several roles."""

    ADMINISTRATOR = "administrator"  # everything, accounts included
    REQUESTER = "requester"  # creates labeling jobs and sees their labels
    VENDOR_MANAGER = "vendor-manager"  # manages the workers of their own vendor team, sees only its jobs
    WORKER = "worker"  # labels


class TeamKind(StrEnum):
    """Where a work team's people come from."""

    PRIVATE = "private"
    VENDOR = "vendor"
    PUBLIC = "public"


@dataclass(frozen=True)
class Account:
    """Somebody who signs in: a requester, a worker, an administrator, or several of these."""

    id: str
    email: str  # as given; unique without regard to case
    name: str
    roles: frozenset[Role]
    created_at: datetime
    disabled: bool = False
    preferences: Mapping[str, Any] = field(default_factory=dict)  # keymap, theme


@dataclass(frozen=True)
class WorkTeam:
    """A named group of workers who share jobs."""

    id: str
    name: str  # unique without regard to case
    kind: TeamKind
    description: str
    created_at: datetime
    manager_id: str | None = None  # vendor teams: the account that manages it


@dataclass(frozen=True)
class Credential:
    """What somebody showed to be let in."""

    kind: str  # session, key, or process: the server's own command line
    name: str = ""  # of a key
    digest: str = ""  # SHA-256 of the secret


@dataclass(frozen=True)
class Principal:
    """Who acts now: an account, where, with which roles, let in by what."""

    account: Account
    workspace_id: str
    roles: frozenset[Role]  # in this workspace
    key: Credential

    @property
    def id(self) -> str:
        """The account's id: whom events name."""
        return self.account.id


def principal_of(account: Account, key: Credential, workspace_id: str = MAIN) -> Principal:
    """The account acting in a workspace."""
    return Principal(account, workspace_id, account.roles, key)
