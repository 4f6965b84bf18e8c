"""`groundswell backup` and `groundswell restore`: a whole server into a folder, and out of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from groundswell.cli.output import AsJson, console, print_json, progress_bar
from groundswell.cli.serve import DataDir, settings_of

Database = Annotated[str | None, typer.Option(help="postgresql://...; default: SQLite in the data dir")]


def backup(
    folder: Annotated[Path, typer.Argument(help="An empty or new folder.")],
    data_dir: DataDir = None,
    database_url: Database = None,
    as_json: AsJson = False,
) -> None:
    """Copy a server into a folder while it runs: its database as it is at one moment, its files and its key.

    Buckets of S3, Google or Azure are not copied. The copy is checked before this says that it is made.

    [dim]Example:[/]  groundswell backup /backups/$(date +%F) --data-dir /srv/groundswell
    """
    from groundswell.backups.making import make
    from groundswell.bootstrap import utc_now

    settings = settings_of(data_dir, database_url=database_url)
    with progress_bar() as bar:
        copying = bar.add_task("copying files", total=None)
        made = make(settings, folder, at=utc_now(), on_file=lambda name: bar.advance(copying))
    if as_json:
        print_json({"folder": str(folder), "files": len(made.files), "bytes": made.bytes, "schema": made.schema})
    else:
        console.print(f"{folder}: {len(made.files):,} files, {made.bytes:,} bytes, checked", highlight=False)


def restore(
    folder: Annotated[Path, typer.Argument(help="A backup's folder.")],
    data_dir: DataDir = None,
    database_url: Database = None,
    check: Annotated[bool, typer.Option("--check", help="Only look whether the backup is whole.")] = False,
) -> None:
    """Make a server of a backup, in a data directory (and a Postgres database) that is empty.

    [dim]Examples:[/]

    groundswell restore /backups/2026-11-28 --data-dir /srv/groundswell

    groundswell restore /backups/2026-11-28 --check
    """
    from groundswell.backups.archive import verified
    from groundswell.backups.restoring import restore as restored

    if check:
        found = verified(folder)
        console.print(f"{folder}: {len(found.files):,} files are as they were written", highlight=False)
        return
    settings = settings_of(data_dir, database_url=database_url)
    with progress_bar() as bar:
        copying = bar.add_task("copying files", total=None)
        restored(settings, folder, on_file=lambda name: bar.advance(copying))
    console.print(f"restored into {settings.data_dir}; start it: groundswell serve", highlight=False)
