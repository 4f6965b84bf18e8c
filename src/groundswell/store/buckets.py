"""Whose buckets are."""

from __future__ import annotations

from collections.abc import Sequence

from groundswell.domain.buckets import Bucket, CorsRule, cors_as_json, cors_from_json
from groundswell.store.codec import from_json, micros, moment, to_json
from groundswell.store.session import Row, Session

_COLUMNS = "name, workspace_id, created_at, created_by, cors, told"


class SqlBuckets:
    """`service.ports.BucketRepository` in SQL."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, bucket: Bucket) -> bool:
        added = self._session.run(
            f"""
            INSERT INTO buckets ({_COLUMNS})
            VALUES (:name, :workspace_id, :created_at, :created_by, :cors, :told) ON CONFLICT DO NOTHING
            """,
            name=bucket.name,
            workspace_id=bucket.workspace_id,
            created_at=micros(bucket.created_at),
            created_by=bucket.created_by,
            cors=to_json(cors_as_json(bucket.cors)),
            told=int(bucket.told),
        )
        return bool(added)

    def find(self, name: str) -> Bucket | None:
        row = self._session.row(f"SELECT {_COLUMNS} FROM buckets WHERE name = :name", name=name)
        return None if row is None else _bucket(row)

    def select(self, workspace_id: str) -> list[Bucket]:
        rows = self._session.rows(
            f"SELECT {_COLUMNS} FROM buckets WHERE workspace_id = :workspace_id ORDER BY name",
            workspace_id=workspace_id,
        )
        return [_bucket(row) for row in rows]

    def set_cors(self, name: str, rules: Sequence[CorsRule]) -> None:
        self._session.run(
            "UPDATE buckets SET cors = :cors WHERE name = :name", cors=to_json(cors_as_json(rules)), name=name
        )

    def set_told(self, name: str, told: bool) -> None:
        self._session.run("UPDATE buckets SET told = :told WHERE name = :name", told=int(told), name=name)

    def remove(self, name: str) -> None:
        self._session.run("DELETE FROM buckets WHERE name = :name", name=name)


def _bucket(row: Row) -> Bucket:
    name, workspace_id, created_at, created_by, cors, told = row
    return Bucket(name, workspace_id, moment(created_at), created_by, cors_from_json(from_json(cors)), bool(told))
