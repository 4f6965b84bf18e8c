"""The process `groundswell runner`: as many as you like beside one database, each killable at any moment."""

from __future__ import annotations

import itertools
import logging
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from groundswell.bootstrap import open_hooks, open_seals, open_storage, open_store, places_of, utc_now
from groundswell.compute.futures import open_elsewhere
from groundswell.domain.errors import GroundswellError
from groundswell.net.client import GuardedClient
from groundswell.net.networks import Networks
from groundswell.runner.desk import Tools
from groundswell.runner.loop import Runner
from groundswell.runner.retention import Removal, Retention
from groundswell.runner.webhooks import Postman
from groundswell.settings import Settings
from groundswell.store.turnstile import lock_at_once

SHORTEST_WAIT_S = 0.05
LONGEST_WAIT_S = 0.5
_THREADS = 16
log = logging.getLogger(__name__)


def run(settings: Settings, once: bool = False) -> None:
    """Move jobs forward until asked to stop (SIGTERM, SIGINT), or with `once` until nothing moves any more."""
    stopping = threading.Event()
    if threading.current_thread() is threading.main_thread():
        _stop_on_signals(stopping)
    store, storage = open_store(settings), open_storage(settings)
    elsewhere = open_elsewhere(settings.compute)
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="runner") as pool, own_name(settings.data_dir) as name:
        tools = Tools(
            store=store,
            storage=storage,
            clock=utc_now,
            monotonic=time.monotonic,
            pool=pool,
            elsewhere=elsewhere,
            open_hook=open_hooks(settings, store).open,
            places=places_of(settings, storage),
            secret=settings.signing_key,
            issuer=settings.base_url or "groundswell",
        )
        runner = Runner(tools, name)
        client = GuardedClient(Networks(settings.allowed_networks))
        postman = Postman(store, client, clock=utc_now, monotonic=time.monotonic, seals=open_seals(settings))
        removal = Removal(store, time.monotonic)
        retention = Retention(store, utc_now, time.monotonic, days=settings.event_days)
        wait_s = SHORTEST_WAIT_S
        try:
            while not stopping.is_set():
                busy = any([_round(runner.tick), _round(postman.round), _round(retention.round), _round(removal.round)])
                waiting = runner.is_waiting or postman.is_waiting
                if once and not busy and not waiting:
                    break
                wait_s = SHORTEST_WAIT_S if busy or waiting else min(LONGEST_WAIT_S, wait_s * 1.5)
                stopping.wait(0 if busy and not once else wait_s)
        finally:
            elsewhere.close()
            runner.close()
            postman.close()
            store.close()


@contextmanager
def own_name(data_dir: Path) -> Iterator[str]:
    """A name for leases that no other living runner of this data directory has.

    It is that of the first place free here. A killed runner's place is free at once, so the runner started in its
    stead goes on with its leases and need not wait until they run out.
    """
    for place in itertools.count(1):
        with (data_dir / f"runner-{place}.lock").open("ab") as file:
            if not lock_at_once(file.fileno()):
                continue
            yield f"{socket.gethostname()}:{data_dir.absolute()}:{place}"
            return


def _round(work: Callable[[], bool]) -> bool:
    try:
        return work()
    except GroundswellError as error:  # the database is away for a moment
        log.warning("the runner waits: %s", error)
        time.sleep(1)
        return False


def _stop_on_signals(stopping: threading.Event) -> None:
    def stop(number: int, frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
