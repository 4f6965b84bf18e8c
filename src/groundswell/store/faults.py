"""What stands in the way of opening a database, each in one sentence that says what to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from groundswell.domain.errors import InvalidInput, Unavailable


@contextmanager
def opening_file(path: Path) -> Iterator[None]:
    """Turns what the system and SQLite say while this file is opened into errors of ours."""
    try:
        yield
    except OSError as error:
        raise Unavailable(
            f"cannot write in {path.parent}: {error.strerror or error}; choose a folder that the server may write "
            "in (--data-dir)"
        ) from error
    except sqlite3.DatabaseError as error:
        if "not a database" in str(error) or "malformed" in str(error):
            raise InvalidInput(
                f"{path} is no SQLite database ({error}); restore a backup, or move the file away to begin anew",
                field="database_url",
            ) from error
        raise Unavailable(
            f"cannot open the database {path}: {error}; may the server write it, is the disk full?"
        ) from error


def no_answer(url: str, error: Exception) -> Unavailable:
    """What to say of a Postgres server that does not let us in, without the password that the URL may have."""
    asked = urlsplit(url)
    where = f"{asked.scheme}://{asked.hostname or ''}{f':{asked.port}' if asked.port else ''}{asked.path}"
    said = " ".join(str(error).split())
    return Unavailable(f"no database answers at {where}: {said}; is it started, and is the URL right?")


def refuse_newer(revision: str, known: str) -> None:
    """Raises Unavailable for a database whose schema this program does not know."""
    if revision > known:
        raise Unavailable(
            f"this database was written by a newer Groundswell: its schema is {revision}, this program knows up to "
            f"{known}; install the newer version, or restore a backup of before"
        )
