"""Accounts and work teams in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from groundswell.domain.errors import Conflict, NotFound
from groundswell.domain.people import EVERYONE, PUBLIC, Account, Role, TeamKind, WorkTeam
from groundswell.service.ports import Page

if TYPE_CHECKING:
    from groundswell.testing.memory_store import Tables

_BUILT_IN = (EVERYONE, PUBLIC)


class MemoryWorkers:
    """`service.ports.WorkerRepository`."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def add(self, worker: Account, *, password_hash: str | None) -> None:
        if any(one.email.casefold() == worker.email.strip().casefold() for one in self._tables.workers.values()):
            raise Conflict(f"{worker.email} has an account already; sign in with it", field="email")
        self._tables.workers[worker.id] = worker
        self._tables.passwords[worker.id] = password_hash

    def get(self, worker_id: str) -> Account:
        try:
            return self._tables.workers[worker_id]
        except KeyError:
            raise NotFound(f"there is no worker {worker_id!r}") from None

    def by_email(self, email: str) -> tuple[Account, str | None]:
        for worker in self._tables.workers.values():
            if worker.email.casefold() == email.strip().casefold():
                return worker, self._tables.passwords[worker.id]
        raise NotFound(f"there is no account for {email}", field="email")

    def page(self, page: Page, *, team_id: str | None = None, role: Role | None = None) -> list[Account]:
        found = [
            worker
            for worker in sorted(self._tables.workers.values(), key=lambda worker: worker.id)
            if worker.id > (page.after or "")
            and (team_id is None or team_id in _BUILT_IN or (team_id, worker.id) in self._tables.members)
            and (role is None or role in worker.roles)
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
    ) -> Account:
        given = {
            "name": name,
            "roles": None if roles is None else frozenset(roles),
            "disabled": disabled,
            "preferences": preferences,
        }
        changes: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
        self._tables.workers[worker_id] = replace(self.get(worker_id), **changes)
        if password_hash is not None:
            self._tables.passwords[worker_id] = password_hash
        return self.get(worker_id)

    def add_token(
        self, digest: str, worker_id: str, *, kind: str, name: str, created_at: datetime, expires_at: datetime | None
    ) -> None:
        self._tables.tokens[digest] = (worker_id, kind, name, created_at, expires_at)

    def by_token(self, digest: str, *, at: datetime) -> Account | None:
        found = self._tables.tokens.get(digest)
        if found is None or (found[4] is not None and found[4] <= at):
            return None
        worker = self.get(found[0])
        return None if worker.disabled else worker

    def tokens(self, worker_id: str, kind: str) -> list[tuple[str, str, datetime, datetime | None]]:
        rows = [
            (digest, name, created, expires)
            for digest, (owner, of_kind, name, created, expires) in self._tables.tokens.items()
            if owner == worker_id and of_kind == kind
        ]
        return sorted(rows, key=lambda row: row[2])

    def drop_token(self, digest: str) -> None:
        self._tables.tokens.pop(digest, None)


class MemoryTeams:
    """`service.ports.TeamRepository`."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def add(self, team: WorkTeam) -> None:
        if any(one.name.casefold() == team.name.strip().casefold() for one in self._tables.teams.values()):
            raise Conflict(f"a work team is named {team.name!r} already; choose another name", field="name")
        self._tables.teams[team.id] = team

    def get(self, team_id: str) -> WorkTeam:
        try:
            return self._tables.teams[team_id]
        except KeyError:
            raise NotFound(f"there is no work team {team_id!r}") from None

    def by_name(self, name: str) -> WorkTeam:
        for team in self._tables.teams.values():
            if team.name.casefold() == name.strip().casefold():
                return team
        raise NotFound(f"there is no work team named {name!r}", field="team")

    def select(self, *, kind: TeamKind | None = None, member_id: str | None = None) -> list[WorkTeam]:
        found = [
            team
            for team in self._tables.teams.values()
            if (kind is None or team.kind == kind) and (member_id is None or self.is_member(team.id, member_id))
        ]
        return sorted(found, key=lambda team: team.name.casefold())

    def update(self, team_id: str, *, description: str | None = None, manager_id: str | None = None) -> None:
        given = {"description": description, "manager_id": manager_id}
        changes: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
        self._tables.teams[team_id] = replace(self.get(team_id), **changes)

    def remove(self, team_id: str) -> None:
        if team_id in _BUILT_IN:
            raise Conflict(f"the work team {team_id!r} is built in and stays")
        if any(job.team_id == team_id for job in self._tables.jobs.values()):
            raise Conflict("labeling jobs use this work team; it stays for their history")
        self._tables.teams.pop(team_id, None)
        for member in [member for member in self._tables.members if member[0] == team_id]:
            del self._tables.members[member]
        for digest in [digest for digest, row in self._tables.invitations.items() if row[0] == team_id]:
            del self._tables.invitations[digest]

    def member_count(self, team_id: str) -> int:
        return sum(
            Role.WORKER in worker.roles and not worker.disabled and self.is_member(team_id, worker.id)
            for worker in self._tables.workers.values()
        )

    def add_member(self, team_id: str, worker_id: str) -> None:
        self._tables.members[team_id, worker_id] = None

    def remove_member(self, team_id: str, worker_id: str) -> None:
        self._tables.members.pop((team_id, worker_id), None)

    def is_member(self, team_id: str, worker_id: str) -> bool:
        return team_id in _BUILT_IN or (team_id, worker_id) in self._tables.members

    def add_invitation(
        self, digest: str, team_id: str, *, created_by: str, expires_at: datetime, max_uses: int
    ) -> None:
        self._tables.invitations[digest] = (team_id, expires_at, max_uses)

    def use_invitation(self, digest: str, *, at: datetime) -> WorkTeam:
        team = self.invitation(digest, at=at)
        if team is None:
            raise NotFound("this invitation is not valid any more; ask for a new one")
        team_id, expires_at, left = self._tables.invitations[digest]
        self._tables.invitations[digest] = (team_id, expires_at, left - 1)
        return team

    def invitation(self, digest: str, *, at: datetime) -> WorkTeam | None:
        found = self._tables.invitations.get(digest)
        return None if found is None or found[1] <= at or not found[2] else self.get(found[0])
