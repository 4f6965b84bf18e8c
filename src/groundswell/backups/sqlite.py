"""A SQLite database as one file: copied by SQLite itself, what is still in the write-ahead log included."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from groundswell.domain.errors import InvalidInput
from groundswell.store.faults import opening_file

NAME = "groundswell.db"


def dump(database: Path, folder: Path) -> str:
    """Copy the database as it is at one moment, while others write on; its schema."""
    target = folder / NAME
    with opening_file(database):
        with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as source:
            with closing(sqlite3.connect(target)) as copy:
                source.backup(copy)  # in one step: one view, which writers do not wait for
                copy.execute("PRAGMA journal_mode = DELETE").fetchall()  # all of it in the one file
    return _checked(target)


def load(folder: Path, database: Path) -> None:
    """Make the database of a dump."""
    database.parent.mkdir(parents=True, exist_ok=True)
    with opening_file(database):
        with closing(sqlite3.connect(folder / NAME)) as copy, closing(sqlite3.connect(database)) as target:
            copy.backup(target)
            target.execute("PRAGMA journal_mode = WAL").fetchall()
    _checked(database)


def _checked(path: Path) -> str:
    """The schema of a database that SQLite finds whole."""
    with opening_file(path), closing(sqlite3.connect(path)) as connection:
        said = connection.execute("PRAGMA quick_check(5)").fetchall()
        if said != [("ok",)]:
            raise InvalidInput(f"the copy of the database is damaged: {said[0][0]}", field="database_url")
        found = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    return str(found[0][0])
