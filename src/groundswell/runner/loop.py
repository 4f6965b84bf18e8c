"""The reconciler's loop: lease jobs, give each its steps, again and again.

A job belongs to one runner at a time by a lease that it prolongs; a lease that runs out is anybody's. Steps stay right
when two runners do them at once, so a lease saves work and is not what keeps labels correct.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import timedelta

from groundswell.domain.errors import (
    Conflict,
    Forbidden,
    GroundswellError,
    InvalidInput,
    InvalidSpec,
    NotFound,
    Unavailable,
)
from groundswell.domain.records import LabelingJob
from groundswell.domain.states import JobState
from groundswell.runner.auto_labeling.step import auto_label
from groundswell.runner.consolidate import consolidate
from groundswell.runner.desk import Desk, Tools, storable
from groundswell.runner.expire import expire, expire_holds
from groundswell.runner.finish import finish, stop
from groundswell.runner.ingest import ingest
from groundswell.runner.release import release
from groundswell.runner.write_output import write_output
from groundswell.service import transitions
from groundswell.service.ports import CLOCK_SLACK, Transaction

LEASE = timedelta(seconds=6)
RENEW_AFTER_S = 3.0
_HOLDS_EVERY_S = 1.0
_LONGEST_REST_S = 30.0  # after failures of a job
_STOPPING_FOR_S = 600.0  # a stopping job whose output cannot be written is given up after this
log = logging.getLogger(__name__)

Step = Callable[[Desk], bool]

STEPS: dict[JobState, tuple[Step, ...]] = {
    JobState.INITIALIZING: (ingest,),
    JobState.IN_PROGRESS: (ingest, expire, auto_label, consolidate, release, write_output, finish),
    JobState.PAUSED: (ingest, expire, consolidate, write_output),
    JobState.STOPPING: (ingest, consolidate, stop),
}
"""What a job gets in each state, in this order. A step answers whether it did something."""


class Runner:
    """One runner; `name` is what its leases are in. Not for sharing between threads."""

    def __init__(self, tools: Tools, name: str) -> None:
        self._tools = tools
        self._name = name
        self._desks: dict[int, Desk] = {}
        self._renew_at: dict[int, float] = {}  # job -> when its lease is prolonged, by a clock that only goes forward
        self._ahead: float | None = None  # by how much the clock on the wall is ahead of that one
        self._rests: dict[int, tuple[float, float]] = {}  # job -> (rest until, length of the rest)
        self._troubled: dict[int, float] = {}  # job -> since when its steps fail
        self._holds_at = -1e9

    def tick(self) -> bool:
        """Give every job one round of steps; whether any did something."""
        jobs = self._tools.store.read(lambda tx: tx.jobs.active())
        if self._was_set_back():
            self._pull_back(jobs)
        busy = self._expire_holds()
        for job in jobs:
            if self._holds(job):
                busy |= self._advance(job)
        for gone in set(self._desks) - {job.id for job in jobs}:
            self._desks.pop(gone).close()
            self._renew_at.pop(gone, None)
            self._rests.pop(gone, None)
            self._troubled.pop(gone, None)
        return busy

    @property
    def is_waiting(self) -> bool:
        """Whether a job waits for what comes by itself: it is not finished only because nothing moved."""
        return any(desk.is_waiting for desk in self._desks.values())

    def close(self) -> None:
        """Let go of hooks and their processes. Leases run out by themselves."""
        for desk in self._desks.values():
            desk.close()
        self._desks.clear()

    def _advance(self, job: LabelingJob) -> bool:
        if self._tools.monotonic() < self._rests.get(job.id, (-1e9, 0.0))[0]:
            return False
        busy = False
        try:
            desk = self._desk(job)
            for step in STEPS.get(job.state, ()):
                busy |= step(desk)
        except Conflict:
            return True  # somebody moved the job meanwhile: look again
        except InvalidSpec as error:
            self._fail(job, error.message)
        except (Unavailable, OSError) as error:
            self._rest(job, f"waits: {error}")
        except (InvalidInput, Forbidden, NotFound) as error:
            self._rest(job, error.message, lasting=True)
        except Exception as error:
            log.exception("job %s: a step failed", job.name)
            said = error.message if isinstance(error, GroundswellError) else f"{type(error).__name__}: {error}"
            self._rest(job, f"a step failed: {said}")
        else:
            self._recover(job)
        return busy

    def _desk(self, job: LabelingJob) -> Desk:
        desk = self._desks.get(job.id)
        if desk is None:
            desk = self._desks[job.id] = Desk(self._tools, job)
        else:
            desk.refresh(job)
        return desk

    def _holds(self, job: LabelingJob) -> bool:
        """Take or prolong the lease; without it the job's desk is cleared: another runner moves it on."""
        began, now = self._tools.monotonic(), self._tools.clock()
        if began < self._renew_at.get(job.id, began):
            return True
        until = now + LEASE
        held = self._tools.store.write(lambda tx: tx.jobs.lease(job.id, self._name, at=now, until=until)).result()
        if held:
            self._renew_at[job.id] = began + RENEW_AFTER_S
        elif job.id in self._desks:
            self._desks.pop(job.id).close()
            self._renew_at.pop(job.id, None)
        return held

    def _was_set_back(self) -> bool:
        """Whether the clock on the wall was set back since the last round, or may have been before the first."""
        ahead, before = self._tools.clock().timestamp() - self._tools.monotonic(), self._ahead
        self._ahead = ahead
        return before is None or ahead < before - CLOCK_SLACK.total_seconds()

    def _pull_back(self, jobs: Iterable[LabelingJob]) -> None:
        """What workers hold and are offered must not last longer by as much as the clock was set back."""
        now = self._tools.clock()

        def work(tx: Transaction) -> None:
            tx.assignments.pull_back(now)
            for job in jobs:
                tx.tasks.pull_back(job.id, now)

        self._tools.store.write(work).result()

    def _expire_holds(self) -> bool:
        now = self._tools.monotonic()
        if now - self._holds_at < _HOLDS_EVERY_S:
            return False
        self._holds_at = now
        return expire_holds(self._tools)

    def _fail(self, job: LabelingJob, message: str) -> None:
        """A specification that turns out not to work (a hook that is not there) ends its job, with the reason."""
        at, reason = self._tools.clock(), f"ClientError: {storable(message)}"
        self._tools.store.write(lambda tx: transitions.move_job(tx, job, "fail", at=at, reason=reason)).result()

    def _rest(self, job: LabelingJob, trouble: str, *, lasting: bool = False) -> None:
        """Leave a job that fails alone for a while, longer each time, and say why on its page.

        A job that is stopping does end: at once where trying again cannot help (`lasting`), else after a while.
        """
        trouble = storable(trouble)
        began = self._troubled.setdefault(job.id, self._tools.monotonic())
        if job.state is JobState.STOPPING and (lasting or self._tools.monotonic() - began > _STOPPING_FOR_S):
            return self._fail(job, f"its last output could not be written: {trouble}")
        length = min(_LONGEST_REST_S, 2 * self._rests.get(job.id, (0.0, 0.5))[1])
        self._rests[job.id] = (self._tools.monotonic() + length, length)
        log.warning("job %s %s; next try in %.0f s", job.name, trouble, length)
        desk = self._desks.get(job.id)
        if desk is not None and job.progress.get("trouble") != trouble:
            try:
                desk.note(trouble=trouble)
            except GroundswellError:
                log.warning("job %s: its trouble could not be noted", job.name)
        return None

    def _recover(self, job: LabelingJob) -> None:
        self._troubled.pop(job.id, None)
        if self._rests.pop(job.id, None) is not None or "trouble" in job.progress:
            self._desks[job.id].forget("trouble")
