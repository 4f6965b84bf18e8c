"""`groundswell serve`: the web server, and a runner beside it that is started again when it dies."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Annotated

import typer

from groundswell.cli.listening import address_of, bound_to
from groundswell.settings import Settings

RESTART_PAUSE_S = 1.0
_TURN_S = (
    0.001  # a submit waits some twenty times for other threads: with Python's 5 ms a long list would delay it by 100
)
_YOUNG = 10_000  # objects made before the collector looks at them: some megabytes
DataDir = Annotated[
    Path | None, typer.Option("--data-dir", help="Folder of the database and files; default: ./groundswell-data")
]


def settings_of(data_dir: Path | None, **others: object) -> Settings:
    """Settings from the environment, with the options that were given on top."""
    given = {"data_dir": data_dir, **others}
    return Settings.model_validate({name: value for name, value in given.items() if value is not None})


def environment_of(settings: Settings) -> dict[str, str]:
    """This process's environment with the settings in it, for child processes."""
    found = dict(os.environ)
    for name in settings.model_fields_set:
        value = getattr(settings, name)
        if isinstance(value, str | int | Path):
            found[f"GROUNDSWELL_{name.upper()}"] = str(value)
    return found


class RunnerProcess:
    """A runner as a child process; started again when it dies, stopped with this process."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._supervise, name="runner supervisor", daemon=True)

    def start(self) -> None:
        """Start it and keep it running."""
        self._thread.start()

    def _supervise(self) -> None:
        command = [sys.executable, "-m", "groundswell.cli.runner", "--with-parent"]
        while not self._stopping.is_set():
            self._process = subprocess.Popen(command, env=self._environment, stdin=subprocess.DEVNULL)
            code = self._process.wait()
            if not self._stopping.is_set():
                typer.echo(f"the runner ended with code {code}; starting it again", err=True)
                self._stopping.wait(RESTART_PAUSE_S)

    def stop(self) -> None:
        """End it and wait for its end."""
        self._stopping.set()
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; default: 127.0.0.1")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port; default: 8080")] = None,
    data_dir: DataDir = None,
    database_url: Annotated[str | None, typer.Option(help="postgresql://...; default: SQLite in the data dir")] = None,
    with_runner: Annotated[
        bool, typer.Option("--runner/--no-runner", help="Run a runner beside the server, or start them yourself.")
    ] = True,
) -> None:
    """Start the server: console, workers' portal and API in one process.

    The first start makes an administrator and prints the password once; GROUNDSWELL_ADMIN_EMAIL and
    GROUNDSWELL_ADMIN_PASSWORD choose them. Every setting: docs/reference/settings.md.

    [dim]Example:[/]  groundswell serve --data-dir /srv/groundswell --port 8080
    """
    settings = settings_of(data_dir, host=host, port=port, database_url=database_url)
    run_server(settings, with_runner=with_runner)


def keep_for_good() -> None:
    """Take what was imported and built so far out of the garbage collector's hands, and let it look less often.

    A full collection walks every object there is: the modules and routes of an idle server take it a tenth of a second,
    during which nobody is answered, and under load it came every second.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, *gc.get_threshold()[1:])


def run_server(settings: Settings, *, with_runner: bool = True) -> None:
    """Serve until a signal ends it."""
    sockets = bound_to(settings.host, settings.port)
    import uvicorn

    from groundswell.bootstrap import open_store
    from groundswell.cli.first_start import first_start
    from groundswell.server.app import create_app
    from groundswell.server.protocol import BoundedProtocol

    store = open_store(settings)
    made = first_start(settings, store)
    if made is not None:
        secret = f"  password: {made.password}  (shown this once)" if made.password else ""
        typer.echo(f"made the first administrator: {made.email}{secret}")
    app = create_app(settings, store=store)
    child = RunnerProcess(environment_of(settings)) if with_runner else None
    if child:
        child.start()
    shown = settings.base_url or address_of(settings.host, sockets)
    keep_for_good()
    sys.setswitchinterval(_TURN_S)
    typer.echo(f"Groundswell is at {shown}  (data: {settings.data_dir.resolve()})")
    config = uvicorn.Config(
        app,
        http=BoundedProtocol,
        ws="none",
        log_level="warning",
        access_log=False,
        backlog=2048,
        proxy_headers=False,  # the setting `trusted_proxies` says whose to believe
    )
    try:
        uvicorn.Server(config).run(sockets=sockets)
    finally:
        if child:
            child.stop()
        store.close()
