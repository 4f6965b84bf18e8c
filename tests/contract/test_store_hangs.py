"""A database that hangs is Unavailable within seconds, and the store goes on when it answers again."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from groundswell.domain.errors import Unavailable
from groundswell.service.ports import Store
from groundswell.store.migrate import upgrade_sqlite
from groundswell.store.sqlite_store import SqliteStore
from store_work import add_job, counters, recount, submit, take

PATIENCE_S = 2.0
SECONDS = 12  # much more than the patience, for a machine that is busy with other tests; and far from for ever


@contextmanager
def stopped(pids: list[int]) -> Iterator[None]:
    """These processes do nothing meanwhile; the kernel goes on to take what is sent to them."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def refused(store: Store, job_id: int) -> float:
    """How long a write takes to be refused."""
    began = time.monotonic()
    with pytest.raises(Unavailable):
        take(store, job_id, "w1")
    return time.monotonic() - began


@pytest.mark.postgres
class TestPostgres:
    @pytest.fixture
    def store(self, postgres_url: str) -> Iterator[Store]:
        from groundswell.store.postgres_store import PostgresStore

        store = PostgresStore(postgres_url, writers=2, patience_s=PATIENCE_S)
        yield store
        store.close()

    def backends(self, url: str) -> list[int]:
        import psycopg

        with psycopg.connect(url) as connection:
            mine = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            return [row[0] for row in connection.execute(mine)]

    def test_frozen_backends_cost_seconds(self, store: Store, postgres_url: str) -> None:
        job_id = add_job(store, objects=40, wanted=1)
        for _ in range(4):  # until both writers have a connection
            assert take(store, job_id, "w1") is not None
        counters(store, job_id)  # and who reads
        with stopped(self.backends(postgres_url)):
            assert refused(store, job_id) < SECONDS
            with pytest.raises(Unavailable):
                store.read(lambda tx: tx.jobs.counters(job_id))
        held = take(store, job_id, "w2")
        assert held is not None
        submit(store, held)
        assert counters(store, job_id) == recount(store, job_id)

    def test_others_go_on_while_one_is_frozen(self, store: Store, postgres_url: str) -> None:
        job_id = add_job(store, objects=40, wanted=1)
        counters(store, job_id)
        with stopped(self.backends(postgres_url)[:1]):
            outcomes = []
            for worker in ("w1", "w2", "w3", "w4"):
                try:
                    outcomes.append(take(store, job_id, worker) is not None)
                except Unavailable:
                    outcomes.append(False)
        assert sum(outcomes) >= 3

    def test_a_slow_statement_is_given_up_and_the_connection_stays(self, store: Store, postgres_url: str) -> None:
        with pytest.raises(Unavailable, match="statement timeout"):
            store.read(lambda tx: tx.session.rows("SELECT pg_sleep(30)"))  # type: ignore[attr-defined]

    def test_a_server_that_does_not_greet_is_given_up(self) -> None:
        import socket

        from groundswell.store.postgres_store import PostgresStore

        with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections and says nothing
            url = f"postgresql://x@127.0.0.1:{silent.getsockname()[1]}/x?connect_timeout=2"
            store = PostgresStore(url, writers=1, patience_s=PATIENCE_S)
            began = time.monotonic()
            with pytest.raises(Unavailable):
                store.read(lambda tx: tx.jobs.active())
            assert time.monotonic() - began < SECONDS
            store.close()


class TestSqlite:
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        path = tmp_path / "hangs.db"
        upgrade_sqlite(path)
        return path

    @pytest.fixture
    def store(self, path: Path) -> Iterator[SqliteStore]:
        store = SqliteStore(path, patience_s=PATIENCE_S)
        yield store
        store.close()

    def test_a_shell_that_holds_the_file_costs_seconds(self, store: SqliteStore, path: Path) -> None:
        job_id = add_job(store, objects=3)
        shell = sqlite3.connect(path, isolation_level=None)
        shell.execute("BEGIN IMMEDIATE")
        assert refused(store, job_id) < SECONDS
        assert counters(store, job_id).open == 3  # who only reads does not wait
        shell.execute("ROLLBACK")
        shell.close()
        assert take(store, job_id, "w1") is not None

    def test_a_stopped_process_in_the_middle_of_a_write_costs_seconds(self, store: SqliteStore, path: Path) -> None:
        job_id = add_job(store, objects=3)
        program = (
            "import sys, time; from pathlib import Path; from groundswell.store.turnstile import Turnstile\n"
            "with Turnstile(Path(sys.argv[1])): print('in', flush=True); time.sleep(60)"
        )
        with subprocess.Popen([sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE) as other:
            assert other.stdout is not None and other.stdout.readline() == b"in\n"
            with stopped([other.pid]):
                assert refused(store, job_id) < SECONDS
            other.kill()
        assert take(store, job_id, "w1") is not None
