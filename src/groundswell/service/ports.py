"""What the use cases need from outside: a transactional store, object storage, a clock, ids.

A `Store` runs units of work. A unit of work is a function of a `Transaction`; it may run more than once
(a serialisation failure is retried), so it must not have effects but through the transaction. `write` answers a
future that resolves only when the work is durable: the SQLite store commits the work of concurrent requests together.
Adapters: `store/` (SQLite, Postgres) and `testing/memory_store.py`; one contract suite, tests/contract, runs over all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from groundswell.domain.errors import InvalidInput
from groundswell.domain.events import Event, RecordedEvent
from groundswell.domain.hooks import RegisteredHook
from groundswell.domain.job_notes import IngestReport, Progress
from groundswell.domain.labels import Label
from groundswell.domain.people import (
    Account,
    Annotator,
    Invitation,
    Role,
    TeamKind,
    Token,
    TwoStep,
    Workspace,
    WorkTeam,
)
from groundswell.domain.records import (
    Annotation,
    Assignment,
    DataObject,
    JobCounters,
    LabelingJob,
    Task,
    TaskKind,
)
from groundswell.domain.states import JobState, ObjectState
from groundswell.domain.webhooks import Delivery, DeliveryState, Webhook

T = TypeVar("T")

CLOCK_SLACK = timedelta(minutes=1)
"""By how much the clocks of several machines may differ; what lies further in the future is from before a clock was
set back."""

MAX_HELD = 3  # tasks of one job a worker may hold at a time: the one on screen and those fetched ahead


@dataclass(frozen=True)
class Page:
    """One page of a listing by key: pass `after` back to get the next."""

    limit: int = 50
    after: str | None = None

    @property
    def after_number(self) -> int | None:
        """`after` where the key is a number; raises InvalidInput for one that no listing gave."""
        if self.after is None:
            return None
        if not re.fullmatch(r"-?[0-9]{1,18}", self.after):
            raise InvalidInput(f"expected a page key as the listing gave it, got {self.after!r:.50}", field="after")
        return int(self.after)


@dataclass(frozen=True)
class ObjectFilter:
    """Which data objects of a job to list; every field narrows."""

    states: frozenset[ObjectState] | None = None
    category: str | None = None
    max_confidence: float | None = None
    disputed: bool | None = None
    human: bool | None = None
    worker_id: str | None = None  # annotated by this worker


@dataclass(frozen=True)
class EventFilter:
    """Which events to list; every field narrows."""

    kind: str | None = None  # a kind (job.created), or a family of them (job)
    actor: str | None = None
    job_id: int | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None  # events at this time and later are left out
    workspace: str | None = None


class JobRepository(Protocol):
    """Labeling jobs and their counters."""

    def add(self, job: LabelingJob) -> LabelingJob:
        """Store a new job; `job.id` is assigned (pass 0). Raises Conflict when the name is taken, case ignored."""
        ...

    def get(self, job_id: int) -> LabelingJob: ...

    def by_name(self, name: str) -> LabelingJob:
        """The job of this name, case ignored; raises NotFound."""
        ...

    def brief(self, name: str) -> LabelingJob:
        """As `by_name`, without counters (all 0): what every step of a worker's loop can afford to ask.

        The same job unchanged is the same object, so that what is derived from `spec` may be kept.
        """
        ...

    def brief_by_id(self, job_id: int) -> LabelingJob: ...

    def page(
        self,
        page: Page,
        *,
        states: Iterable[JobState] | None = None,
        team_ids: Iterable[str] | None = None,
        name_contains: str | None = None,
        workspace_id: str | None = None,
        shared_or_of: str | None = None,
    ) -> list[LabelingJob]:
        """Newest first; the page key is the job's id as text.

        shared_or_of : only jobs that are shared in their workspace, and those of this account.
        """
        ...

    def is_output_of_others(self, workspace_id: str, uri: str) -> bool:
        """Whether an address is in the output of another workspace's job, or has such an output inside."""
        ...

    def active(self) -> list[LabelingJob]:
        """Every job that is not ended, for the runner."""
        ...

    def set_state(self, job_id: int, event: str, *, at: datetime, reason: str | None = None) -> LabelingJob:
        """Apply `domain.states.job_after`; sets started_at / ended_at / failure_reason as fits."""
        ...

    def update(
        self,
        job_id: int,
        *,
        spec: Mapping[str, Any] | None = None,
        ingest: IngestReport | None = None,
        progress: Progress | None = None,
        input_uri: str | None = None,
        shared: bool | None = None,
    ) -> None: ...

    def remove(self, job_id: int, *, at: datetime) -> None:
        """The job is gone for everybody; what belonged to it goes by `purge`. Held assignments are returned."""
        ...

    def purge(self, limit: int) -> int:
        """Remove what belonged to removed jobs, about `limit` data objects' share; how many, 0 when nothing is left."""
        ...

    def lease(self, job_id: int, runner: str, *, at: datetime, until: datetime) -> bool:
        """Take or prolong the job for one runner; False while another runner's lease lasts.

        One that lasts longer from `at` than this one would is from before the clock was set back, and lasts no more.
        """
        ...

    def counters(self, job_id: int) -> JobCounters: ...


class ObjectRepository(Protocol):
    """Data objects, their manifest lines and the rolling window."""

    def add_lines(self, job_id: int, lines: Iterable[tuple[int, str, ObjectState, str | None]]) -> int:
        """Bulk insert (n, manifest line, first state, failure reason); streaming; the number inserted.

        Idempotent: an n that is there already is left alone.
        """
        ...

    def identify(self, job_id: int, identities: Mapping[int, int]) -> None:
        """Keep what objects are across jobs (`domain.identity`), by n; idempotent."""
        ...

    def same(self, identity: int) -> list[tuple[int, int]]:
        """(job id, n) of every object with this identity, in order of both."""
        ...

    def line(self, job_id: int, n: int) -> str: ...

    def lines(self, job_id: int, *, start: int = 0, stop: int | None = None) -> Iterator[tuple[int, str]]:
        """Manifest lines in order, streaming."""
        ...

    def get(self, job_id: int, n: int) -> DataObject: ...

    def page(self, job_id: int, wanted: ObjectFilter, page: Page) -> list[tuple[DataObject, Label | None]]:
        """In order of n; the page key is n as text."""
        ...

    def count(self, job_id: int, wanted: ObjectFilter) -> int: ...

    def pending(self, job_id: int, limit: int) -> list[int]:
        """The next pending objects, in order of rank, ties in order of n."""
        ...

    def answered(self, job_id: int, limit: int) -> list[DataObject]:
        """Objects that wait for consolidation."""
        ...

    def move(self, job_id: int, numbers: Sequence[int], event: str, *, reason: str | None = None) -> list[int]:
        """Apply `domain.states.object_after` to each (fail, put_back, skip, withdraw, answer); those that moved.

        Those whose state does not allow the event are left alone: another runner may have been faster.
        Keeps the job's counters. The task of an object that leaves open ends, its held assignments are returned, and
        the other objects that the task has, if any, go along.
        """
        ...

    def set_task_inputs(self, job_id: int, inputs: Mapping[int, Mapping[str, Any]]) -> None:
        """What the pre-annotation hook made of these objects."""
        ...

    def task_input(self, job_id: int, n: int) -> Mapping[str, Any] | None: ...


class TaskRepository(Protocol):
    """Tasks: what is offered to workers, and in which order.

    The queue of a job is in order of rank, smaller first, and among equals in the order in which tasks came to it; one
    that gets a free slot again (given back, asked for more) goes to its end. Ranks are small numbers that other parts
    of the house set; all are 0 until somebody does.
    """

    def turn(self, job_id: int, *, wait: bool = True) -> bool:
        """Have the turn to publish in this job until the unit of work ends: what is counted now stays so meanwhile.

        Whoever publishes takes it; by `wait=False` one that somebody else has is waited for and not had (False): what
        they published is there then.
        """
        ...

    def publish(self, job_id: int, numbers: Sequence[int], *, wanted: int, at: datetime) -> int:
        """An ordinary task for each of these pending objects, pending -> open, in order of rank; how many moved.

        `wanted` answers are asked for each. One that has as many already (it was withdrawn and comes back) goes on to
        answered.
        """
        ...

    def ask_more(self, job_id: int, wanted: Mapping[int, int], *, at: datetime) -> None:
        """answered | labeled -> open again for these objects, until there are `wanted[n]` answers, in order of rank.

        One that was labeled is available from `at` on, as if published now. Raises Conflict where there are as many.
        """
        ...

    def add(
        self,
        job_id: int,
        objects: Sequence[int],
        *,
        kind: TaskKind,
        wanted: int,
        at: datetime,
        rank: int = 0,
        price_usd_micros: int | None = None,
        life_s: int | None = None,
    ) -> Task:
        """Publish a task over one or several objects. An ordinary one needs pending objects that never had a task.

        One of another kind goes by any objects, changes none of them, and is counted apart.
        """
        ...

    def get(self, task_id: int) -> Task: ...

    def of_object(self, job_id: int, n: int) -> list[Task]:
        """Every task that shows the object, in order of publication."""
        ...

    def rank(self, job_id: int, ranks: Mapping[int, int]) -> None:
        """Set the rank of these objects (a few thousand at most in one unit of work), published or not.

        Everything that can be taken is put in the new order; what is in workers' hands stays there.
        """
        ...

    def overdue(self, job_id: int, at: datetime, limit: int, *, availability_s: int) -> list[Task]:
        """Open tasks whose life was over before `at`; `availability_s` is for those without a life of their own."""
        ...

    def pull_back(self, job_id: int, at: datetime) -> int:
        """Open tasks that were published in the future were so now: after the clock was set back."""
        ...

    def close(self, job_id: int, task_ids: Sequence[int]) -> int:
        """Take back open tasks of other kinds than ordinary, their held assignments are returned; how many moved."""
        ...


class AssignmentRepository(Protocol):
    """Who holds what. The three verbs on the hot path are one statement or two each."""

    def take(
        self,
        job_id: int,
        worker_id: str,
        *,
        assignment_id: str,
        at: datetime,
        expires_at: datetime,
        reward_usd_micros: int,
        holding: Sequence[str] = (),
        kind: TaskKind | None = None,
    ) -> Assignment | None:
        """Hold the next open task for this worker, whatever its kind, or the next of one kind; None if there is none.

        Never more holds and annotations than a task's `wanted`; never a task this worker has submitted or
        declined; one they returned or let expire only when nothing else is open for them. The reward is the task's own
        price where it has one. A worker who holds an
        unexpired task of this job that is not in `holding` (what their page has on screen or fetched ahead) is given
        that one again; one who holds MAX_HELD gets Conflict.
        """
        ...

    def get(self, assignment_id: str) -> Assignment: ...

    def locked(self, assignment_id: str) -> Assignment:
        """The same for who is about to change it: nobody else does before this unit of work ends."""
        ...

    def begin(self, assignment_id: str, *, at: datetime, expires_at: datetime) -> Assignment:
        """The time of a task that was fetched ahead starts when it is shown: once; later calls change nothing."""
        ...

    def submit(self, annotation: Annotation) -> None:
        """held -> submitted, append the annotation, count it on the task (open -> answered when complete, its objects
        too if it is an ordinary one).

        Raises Conflict unless held. A hold that expired but whose task still wants an answer may be submitted.
        """
        ...

    def give_back(self, assignment_id: str, event: str, *, at: datetime) -> Assignment:
        """held -> returned | declined | expired (event: return, decline, expire); frees the task's slot.

        Done already is done: the same event twice is once. Raises Conflict for one submitted or ended otherwise.
        """
        ...

    def expire(self, at: datetime, limit: int) -> list[Assignment]:
        """Expire up to `limit` holds past their time, the longest past first, ties by id; the ones expired."""
        ...

    def pull_back(self, at: datetime) -> int:
        """Holds that begin in the future begin now, and last as long as they would: after the clock was set back."""
        ...

    def save_draft(self, assignment_id: str, draft: str, *, at: datetime) -> None: ...

    def draft(self, assignment_id: str) -> str | None: ...

    def earlier_draft(self, assignment_id: str) -> str | None:
        """What the same worker had of the same task when its time last ran out."""
        ...

    def of_object(self, job_id: int, n: int) -> list[Assignment]:
        """Of every task that shows the object."""
        ...

    def held_by(self, worker_id: str) -> list[Assignment]: ...

    def open_for(self, job_ids: Sequence[int], worker_id: str) -> Mapping[int, int]:
        """About how many open tasks each job has left for this worker (may be a bound, never 0 when there is one)."""
        ...


ANSWERS_BYTES = 64 << 20
"""Of answers that are held in memory together: an answer may be a painted picture of megabytes."""


class AnnotationRepository(Protocol):
    """Submitted answers: append-only. `checks` asks for those to other than ordinary tasks instead."""

    def get(self, assignment_id: str) -> Annotation | None: ...

    def of_objects(self, job_id: int, numbers: Sequence[int], *, checks: bool = False) -> list[Annotation]:
        """In order of n, then of submission."""
        ...

    def first_within(self, job_id: int, numbers: Sequence[int], *, most_bytes: int = ANSWERS_BYTES) -> list[int]:
        """The first of these objects whose answers have together about so many bytes; one at least."""
        ...

    def all(
        self,
        job_id: int,
        *,
        after: str | None = None,
        limit: int = 10_000,
        checks: bool = False,
        most_bytes: int = ANSWERS_BYTES,
    ) -> list[Annotation]:
        """In order of submission; `after` is an assignment id: how a runner rebuilds its consolidation.

        At most `limit`, fewer where they have more than about `most_bytes` together, and one at least; none at the end.
        Never passes over one that commits later: on Postgres the newest wait until every older transaction has ended.
        """
        ...

    def worker_totals(self, job_id: int) -> list[tuple[str, int, float, datetime]]:
        """(worker id, annotations, median seconds spent, last submission) of everyone who submitted.

        The median is over the worker's share of the job's last 20,000 annotations; the mean where they have none there.
        """
        ...

    def done_by(self, worker_id: str, job_ids: Sequence[int]) -> Mapping[int, int]:
        """How many this worker submitted to each of these jobs, checks included: to them they are the same work."""
        ...

    def of_day(self, worker_id: str, *, at: datetime) -> tuple[int, int]:
        """(annotations, rewards in micro-dollars) of this worker on the day, UTC, that `at` is in."""
        ...

    def per_interval(self, job_id: int, *, since: datetime, seconds: int) -> list[tuple[datetime, int]]: ...

    def jobs_of(self, annotator_id: str) -> list[int]:
        """Ids of the jobs that this annotator has answers in."""
        ...

    def remove_of(self, annotator_id: str, job_id: int, limit: int) -> int:
        """Remove up to `limit` of an annotator's answers to a job, from its counters too; how many were removed.

        Labels that were made of them stay, and what was paid for them stays paid.
        """
        ...


class LabelRepository(Protocol):
    """Labels: a log of versions an object, of which one is in force. Readers but `history` see those in force."""

    def put(self, labels: Sequence[Label]) -> list[int]:
        """New versions, in force at once; answered or pending -> labeled; keeps the job's counters.

        One that says the same as the version in force (`domain.labels.says_the_same`) is not written: what is thought
        of that one's confidence is kept to more decimals. Nor is one that may not replace it (`may_replace`): a
        model's over people's; the object counts as labeled all the same. The numbers of those with a new version.
        """
        ...

    def withdraw(self, job_id: int, numbers: Sequence[int], *, at: datetime, reason: str | None = None) -> list[int]:
        """Machines' labels in force stand no more: the newest version before that stands is in force again.

        An object that has none goes back to answered where its answers are there, else to pending. Objects with a
        label by people, or with none, are left alone; the numbers of the others.
        """
        ...

    def in_force(self, job_id: int, n: int) -> Label | None: ...

    def history(self, job_id: int, n: int) -> list[Label]:
        """Every version of one object's label, the first first, withdrawn ones included."""
        ...

    def all(self, job_id: int, *, start: int = 0, stop: int | None = None) -> Iterator[Label]:
        """Those in force, in order of n, streaming."""
        ...

    def distribution(self, job_id: int) -> Mapping[str, int]:
        """Labels by category."""
        ...

    def confidence_histogram(self, job_id: int, bins: int = 20) -> Sequence[int]: ...

    def over_time(self, job_id: int, points: int = 60) -> list[tuple[datetime, int, int]]:
        """(time, objects labeled by people so far, by models so far), by when each first got its label."""
        ...


class WorkerRepository(Protocol):
    """Accounts, sign-in, tokens."""

    def add(self, worker: Account, *, password_hash: str | None) -> None:
        """Its annotator with it. Raises Conflict when the e-mail address has an account, case ignored."""
        ...

    def get(self, worker_id: str) -> Account: ...

    def by_email(self, email: str) -> tuple[Account, str | None]:
        """The worker and their password hash; raises NotFound."""
        ...

    def page(
        self, page: Page, *, team_id: str | None = None, role: Role | None = None, workspace_id: str | None = None
    ) -> list[Account]:
        """In order of id: of a team, with a role, of those who are in a workspace or one of its teams."""
        ...

    def update(
        self,
        worker_id: str,
        *,
        name: str | None = None,
        roles: Iterable[Role] | None = None,
        disabled: bool | None = None,
        password_hash: str | None = None,
        preferences: Mapping[str, Any] | None = None,
        verified: bool | None = None,
    ) -> Account:
        """Change what is given; `roles` are those of every workspace."""
        ...

    def erase(self, worker_id: str, *, called: str) -> None:
        """Forget who an account was: nobody can sign in with it or find it, its annotator is `called` this."""
        ...

    def set_membership(self, worker_id: str, workspace_id: str, roles: Iterable[Role]) -> None:
        """These are the account's roles in the workspace from now on; none ends its membership."""
        ...

    def two_step(self, worker_id: str) -> TwoStep | None:
        """The second step of the account's sign-in, begun or active; None without."""
        ...

    def set_two_step(self, worker_id: str, two_step: TwoStep | None) -> None: ...

    def add_token(self, token: Token) -> None: ...

    def by_token(self, digest: str, *, at: datetime) -> tuple[Account, Token] | None:
        """Whose valid token this is; None when unknown, expired or of a disabled account."""
        ...

    def tokens(self, kind: str, *, worker_id: str | None = None) -> list[Token]:
        """Tokens of a kind, the oldest first: everybody's, or an account's."""
        ...

    def move_token(self, digest: str, workspace_id: str) -> None:
        """The token acts in this workspace from now on."""
        ...

    def drop_token(self, digest: str) -> None: ...


class TeamRepository(Protocol):
    """Work teams, members, invitations."""

    def add(self, team: WorkTeam) -> None: ...

    def get(self, team_id: str) -> WorkTeam: ...

    def by_name(self, workspace_id: str, name: str) -> WorkTeam:
        """The workspace's team of this name, case ignored; raises NotFound."""
        ...

    def select(
        self,
        *,
        kind: TeamKind | None = None,
        member_id: str | None = None,
        manager_id: str | None = None,
        workspace_id: str | None = None,
    ) -> list[WorkTeam]: ...

    def update(self, team_id: str, *, description: str | None = None, manager_id: str | None = None) -> None: ...

    def remove(self, team_id: str) -> None:
        """Raises Conflict while jobs use it."""
        ...

    def member_count(self, team_id: str) -> int:
        """How many people who are not disabled could work for this team."""
        ...

    def add_member(self, team_id: str, worker_id: str) -> None: ...

    def remove_member(self, team_id: str, worker_id: str, *, at: datetime) -> None:
        """Take an account out; that it was is remembered until it is a member again."""
        ...

    def removed_at(self, team_id: str, worker_id: str) -> datetime | None:
        """When an account was taken out of a team that it is not in; None if it was not."""
        ...

    def is_member(self, team_id: str, worker_id: str) -> bool:
        """`everyone` is the workspace's workers; `public` is them and all who label for every workspace."""
        ...

    def add_invitation(self, invitation: Invitation) -> None: ...

    def invitation(self, digest: str, *, at: datetime) -> Invitation | None:
        """One that can still be used; None when unknown, expired or used up."""
        ...

    def invitations(self, team_id: str, *, at: datetime) -> list[Invitation]:
        """Those that can still be used, the newest first."""
        ...

    def use_invitation(self, digest: str, *, at: datetime) -> bool:
        """Count one use; False when unknown, expired or used up."""
        ...

    def drop_invitation(self, digest: str) -> None: ...


class WorkspaceRepository(Protocol):
    """Who owns what is on this server."""

    def add(self, workspace: Workspace) -> None:
        """Raises Conflict when the name is taken, case ignored."""
        ...

    def get(self, workspace_id: str) -> Workspace: ...

    def by_name(self, name: str) -> Workspace:
        """Case ignored; raises NotFound."""
        ...

    def all(self) -> list[Workspace]:
        """In order of their making."""
        ...


class AnnotatorRepository(Protocol):
    """Whose answers count. An account's annotator comes with the account."""

    def add(self, annotator: Annotator) -> None:
        """A model's version or an outside participant; one that is there already is left alone."""
        ...

    def get(self, annotator_id: str) -> Annotator: ...


class EventRepository(Protocol):
    """What happened, as it is read back; `Transaction.record` writes."""

    def page(self, wanted: EventFilter, page: Page) -> list[RecordedEvent]:
        """Newest first; the page key is the event's id as text."""
        ...

    def prune(self, before: datetime, limit: int) -> int:
        """Forget up to `limit` events older than this, and their deliveries; how many there were."""
        ...


class HookRepository(Protocol):
    """Functions that administrators registered for jobs to name."""

    def put(self, hook: RegisteredHook) -> RegisteredHook:
        """Register it; its version is one more than that of the one before (pass any), which it replaces."""
        ...

    def get(self, name: str) -> RegisteredHook:
        """With its code; raises NotFound."""
        ...

    def select(self) -> list[RegisteredHook]:
        """Every one by name, without its code (which is empty)."""
        ...

    def remove(self, name: str) -> None:
        """Raises NotFound."""
        ...


class Functions(Protocol):
    """Users' own functions, as far as this server's administrator allows them (`hooks.targets.Hooks`)."""

    def check(self, target: str, *, field: str, start: bool) -> None:
        """Whether a new job may name this and, with `start`, whether it runs. Raises InvalidSpec naming the field."""
        ...

    def check_code(self, hook: RegisteredHook) -> None:
        """Raise InvalidInput unless the function can be loaded; Unavailable where none can."""
        ...

    def try_out(self, hook: RegisteredHook, event: Any) -> Any:
        """What a function answers to an event. Raises InvalidInput, Unavailable."""
        ...


class WebhookRepository(Protocol):
    """Endpoints, and the deliveries that `Transaction.record` makes for those that want the event."""

    def add(self, webhook: Webhook) -> None: ...

    def get(self, webhook_id: str) -> Webhook:
        """Raises NotFound."""
        ...

    def select(self, workspace_id: str) -> list[Webhook]:
        """In order of creation."""
        ...

    def update(
        self,
        webhook_id: str,
        *,
        url: str | None = None,
        kinds: Sequence[str] | None = None,
        active: bool | None = None,
    ) -> None: ...

    def remove(self, webhook_id: str) -> None:
        """With its deliveries; raises NotFound."""
        ...

    def any_due(self, at: datetime) -> bool:
        """Whether there is something to claim: what a runner can afford to ask every second."""
        ...

    def claim(self, *, at: datetime, until: datetime, limit: int) -> list[tuple[Webhook, Delivery]]:
        """Deliveries that are due, of active endpoints, the longest due first; nobody else gets them before `until`."""
        ...

    def settle(
        self, delivery_id: int, state: DeliveryState, *, attempts: int, due_at: datetime, said: str | None
    ) -> None:
        """What became of an attempt."""
        ...

    def deliveries(self, webhook_id: str, page: Page, *, state: DeliveryState | None = None) -> list[Delivery]:
        """Newest first; the page key is the delivery's id as text."""
        ...

    def send_again(self, webhook_id: str, delivery_id: int, *, at: datetime) -> None:
        """A delivery waits again, as if it had never been tried; raises NotFound."""
        ...


class Transaction(Protocol):
    """One unit of work's view of the store."""

    @property
    def jobs(self) -> JobRepository: ...
    @property
    def objects(self) -> ObjectRepository: ...
    @property
    def tasks(self) -> TaskRepository: ...
    @property
    def assignments(self) -> AssignmentRepository: ...
    @property
    def annotations(self) -> AnnotationRepository: ...
    @property
    def labels(self) -> LabelRepository: ...
    @property
    def workers(self) -> WorkerRepository: ...
    @property
    def teams(self) -> TeamRepository: ...
    @property
    def workspaces(self) -> WorkspaceRepository: ...
    @property
    def annotators(self) -> AnnotatorRepository: ...
    @property
    def hooks(self) -> HookRepository: ...

    @property
    def events(self) -> EventRepository: ...
    @property
    def webhooks(self) -> WebhookRepository: ...

    def record(self, event: Event) -> None:
        """Append an event to what happened, in this transaction."""
        ...

    def touch(self) -> None:
        """Write what is there already: who asks learns whether the database takes writes now."""
        ...


class Store(Protocol):
    """Runs units of work against the database."""

    def read(self, work: Callable[[Transaction], T]) -> T:
        """Run work that only reads, on one consistent view."""
        ...

    def write(self, work: Callable[[Transaction], T]) -> Future[T]:
        """Run work in a transaction; the future resolves when its effects are durable, or with what it raised."""
        ...

    def close(self) -> None: ...


OnOdd = Callable[[str, str], None]
"""Told of an object that a listing leaves out: its URI and why."""


class ObjectStorage(Protocol):
    """Bytes by URI: `file:///...`, `s3://bucket/key`, `gs://`, `az://`, or a plain path in the data directory."""

    def read(self, uri: str) -> bytes:
        """Raises NotFound, Unavailable."""
        ...

    def read_range(self, uri: str, start: int, length: int) -> bytes: ...

    def stream(self, uri: str, chunk_bytes: int = 1 << 20) -> Iterator[bytes]: ...

    def write(self, uri: str, data: bytes, *, content_type: str | None = None) -> None:
        """Whole or not at all: readers never see a half-written object."""
        ...

    def write_stream(self, uri: str, chunks: Iterable[bytes], *, content_type: str | None = None) -> None:
        """The same for data too large for memory."""
        ...

    def exists(self, uri: str) -> bool: ...

    def missing(self, uris: Sequence[str]) -> Mapping[str, str]:
        """Those of the URIs where there is no object that this server may read, each with a sentence that says why.

        Asked in bulk, so that a listing may answer for many.
        """
        ...

    def size(self, uri: str) -> int: ...

    def entries(self, prefix: str, *, on_odd: OnOdd | None = None) -> Iterator[tuple[str, int]]:
        """(URI, bytes) of every object under a prefix, in byte order of the URI.

        Objects whose names cannot be used are left out; `on_odd` is told of each: its URI, and why.
        """
        ...

    def delete(self, uri: str) -> None: ...

    def absolute(self, uri: str) -> str:
        """The address for whoever reads it elsewhere: relative paths, which are in the data directory, as `file:`."""
        ...


class Mail(Protocol):
    """Sending letters."""

    def send(self, to: str, subject: str, text: str) -> None:
        """Hand a letter over; blocks until it is taken. Raises Unavailable."""
        ...


Clock = Callable[[], datetime]
"""The time now, aware UTC."""

NewId = Callable[[], str]
"""A new unique id, sortable by time."""
