"""Work teams, their members, their invitations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from groundswell.domain.errors import Conflict, NotFound
from groundswell.domain.people import EVERYONE, PUBLIC, Invitation, TeamKind, WorkTeam, built_in
from groundswell.store.codec import fold, from_json, micros, micros_or_none, moment, moment_or_none, to_json
from groundswell.store.members import in_team
from groundswell.store.session import Row, Session

_COLUMNS = (
    "t.id, t.name, t.kind, t.description, t.created_at, t.manager_id, t.workspace_id, t.details, t.tags, t.updated_at"
)
_INVITATION = "i.digest, i.team_id, i.created_by, i.created_at, i.expires_at, i.max_uses, i.uses"
_VALID = "i.expires_at > :at AND i.uses < i.max_uses"


class SqlTeams:
    """`service.ports.TeamRepository` in SQL. The built-in teams have no member rows: see members.py."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, team: WorkTeam) -> None:
        added = self._session.run(
            """
            INSERT INTO work_teams
            (id, name, name_key, kind, description, created_at, manager_id, workspace_id, details, tags)
            VALUES (:id, :name, :name_key, :kind, :description, :created_at, :manager_id, :workspace_id, :details,
                :tags)
            ON CONFLICT (name_key) DO NOTHING
            """,
            id=team.id,
            name=team.name,
            name_key=_key(team.workspace_id, team.name),
            kind=team.kind.value,
            description=team.description,
            created_at=micros(team.created_at),
            manager_id=team.manager_id,
            workspace_id=team.workspace_id,
            details=to_json(team.details),
            tags=to_json(team.tags),
        )
        if not added:
            raise Conflict(f"a work team is named {team.name!r} already; choose another name", field="name")

    def get(self, team_id: str) -> WorkTeam:
        row = self._session.row(f"SELECT {_COLUMNS} FROM work_teams AS t WHERE t.id = :id", id=team_id)
        if row is None:
            raise NotFound(f"there is no work team {team_id!r}")
        return _team(row)

    def by_name(self, workspace_id: str, name: str) -> WorkTeam:
        row = self._session.row(
            f"SELECT {_COLUMNS} FROM work_teams AS t WHERE t.name_key = :key", key=_key(workspace_id, name)
        )
        if row is None:
            raise NotFound(f"there is no work team named {name!r}", field="team")
        return _team(row)

    def select(
        self,
        *,
        kind: TeamKind | None = None,
        member_id: str | None = None,
        manager_id: str | None = None,
        workspace_id: str | None = None,
    ) -> list[WorkTeam]:
        conditions, values = ["1 = 1"], {}
        if kind is not None:
            conditions.append("t.kind = :kind")
            values["kind"] = kind.value
        if member_id is not None:
            conditions.append(_IS_IN)
            values["member_id"] = member_id
        if manager_id is not None:
            conditions.append("t.manager_id = :manager_id")
            values["manager_id"] = manager_id
        if workspace_id is not None:
            conditions.append("t.workspace_id = :workspace_id")
            values["workspace_id"] = workspace_id
        rows = self._session.rows(
            f"SELECT {_COLUMNS} FROM work_teams AS t WHERE {' AND '.join(conditions)} ORDER BY t.name_key", **values
        )
        return [_team(row) for row in rows]

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
            "details": None if details is None else to_json(details),
            "tags": None if tags is None else to_json(tags),
            "updated_at": micros_or_none(at),
        }
        values = {column: value for column, value in given.items() if value is not None}
        if values:
            changes = ", ".join(f"{column} = :{column}" for column in values)
            self._session.run(f"UPDATE work_teams SET {changes} WHERE id = :id", id=team_id, **values)

    def remove(self, team_id: str) -> None:
        if built_in(team_id):
            raise Conflict(f"the work team {team_id!r} is built in and stays")
        if self._session.row("SELECT 1 FROM labeling_jobs WHERE team_id = :id LIMIT 1", id=team_id):
            raise Conflict("labeling jobs use this work team; it stays for their history")
        for table, column in (
            ("invitations", "team_id"),
            ("team_members", "team_id"),
            ("removed_members", "team_id"),
            ("work_teams", "id"),
        ):
            self._session.run(f"DELETE FROM {table} WHERE {column} = :id", id=team_id)

    def member_count(self, team_id: str) -> int:
        condition, values = in_team(team_id)
        found = self._session.row(
            f"""
            SELECT COUNT(*) FROM workers AS w WHERE w.disabled = 0 AND {condition} AND (
                EXISTS (SELECT 1 FROM worker_roles AS r WHERE r.worker_id = w.id AND r.role = 'worker')
                OR EXISTS (SELECT 1 FROM memberships AS r JOIN work_teams AS t ON t.workspace_id = r.workspace_id
                           WHERE r.worker_id = w.id AND r.role = 'worker' AND t.id = :team_id))
            """,
            team_id=team_id,
            **values,
        )
        return int(found[0]) if found else 0

    def add_member(self, team_id: str, worker_id: str) -> None:
        self._session.run(
            "INSERT INTO team_members (team_id, worker_id) VALUES (:team_id, :worker_id) ON CONFLICT DO NOTHING",
            team_id=team_id,
            worker_id=worker_id,
        )
        self._session.run(
            "DELETE FROM removed_members WHERE team_id = :team_id AND worker_id = :worker_id",
            team_id=team_id,
            worker_id=worker_id,
        )

    def remove_member(self, team_id: str, worker_id: str, *, at: datetime) -> None:
        gone = self._session.run(
            "DELETE FROM team_members WHERE team_id = :team_id AND worker_id = :worker_id",
            team_id=team_id,
            worker_id=worker_id,
        )
        if gone:
            self._session.run(
                """
                INSERT INTO removed_members (team_id, worker_id, at) VALUES (:team_id, :worker_id, :at)
                ON CONFLICT (team_id, worker_id) DO UPDATE SET at = EXCLUDED.at
                """,
                team_id=team_id,
                worker_id=worker_id,
                at=micros(at),
            )

    def is_member(self, team_id: str, worker_id: str) -> bool:
        condition, values = in_team(team_id)
        found = self._session.row(
            f"SELECT 1 FROM workers AS w WHERE w.id = :worker_id AND {condition}", worker_id=worker_id, **values
        )
        return found is not None

    def add_invitation(self, invitation: Invitation) -> None:
        self._session.run(
            """
            INSERT INTO invitations (digest, team_id, created_by, created_at, expires_at, max_uses, uses)
            VALUES (:digest, :team_id, :created_by, :created_at, :expires_at, :max_uses, :uses)
            """,
            digest=invitation.digest,
            team_id=invitation.team_id,
            created_by=invitation.created_by,
            created_at=micros(invitation.created_at),
            expires_at=micros(invitation.expires_at),
            max_uses=invitation.max_uses,
            uses=invitation.uses,
        )

    def invitation(self, digest: str, *, at: datetime) -> Invitation | None:
        row = self._session.row(
            f"SELECT {_INVITATION} FROM invitations AS i WHERE i.digest = :digest AND {_VALID}",
            digest=digest,
            at=micros(at),
        )
        return None if row is None else _invitation(row)

    def invitations(self, team_id: str, *, at: datetime) -> list[Invitation]:
        rows = self._session.rows(
            f"SELECT {_INVITATION} FROM invitations AS i WHERE i.team_id = :team_id AND {_VALID} "
            "ORDER BY i.created_at DESC, i.digest",
            team_id=team_id,
            at=micros(at),
        )
        return [_invitation(row) for row in rows]

    def use_invitation(self, digest: str, *, at: datetime) -> bool:
        return bool(
            self._session.run(
                "UPDATE invitations SET uses = uses + 1 "
                "WHERE digest = :digest AND expires_at > :at AND uses < max_uses",
                digest=digest,
                at=micros(at),
            )
        )

    def drop_invitation(self, digest: str) -> None:
        self._session.run("DELETE FROM invitations WHERE digest = :digest", digest=digest)

    def removed_at(self, team_id: str, worker_id: str) -> datetime | None:
        row = self._session.row(
            "SELECT at FROM removed_members WHERE team_id = :team_id AND worker_id = :worker_id",
            team_id=team_id,
            worker_id=worker_id,
        )
        return None if row is None else moment(row[0])


def _is_worker(table: str, more: str = "") -> str:
    return f"EXISTS (SELECT 1 FROM {table} AS r WHERE r.worker_id = :member_id AND r.role = 'worker'{more})"


def _named(name: str) -> str:
    return f"(t.id = '{name}' OR t.id = t.workspace_id || '.{name}')"


_BROUGHT_IN = _is_worker("memberships", " AND r.workspace_id = t.workspace_id")
_IS_IN = (
    "(t.id IN (SELECT team_id FROM team_members WHERE worker_id = :member_id) "
    f"OR {_named(EVERYONE)} AND {_BROUGHT_IN} "
    f"OR {_named(PUBLIC)} AND ({_is_worker('worker_roles')} OR {_BROUGHT_IN}))"
)


def _key(workspace_id: str, name: str) -> str:
    return f"{workspace_id}/{fold(name)}"


def _team(row: Row) -> WorkTeam:
    return WorkTeam(
        id=row[0],
        name=row[1],
        kind=TeamKind(row[2]),
        description=row[3],
        created_at=moment(row[4]),
        manager_id=row[5],
        workspace_id=row[6],
        details=from_json(row[7]),
        tags=from_json(row[8]),
        updated_at=moment_or_none(row[9]),
    )


def _invitation(row: Row) -> Invitation:
    digest, team_id, created_by, created_at, expires_at, max_uses, uses = row
    return Invitation(digest, team_id, created_by, moment(created_at), moment(expires_at), max_uses, uses)
