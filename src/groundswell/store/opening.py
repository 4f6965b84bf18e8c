"""From a database URL to a store whose schema is up to date."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from groundswell.domain.errors import InvalidInput
from groundswell.service.ports import Store
from groundswell.store.migrate import Seal, upgrade_postgres, upgrade_sqlite


def open_store(url: str, *, seal: Seal | None = None) -> Store:
    """The store of `sqlite:///path` or `postgresql://user:password@host/name`, its schema brought up to date.

    seal: seals secrets that are stored plain, when an upgrade comes to that; without it they stay as they are.
    """
    path = sqlite_path(url)
    if path is None:
        return _open_postgres(postgres_url(url), seal)
    from groundswell.store.sqlite_store import SqliteStore

    upgrade_sqlite(path, seal)
    return SqliteStore(path)


def sqlite_path(url: str) -> Path | None:
    """The file of a database URL; None of a Postgres server's. Raises InvalidInput for anything else."""
    scheme = urlsplit(url).scheme
    if scheme == "sqlite":
        return Path(unquote(url.removeprefix("sqlite:///")))
    if scheme in ("postgresql", "postgres"):
        return None
    raise InvalidInput(
        f"expected a database URL, sqlite:///groundswell.db or postgresql://user:password@host/name, got {url!r}",
        field="database_url",
    )


def postgres_url(url: str) -> str:
    """The URL of a Postgres server under the one name that libraries agree on."""
    return "postgresql" + url[len(urlsplit(url).scheme) :]


def _open_postgres(url: str, seal: Seal | None) -> Store:
    try:
        from groundswell.store.postgres_store import PostgresStore
    except ImportError as error:
        raise InvalidInput(
            "Postgres needs the extra: pip install 'groundswell[postgres]'", field="database_url"
        ) from error
    upgrade_postgres(url, seal)
    return PostgresStore(url)
