"""`groundswell runner`: advances labeling jobs. Any number of them may run, on any number of machines."""

from __future__ import annotations

import os
import threading
import time
from typing import Annotated

import typer

from groundswell.cli.serve import DataDir, settings_of


def runner(
    data_dir: DataDir = None,
    database_url: Annotated[str | None, typer.Option(help="postgresql://...; default: SQLite in the data dir")] = None,
    once: Annotated[bool, typer.Option("--once", help="One round over every job, then exit.")] = False,
    with_parent: Annotated[bool, typer.Option("--with-parent", hidden=True)] = False,
) -> None:
    """Run a runner: it reads inputs, gives out objects, consolidates annotations and writes outputs.

    `groundswell serve` starts one by itself; start more when one is not enough. Killing one at any moment is safe.
    """
    from groundswell.runner.main import run

    if with_parent:
        threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    run(settings_of(data_dir, database_url=database_url), once=once)


def _end_with_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(0)


if __name__ == "__main__":
    typer.run(runner)
