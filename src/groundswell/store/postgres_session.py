"""A Postgres connection's statements.

They go to libpq itself, prepared once a connection, and as many together as possible: a statement whose outcome nobody
asks for waits until one is asked for, or the transaction ends, and all go in one message (libpq's pipeline mode),
changes of different tables as one statement. A worker's cycle is some twenty statements: psycopg's cursors, made for
every need, would take twice the processor time, and a way to the server and back for each most of the rest.

No wait is endless: a server that does not answer in time (stopped, or behind a network that is gone) costs the
connection.
"""

from __future__ import annotations

import re
import select
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import psycopg
from psycopg import errors, pq

from groundswell.store.session import Row

PATIENCE_S = 12.0
"""How long a statement's answer may take. The server gives a statement up a little earlier; see postgres_store.py."""

_PARAMETER = re.compile(r"(?<!:):([a-z]\w*)")
_CHANGE = re.compile(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM) (\w+)")
_TURNS = 0x67_72_6F_75  # "grou": our advisory locks of jobs
_KEPT = 500  # prepared statements a connection keeps
_MANY = 1_000  # statements a message holds: flat memory
_FETCHED = 5_000  # rows a streaming cursor gets at a time
_DONE = (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK)
_NUMBERS: Mapping[int, Callable[[bytes], Any]] = {20: int, 21: int, 23: int, 700: float, 701: float}  # by type id
_TEXT = bytes.decode

Statement = tuple[str, Mapping[str, Any]]
Ready = Callable[[int, float, bool], bool]
"""(socket, seconds, to write as well) -> whether it can be read or written before they are over."""


class PostgresSession:
    """`store.session.Session` over a `psycopg` connection in autocommit mode: the store begins and commits."""

    skip_locked = " FOR UPDATE SKIP LOCKED"
    for_update = " FOR UPDATE"
    shards = 16
    batch = "CAST(CAST(pg_current_xact_id() AS TEXT) AS BIGINT)"
    settled = "batch < CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS TEXT) AS BIGINT)"

    def __init__(
        self,
        connection: psycopg.Connection[Any],
        shard: int = 0,
        *,
        patience_s: float = PATIENCE_S,
        ready: Ready | None = None,
    ) -> None:
        self.connection = connection
        self.shard = shard % self.shards
        self._wire = connection.pgconn
        self._patience_s = patience_s
        self.seen: dict[tuple[str, Any], Any] = {}
        self._waiting: list[Statement] = []  # not sent yet
        self._begun = False  # something of this transaction was sent
        self._prepared: dict[str, bytes] = {}
        self._names = 0
        self._streams = 0
        self._ready = ready or _ready

    def begin(self, sql: str) -> None:
        """Begin a transaction, together with its first statement."""
        self._waiting = [(sql, {})]
        self._begun = False
        self._streams = 0
        self.seen.clear()

    def commit(self) -> None:
        """Send what waits and commit; a transaction in which nothing was asked needs neither.

        Raises SerializationFailure, for the unit to run again, when a task was taken in advance and not needed: the job
        was paused in between.
        """
        if ("foreseen", None) in self.seen:
            raise errors.SerializationFailure("a task was taken in advance and not needed")
        if self._begun or len(self._waiting) > 1:
            self._exchange([("COMMIT", {})])
        self._waiting = []

    def rollback(self) -> None:
        """Undo; what waits is never sent."""
        self._waiting = []
        if self._begun:
            self._exchange([("ROLLBACK", {})])

    def rows(self, sql: str, **values: Any) -> list[Row]:
        return _rows(self._exchange([(sql, values)])[0])

    def row(self, sql: str, **values: Any) -> Row | None:
        found = self.rows(sql, **values)
        return found[0] if found else None

    def run(self, sql: str, **values: Any) -> int:
        return self._exchange([(sql, values)])[0].command_tuples or 0

    def send(self, sql: str, **values: Any) -> None:
        self._waiting.append((sql, values))

    def together(self, *asked: Statement) -> list[list[Row]]:
        return [_rows(result) for result in self._exchange(asked)]

    def many(self, sql: str, values: Sequence[Mapping[str, Any]], types: Mapping[str, str] | None = None) -> int:
        if types and len(values) > 1:
            return self.run(
                _at_once(sql, tuple(types.items())), **{name: [row[name] for row in values] for name in types}
            )
        changed = 0
        plan = _plan((), (sql,))
        for start in range(0, len(values), _MANY):
            rows = values[start : start + _MANY]
            if self._waiting:
                self._exchange(())
            results = self._message([(text, _pick(names, (row,))) for row in rows for text, names in plan])
            changed += sum(result.command_tuples or 0 for result in results)
        return changed

    def insert_new(self, table: str, columns: Mapping[str, str], rows: Sequence[Row]) -> int:
        arrays = ", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in columns.items())
        sql = f"INSERT INTO {table} ({', '.join(columns)}) SELECT * FROM unnest({arrays}) ON CONFLICT DO NOTHING"
        values = dict(zip(columns, map(list, zip(*rows, strict=True)), strict=True)) if rows else {}
        return self.run(sql, **values) if values else 0

    def stream(self, sql: str, **values: Any) -> Iterator[Row]:
        self._streams += 1
        cursor = f"rows_{self._streams}"
        self.send(f"DECLARE {cursor} NO SCROLL CURSOR FOR {sql}", **values)
        while found := self.rows(f"FETCH {_FETCHED} FROM {cursor}"):
            yield from found
        self.send(f"CLOSE {cursor}")

    def select(self, statement: Any) -> list[Row]:
        from sqlalchemy.dialects import postgresql

        dialect = postgresql.dialect(paramstyle="named")  # type: ignore[no-untyped-call]
        compiled = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
        return self.rows(str(compiled), **compiled.params)

    def among(self, column: str) -> str:
        return f"{column} = ANY(:numbers)"

    def numbers(self, values: Iterable[int]) -> list[int]:
        return list(values)

    def next_position(self) -> int:
        found = self.row("SELECT nextval('object_positions')")
        assert found is not None
        return int(found[0])

    def turn(self, job_id: int, wait: bool) -> bool:
        values = {"house": _TURNS, "job_id": job_id % (1 << 31)}
        if wait:
            self.rows("SELECT pg_advisory_xact_lock(:house, :job_id)", **values)
            return True
        mine = self.rows("SELECT CAST(pg_try_advisory_xact_lock(:house, :job_id) AS INTEGER)", **values) == [(1,)]
        if not mine:  # wait until it is over, and let everybody else who waits go on at the same time
            self.together(
                ("SELECT pg_advisory_lock_shared(:house, :job_id)", values),
                ("SELECT pg_advisory_unlock_shared(:house, :job_id)", values),
            )
        return mine

    def _exchange(self, asked: Sequence[Statement]) -> list[pq.abc.PGresult]:
        """Send what waits and these in one message; the results of these. Raises what the first failure says."""
        waiting, self._waiting = self._waiting, []
        plan = _plan(tuple(sql for sql, _ in waiting), tuple(sql for sql, _ in asked))
        values = [values for _, values in (*waiting, *asked)]
        results = self._message([(text, _pick(names, values)) for text, names in plan])
        return results[len(plan) - len(asked) :]

    def _message(self, ready: Sequence[tuple[str, list[bytes | None]]]) -> list[pq.abc.PGresult]:
        """The results of statements sent together."""
        self._begun = True
        self._wire.enter_pipeline_mode()
        ours, fresh = self._send(ready)
        self._wire.pipeline_sync()
        results = self._results()
        self._wire.exit_pipeline_mode()
        for result in results:
            if result.status not in _DONE:
                for text in fresh:  # whether these were prepared before the failure is not worth to find out
                    self._prepared.pop(text, None)
                raise errors.error_from_result(result)
        return results if len(ours) == len(results) else [results[index] for index in ours]

    def _send(self, ready: Sequence[tuple[str, list[bytes | None]]]) -> tuple[list[int], list[str]]:
        """Which of the results to come are the statements', and what is prepared for the first time."""
        ours: list[int] = []
        fresh: list[str] = []
        sent = 0
        if len(self._prepared) >= _KEPT:
            self._prepared.clear()
            self._wire.send_query_params(b"DEALLOCATE ALL", None)
            sent += 1
        for text, values in ready:
            name = self._prepared.get(text)
            if name is None:
                self._names += 1
                name = self._prepared[text] = b"gs%d" % self._names
                self._wire.send_prepare(name, text.encode())
                fresh.append(text)
                sent += 1
            self._wire.send_query_prepared(name, values)
            ours.append(sent)
            sent += 1
        return ours, fresh

    def _results(self) -> list[pq.abc.PGresult]:
        """One result for each command of the message."""
        wire = self._wire
        found: list[pq.abc.PGresult] = []
        deadline = time.monotonic() + self._patience_s
        while wire.flush():  # a large message: what the server says meanwhile has to be read, or both wait
            self._wait(deadline, writing=True)
            wire.consume_input()
        while True:
            while wire.is_busy():
                self._wait(deadline)
                wire.consume_input()
            result = wire.get_result()
            if result is None:
                if wire.status != pq.ConnStatus.OK:
                    raise psycopg.OperationalError(wire.get_error_message())
            elif result.status == pq.ExecStatus.PIPELINE_SYNC:
                return found
            else:
                found.append(result)

    def _wait(self, deadline: float, *, writing: bool = False) -> None:
        left = deadline - time.monotonic()
        if left <= 0 or not self._ready(self._wire.socket, left, writing):
            self._wire.finish()
            raise psycopg.OperationalError(f"no answer for {self._patience_s:g} s")


def _ready(file: int, seconds: float, writing: bool) -> bool:
    """Waits in this thread."""
    if hasattr(select, "poll"):
        poll = select.poll()
        poll.register(file, select.POLLIN | (select.POLLOUT if writing else 0))
        return bool(poll.poll(seconds * 1000))
    reads, writes, _ = select.select([file], [file] if writing else [], [], seconds)  # Windows
    return bool(reads or writes)


def _rows(result: pq.abc.PGresult) -> list[Row]:
    loads = [_NUMBERS.get(result.ftype(column), _TEXT) for column in range(result.nfields)]
    get = result.get_value
    return [
        tuple(None if (raw := get(row, column)) is None else load(raw) for column, load in enumerate(loads))
        for row in range(result.ntuples)
    ]


@lru_cache
def _at_once(sql: str, types: tuple[tuple[str, str], ...]) -> str:
    """One statement for many rows of values, given as an array for each parameter."""
    arrays = ", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in types)
    given = f" FROM unnest({arrays}) AS given ({', '.join(f'of_{name}' for name, _ in types)}) "
    values = re.search(r"VALUES \(([^)]*)\)", sql)
    if values is not None:
        chosen = _PARAMETER.sub(r"given.of_\1", values[1])
        return f"{sql[: values.start()]}SELECT {chosen}{given}{sql[values.end() :]}"
    before, _, condition = _PARAMETER.sub(r"given.of_\1", sql).partition("WHERE")
    return f"{before}{given}WHERE{condition}"


Plan = tuple[tuple[str, tuple[tuple[int, str], ...]], ...]
"""A message: each statement's text in libpq's style, and its parameters, as places in the list of all values."""


@lru_cache(maxsize=1024)
def _plan(waiting: tuple[str, ...], asked: tuple[str, ...]) -> Plan:
    """What is sent for these statements: of those that wait, neighbours that change different tables become one."""
    groups: list[list[int]] = []
    tables: set[str] = set()
    for index, sql in enumerate(waiting):
        table = _changed(sql)
        if table is None or table in tables or not tables:
            groups.append([])
            tables = set()
        groups[-1].append(index)
        if table is not None:
            tables.add(table)
    groups += [[len(waiting) + index] for index in range(len(asked))]
    statements = (*waiting, *asked)
    return tuple(_together([(index, statements[index]) for index in group]) for group in groups)


def _changed(sql: str) -> str | None:
    """The one table that a statement changes and looks at, None where it is not that simple."""
    found = _CHANGE.match(sql)
    return found[1] if found and "SELECT" not in sql else None


def _together(group: Sequence[tuple[int, str]]) -> tuple[str, tuple[tuple[int, str], ...]]:
    places: dict[tuple[int, str], int] = {}
    texts = [
        _PARAMETER.sub(lambda match, of=index: f"${places.setdefault((of, match[1]), len(places) + 1)}", sql)  # type: ignore[misc]
        for index, sql in group
    ]
    *first, last = texts
    names = ", ".join(f"s{number} AS ({text})" for number, text in enumerate(first))
    return f"WITH {names} {last}" if names else last, tuple(places)


def _pick(names: Sequence[tuple[int, str]], values: Sequence[Mapping[str, Any]]) -> list[bytes | None]:
    """Parameters as text; Postgres infers their types from where they stand."""
    picked = [values[index][name] for index, name in names]
    return [_DUMPS.get(type(value), _dump)(value) for value in picked]


def _dump(value: Any) -> bytes | None:
    if value is None:
        return None
    if isinstance(value, list):
        return ("{" + ",".join(map(_element, value)) + "}").encode()
    return _storable(str(value)).encode()


def _element(value: Any) -> str:
    """One value of an array."""
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(value)
    escaped = _storable(str(value)).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _storable(text: str) -> str:
    """Postgres's texts cannot hold NUL, and libpq would cut them there; JSON never has it but escaped."""
    return text.replace("\0", "\ufffd") if "\0" in text else text


_DUMPS: Mapping[type, Callable[[Any], bytes | None]] = {
    int: b"%d".__mod__,
    str: lambda text: text.encode() if "\0" not in text else _storable(text).encode(),
}
