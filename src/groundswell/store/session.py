"""One database connection's statements, spoken alike to SQLite (here) and Postgres (postgres_session.py).

Fixed statements are text with `:name` parameters and run on the driver's connection itself: with some fifteen
statements a worker's cycle, SQLAlchemy's execution layer would cost more than the database. Listings that are put
together at run time are SQLAlchemy Core selects, compiled here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from groundswell.store.codec import to_json

Row = tuple[Any, ...]


class Session(Protocol):
    """What the repositories need of a connection."""

    skip_locked: str  # appended to a select whose row is to be changed; SQLite's one writer needs none
    for_update: str
    shard: int  # which shard of the counters this connection writes
    shards: int
    batch: str  # an expression: what annotations of this transaction are ordered by before their own number
    settled: str  # a condition: the annotation is older than every transaction still running

    seen: dict[tuple[str, Any], Any]
    """What was read on the way in this unit of work and may be asked for soon: a worker's loop reads nothing twice.

    `("job", folded name)`, `("revision", job id)`, `("line", (job id, n))`, `("hold", assignment id)`; emptied when a
    unit begins, and by what changes jobs, tasks or assignments. `("foreseen", None)` is a task that was taken in
    advance: a unit that leaves it there has to be undone.
    """

    def rows(self, sql: str, **values: Any) -> list[Row]: ...
    def row(self, sql: str, **values: Any) -> Row | None: ...
    def run(self, sql: str, **values: Any) -> int:
        """The number of rows changed."""
        ...

    def send(self, sql: str, **values: Any) -> None:
        """As `run`, where nobody asks how many rows there were."""
        ...

    def together(self, *asked: tuple[str, Mapping[str, Any]]) -> list[list[Row]]:
        """The rows of several statements, one after the other, for the price of one way to the database."""
        ...

    def many(self, sql: str, values: Sequence[Mapping[str, Any]], types: Mapping[str, str] | None = None) -> int:
        """Run an `INSERT ... VALUES (...)` or `UPDATE ... WHERE ...` for each row of values; the rows changed.

        types : the SQL type of each value. Then no two rows may name the same row of the table, and Postgres gets all
            of them as one statement.
        """
        ...

    def insert_new(self, table: str, columns: Mapping[str, str], rows: Sequence[Row]) -> int:
        """Insert those rows whose key is not there yet, how many those were; `columns` maps names to SQL types."""
        ...

    def stream(self, sql: str, **values: Any) -> Iterator[Row]: ...
    def select(self, statement: Any) -> list[Row]:
        """Run a SQLAlchemy Core select."""
        ...

    def among(self, column: str) -> str:
        """The condition that a column's value is in the list given as parameter `numbers`."""
        ...

    def numbers(self, values: Iterable[int]) -> Any:
        """A list as the parameter `numbers`."""
        ...

    def next_position(self) -> int:
        """A number larger than every one given before."""
        ...

    def turn(self, job_id: int, wait: bool) -> bool:
        """`service.ports.TaskRepository.turn`."""
        ...


class SqliteSession:
    """Over `sqlite3`, in autocommit mode: the store begins and commits."""

    skip_locked = ""
    for_update = ""
    shard = 0
    shards = 1
    batch = "0"
    settled = "1 = 1"

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.seen: dict[tuple[str, Any], Any] = {}

    def rows(self, sql: str, **values: Any) -> list[Row]:
        found: list[Row] = self.connection.execute(sql, values).fetchall()
        return found

    def row(self, sql: str, **values: Any) -> Row | None:
        # fetchall, not fetchone: a statement left half-read holds its lock and cannot be committed over.
        found: list[Row] = self.connection.execute(sql, values).fetchall()
        return found[0] if found else None

    def run(self, sql: str, **values: Any) -> int:
        changed: int = self.connection.execute(sql, values).rowcount
        return changed

    def send(self, sql: str, **values: Any) -> None:
        self.connection.execute(sql, values)

    def together(self, *asked: tuple[str, Mapping[str, Any]]) -> list[list[Row]]:
        return [self.connection.execute(sql, values).fetchall() for sql, values in asked]

    def many(self, sql: str, values: Sequence[Mapping[str, Any]], types: Mapping[str, str] | None = None) -> int:
        changed: int = self.connection.executemany(sql, values).rowcount
        return changed

    def insert_new(self, table: str, columns: Mapping[str, str], rows: Sequence[Row]) -> int:
        places = ", ".join("?" * len(columns))
        sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places}) ON CONFLICT DO NOTHING"
        changed: int = self.connection.executemany(sql, rows).rowcount
        return changed

    def stream(self, sql: str, **values: Any) -> Iterator[Row]:
        yield from self.connection.execute(sql, values)

    def select(self, statement: Any) -> list[Row]:
        from sqlalchemy.dialects import sqlite

        compiled = statement.compile(
            dialect=sqlite.dialect(paramstyle="named"),
            compile_kwargs={"render_postcompile": True},
        )
        return self.rows(str(compiled), **compiled.params)

    def among(self, column: str) -> str:
        return f"{column} IN (SELECT value FROM json_each(:numbers))"

    def numbers(self, values: Iterable[int]) -> str:
        return to_json(list(values))

    def next_position(self) -> int:
        found = self.row("UPDATE positions SET next = next + 1 RETURNING next")
        assert found is not None  # the first migration made the row
        return int(found[0])

    def turn(self, job_id: int, wait: bool) -> bool:
        return True  # one unit of work at a time writes
