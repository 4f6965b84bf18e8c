"""Work teams, their members and invitations in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from groundswell.domain.errors import Conflict, NotFound
from groundswell.domain.people import EVERYONE, Account, Invitation, Role, TeamKind, WorkTeam, built_in
from groundswell.testing.memory_tables import Tables


class MemoryTeams:
    """`service.ports.TeamRepository`."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def add(self, team: WorkTeam) -> None:
        taken = {(one.workspace_id, one.name.casefold()) for one in self._tables.teams.values()}
        if (team.workspace_id, team.name.strip().casefold()) in taken:
            raise Conflict(f"a work team is named {team.name!r} already; choose another name", field="name")
        self._tables.teams[team.id] = team

    def get(self, team_id: str) -> WorkTeam:
        try:
            return self._tables.teams[team_id]
        except KeyError:
            raise NotFound(f"there is no work team {team_id!r}") from None

    def by_name(self, workspace_id: str, name: str) -> WorkTeam:
        for team in self._tables.teams.values():
            if team.workspace_id == workspace_id and team.name.casefold() == name.strip().casefold():
                return team
        raise NotFound(f"there is no work team named {name!r}", field="team")

    def select(
        self,
        *,
        kind: TeamKind | None = None,
        member_id: str | None = None,
        manager_id: str | None = None,
        workspace_id: str | None = None,
    ) -> list[WorkTeam]:
        found = [
            team
            for team in self._tables.teams.values()
            if (kind is None or team.kind == kind)
            and (member_id is None or self.is_member(team.id, member_id))
            and (manager_id is None or team.manager_id == manager_id)
            and (workspace_id is None or team.workspace_id == workspace_id)
        ]
        return sorted(found, key=lambda team: (team.workspace_id, team.name.casefold()))

    def update(
        self,
        team_id: str,
        *,
        description: str | None = None,
        manager_id: str | None = None,
        details: Mapping[str, Any] | None = None,
        tags: Mapping[str, str] | None = None,
        at: datetime | None = None,
    ) -> None:
        given = {
            "description": description,
            "manager_id": manager_id,
            "details": details,
            "tags": tags,
            "updated_at": at,
        }
        changes: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
        self._tables.teams[team_id] = replace(self.get(team_id), **changes)

    def remove(self, team_id: str) -> None:
        if built_in(team_id):
            raise Conflict(f"the work team {team_id!r} is built in and stays")
        if any(job.team_id == team_id for job in self._tables.jobs.values()):
            raise Conflict("labeling jobs use this work team; it stays for their history")
        self._tables.teams.pop(team_id, None)
        for member in [member for member in self._tables.members if member[0] == team_id]:
            del self._tables.members[member]
        for digest in [digest for digest, one in self._tables.invitations.items() if one.team_id == team_id]:
            del self._tables.invitations[digest]

    def member_count(self, team_id: str) -> int:
        workspace_id = self.get(team_id).workspace_id
        return sum(
            Role.WORKER in worker.roles_in(workspace_id)
            and not worker.disabled
            and is_member(self._tables, team_id, worker)
            for worker in self._tables.workers.values()
        )

    def add_member(self, team_id: str, worker_id: str) -> None:
        self._tables.members[team_id, worker_id] = None
        self._tables.removed.pop((team_id, worker_id), None)

    def remove_member(self, team_id: str, worker_id: str, *, at: datetime) -> None:
        if (team_id, worker_id) in self._tables.members:
            del self._tables.members[team_id, worker_id]
            self._tables.removed[team_id, worker_id] = at

    def removed_at(self, team_id: str, worker_id: str) -> datetime | None:
        return self._tables.removed.get((team_id, worker_id))

    def is_member(self, team_id: str, worker_id: str) -> bool:
        worker = self._tables.workers.get(worker_id)
        return worker is not None and is_member(self._tables, team_id, worker)

    def add_invitation(self, invitation: Invitation) -> None:
        self._tables.invitations[invitation.digest] = invitation

    def invitation(self, digest: str, *, at: datetime) -> Invitation | None:
        found = self._tables.invitations.get(digest)
        return None if found is None or not _valid(found, at) else found

    def invitations(self, team_id: str, *, at: datetime) -> list[Invitation]:
        found = [one for one in self._tables.invitations.values() if one.team_id == team_id and _valid(one, at)]
        return sorted(sorted(found, key=lambda one: one.digest), key=lambda one: one.created_at, reverse=True)

    def use_invitation(self, digest: str, *, at: datetime) -> bool:
        found = self.invitation(digest, at=at)
        if found is not None:
            self._tables.invitations[digest] = replace(found, uses=found.uses + 1)
        return found is not None

    def drop_invitation(self, digest: str) -> None:
        self._tables.invitations.pop(digest, None)


def is_member(tables: Tables, team_id: str, account: Account) -> bool:
    """Whether an account is in a team: see `store.members`."""
    found = built_in(team_id)
    if found is None:
        return (team_id, account.id) in tables.members
    workspace_id, name = found
    brought_in = Role.WORKER in account.memberships.get(workspace_id, ())
    return brought_in or (name != EVERYONE and Role.WORKER in account.roles)


def _valid(invitation: Invitation, at: datetime) -> bool:
    return invitation.expires_at > at and invitation.uses < invitation.max_uses
