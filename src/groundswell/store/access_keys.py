"""AWS access keys; the secrets in them are sealed before they come here."""

from __future__ import annotations

from groundswell.domain.access_keys import AccessKey
from groundswell.domain.people import Role
from groundswell.store.codec import micros, micros_or_none, moment, moment_or_none
from groundswell.store.session import Row, Session

_COLUMNS = "id, worker_id, workspace_id, name, secret, created_at, expires_at, role"


class SqlAccessKeys:
    """`service.ports.AccessKeyRepository` in SQL."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, key: AccessKey) -> None:
        self._session.run(
            f"""
            INSERT INTO access_keys ({_COLUMNS})
            VALUES (:id, :worker_id, :workspace_id, :name, :secret, :created_at, :expires_at, :role)
            """,
            id=key.id,
            worker_id=key.account_id,
            workspace_id=key.workspace_id,
            name=key.name,
            secret=key.secret,
            created_at=micros(key.created_at),
            expires_at=micros_or_none(key.expires_at),
            role=None if key.role is None else key.role.value,
        )

    def find(self, key_id: str) -> AccessKey | None:
        row = self._session.row(f"SELECT {_COLUMNS} FROM access_keys WHERE id = :id", id=key_id)
        return None if row is None else _key(row)

    def select(self, *, account_id: str | None = None) -> list[AccessKey]:
        whose = "" if account_id is None else " WHERE worker_id = :worker_id"
        values = {} if account_id is None else {"worker_id": account_id}
        rows = self._session.rows(f"SELECT {_COLUMNS} FROM access_keys{whose} ORDER BY created_at, id", **values)
        return [_key(row) for row in rows]

    def remove(self, key_id: str) -> None:
        self._session.run("DELETE FROM access_keys WHERE id = :id", id=key_id)


def _key(row: Row) -> AccessKey:
    return AccessKey(
        id=row[0],
        account_id=row[1],
        workspace_id=row[2],
        name=row[3],
        secret=row[4],
        created_at=moment(row[5]),
        expires_at=moment_or_none(row[6]),
        role=None if row[7] is None else Role(row[7]),
    )
