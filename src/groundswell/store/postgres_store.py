"""The store over Postgres: a thread with a few connections that each run one unit of work after another.

Concurrent commits share Postgres's own fsyncs; rows, not the file, are locked, and `take` passes over locked ones. A
unit that Postgres undoes (deadlock, serialisation, two requests inserting the same key) runs again.

A database that hangs costs seconds, not the process: connecting, each statement and the wait in the queue have limits.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock, Thread
from typing import Any, TypeVar

import psycopg
from psycopg import conninfo, errors

from groundswell.domain.errors import Unavailable
from groundswell.service.ports import Transaction
from groundswell.store.interleaved import Interleaved
from groundswell.store.postgres_session import PATIENCE_S, PostgresSession, Ready
from groundswell.store.transaction import SqlTransaction

T = TypeVar("T")
Unit = tuple[Callable[[Transaction], Any], "Future[Any]", float]  # with the time it was asked for

WRITERS = 8
_ATTEMPTS = 8
_SOCKET = {  # libpq's settings; those in the database's URL come first
    "connect_timeout": "5",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "15000",
}
_IDLE_MS = 300_000  # a client that stops in the middle of a transaction keeps its locks no longer
_BEGIN_WRITING = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
_BEGIN_READING = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_AGAIN = (errors.DeadlockDetected, errors.SerializationFailure, errors.UniqueViolation)


class PostgresStore:
    """`service.ports.Store` over a Postgres database, its schema already in place (`migrate.upgrade_postgres`)."""

    def __init__(self, url: str, *, writers: int = WRITERS, patience_s: float = PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._conninfo = _patient(url, patience_s)
        self._readers: deque[SqlTransaction] = deque()
        self._closing = Lock()
        self._closed = False
        self._units: Interleaved[Unit] = Interleaved(writers, self._write_forever)
        self._thread = Thread(target=self._units.run, name="postgres-writer", daemon=True)
        self._thread.start()

    def read(self, work: Callable[[Transaction], T]) -> T:
        if self._closed:
            raise Unavailable("the store is closed")
        try:
            tx = self._readers.pop()
        except IndexError:
            tx = self._connect()
        try:
            return _run_once(tx, work, _BEGIN_READING)
        except psycopg.OperationalError as error:
            _connection(tx).close()
            raise Unavailable(f"the database does not answer: {error}; try again") from error
        finally:
            if not _connection(tx).closed:
                self._readers.append(tx)

    def write(self, work: Callable[[Transaction], T]) -> Future[T]:
        future: Future[T] = Future()
        with self._closing:
            if self._closed:
                raise Unavailable("the store is closed")
            self._units.put((work, future, time.monotonic()))
        return future

    def close(self) -> None:
        """Finish what is queued, then close every connection."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
            self._units.close()
        self._thread.join()
        while self._readers:
            _connection(self._readers.pop()).close()

    def _connect(self, shard: int = 0, ready: Ready | None = None) -> SqlTransaction:
        try:
            connection = psycopg.connect(self._conninfo, autocommit=True)
        except psycopg.OperationalError as error:
            raise Unavailable(f"the database does not answer: {error}; is its URL right, and is it up?") from error
        return SqlTransaction(PostgresSession(connection, shard, patience_s=self._patience_s, ready=ready))

    def _write_forever(self, number: int) -> None:
        shard = os.getpid() + number  # so that the processes of one machine write different shards of the counters
        tx: SqlTransaction | None = None
        while (unit := self._units.next()) is not None:
            work, future, asked_at = unit
            if not future.set_running_or_notify_cancel():
                continue
            try:
                if time.monotonic() - asked_at > self._patience_s:
                    raise Unavailable("the database is too slow for so many requests; try again in a moment")
                if tx is None or _connection(tx).closed:
                    tx = self._connect(shard, self._units.ready)
                result = _run(tx, work)
            except psycopg.OperationalError as error:
                if tx is not None:
                    _connection(tx).close()
                refusal = Unavailable(f"the database did not accept the write: {error}; try again")
                refusal.__cause__ = error
                future.set_exception(refusal)
            except BaseException as error:
                future.set_exception(error)
            else:
                future.set_result(result)
        if tx is not None:
            _connection(tx).close()


def _patient(url: str, patience_s: float) -> str:
    """The connection's settings: limits on every wait, unless the URL sets its own.

    Postgres gives a statement up before the client gives the connection up: so it is only for a server that hangs.
    """
    limits = f"-c statement_timeout={round(patience_s * 800)} -c idle_in_transaction_session_timeout={_IDLE_MS}"
    given = {name: str(value) for name, value in conninfo.conninfo_to_dict(url).items()}
    return conninfo.make_conninfo(**{**_SOCKET, "options": limits, **given})


def _run(tx: SqlTransaction, work: Callable[[Transaction], T]) -> T:
    """One unit in a transaction, again when Postgres says that another was in its way."""
    for _ in range(_ATTEMPTS - 1):
        try:
            return _run_once(tx, work, _BEGIN_WRITING)
        except _AGAIN:
            continue
    return _run_once(tx, work, _BEGIN_WRITING)


def _run_once(tx: SqlTransaction, work: Callable[[Transaction], T], begin: str) -> T:
    session = _session(tx)
    session.begin(begin)
    try:
        result = work(tx)
        session.commit()
    except BaseException:
        tx.rolled_back()
        if not session.connection.closed:
            session.rollback()
        raise
    return result


def _session(tx: SqlTransaction) -> PostgresSession:
    assert isinstance(tx.session, PostgresSession)
    return tx.session


def _connection(tx: SqlTransaction) -> psycopg.Connection[Any]:
    return _session(tx).connection
