"""What the use cases need from outside: a transactional store, object storage, a clock, ids.

A `Store` runs units of work. A unit of work is a function of a `Transaction`; it may run more than once
(a serialisation failure is retried), so it must not have effects but through the transaction. `write` answers a
future that resolves only when the work is durable: the SQLite store commits the work of concurrent requests together.
Adapters: `store/` (SQLite, Postgres) and `testing/memory_store.py`; one contract suite, tests/contract, runs over all.
"""

from __future__ import annotations

from groundswell.service.ports.answers import ANSWERS_BYTES, AnnotationRepository, LabelRepository
from groundswell.service.ports.buckets import BucketFiles, BucketRepository, Incoming, Opened
from groundswell.service.ports.happenings import EventRepository, Functions, HookRepository, WebhookRepository
from groundswell.service.ports.jobs import JobRepository
from groundswell.service.ports.machine import AutoLabelingRepository, ModelRepository
from groundswell.service.ports.objects import ObjectRepository
from groundswell.service.ports.outside import CheckAddress, Clock, Mail, NewId, ObjectStorage, OnOdd, Seals
from groundswell.service.ports.pages import CLOCK_SLACK, MAX_HELD, EventFilter, JobQuery, ObjectFilter, Page
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
from groundswell.service.ports.units import Store, Transaction

__all__ = [
    "ANSWERS_BYTES",
    "CLOCK_SLACK",
    "MAX_HELD",
    "AccessKeyRepository",
    "AnnotationRepository",
    "AnnotatorRepository",
    "AssignmentRepository",
    "AutoLabelingRepository",
    "BucketFiles",
    "BucketRepository",
    "CheckAddress",
    "Clock",
    "EventFilter",
    "EventRepository",
    "Functions",
    "HookRepository",
    "Incoming",
    "JobQuery",
    "JobRepository",
    "LabelRepository",
    "Mail",
    "ModelRepository",
    "NewId",
    "ObjectFilter",
    "ObjectRepository",
    "ObjectStorage",
    "OnOdd",
    "Opened",
    "Page",
    "Seals",
    "Store",
    "TaskRepository",
    "TeamRepository",
    "Transaction",
    "WebhookRepository",
    "WorkerRepository",
    "WorkerUiRepository",
    "WorkforceRepository",
    "WorkspaceRepository",
]
