"""What one runner remembers of one job between its steps. Nothing here is lost for good when the runner dies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Final, TypeVar, Unpack

from groundswell.compute.futures import Elsewhere, Here
from groundswell.consolidation.estimates import LiveConsolidation
from groundswell.domain.arns import Arns
from groundswell.domain.hooks import HookCaller
from groundswell.domain.job_notes import Progress, ProgressNote
from groundswell.domain.people import TeamKind
from groundswell.domain.records import LabelingJob
from groundswell.hooks.targets import Hook
from groundswell.runner.layout import Layout, iteration_of
from groundswell.runner.values import Values
from groundswell.service.pictures import Pictures
from groundswell.service.places import Places, WorkspaceStorage
from groundswell.service.ports import Clock, ObjectStorage, Store, Transaction
from groundswell.tasktypes import registry
from groundswell.wire.job_spec import JobSpec

T = TypeVar("T")

OBJECTS_TOGETHER = 1_000
MASKS_TOGETHER = 8
ANSWERS_HELD, MASKS_HELD = 8_000, 24  # values kept from when an answer is absorbed for its label
WAIT: Final = "another process has it"
"""What work in slices yields while it can only wait."""


@dataclass(frozen=True)
class Tools:
    """What steps work with."""

    store: Store
    storage: ObjectStorage
    clock: Clock
    monotonic: Callable[[], float]
    pool: Executor  # for waiting on storage, not for computing
    open_hook: Callable[[str, HookCaller], Hook]
    elsewhere: Elsewhere = field(default_factory=Here)  # for computing
    slice_s: float = 0.2  # how long a step may keep the other jobs waiting
    places: Places = field(default_factory=Places)  # whose what in the storage is
    secret: bytes = b""  # the server's own: what pseudonyms are made with
    issuer: str = "groundswell"  # who vouches for workers' identities, in worker-response files

    @cached_property
    def pictures(self) -> Pictures:
        """Facts of the storage's pictures."""
        return Pictures(self.storage)


class Desk:
    """One job on this runner: its latest row, its consolidation, and long work that is done in slices."""

    def __init__(self, tools: Tools, job: LabelingJob) -> None:
        self.tools = replace(tools, storage=WorkspaceStorage(tools.storage, tools.places, job.workspace_id))
        self.spec = JobSpec.model_validate(job.spec)
        self.job = self._placed(job)
        self.task_type = registry.get(job.task_type)
        self.layout = Layout(self.job.output_uri)
        self.live: LiveConsolidation | None = None
        self.last_absorbed: str | None = None  # the annotation (by assignment) up to which `live` has absorbed all
        self.absorbed: dict[int, int] = {}  # object -> annotations absorbed, of objects not labeled since
        self.memory: dict[str, Any] = {}  # a step's own notes: times, calls under way
        self.closing: list[Callable[[], None]] = []  # hooks to let go of
        self.is_waiting = False  # in this round: for a function's answer, or for another process
        self.values = Values(MASKS_HELD if self.is_heavy else ANSWERS_HELD)
        self._works: dict[str, Iterator[object]] = {}

    def close(self) -> None:
        """Let go of what is held outside this process."""
        self._works.clear()
        while self.closing:
            self.closing.pop()()

    @property
    def batch_size(self) -> int:
        """Objects consolidated together; few where each answer is a picture."""
        return MASKS_TOGETHER if self.is_heavy else OBJECTS_TOGETHER

    @property
    def is_heavy(self) -> bool:
        """Whether each answer is a picture."""
        return self.task_type.attribute_ref

    def refresh(self, job: LabelingJob) -> None:
        """Take the job's latest row."""
        if job.spec is not self.job.spec and job.spec != self.job.spec:
            self.spec = JobSpec.model_validate(job.spec)
        self.job = self._placed(job)
        self.is_waiting = False

    def _placed(self, job: LabelingJob) -> LabelingJob:
        """The job with an output whose address holds anywhere: it is written into manifests."""
        uri = self.tools.storage.absolute(job.output_uri)
        return job if uri == job.output_uri else replace(job, output_uri=uri)

    def wait(self) -> bool:
        """Nothing moved, but something will without anybody's doing: the runner looks again soon."""
        self.is_waiting = True
        return False

    @cached_property
    def team_kind(self) -> TeamKind:
        """Where the job's workers come from."""
        return self.read(lambda tx: tx.teams.get(self.job.team_id)).kind

    @cached_property
    def arns(self) -> Arns:
        """What the job and its like are called in ARNs."""
        workspace = self.read(lambda tx: tx.workspaces.get(self.job.workspace_id))
        return Arns(workspace.aws_account, workspace.region)

    @property
    def now(self) -> datetime:
        """The time, aware UTC."""
        return self.tools.clock()

    def read(self, work: Callable[[Transaction], T]) -> T:
        """Run reading work on one view of the store."""
        return self.tools.store.read(work)

    def write(self, work: Callable[[Transaction], T]) -> T:
        """Run work in a transaction and wait until it is durable."""
        return self.tools.store.write(work).result()

    def note(self, **changes: Unpack[Progress]) -> None:
        """Write down progress, for the next runner and for the job's page."""
        self.write(lambda tx: note(tx, self.job.id, **changes))

    def forget(self, name: ProgressNote) -> None:
        """Take a note back."""
        self.write(lambda tx: forget(tx, self.job.id, name))

    def slice(self, name: str, begin: Callable[[], Iterator[object]]) -> bool:
        """Go on with a long work for a slice of time, or until it waits; True when it has come to its end."""
        work = self._works.pop(name, None) or begin()
        deadline = self.tools.monotonic() + self.tools.slice_s
        for said in work:
            if said is WAIT or self.tools.monotonic() >= deadline:
                self._works[name] = work
                self.is_waiting |= said is WAIT
                return False
        return True

    def is_under_way(self, name: str) -> bool:
        """Whether a long work has begun and not ended."""
        return name in self._works

    def abandon(self, name: str) -> None:
        """Forget a long work; the next slice begins it anew."""
        self._works.pop(name, None)

    def due(self, name: str, every_s: float) -> bool:
        """Whether something that is done at most every so many seconds may be done now; it counts as done then."""
        now = self.tools.monotonic()
        if now - self.memory.get(name, -1e9) < every_s:
            return False
        self.memory[name] = now
        return True

    def iteration(self, n: int) -> int:
        """The iteration whose folders hold this object's files."""
        window = self.spec.workers.max_concurrent_objects
        return iteration_of(n, probe_last=self.job.progress.get("probe_last"), window=window)


def storable(text: str) -> str:
    """A message as every database keeps it: without NUL and broken characters."""
    return text.replace("\0", "\\0").encode("utf-8", "backslashreplace").decode()


def note(tx: Transaction, job_id: int, **changes: Unpack[Progress]) -> None:
    """Change some of a job's progress notes."""
    tx.jobs.update(job_id, progress={**tx.jobs.brief_by_id(job_id).progress, **changes})


def forget(tx: Transaction, job_id: int, name: ProgressNote) -> None:
    """Take one of a job's progress notes back."""
    notes = tx.jobs.brief_by_id(job_id).progress.copy()
    notes.pop(name, None)
    tx.jobs.update(job_id, progress=notes)
