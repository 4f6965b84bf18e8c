"""Making a server of a backup: into an empty place, every byte looked at before and after."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from groundswell.backups import archive
from groundswell.backups.archive import Contents
from groundswell.domain.errors import Conflict, InvalidInput
from groundswell.settings import Settings
from groundswell.store.faults import opening_file, refuse_newer
from groundswell.store.migrate import HEAD
from groundswell.store.opening import postgres_url, sqlite_path


def restore(settings: Settings, folder: Path, *, on_file: Callable[[str], None] = lambda name: None) -> Contents:
    """Put a backup where these settings say; the server starts with it as if nothing had happened.

    Raises Conflict for a place that is not empty, InvalidInput for a backup that is damaged or of the other database.
    """
    contents = archive.verified(folder)
    refuse_newer(contents.schema, HEAD)
    database = sqlite_path(settings.database)
    _check_place(settings, contents, database)
    with opening_file(settings.data_dir / "secret-key"):
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        settings.data_dir.chmod(0o700)
        for name, entry in contents.files.items():
            if not name.startswith(f"{archive.DATA}/"):
                continue
            written = archive.copy_file(folder / name, settings.data_dir / name.removeprefix(f"{archive.DATA}/"))
            if written != entry:
                raise InvalidInput(f"{name} was not written as it was read; is the disk in order?", field="backup")
            on_file(name)
    _load(settings, folder / archive.DATABASE, contents, database)
    return contents


def _check_place(settings: Settings, contents: Contents, database: Path | None) -> None:
    kind = "postgres" if database is None else "sqlite"
    if contents.database != kind:
        raise InvalidInput(
            f"this backup is of a {contents.database} database and these settings name one of {kind}; "
            "give --database-url" + (" postgresql://..." if contents.database == "postgres" else " none"),
            field="database_url",
        )
    if not archive.is_empty(settings.data_dir):
        raise Conflict(f"expected an empty or new data directory, {settings.data_dir} has something in it")
    if database is not None and database.exists():
        raise Conflict(f"there is a database at {database} already; move it away first")
    if database is None:
        from groundswell.backups import postgres

        postgres.refuse_filled(postgres_url(settings.database))


def _load(settings: Settings, folder: Path, contents: Contents, database: Path | None) -> None:
    if database is not None:
        from groundswell.backups import sqlite

        sqlite.load(folder, database)
        return
    from groundswell.backups import postgres

    postgres.load(folder, postgres_url(settings.database), contents.schema)
