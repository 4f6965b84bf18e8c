"""Bringing a database to the schema of this version, at start; Alembic is imported only where something is to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from groundswell.store.faults import no_answer, opening_file, refuse_newer
from groundswell.store.turnstile import Turnstile

if TYPE_CHECKING:
    from sqlalchemy import URL

HEAD = "0018"  # the newest file in migrations/versions; a test keeps the two together

Seal = Callable[[bytes], str]
"""What a secret is stored as, see `service.ports.Seals`."""

_POSTGRES_LOCK = 0x67_72_6F_75  # "grou": one process migrates, the others wait


def upgrade_sqlite(path: Path, seal: Seal | None = None) -> None:
    """Create or upgrade the file; one that is upgraded is copied first, to `<name>.before-<revision>`."""
    with opening_file(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        turnstile = Turnstile(path)
        try:
            with turnstile:
                revision = _sqlite_revision(path)
                if revision == HEAD:
                    return
                if revision is not None:
                    refuse_newer(revision, HEAD)
                    _copy(path, path.with_name(f"{path.name}.before-{HEAD}"))
                from sqlalchemy import URL

                upgrade_to(URL.create("sqlite", database=str(path)), seal=seal)
        finally:
            turnstile.close()


def upgrade_postgres(url: str, seal: Seal | None = None) -> None:
    """Create or upgrade the schema; processes that start together take turns."""
    import psycopg

    try:
        opened = psycopg.connect(url, autocommit=True)
    except psycopg.OperationalError as error:
        raise no_answer(url, error) from error
    with opened as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (_POSTGRES_LOCK,))
        try:
            revision = _postgres_revision(connection)
            if revision is not None:
                refuse_newer(revision, HEAD)
            if revision != HEAD:
                upgrade_to(url.replace("postgresql://", "postgresql+psycopg://", 1), seal=seal)
        finally:
            connection.execute("SELECT pg_advisory_unlock(%s)", (_POSTGRES_LOCK,))


def _sqlite_revision(path: Path) -> str | None:
    connection = sqlite3.connect(path)
    try:
        connection.execute("PRAGMA journal_mode = WAL").fetchall()
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchall():
            return None
        found = connection.execute("SELECT version_num FROM alembic_version").fetchall()
        return str(found[0][0]) if found else None
    finally:
        connection.close()


def _postgres_revision(connection: Any) -> str | None:
    if connection.execute("SELECT to_regclass('alembic_version')").fetchone()[0] is None:
        return None
    found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return None if found is None else str(found[0])


def _copy(source: Path, target: Path) -> None:
    with_from, with_to = sqlite3.connect(source), sqlite3.connect(target)
    try:
        with_from.backup(with_to)
    finally:
        with_from.close()
        with_to.close()


def upgrade_to(url: str | URL, revision: str = "head", *, seal: Seal | None = None) -> None:
    """Run the migrations up to one, in one transaction; the URL is SQLAlchemy's."""
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine
    from sqlalchemy.pool import NullPool

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        config.attributes.update(connection=connection, seal=seal)
        command.upgrade(config, revision)
