"""The migrations make exactly the tables that the code says there are."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from groundswell.store import migrate
from groundswell.store.opening import open_store
from groundswell.store.tables import metadata

VERSIONS = Path(migrate.__file__).parent / "migrations" / "versions"


def differences(url: str) -> list[Any]:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with create_engine(url, poolclass=NullPool).connect() as connection:
        found: list[Any] = compare_metadata(MigrationContext.configure(connection), metadata)
    return found


def test_the_newest_migration_is_the_head() -> None:
    assert max(path.name for path in VERSIONS.glob("*.py")).startswith(f"{migrate.HEAD}_")


def test_sqlite_has_the_tables_of_the_code(sqlite_url: str) -> None:
    assert differences(sqlite_url) == []


@pytest.mark.postgres
def test_postgres_has_the_tables_of_the_code(postgres_url: str) -> None:
    assert differences(postgres_url.replace("postgresql://", "postgresql+psycopg://")) == []


def test_a_database_is_copied_before_it_is_upgraded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "old.db"
    open_store(f"sqlite:///{path}").close()
    with sqlite3.connect(path) as connection:
        connection.execute("INSERT INTO drafts (assignment_id, draft, saved_at) VALUES ('a', '{}', 0)")
    connection.close()
    monkeypatch.setattr(migrate, "HEAD", "9999")
    monkeypatch.setattr(migrate, "upgrade_to", lambda url, seal: None)
    open_store(f"sqlite:///{path}").close()
    copy = sqlite3.connect(tmp_path / "old.db.before-9999")
    assert copy.execute("SELECT COUNT(*) FROM drafts").fetchone() == (1,)
    copy.close()
