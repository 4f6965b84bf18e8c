"""Accounts and their tokens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from groundswell.domain.errors import Conflict, NotFound
from groundswell.domain.people import EVERYONE, PUBLIC, Account, Role
from groundswell.service.ports import Page
from groundswell.store.codec import fold, from_json, micros, micros_or_none, moment, moment_or_none, to_json
from groundswell.store.session import Row, Session

_COLUMNS = "w.id, w.email, w.name, w.created_at, w.disabled, w.preferences"


class SqlWorkers:
    """`service.ports.WorkerRepository` in SQL."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, worker: Account, *, password_hash: str | None) -> None:
        added = self._session.run(
            """
            INSERT INTO workers (id, email, email_key, name, password_hash, created_at, disabled, preferences)
            VALUES (:id, :email, :email_key, :name, :password_hash, :created_at, :disabled, :preferences)
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
        )
        if not added:
            raise Conflict(f"{worker.email} has an account already; sign in with it", field="email")
        self._set_roles(worker.id, worker.roles)

    def get(self, worker_id: str) -> Account:
        row = self._session.row(f"SELECT {_COLUMNS} FROM workers AS w WHERE id = :id", id=worker_id)
        if row is None:
            raise NotFound(f"there is no worker {worker_id!r}")
        return self._worker(row)

    def by_email(self, email: str) -> tuple[Account, str | None]:
        row = self._session.row(
            f"SELECT {_COLUMNS}, password_hash FROM workers AS w WHERE email_key = :key", key=fold(email)
        )
        if row is None:
            raise NotFound(f"there is no account for {email}", field="email")
        return self._worker(row), row[-1]

    def page(self, page: Page, *, team_id: str | None = None, role: Role | None = None) -> list[Account]:
        conditions, values = ["w.id > :after"], {"after": page.after or "", "limit": page.limit}
        if team_id is not None and team_id not in (EVERYONE, PUBLIC):
            conditions.append("w.id IN (SELECT worker_id FROM team_members WHERE team_id = :team_id)")
            values["team_id"] = team_id
        if role is not None:
            conditions.append("w.id IN (SELECT worker_id FROM worker_roles WHERE role = :role)")
            values["role"] = role.value
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
    ) -> Account:
        given = {
            "name": name,
            "disabled": None if disabled is None else int(disabled),
            "password_hash": password_hash,
            "preferences": None if preferences is None else to_json(preferences),
        }
        values = {column: value for column, value in given.items() if value is not None}
        if values:
            changes = ", ".join(f"{column} = :{column}" for column in values)
            self._session.run(f"UPDATE workers SET {changes} WHERE id = :id", id=worker_id, **values)
        if roles is not None:
            self._set_roles(worker_id, roles)
        return self.get(worker_id)

    def add_token(
        self, digest: str, worker_id: str, *, kind: str, name: str, created_at: datetime, expires_at: datetime | None
    ) -> None:
        self._session.run(
            """
            INSERT INTO tokens (digest, worker_id, kind, name, created_at, expires_at)
            VALUES (:digest, :worker_id, :kind, :name, :created_at, :expires_at)
            """,
            digest=digest,
            worker_id=worker_id,
            kind=kind,
            name=name,
            created_at=micros(created_at),
            expires_at=micros_or_none(expires_at),
        )

    def by_token(self, digest: str, *, at: datetime) -> Account | None:
        row = self._session.row(
            f"""
            SELECT {_COLUMNS} FROM tokens AS t JOIN workers AS w ON w.id = t.worker_id
            WHERE t.digest = :digest AND (t.expires_at IS NULL OR t.expires_at > :at) AND w.disabled = 0
            """,
            digest=digest,
            at=micros(at),
        )
        return None if row is None else self._worker(row)

    def tokens(self, worker_id: str, kind: str) -> list[tuple[str, str, datetime, datetime | None]]:
        rows = self._session.rows(
            """
            SELECT digest, name, created_at, expires_at FROM tokens
            WHERE worker_id = :worker_id AND kind = :kind ORDER BY created_at
            """,
            worker_id=worker_id,
            kind=kind,
        )
        return [(digest, name, moment(created), moment_or_none(expires)) for digest, name, created, expires in rows]

    def drop_token(self, digest: str) -> None:
        self._session.run("DELETE FROM tokens WHERE digest = :digest", digest=digest)

    def _set_roles(self, worker_id: str, roles: Iterable[Role]) -> None:
        self._session.run("DELETE FROM worker_roles WHERE worker_id = :id", id=worker_id)
        self._session.many(
            "INSERT INTO worker_roles (worker_id, role) VALUES (:id, :role)",
            [{"id": worker_id, "role": role.value} for role in sorted(set(roles))],
        )

    def _worker(self, row: Row) -> Account:
        roles = self._session.rows("SELECT role FROM worker_roles WHERE worker_id = :id", id=row[0])
        return Account(
            id=row[0],
            email=row[1],
            name=row[2],
            roles=frozenset(Role(role) for (role,) in roles),
            created_at=moment(row[3]),
            disabled=bool(row[4]),
            preferences=from_json(row[5]),
        )
