"""The store over SQLite: one writer thread that commits the work of concurrent requests together.

An fsync costs milliseconds and a unit of work some tens of microseconds, so units that arrive while a commit is
under way wait in a queue and then run in one transaction; their futures resolve after its commit. If one fails that has
changed something, all are undone and run again, each in a savepoint of its own. Readers have connections of their own
and see the last commit (WAL). Several processes may use the file.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any, TypeVar

from groundswell.domain.errors import Unavailable
from groundswell.service.ports import Transaction
from groundswell.store.session import SqliteSession
from groundswell.store.transaction import SqlTransaction
from groundswell.store.turnstile import Turnstile

T = TypeVar("T")
Work = Callable[[Transaction], Any]
Unit = tuple[Work, "Future[Any]"]
Outcome = tuple[Any, BaseException | None]  # what a unit gave, or why it failed

_TOGETHER = 256  # most units of work in one commit
_PATIENCE_S = 8.0  # how long to wait for another process: one that uses the turnstile, or not (the sqlite3 shell)
_AWAY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN)
_WRITER = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # an acknowledged annotation survives a power cut
    "PRAGMA wal_autocheckpoint = 4000",
    "PRAGMA cache_size = -32000",
    "PRAGMA temp_store = MEMORY",
)
_READER = ("PRAGMA query_only = ON", "PRAGMA cache_size = -8000", "PRAGMA temp_store = MEMORY")


class SqliteStore:
    """`service.ports.Store` over one SQLite file, its schema already in place (`migrate.upgrade_sqlite`)."""

    def __init__(self, path: Path, *, patience_s: float = _PATIENCE_S) -> None:
        self._path = path
        self._patience_s = patience_s
        self._queue: SimpleQueue[Unit | None] = SimpleQueue()
        self._readers: deque[SqlTransaction] = deque()
        self._turnstile = Turnstile(path, patience_s=patience_s)
        self._closing = Lock()
        self._closed = False
        self._thread = Thread(target=self._write_forever, name="sqlite-writer", daemon=True)
        self._thread.start()

    def read(self, work: Callable[[Transaction], T]) -> T:
        if self._closed:
            raise Unavailable("the store is closed")
        try:
            tx = self._readers.pop()
        except IndexError:
            tx = self._connect(_READER)
        connection = tx.session.connection  # type: ignore[attr-defined]
        try:
            connection.execute("BEGIN")
            tx.session.seen.clear()
            return work(tx)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF in _AWAY:
                raise Unavailable(f"the database does not answer: {error}; try again") from error
            raise
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            self._readers.append(tx)

    def write(self, work: Callable[[Transaction], T]) -> Future[T]:
        future: Future[T] = Future()
        with self._closing:
            if self._closed:
                raise Unavailable("the store is closed")
            self._queue.put((work, future))
        return future

    def close(self) -> None:
        """Finish what is queued, then close every connection."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
            self._queue.put(None)
        self._thread.join()
        while self._readers:
            self._readers.pop().session.connection.close()  # type: ignore[attr-defined]
        self._turnstile.close()

    def _connect(self, pragmas: tuple[str, ...]) -> SqlTransaction:
        connection = sqlite3.connect(
            self._path, isolation_level=None, check_same_thread=False, cached_statements=512, timeout=self._patience_s
        )
        for pragma in pragmas:
            connection.execute(pragma).fetchall()
        return SqlTransaction(SqliteSession(connection))

    def _write_forever(self) -> None:
        tx = self._connect(_WRITER)
        open_ = True
        while open_:
            units: list[Unit] = []
            unit = self._queue.get()
            while unit is not None:
                if unit[1].set_running_or_notify_cancel():
                    units.append(unit)
                if len(units) >= _TOGETHER or self._queue.empty():
                    break
                unit = self._queue.get()
            open_ = unit is not None
            if units:
                self._commit_together(tx, units)
        tx.session.connection.close()  # type: ignore[attr-defined]

    def _commit_together(self, tx: SqlTransaction, units: list[Unit]) -> None:
        works = [work for work, _ in units]
        try:
            with self._turnstile:
                outcomes = _run_together(tx, works) or _run_each_alone(tx, works)
        except BaseException as error:
            _roll_back(tx)
            refusal = Unavailable(f"the database did not accept the write: {error}; try again")
            refusal.__cause__ = error
            outcomes = [(None, refusal)] * len(units)
        for (_, future), (result, failure) in zip(units, outcomes, strict=True):
            if failure is None:
                future.set_result(result)
            else:
                future.set_exception(failure)


def _run_together(tx: SqlTransaction, works: Sequence[Work]) -> list[Outcome] | None:
    """Units in one transaction, committed; None, and nothing is done, if one failed that had changed something.

    Nearly all fail by what they read, if at all. A savepoint for each would cost a tenth of a worker's cycle.
    """
    connection = tx.session.connection  # type: ignore[attr-defined]
    outcomes: list[Outcome] = []
    connection.execute("BEGIN IMMEDIATE")
    for work in works:
        before = connection.total_changes
        tx.session.seen.clear()
        try:
            outcomes.append((work(tx), None))
        except BaseException as error:
            if connection.total_changes != before or not connection.in_transaction:
                _roll_back(tx)
                return None
            outcomes.append((None, error))
    connection.execute("COMMIT")
    return outcomes


def _run_each_alone(tx: SqlTransaction, works: Sequence[Work]) -> list[Outcome]:
    """Units in one transaction, each in a savepoint: its failure undoes its own effects and nobody else's."""
    execute = tx.session.connection.execute  # type: ignore[attr-defined]
    outcomes: list[Outcome] = []
    execute("BEGIN IMMEDIATE")
    for work in works:
        execute("SAVEPOINT unit")
        tx.session.seen.clear()
        try:
            outcomes.append((work(tx), None))
        except BaseException as error:
            execute("ROLLBACK TO unit")
            tx.rolled_back()
            outcomes.append((None, error))
        execute("RELEASE unit")
    execute("COMMIT")
    return outcomes


def _roll_back(tx: SqlTransaction) -> None:
    tx.rolled_back()
    if tx.session.connection.in_transaction:  # type: ignore[attr-defined]
        tx.session.connection.execute("ROLLBACK")  # type: ignore[attr-defined]
