"""One function of one job, called: in threads of the job's own, with what it does written where people see it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from datetime import datetime
from typing import Any, TypeVar

import orjson

from groundswell.domain.addresses import parse, resolve
from groundswell.domain.errors import GroundswellError
from groundswell.domain.hooks import HookCaller
from groundswell.domain.job_notes import HookNote, HookRole
from groundswell.hooks.threads import OwnThreads
from groundswell.manifests.globs import glob_prefix
from groundswell.runner.desk import Desk, note
from groundswell.service.ports import Transaction

T = TypeVar("T")

ATTEMPTS = 3  # calls of a function that does not answer, before its objects fail
_SHOWN_AFTER_S = 2.0  # a call that takes longer is shown as running
_NOTED_EVERY_S = 1.0
_ERROR_CHARACTERS = 1_000
_NOTHING: HookNote = {
    "running": 0,
    "since": None,
    "failures": 0,
    "retries": 0,
    "last_error": None,
    "last_error_at": None,
}


def rest_s(attempt: int) -> float:
    """Seconds before the next call, after so many in vain: 1, 4, 16, ..."""
    return float(4 ** (attempt - 1))


def caller_of(desk: Desk) -> HookCaller:
    """The job, and what its functions may read: its input and what it names, its output, the files for them."""
    job = desk.job
    given = {
        desk.tools.places.functions_folder(job.workspace_id, job.id) or "",
        job.output_uri,
        job.input_uri.rpartition("/")[0],
        glob_prefix(job.ingest.get("made_from", "")),
        _place_of_objects(desk),
    }
    folders = sorted(f"{uri.rstrip('/')}/" for uri in given if uri.startswith("s3://") and uri.rstrip("/") != "s3:")
    return HookCaller(job.workspace_id, job.created_by, job.name, tuple(folders))


def _place_of_objects(desk: Desk) -> str:
    """The bucket in which the first object's file is; of uploads, which share one, the folder."""
    line = next(iter(desk.read(lambda tx: list(tx.objects.lines(desk.job.id, stop=1)))), (0, "{}"))[1]
    try:
        reference = orjson.loads(line)["source-ref"]
        uri = resolve(reference, desk.tools.storage.absolute(desk.job.input_uri))
        address = parse(uri)
        whole = desk.tools.places.owner(uri) is None
    except (ValueError, KeyError, TypeError, GroundswellError):
        return ""
    return f"{address.scheme}://{address.bucket}" if whole else uri.rpartition("/")[0]


class HookCalls:
    """The function and the threads that wait for it. Steps submit calls and come back for what they said."""

    def __init__(self, desk: Desk, role: HookRole, target: str, *, at_once: int) -> None:
        self._desk = desk
        self._role: HookRole = role
        self._hook = desk.tools.open_hook(target, caller_of(desk))
        self._threads = OwnThreads(at_once, f"{role} of {desk.job.name}")
        self._lock = threading.Lock()
        self._begun: dict[int, datetime] = {}  # calls in a thread now
        self._calls = 0
        known = desk.job.progress.get("hooks", {}).get(role, _NOTHING)
        self._note: HookNote = {**known, "running": 0, "since": None}
        self._noted = self._note.copy()
        desk.closing.append(self.close)

    def submit(self, event: Mapping[str, Any], read: Callable[[Any], T], *, payload: str | None = None) -> Future[T]:
        """Call the function (see `Hook.call`); `read` makes a value of its answer, in the same thread."""
        self._calls += 1
        number = self._calls

        def work() -> T:
            with self._lock:
                self._begun[number] = self._desk.now
            try:
                return read(self._hook.call(event, payload=payload))
            finally:
                with self._lock:
                    del self._begun[number]

        return self._threads.submit(work)

    def failed(self, reason: str, *, again: bool) -> None:
        """Remember why a call failed, and whether it is made again."""
        self._note["failures"] += 1
        self._note["retries"] += again
        self._note["last_error"] = reason[:_ERROR_CHARACTERS]
        self._note["last_error_at"] = self._desk.now.isoformat()

    def tell(self) -> None:
        """Write down what the function does, when that has changed, at most once a second."""
        with self._lock:
            long = [at for at in self._begun.values() if (self._desk.now - at).total_seconds() > _SHOWN_AFTER_S]
        self._note["running"] = len(long)
        self._note["since"] = min(long).isoformat() if long else None
        told = self._note.copy()
        if told != self._noted and self._desk.due(f"{self._role} told", _NOTED_EVERY_S):
            self._desk.write(lambda tx: _tell(tx, self._desk.job.id, self._role, told))
            self._noted = told

    def close(self) -> None:
        """End the function's processes and its threads, without waiting for either."""
        self._hook.close()
        self._threads.close()


def _tell(tx: Transaction, job_id: int, role: HookRole, told: HookNote) -> None:
    known = tx.jobs.brief_by_id(job_id).progress.get("hooks", {})
    note(tx, job_id, hooks={**known, role: told})
