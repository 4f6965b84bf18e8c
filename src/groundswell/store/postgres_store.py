"""The store over Postgres: a few connections that each run one unit of work after another.

Concurrent commits share Postgres's own fsyncs; rows, not the file, are locked, and `take` passes over locked ones. A
unit that Postgres undoes (deadlock, serialisation, two requests inserting the same key) runs again.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any, TypeVar

import psycopg
from psycopg import errors

from groundswell.domain.errors import Unavailable
from groundswell.service.ports import Transaction
from groundswell.store.postgres_session import PostgresSession
from groundswell.store.transaction import SqlTransaction

T = TypeVar("T")
Unit = tuple[Callable[[Transaction], Any], "Future[Any]"]

WRITERS = 8
_ATTEMPTS = 8
_BEGIN_WRITING = b"BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
_BEGIN_READING = b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_AGAIN = (errors.DeadlockDetected, errors.SerializationFailure, errors.UniqueViolation)


class PostgresStore:
    """`service.ports.Store` over a Postgres database, its schema already in place (`migrate.upgrade_postgres`)."""

    def __init__(self, url: str, *, writers: int = WRITERS) -> None:
        self._url = url
        self._queue: SimpleQueue[Unit | None] = SimpleQueue()
        self._readers: deque[SqlTransaction] = deque()
        self._closing = Lock()
        self._closed = False
        first = os.getpid()  # so that the processes of one machine write different shards of the counters
        self._threads = [
            Thread(target=self._write_forever, args=(first + index,), name=f"postgres-writer-{index}", daemon=True)
            for index in range(writers)
        ]
        for thread in self._threads:
            thread.start()

    def read(self, work: Callable[[Transaction], T]) -> T:
        if self._closed:
            raise Unavailable("the store is closed")
        try:
            tx = self._readers.pop()
        except IndexError:
            tx = self._connect(0)
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
            self._queue.put((work, future))
        return future

    def close(self) -> None:
        """Finish what is queued, then close every connection."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
            for _ in self._threads:
                self._queue.put(None)
        for thread in self._threads:
            thread.join()
        while self._readers:
            _connection(self._readers.pop()).close()

    def _connect(self, shard: int) -> SqlTransaction:
        try:
            connection = psycopg.connect(self._url, autocommit=True)
        except psycopg.OperationalError as error:
            raise Unavailable(f"the database does not answer: {error}; is its URL right, and is it up?") from error
        return SqlTransaction(PostgresSession(connection, shard))

    def _write_forever(self, shard: int) -> None:
        tx: SqlTransaction | None = None
        while (unit := self._queue.get()) is not None:
            work, future = unit
            if not future.set_running_or_notify_cancel():
                continue
            try:
                if tx is None or _connection(tx).closed:
                    tx = self._connect(shard)
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


def _run(tx: SqlTransaction, work: Callable[[Transaction], T]) -> T:
    """One unit in a transaction, again when Postgres says that another was in its way."""
    for _ in range(_ATTEMPTS - 1):
        try:
            return _run_once(tx, work, _BEGIN_WRITING)
        except _AGAIN:
            continue
    return _run_once(tx, work, _BEGIN_WRITING)


def _run_once(tx: SqlTransaction, work: Callable[[Transaction], T], begin: bytes) -> T:
    command = _session(tx).command
    command(begin)
    try:
        result = work(tx)
        command(b"COMMIT")
    except BaseException:
        tx.rolled_back()
        if not _connection(tx).closed:
            command(b"ROLLBACK")
        raise
    return result


def _session(tx: SqlTransaction) -> PostgresSession:
    assert isinstance(tx.session, PostgresSession)
    return tx.session


def _connection(tx: SqlTransaction) -> psycopg.Connection[Any]:
    return _session(tx).connection
