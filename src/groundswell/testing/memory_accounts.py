"""Accounts, access keys, workspaces and annotators in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from groundswell.domain.access_keys import AccessKey
from groundswell.domain.errors import Conflict, NotFound
from groundswell.domain.people import Account, Annotator, AnnotatorKind, Role, Token, TwoStep, Workspace
from groundswell.service.ports import Page
from groundswell.testing.memory_tables import Tables
from groundswell.testing.memory_teams import is_member


class MemoryWorkers:
    """`service.ports.WorkerRepository`."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def add(self, worker: Account, *, password_hash: str | None) -> None:
        if any(one.email.casefold() == worker.email.strip().casefold() for one in self._tables.workers.values()):
            raise Conflict(f"{worker.email} has an account already; sign in with it", field="email")
        self._tables.workers[worker.id] = worker
        self._tables.passwords[worker.id] = password_hash
        self._tables.annotators[worker.id] = Annotator(worker.id, AnnotatorKind.ACCOUNT, worker.name, worker.created_at)

    def get(self, worker_id: str) -> Account:
        try:
            return self._tables.workers[worker_id]
        except KeyError:
            raise NotFound(f"there is no account {worker_id!r}") from None

    def by_email(self, email: str) -> tuple[Account, str | None]:
        for worker in self._tables.workers.values():
            if worker.email and worker.email.casefold() == email.strip().casefold():
                return worker, self._tables.passwords[worker.id]
        raise NotFound(f"there is no account for {email}", field="email")

    def page(
        self, page: Page, *, team_id: str | None = None, role: Role | None = None, workspace_id: str | None = None
    ) -> list[Account]:
        found = [
            worker
            for worker in sorted(self._tables.workers.values(), key=lambda worker: worker.id)
            if worker.id > (page.after or "")
            and worker.email
            and (team_id is None or is_member(self._tables, team_id, worker))
            and (role is None or role in _roles(worker, workspace_id))
            and (workspace_id is None or self._belongs(worker, workspace_id))
        ]
        return found[: page.limit]

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
        given = {
            "name": name,
            "roles": None if roles is None else frozenset(roles),
            "disabled": disabled,
            "preferences": preferences,
            "verified": verified,
        }
        changes: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
        self._tables.workers[worker_id] = replace(self.get(worker_id), **changes)
        if name is not None:
            self._tables.annotators[worker_id] = replace(self._tables.annotators[worker_id], name=name)
        if password_hash is not None:
            self._tables.passwords[worker_id] = password_hash
        return self.get(worker_id)

    def erase(self, worker_id: str, *, called: str) -> None:
        worker, tables = self.get(worker_id), self._tables
        tables.workers[worker_id] = Account(worker_id, "", called, frozenset(), worker.created_at, disabled=True)
        tables.passwords[worker_id] = None
        tables.annotators[worker_id] = replace(tables.annotators[worker_id], name=called)
        for digest in [token.digest for token in tables.tokens.values() if token.account_id == worker_id]:
            del tables.tokens[digest]
        for key_id in [key.id for key in tables.access_keys.values() if key.account_id == worker_id]:
            del tables.access_keys[key_id]
        for key in [key for key in tables.members if key[1] == worker_id]:
            del tables.members[key]

    def set_membership(self, worker_id: str, workspace_id: str, roles: Iterable[Role]) -> None:
        worker = self.get(worker_id)
        others = {where: found for where, found in worker.memberships.items() if where != workspace_id}
        mine = {workspace_id: frozenset(roles)} if roles else {}
        self._tables.workers[worker_id] = replace(worker, memberships={**others, **mine})

    def two_step(self, worker_id: str) -> TwoStep | None:
        return self._tables.two_steps.get(worker_id)

    def set_two_step(self, worker_id: str, two_step: TwoStep | None) -> None:
        if two_step is None:
            self._tables.two_steps.pop(worker_id, None)
        else:
            self._tables.two_steps[worker_id] = two_step
        active = two_step is not None and two_step.active
        self._tables.workers[worker_id] = replace(self.get(worker_id), two_step=active)

    def add_token(self, token: Token) -> None:
        self._tables.tokens[token.digest] = token

    def by_token(self, digest: str, *, at: datetime) -> tuple[Account, Token] | None:
        found = self._tables.tokens.get(digest)
        if found is None or (found.expires_at is not None and found.expires_at <= at):
            return None
        worker = self.get(found.account_id)
        return None if worker.disabled else (worker, found)

    def tokens(self, kind: str, *, worker_id: str | None = None) -> list[Token]:
        found = [
            token
            for token in self._tables.tokens.values()
            if token.kind == kind and (worker_id is None or token.account_id == worker_id)
        ]
        return sorted(found, key=lambda token: (token.created_at, token.digest))

    def move_token(self, digest: str, workspace_id: str) -> None:
        self._tables.tokens[digest] = replace(self._tables.tokens[digest], workspace_id=workspace_id)

    def drop_token(self, digest: str) -> None:
        self._tables.tokens.pop(digest, None)

    def _belongs(self, worker: Account, workspace_id: str) -> bool:
        teams = {team.id for team in self._tables.teams.values() if team.workspace_id == workspace_id}
        return workspace_id in worker.memberships or any((team, worker.id) in self._tables.members for team in teams)


class MemoryAccessKeys:
    """`service.ports.AccessKeyRepository`."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def add(self, key: AccessKey) -> None:
        self._tables.access_keys[key.id] = key

    def find(self, key_id: str) -> AccessKey | None:
        return self._tables.access_keys.get(key_id)

    def select(self, *, account_id: str | None = None) -> list[AccessKey]:
        found = [key for key in self._tables.access_keys.values() if account_id in (None, key.account_id)]
        return sorted(found, key=lambda key: (key.created_at, key.id))

    def remove(self, key_id: str) -> None:
        self._tables.access_keys.pop(key_id, None)


class MemoryWorkspaces:
    """`service.ports.WorkspaceRepository`."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def add(self, workspace: Workspace) -> None:
        if any(one.name.casefold() == workspace.name.casefold() for one in self._tables.workspaces.values()):
            raise Conflict(f"a workspace is named {workspace.name!r} already; choose another name", field="name")
        self._tables.workspaces[workspace.id] = workspace

    def get(self, workspace_id: str) -> Workspace:
        try:
            return self._tables.workspaces[workspace_id]
        except KeyError:
            raise NotFound(f"there is no workspace {workspace_id!r}") from None

    def by_name(self, name: str) -> Workspace:
        for workspace in self._tables.workspaces.values():
            if workspace.name.casefold() == name.strip().casefold():
                return workspace
        raise NotFound(f"there is no workspace named {name!r}", field="workspace")

    def update(self, workspace_id: str, *, aws_account: str | None = None, region: str | None = None) -> Workspace:
        before = self.get(workspace_id)
        self._tables.workspaces[workspace_id] = replace(
            before, aws_account=aws_account or before.aws_account, region=region or before.region
        )
        return self.get(workspace_id)

    def all(self) -> list[Workspace]:
        return sorted(self._tables.workspaces.values(), key=lambda one: (one.created_at, one.id))


class MemoryAnnotators:
    """`service.ports.AnnotatorRepository`."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def add(self, annotator: Annotator) -> None:
        self._tables.annotators.setdefault(annotator.id, annotator)

    def get(self, annotator_id: str) -> Annotator:
        try:
            return self._tables.annotators[annotator_id]
        except KeyError:
            raise NotFound(f"there is no annotator {annotator_id!r}") from None


def _roles(worker: Account, workspace_id: str | None) -> frozenset[Role]:
    if workspace_id is not None:
        return worker.roles_in(workspace_id)
    return worker.roles.union(*worker.memberships.values())
