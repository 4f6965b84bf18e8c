"""A Postgres database as files, a table each: copied in one transaction, so all of them are of one moment.

The format is COPY's text, which every version reads; the tables' shapes come from the migrations, not from here.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from groundswell.domain.errors import Conflict
from groundswell.store.faults import no_answer
from groundswell.store.migrate import upgrade_to

_TABLES = "tables.json"  # in the order in which they can be filled, with their columns
_SEQUENCES = "sequences.json"
_CHUNK_BYTES = 1 << 18


def dump(url: str, folder: Path) -> str:
    """Copy every table as it is at one moment, while others write on; the schema."""
    with _connect(url) as connection:
        connection.isolation_level, connection.read_only = psycopg.IsolationLevel.REPEATABLE_READ, True
        found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        assert found is not None  # opening the store has migrated it
        tables = _tables(connection)
        for name, columns in tables:
            _copy_out(connection, name, columns, folder / f"{name}.copy")
        sequences = connection.execute(
            "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = current_schema()"
        ).fetchall()
    (folder / _TABLES).write_text(json.dumps(tables), "utf-8")
    (folder / _SEQUENCES).write_text(json.dumps(dict(sequences)), "utf-8")
    return str(found[0])


def load(folder: Path, url: str, schema: str) -> None:
    """Make the tables of a dump's schema in an empty database and fill them, in one transaction."""
    upgrade_to(url.replace("postgresql://", "postgresql+psycopg://", 1), schema)
    tables: list[tuple[str, list[str]]] = json.loads((folder / _TABLES).read_text("utf-8"))
    sequences: dict[str, int | None] = json.loads((folder / _SEQUENCES).read_text("utf-8"))
    with _connect(url) as connection:
        for name, _ in reversed(tables):  # what the migrations themselves put there
            connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(name)))
        for name, columns in tables:
            _copy_in(connection, name, columns, folder / f"{name}.copy")
        for name, value in sequences.items():
            if value is not None:
                connection.execute("SELECT setval(%s::regclass, %s)", (name, value))


def refuse_filled(url: str) -> None:
    """Raises Conflict for a database that has tables."""
    with _connect(url) as connection:
        found = connection.execute("SELECT COUNT(*) FROM pg_tables WHERE schemaname = current_schema()").fetchone()
    if found is not None and found[0]:
        raise Conflict(
            f"the database has {found[0]} tables already; restore into an empty one (createdb), and nothing is lost"
        )


def _connect(url: str) -> psycopg.Connection[Any]:
    try:
        return psycopg.connect(url)
    except psycopg.OperationalError as error:
        raise no_answer(url, error) from error


def _tables(connection: psycopg.Connection[Any]) -> list[tuple[str, list[str]]]:
    """Names and columns of the tables, those that others refer to first."""
    columns: dict[str, list[str]] = {}
    for table, column in connection.execute(
        """
        SELECT table_name, column_name FROM information_schema.columns
        WHERE table_schema = current_schema() AND table_name IN (
            SELECT tablename FROM pg_tables WHERE schemaname = current_schema())
        ORDER BY table_name, ordinal_position
        """
    ):
        columns.setdefault(table, []).append(column)
    columns.pop("alembic_version")
    refers: dict[str, set[str]] = {name: set() for name in columns}
    for table, target in connection.execute(
        """
        SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint
        WHERE contype = 'f' AND connamespace = current_schema()::regnamespace
        """
    ):
        refers[table].add(target)
    ordered: list[str] = []
    while len(ordered) < len(columns):
        ready = [name for name in columns if name not in ordered and refers[name] - {name} <= set(ordered)]
        ordered += ready or [name for name in columns if name not in ordered]
    return [(name, columns[name]) for name in ordered]


def _names(table: str, columns: list[str]) -> sql.Composed:
    listed = sql.SQL(", ").join(map(sql.Identifier, columns))
    return sql.SQL("{} ({})").format(sql.Identifier(table), listed)


def _copy_out(connection: psycopg.Connection[Any], table: str, columns: list[str], path: Path) -> None:
    with connection.cursor() as cursor, path.open("wb") as file:
        with cursor.copy(sql.SQL("COPY {} TO STDOUT").format(_names(table, columns))) as copy:
            for data in copy:
                file.write(data)


def _copy_in(connection: psycopg.Connection[Any], table: str, columns: list[str], path: Path) -> None:
    with connection.cursor() as cursor, path.open("rb") as file:
        with cursor.copy(sql.SQL("COPY {} FROM STDIN").format(_names(table, columns))) as copy:
            while data := file.read(_CHUNK_BYTES):
                copy.write(data)
