"""Work teams, their members, their invitations."""

from __future__ import annotations

from datetime import datetime

from groundswell.domain.errors import Conflict, NotFound
from groundswell.domain.people import EVERYONE, PUBLIC, TeamKind, WorkTeam
from groundswell.store.codec import fold, micros, moment
from groundswell.store.session import Row, Session

_COLUMNS = "t.id, t.name, t.kind, t.description, t.created_at, t.manager_id"


class SqlTeams:
    """`service.ports.TeamRepository` in SQL. The built-in teams have no member rows: everyone is in them."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, team: WorkTeam) -> None:
        added = self._session.run(
            """
            INSERT INTO work_teams (id, name, name_key, kind, description, created_at, manager_id)
            VALUES (:id, :name, :name_key, :kind, :description, :created_at, :manager_id)
            ON CONFLICT (name_key) DO NOTHING
            """,
            id=team.id,
            name=team.name,
            name_key=fold(team.name),
            kind=team.kind.value,
            description=team.description,
            created_at=micros(team.created_at),
            manager_id=team.manager_id,
        )
        if not added:
            raise Conflict(f"a work team is named {team.name!r} already; choose another name", field="name")

    def get(self, team_id: str) -> WorkTeam:
        row = self._session.row(f"SELECT {_COLUMNS} FROM work_teams AS t WHERE t.id = :id", id=team_id)
        if row is None:
            raise NotFound(f"there is no work team {team_id!r}")
        return _team(row)

    def by_name(self, name: str) -> WorkTeam:
        row = self._session.row(f"SELECT {_COLUMNS} FROM work_teams AS t WHERE t.name_key = :key", key=fold(name))
        if row is None:
            raise NotFound(f"there is no work team named {name!r}", field="team")
        return _team(row)

    def select(self, *, kind: TeamKind | None = None, member_id: str | None = None) -> list[WorkTeam]:
        conditions, values = ["1 = 1"], {}
        if kind is not None:
            conditions.append("t.kind = :kind")
            values["kind"] = kind.value
        if member_id is not None:
            conditions.append(
                f"(t.id IN ('{EVERYONE}', '{PUBLIC}') "
                "OR t.id IN (SELECT team_id FROM team_members WHERE worker_id = :member_id))"
            )
            values["member_id"] = member_id
        rows = self._session.rows(
            f"SELECT {_COLUMNS} FROM work_teams AS t WHERE {' AND '.join(conditions)} ORDER BY t.name_key", **values
        )
        return [_team(row) for row in rows]

    def update(self, team_id: str, *, description: str | None = None, manager_id: str | None = None) -> None:
        given = {"description": description, "manager_id": manager_id}
        values = {column: value for column, value in given.items() if value is not None}
        if values:
            changes = ", ".join(f"{column} = :{column}" for column in values)
            self._session.run(f"UPDATE work_teams SET {changes} WHERE id = :id", id=team_id, **values)

    def remove(self, team_id: str) -> None:
        if team_id in (EVERYONE, PUBLIC):
            raise Conflict(f"the work team {team_id!r} is built in and stays")
        if self._session.row("SELECT 1 FROM labeling_jobs WHERE team_id = :id LIMIT 1", id=team_id):
            raise Conflict("labeling jobs use this work team; it stays for their history")
        for table, column in (("invitations", "team_id"), ("team_members", "team_id"), ("work_teams", "id")):
            self._session.run(f"DELETE FROM {table} WHERE {column} = :id", id=team_id)

    def member_count(self, team_id: str) -> int:
        inside = (
            "" if team_id in (EVERYONE, PUBLIC) else "JOIN team_members AS m ON m.worker_id = w.id AND m.team_id = :id"
        )
        found = self._session.row(
            f"""
            SELECT COUNT(*) FROM workers AS w JOIN worker_roles AS r ON r.worker_id = w.id AND r.role = 'worker'
            {inside} WHERE w.disabled = 0
            """,
            **({"id": team_id} if inside else {}),
        )
        return int(found[0]) if found else 0

    def add_member(self, team_id: str, worker_id: str) -> None:
        self._session.run(
            "INSERT INTO team_members (team_id, worker_id) VALUES (:team_id, :worker_id) ON CONFLICT DO NOTHING",
            team_id=team_id,
            worker_id=worker_id,
        )

    def remove_member(self, team_id: str, worker_id: str) -> None:
        self._session.run(
            "DELETE FROM team_members WHERE team_id = :team_id AND worker_id = :worker_id",
            team_id=team_id,
            worker_id=worker_id,
        )

    def is_member(self, team_id: str, worker_id: str) -> bool:
        if team_id in (EVERYONE, PUBLIC):
            return True
        found = self._session.row(
            "SELECT 1 FROM team_members WHERE team_id = :team_id AND worker_id = :worker_id",
            team_id=team_id,
            worker_id=worker_id,
        )
        return found is not None

    def add_invitation(
        self, digest: str, team_id: str, *, created_by: str, expires_at: datetime, max_uses: int
    ) -> None:
        self._session.run(
            """
            INSERT INTO invitations (digest, team_id, created_by, expires_at, max_uses)
            VALUES (:digest, :team_id, :created_by, :expires_at, :max_uses)
            """,
            digest=digest,
            team_id=team_id,
            created_by=created_by,
            expires_at=micros(expires_at),
            max_uses=max_uses,
        )

    def use_invitation(self, digest: str, *, at: datetime) -> WorkTeam:
        row = self._session.row(
            """
            UPDATE invitations SET uses = uses + 1
            WHERE digest = :digest AND expires_at > :at AND uses < max_uses RETURNING team_id
            """,
            digest=digest,
            at=micros(at),
        )
        if row is None:
            raise NotFound("this invitation is not valid any more; ask for a new one")
        return self.get(row[0])

    def invitation(self, digest: str, *, at: datetime) -> WorkTeam | None:
        row = self._session.row(
            f"""
            SELECT {_COLUMNS} FROM invitations AS i JOIN work_teams AS t ON t.id = i.team_id
            WHERE i.digest = :digest AND i.expires_at > :at AND i.uses < i.max_uses
            """,
            digest=digest,
            at=micros(at),
        )
        return None if row is None else _team(row)


def _team(row: Row) -> WorkTeam:
    return WorkTeam(
        id=row[0],
        name=row[1],
        kind=TeamKind(row[2]),
        description=row[3],
        created_at=moment(row[4]),
        manager_id=row[5],
    )
