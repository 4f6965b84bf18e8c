"""Accounts, access keys, teams, workspaces, annotators."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol

from groundswell.domain.access_keys import AccessKey
from groundswell.domain.people import (
    Account,
    Annotator,
    Invitation,
    Role,
    TeamKind,
    Token,
    TwoStep,
    Workspace,
    WorkTeam,
)
from groundswell.domain.worker_uis import WorkerUi
from groundswell.domain.workforces import Workforce
from groundswell.service.ports.pages import Page


class WorkerRepository(Protocol):
    """Accounts, sign-in, tokens."""

    def add(self, worker: Account, *, password_hash: str | None) -> None:
        """Its annotator with it. Raises Conflict when the e-mail address has an account, case ignored."""
        ...

    def get(self, worker_id: str) -> Account: ...

    def by_email(self, email: str) -> tuple[Account, str | None]:
        """The worker and their password hash; raises NotFound."""
        ...

    def page(
        self, page: Page, *, team_id: str | None = None, role: Role | None = None, workspace_id: str | None = None
    ) -> list[Account]:
        """In order of id: of a team, with a role, of those who are in a workspace or one of its teams."""
        ...

    def update(
        self,
        worker_id: str,
        *,
        name: str | None = None,
        roles: Iterable[Role] | None = None,
        disabled: bool | None = None,
        password_hash: str | None = None,
        preferences: Mapping[str, Any] | None = None,
        verified: bool | None = None,
    ) -> Account:
        """Change what is given; `roles` are those of every workspace."""
        ...

    def erase(self, worker_id: str, *, called: str) -> None:
        """Forget who an account was: nobody can sign in with it or find it, its annotator is `called` this."""
        ...

    def set_membership(self, worker_id: str, workspace_id: str, roles: Iterable[Role]) -> None:
        """These are the account's roles in the workspace from now on; none ends its membership."""
        ...

    def two_step(self, worker_id: str) -> TwoStep | None:
        """The second step of the account's sign-in, begun or active; None without."""
        ...

    def set_two_step(self, worker_id: str, two_step: TwoStep | None) -> None: ...

    def add_token(self, token: Token) -> None: ...

    def by_token(self, digest: str, *, at: datetime) -> tuple[Account, Token] | None:
        """Whose valid token this is; None when unknown, expired or of a disabled account."""
        ...

    def tokens(self, kind: str, *, worker_id: str | None = None) -> list[Token]:
        """Tokens of a kind, the oldest first: everybody's, or an account's."""
        ...

    def move_token(self, digest: str, workspace_id: str) -> None:
        """The token acts in this workspace from now on."""
        ...

    def drop_token(self, digest: str) -> None: ...


class AccessKeyRepository(Protocol):
    """AWS access keys, their secrets sealed."""

    def add(self, key: AccessKey) -> None: ...

    def find(self, key_id: str) -> AccessKey | None: ...

    def select(self, *, account_id: str | None = None) -> list[AccessKey]:
        """The oldest first: everybody's, or an account's."""
        ...

    def remove(self, key_id: str) -> None: ...


class TeamRepository(Protocol):
    """Work teams, members, invitations."""

    def add(self, team: WorkTeam) -> None: ...

    def get(self, team_id: str) -> WorkTeam: ...

    def by_name(self, workspace_id: str, name: str) -> WorkTeam:
        """The workspace's team of this name, case ignored; raises NotFound."""
        ...

    def select(
        self,
        *,
        kind: TeamKind | None = None,
        member_id: str | None = None,
        manager_id: str | None = None,
        workspace_id: str | None = None,
    ) -> list[WorkTeam]: ...

    def update(
        self,
        team_id: str,
        *,
        description: str | None = None,
        manager_id: str | None = None,
        details: Mapping[str, Any] | None = None,
        tags: Mapping[str, str] | None = None,
        at: datetime | None = None,
    ) -> None: ...

    def remove(self, team_id: str) -> None:
        """Raises Conflict while jobs use it."""
        ...

    def member_count(self, team_id: str) -> int:
        """How many people who are not disabled could work for this team."""
        ...

    def add_member(self, team_id: str, worker_id: str) -> None: ...

    def remove_member(self, team_id: str, worker_id: str, *, at: datetime) -> None:
        """Take an account out; that it was is remembered until it is a member again."""
        ...

    def removed_at(self, team_id: str, worker_id: str) -> datetime | None:
        """When an account was taken out of a team that it is not in; None if it was not."""
        ...

    def is_member(self, team_id: str, worker_id: str) -> bool:
        """`everyone` is the workspace's workers; `public` is them and all who label for every workspace."""
        ...

    def add_invitation(self, invitation: Invitation) -> None: ...

    def invitation(self, digest: str, *, at: datetime) -> Invitation | None:
        """One that can still be used; None when unknown, expired or used up."""
        ...

    def invitations(self, team_id: str, *, at: datetime) -> list[Invitation]:
        """Those that can still be used, the newest first."""
        ...

    def use_invitation(self, digest: str, *, at: datetime) -> bool:
        """Count one use; False when unknown, expired or used up."""
        ...

    def drop_invitation(self, digest: str) -> None: ...


class WorkforceRepository(Protocol):
    """The private workforce of each workspace that has one."""

    def put(self, workforce: Workforce) -> None:
        """Make it, or replace what is said of it."""
        ...

    def find(self, workspace_id: str) -> Workforce | None: ...

    def remove(self, workspace_id: str) -> None: ...


class WorkerUiRepository(Protocol):
    """Worker task templates that are kept by name."""

    def add(self, ui: WorkerUi) -> None:
        """Raises Conflict when the name is taken."""
        ...

    def get(self, workspace_id: str, name: str) -> WorkerUi:
        """With its template; raises NotFound."""
        ...

    def select(self, workspace_id: str) -> list[WorkerUi]:
        """In order of their making, without templates."""
        ...

    def set_tags(self, workspace_id: str, name: str, tags: Mapping[str, str]) -> None: ...

    def remove(self, workspace_id: str, name: str) -> None:
        """Raises NotFound."""
        ...


class WorkspaceRepository(Protocol):
    """Who owns what is on this server."""

    def add(self, workspace: Workspace) -> None:
        """Raises Conflict when the name is taken, case ignored."""
        ...

    def get(self, workspace_id: str) -> Workspace: ...

    def by_name(self, name: str) -> Workspace:
        """Case ignored; raises NotFound."""
        ...

    def update(self, workspace_id: str, *, aws_account: str | None = None, region: str | None = None) -> Workspace: ...

    def all(self) -> list[Workspace]:
        """In order of their making."""
        ...


class AnnotatorRepository(Protocol):
    """Whose answers count. An account's annotator comes with the account."""

    def add(self, annotator: Annotator) -> None:
        """A model's version or an outside participant; one that is there already is left alone."""
        ...

    def get(self, annotator_id: str) -> Annotator: ...
