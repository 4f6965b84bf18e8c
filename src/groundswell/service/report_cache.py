"""A job's numbers, counted again only as often as counting them is cheap: ten viewers of a large job cost one."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock
from typing import Any, TypeVar

from groundswell.domain.records import LabelingJob
from groundswell.domain.states import JobState

T = TypeVar("T")
SHARE = 0.1  # of the time, at most, one job's numbers are being counted
LONGEST_S = 60.0
_KEPT = 200


class ReportCache:
    """job -> its report, for ten times as long as it took."""

    def __init__(self, *, timer: Callable[[], float] = time.monotonic) -> None:
        self._timer = timer
        self._lock = Lock()
        self._locks: dict[int, Lock] = {}
        self._found: dict[tuple[int, JobState], tuple[float, Any]] = {}

    def get(self, job: LabelingJob, count: Callable[[], T]) -> T:
        """The report, counted anew when it is old; who comes meanwhile waits for the same."""
        with self._lock:
            if len(self._locks) > _KEPT:
                self._locks.clear()
                self._found.clear()
            lock = self._locks.setdefault(job.id, Lock())
        with lock:
            key = (job.id, job.state)
            until, report = self._found.get(key, (0.0, None))
            if report is None or self._timer() >= until:
                began = self._timer()
                report = count()
                took = self._timer() - began
                self._found[key] = (self._timer() + min(took / SHARE, LONGEST_S), report)
        found: T = report
        return found
