"""Making a backup of a running server: its database as it is at one moment, then its files.

In this order, because a row names files that were written before it: every file that the copied rows name is there
when the files' turn comes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from groundswell import __version__
from groundswell.backups import archive
from groundswell.backups.archive import Contents, Entry
from groundswell.domain.errors import Conflict, NotFound
from groundswell.settings import Settings
from groundswell.store.faults import opening_file
from groundswell.store.opening import postgres_url, sqlite_path

_OF_DATABASE = ("-wal", "-shm", "-journal", "-gate", "-room")


def make(
    settings: Settings, folder: Path, *, at: datetime, on_file: Callable[[str], None] = lambda name: None
) -> Contents:
    """Copy the server whose settings these are into an empty or new folder; what was copied.

    Raises Conflict for a folder that has something in it, NotFound where there is no server yet.
    """
    if not archive.is_empty(folder):
        raise Conflict(f"expected an empty or new folder for the backup, {folder} has something in it")
    database = sqlite_path(settings.database)
    if database is not None and not database.exists():
        raise NotFound(f"there is no database at {database}; give the server's own --data-dir or --database-url")
    with opening_file(folder / archive.LIST):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        (folder / archive.DATABASE).mkdir(mode=0o700)
        schema = _dump(settings, database, folder / archive.DATABASE)
        files: dict[str, Entry] = {}
        for path in sorted((folder / archive.DATABASE).iterdir()):
            path.chmod(0o600)
            files[f"{archive.DATABASE}/{path.name}"] = archive.entry_of(path)
        for name, path in _data_files(settings.data_dir, database, folder):
            entry = _copied(path, folder / name)
            if entry is not None:
                files[name] = entry
                on_file(name)
        kind = "postgres" if database is None else "sqlite"
        contents = Contents(__version__, schema, kind, at.isoformat(), files)
        archive.write_list(folder, contents)
    return archive.verified(folder)


def _dump(settings: Settings, database: Path | None, folder: Path) -> str:
    if database is not None:
        from groundswell.backups import sqlite

        return sqlite.dump(database, folder)
    from groundswell.backups import postgres

    return postgres.dump(postgres_url(settings.database), folder)


def _data_files(data_dir: Path, database: Path | None, folder: Path) -> Iterator[tuple[str, Path]]:
    """The data directory's files but those of the database and of running processes, by their names in the backup."""
    skipped = set() if database is None else {database, *(Path(f"{database}{end}") for end in _OF_DATABASE)}
    target = folder.resolve()
    for path in sorted(data_dir.rglob("*")):
        name = path.relative_to(data_dir).as_posix()
        ours = path.parent == data_dir and (
            (name.startswith("runner-") and name.endswith(".lock")) or ".db.before-" in name
        )
        if path in skipped or ours or target in path.resolve().parents or path.is_symlink() or not path.is_file():
            continue
        yield f"{archive.DATA}/{name}", path


def _copied(path: Path, target: Path) -> Entry | None:
    """None of a file that was there a moment ago: a piece of work under way."""
    try:
        return archive.copy_file(path, target)
    except FileNotFoundError:
        target.unlink(missing_ok=True)
        return None
