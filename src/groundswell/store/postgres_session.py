"""A Postgres connection's statements.

The fixed statements go to libpq itself, prepared once a connection: a worker's cycle is some twenty of them, and
psycopg's cursors, made for every need, take twice the processor time. They are left the bulk inserts, streams and Core
selects.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import psycopg
from psycopg import errors, pq

from groundswell.store.session import Row

_PARAMETER = re.compile(r"(?<!:):([a-z]\w*)")
_KEPT = 500  # prepared statements a connection keeps
_DONE = (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK)
_NUMBERS: Mapping[int, Callable[[bytes], Any]] = {20: int, 21: int, 23: int, 700: float, 701: float}  # by type id
_TEXT = bytes.decode


class PostgresSession:
    """`store.session.Session` over a `psycopg` connection in autocommit mode: the store begins and commits."""

    skip_locked = " FOR UPDATE SKIP LOCKED"
    for_update = " FOR UPDATE"
    shards = 16
    batch = "CAST(CAST(pg_current_xact_id() AS TEXT) AS BIGINT)"
    settled = "batch < CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS TEXT) AS BIGINT)"

    def __init__(self, connection: psycopg.Connection[Any], shard: int = 0) -> None:
        self.connection = connection
        self.shard = shard % self.shards
        self._prepared: dict[str, tuple[bytes, tuple[str, ...]]] = {}

    def command(self, sql: bytes) -> None:
        """BEGIN, COMMIT, ROLLBACK."""
        self._checked(self.connection.pgconn.exec_(sql))

    def rows(self, sql: str, **values: Any) -> list[Row]:
        result = self._execute(sql, values)
        loads = [_NUMBERS.get(result.ftype(column), _TEXT) for column in range(result.nfields)]
        get = result.get_value
        return [
            tuple(None if (raw := get(row, column)) is None else load(raw) for column, load in enumerate(loads))
            for row in range(result.ntuples)
        ]

    def row(self, sql: str, **values: Any) -> Row | None:
        found = self.rows(sql, **values)
        return found[0] if found else None

    def run(self, sql: str, **values: Any) -> int:
        return self._execute(sql, values).command_tuples or 0

    def send(self, sql: str, **values: Any) -> None:
        self._execute(sql, values)

    def together(self, *asked: tuple[str, Mapping[str, Any]]) -> list[list[Row]]:
        return [self.rows(sql, **values) for sql, values in asked]

    def many(self, sql: str, values: Sequence[Mapping[str, Any]]) -> int:
        if not values:
            return 0
        with self.connection.cursor() as cursor:
            cursor.executemany(percent_style(sql), values)
            return cursor.rowcount

    def insert_new(self, table: str, columns: Mapping[str, str], rows: Sequence[Row]) -> int:
        arrays = ", ".join(f"%s::{kind}[]" for kind in columns.values())
        sql = f"INSERT INTO {table} ({', '.join(columns)}) SELECT * FROM unnest({arrays}) ON CONFLICT DO NOTHING"
        values = [[_storable(value) for value in column] for column in zip(*rows, strict=True)]
        return self.connection.execute(sql.encode(), values).rowcount if values else 0

    def stream(self, sql: str, **values: Any) -> Iterator[Row]:
        with self.connection.cursor(name="stream") as cursor:
            cursor.itersize = 5_000
            yield from cursor.execute(percent_style(sql), values)

    def select(self, statement: Any) -> list[Row]:
        from sqlalchemy.dialects.postgresql import psycopg as dialect

        postgres = dialect.dialect()  # type: ignore[no-untyped-call]
        compiled = statement.compile(dialect=postgres, compile_kwargs={"render_postcompile": True})
        return self.connection.execute(str(compiled), compiled.params).fetchall()

    def among(self, column: str) -> str:
        return f"{column} = ANY(:numbers)"

    def numbers(self, values: Iterable[int]) -> list[int]:
        return list(values)

    def next_position(self) -> int:
        found = self.row("SELECT nextval('object_positions')")
        assert found is not None
        return int(found[0])

    def _execute(self, sql: str, values: Mapping[str, Any]) -> pq.abc.PGresult:
        known = self._prepared.get(sql) or self._prepare(sql)
        given: list[Any] = [_dump(values[name]) for name in known[1]]
        return self._checked(self.connection.pgconn.exec_prepared(known[0], given))

    def _prepare(self, sql: str) -> tuple[bytes, tuple[str, ...]]:
        if len(self._prepared) >= _KEPT:
            self.command(b"DEALLOCATE ALL")
            self._prepared.clear()
        text, names = dollar_style(sql)
        known = self._prepared[sql] = (f"gs{len(self._prepared)}".encode(), names)
        self._checked(self.connection.pgconn.prepare(known[0], text.encode()))
        return known

    def _checked(self, result: pq.abc.PGresult) -> pq.abc.PGresult:
        if result.status in _DONE:
            return result
        if self.connection.pgconn.status != pq.ConnStatus.OK:
            raise psycopg.OperationalError(result.get_error_message())
        raise errors.error_from_result(result)


@lru_cache(maxsize=1024)
def percent_style(sql: str) -> str:
    """A statement with `:name` parameters in psycopg's style."""
    return _PARAMETER.sub(r"%(\1)s", sql.replace("%", "%%"))


@lru_cache(maxsize=1024)
def dollar_style(sql: str) -> tuple[str, tuple[str, ...]]:
    """A statement with `:name` parameters in libpq's style, and the names in the order of their numbers."""
    names: dict[str, int] = {}
    text = _PARAMETER.sub(lambda match: f"${names.setdefault(match[1], len(names) + 1)}", sql)
    return text, tuple(names)


def _dump(value: Any) -> bytes | None:
    """A parameter as text; Postgres infers its type from where it stands."""
    if value is None:
        return None
    if isinstance(value, list):
        return ("{" + ",".join(map(str, value)) + "}").encode()
    text: str = _storable(str(value))
    return text.encode()


def _storable(value: Any) -> Any:
    """Postgres's texts cannot hold NUL, and libpq would cut them there; JSON never has it but escaped."""
    return value.replace("\0", "\ufffd") if isinstance(value, str) and "\0" in value else value
