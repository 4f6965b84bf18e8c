"""The process `groundswell runner`: as many as you like beside one database, each killable at any moment."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from types import FrameType

from groundswell.bootstrap import open_storage, open_store, utc_now
from groundswell.domain.errors import GroundswellError
from groundswell.hooks.targets import open_hook
from groundswell.runner.desk import Tools
from groundswell.runner.loop import Runner
from groundswell.settings import Settings

SHORTEST_WAIT_S = 0.05
LONGEST_WAIT_S = 0.5
_THREADS = 16
log = logging.getLogger(__name__)


def run(settings: Settings, once: bool = False, *, name: str | None = None, with_parent: bool = False) -> None:
    """Move jobs forward until asked to stop (SIGTERM, SIGINT), or with `once` until nothing moves any more.

    `name`: what leases are in; a supervisor that starts a runner again after a crash gives it the same name, so that
    it need not wait for its old leases. `with_parent`: stop when the process that started this one is gone.
    """
    stopping = threading.Event()
    if threading.current_thread() is threading.main_thread():
        _stop_on_signals(stopping)
    parent = os.getppid()
    store, storage = open_store(settings), open_storage(settings)
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="runner") as pool:
        tools = Tools(
            store=store,
            storage=storage,
            clock=utc_now,
            monotonic=time.monotonic,
            pool=pool,
            open_hook=lambda target: open_hook(target, folder=settings.data_dir / "hooks"),
            issuer=settings.base_url or "groundswell",
        )
        runner = Runner(tools, name or f"{socket.gethostname()}-{os.getpid()}")
        wait_s = SHORTEST_WAIT_S
        try:
            while not stopping.is_set() and not (with_parent and os.getppid() != parent):
                busy = _tick(runner)
                if once and not busy:
                    break
                wait_s = SHORTEST_WAIT_S if busy else min(LONGEST_WAIT_S, wait_s * 1.5)
                stopping.wait(0 if busy and not once else wait_s)
        finally:
            runner.close()
            store.close()


def _tick(runner: Runner) -> bool:
    try:
        return runner.tick()
    except GroundswellError as error:  # the database is away for a moment
        log.warning("the runner waits: %s", error)
        time.sleep(1)
        return False


def _stop_on_signals(stopping: threading.Event) -> None:
    def stop(number: int, frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
