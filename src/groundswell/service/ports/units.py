"""The store, and one unit of work on it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Protocol, TypeVar

from groundswell.domain.events import Event
from groundswell.service.ports.answers import AnnotationRepository, LabelRepository
from groundswell.service.ports.buckets import BucketRepository
from groundswell.service.ports.happenings import EventRepository, HookRepository, WebhookRepository
from groundswell.service.ports.jobs import JobRepository
from groundswell.service.ports.machine import AutoLabelingRepository, ModelRepository
from groundswell.service.ports.objects import ObjectRepository
from groundswell.service.ports.people import (
    AccessKeyRepository,
    AnnotatorRepository,
    TeamRepository,
    WorkerRepository,
    WorkerUiRepository,
    WorkforceRepository,
    WorkspaceRepository,
)
from groundswell.service.ports.tasks import AssignmentRepository, TaskRepository

T = TypeVar("T")


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
    def access_keys(self) -> AccessKeyRepository: ...
    @property
    def teams(self) -> TeamRepository: ...
    @property
    def workforces(self) -> WorkforceRepository: ...
    @property
    def worker_uis(self) -> WorkerUiRepository: ...
    @property
    def workspaces(self) -> WorkspaceRepository: ...
    @property
    def annotators(self) -> AnnotatorRepository: ...
    @property
    def hooks(self) -> HookRepository: ...
    @property
    def auto_labeling(self) -> AutoLabelingRepository: ...
    @property
    def models(self) -> ModelRepository: ...
    @property
    def buckets(self) -> BucketRepository: ...

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
