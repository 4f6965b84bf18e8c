"""Accounts, their roles and their tokens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from groundswell.domain.errors import Conflict, NotFound
from groundswell.domain.people import Account, AnnotatorKind, Role, Token, TwoStep
from groundswell.service.ports import Page
from groundswell.store.codec import fold, from_json, micros, micros_or_none, moment, moment_or_none, to_json
from groundswell.store.members import in_team
from groundswell.store.session import Row, Session

_COLUMNS = "w.id, w.email, w.name, w.created_at, w.disabled, w.preferences, w.verified, w.two_step"
_WIDTH = _COLUMNS.count(",") + 1
_TOKEN = "t.digest, t.worker_id, t.kind, t.name, t.created_at, t.expires_at, t.workspace_id"


class SqlWorkers:
    """`service.ports.WorkerRepository` in SQL."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, worker: Account, *, password_hash: str | None) -> None:
        added = self._session.run(
            """
            INSERT INTO workers (id, email, email_key, name, password_hash, created_at, disabled, preferences, verified)
            VALUES (:id, :email, :email_key, :name, :password_hash, :created_at, :disabled, :preferences, :verified)
            ON CONFLICT (email_key) DO NOTHING
            """,
            id=worker.id,
            email=worker.email,
            email_key=fold(worker.email),
            name=worker.name,
            password_hash=password_hash,
            created_at=micros(worker.created_at),
            disabled=int(worker.disabled),
            preferences=to_json(worker.preferences),
            verified=int(worker.verified),
        )
        if not added:
            raise Conflict(f"{worker.email} has an account already; sign in with it", field="email")
        self._session.run(
            "INSERT INTO annotators (id, kind, name, created_at) VALUES (:id, :kind, :name, :at)",
            id=worker.id,
            kind=AnnotatorKind.ACCOUNT.value,
            name=worker.name,
            at=micros(worker.created_at),
        )
        self._set_roles(worker.id, worker.roles)
        for workspace_id, roles in worker.memberships.items():
            self.set_membership(worker.id, workspace_id, roles)

    def get(self, worker_id: str) -> Account:
        row = self._session.row(f"SELECT {_COLUMNS} FROM workers AS w WHERE id = :id", id=worker_id)
        if row is None:
            raise NotFound(f"there is no account {worker_id!r}")
        return self._worker(row)

    def by_email(self, email: str) -> tuple[Account, str | None]:
        row = self._session.row(
            f"SELECT {_COLUMNS}, password_hash FROM workers AS w WHERE email_key = :key", key=fold(email)
        )
        if row is None:
            raise NotFound(f"there is no account for {email}", field="email")
        return self._worker(row), row[-1]

    def page(
        self, page: Page, *, team_id: str | None = None, role: Role | None = None, workspace_id: str | None = None
    ) -> list[Account]:
        conditions = ["w.id > :after", "w.email <> ''"]
        values: dict[str, Any] = {"after": page.after or "", "limit": page.limit}
        if team_id is not None:
            condition, more = in_team(team_id)
            conditions.append(condition)
            values |= more
        if role is not None:
            inside = "" if workspace_id is None else " AND workspace_id = :workspace_id"
            conditions.append(
                "(w.id IN (SELECT worker_id FROM worker_roles WHERE role = :role) "
                f"OR w.id IN (SELECT worker_id FROM memberships WHERE role = :role{inside}))"
            )
            values["role"] = role.value
        if workspace_id is not None:
            conditions.append(
                "(w.id IN (SELECT worker_id FROM memberships WHERE workspace_id = :workspace_id) "
                "OR w.id IN (SELECT m.worker_id FROM team_members AS m JOIN work_teams AS t ON t.id = m.team_id "
                "WHERE t.workspace_id = :workspace_id))"
            )
            values["workspace_id"] = workspace_id
        rows = self._session.rows(
            f"SELECT {_COLUMNS} FROM workers AS w WHERE {' AND '.join(conditions)} ORDER BY w.id LIMIT :limit", **values
        )
        return [self._worker(row) for row in rows]

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
            "disabled": None if disabled is None else int(disabled),
            "password_hash": password_hash,
            "preferences": None if preferences is None else to_json(preferences),
            "verified": None if verified is None else int(verified),
        }
        values = {column: value for column, value in given.items() if value is not None}
        if values:
            changes = ", ".join(f"{column} = :{column}" for column in values)
            self._session.run(f"UPDATE workers SET {changes} WHERE id = :id", id=worker_id, **values)
        if name is not None:
            self._session.run("UPDATE annotators SET name = :name WHERE id = :id", id=worker_id, name=name)
        if roles is not None:
            self._set_roles(worker_id, roles)
        return self.get(worker_id)

    def erase(self, worker_id: str, *, called: str) -> None:
        self.get(worker_id)
        for table in ("worker_roles", "memberships", "tokens", "access_keys", "team_members"):
            self._session.run(f"DELETE FROM {table} WHERE worker_id = :id", id=worker_id)
        self._session.run(
            """
            UPDATE workers SET email = '', email_key = :key, name = :called, password_hash = NULL, disabled = 1,
                preferences = '{}'
            WHERE id = :id
            """,
            id=worker_id,
            key=f"erased {worker_id}",  # as no address can be
            called=called,
        )
        self._session.run("UPDATE annotators SET name = :called WHERE id = :id", id=worker_id, called=called)

    def set_membership(self, worker_id: str, workspace_id: str, roles: Iterable[Role]) -> None:
        self._session.run(
            "DELETE FROM memberships WHERE worker_id = :id AND workspace_id = :workspace_id",
            id=worker_id,
            workspace_id=workspace_id,
        )
        self._session.many(
            "INSERT INTO memberships (workspace_id, worker_id, role) VALUES (:workspace_id, :id, :role)",
            [{"workspace_id": workspace_id, "id": worker_id, "role": role.value} for role in sorted(set(roles))],
        )

    def two_step(self, worker_id: str) -> TwoStep | None:
        row = self._session.row("SELECT two_step FROM workers WHERE id = :id", id=worker_id)
        if row is None or row[0] is None:
            return None
        found = from_json(row[0])
        return TwoStep(found["secret"], found["active"], found["used"], tuple(found["recovery"]))

    def set_two_step(self, worker_id: str, two_step: TwoStep | None) -> None:
        kept = None if two_step is None else to_json(asdict(two_step))
        self._session.run("UPDATE workers SET two_step = :kept WHERE id = :id", id=worker_id, kept=kept)

    def add_token(self, token: Token) -> None:
        self._session.run(
            """
            INSERT INTO tokens (digest, worker_id, kind, name, created_at, expires_at, workspace_id)
            VALUES (:digest, :worker_id, :kind, :name, :created_at, :expires_at, :workspace_id)
            """,
            digest=token.digest,
            worker_id=token.account_id,
            kind=token.kind,
            name=token.name,
            created_at=micros(token.created_at),
            expires_at=micros_or_none(token.expires_at),
            workspace_id=token.workspace_id,
        )

    def by_token(self, digest: str, *, at: datetime) -> tuple[Account, Token] | None:
        row = self._session.row(
            f"""
            SELECT {_COLUMNS}, {_TOKEN} FROM tokens AS t JOIN workers AS w ON w.id = t.worker_id
            WHERE t.digest = :digest AND (t.expires_at IS NULL OR t.expires_at > :at) AND w.disabled = 0
            """,
            digest=digest,
            at=micros(at),
        )
        return None if row is None else (self._worker(row), _token(row[_WIDTH:]))

    def tokens(self, kind: str, *, worker_id: str | None = None) -> list[Token]:
        mine = "" if worker_id is None else "AND t.worker_id = :worker_id"
        rows = self._session.rows(
            f"SELECT {_TOKEN} FROM tokens AS t WHERE t.kind = :kind {mine} ORDER BY t.created_at, t.digest",
            kind=kind,
            **({} if worker_id is None else {"worker_id": worker_id}),
        )
        return [_token(row) for row in rows]

    def move_token(self, digest: str, workspace_id: str) -> None:
        self._session.run("UPDATE tokens SET workspace_id = :to WHERE digest = :digest", digest=digest, to=workspace_id)

    def drop_token(self, digest: str) -> None:
        self._session.run("DELETE FROM tokens WHERE digest = :digest", digest=digest)

    def _set_roles(self, worker_id: str, roles: Iterable[Role]) -> None:
        self._session.run("DELETE FROM worker_roles WHERE worker_id = :id", id=worker_id)
        self._session.many(
            "INSERT INTO worker_roles (worker_id, role) VALUES (:id, :role)",
            [{"id": worker_id, "role": role.value} for role in sorted(set(roles))],
        )

    def _worker(self, row: Row) -> Account:
        """The account of a row that begins with its columns; its roles, of everywhere and of each workspace."""
        roles: dict[str, set[Role]] = {"": set()}
        for workspace_id, role in self._session.rows(
            """
            SELECT '', role FROM worker_roles WHERE worker_id = :id
            UNION ALL SELECT workspace_id, role FROM memberships WHERE worker_id = :id
            """,
            id=row[0],
        ):
            roles.setdefault(workspace_id, set()).add(Role(role))
        return Account(
            id=row[0],
            email=row[1],
            name=row[2],
            roles=frozenset(roles.pop("")),
            created_at=moment(row[3]),
            disabled=bool(row[4]),
            preferences=from_json(row[5]),
            memberships={workspace_id: frozenset(found) for workspace_id, found in sorted(roles.items())},
            verified=bool(row[6]),
            two_step=row[7] is not None and bool(from_json(row[7])["active"]),
        )


def _token(row: Row) -> Token:
    return Token(row[0], row[1], row[2], row[3], moment(row[4]), moment_or_none(row[5]), row[6])
