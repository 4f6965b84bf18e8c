"""One unit of work's view of a SQL database: the repositories over one session."""

from __future__ import annotations

from groundswell.domain.events import Event
from groundswell.store.access_keys import SqlAccessKeys
from groundswell.store.annotations import SqlAnnotations
from groundswell.store.assignments import SqlAssignments
from groundswell.store.auto_labeling import SqlAutoLabeling, SqlModels
from groundswell.store.buckets import SqlBuckets
from groundswell.store.codec import micros
from groundswell.store.events import SqlEvents
from groundswell.store.hooks import SqlHooks
from groundswell.store.jobs import SqlJobs
from groundswell.store.labels import SqlLabels
from groundswell.store.objects import SqlObjects
from groundswell.store.session import Session
from groundswell.store.tasks import SqlTasks
from groundswell.store.teams import SqlTeams
from groundswell.store.webhooks import SqlWebhooks
from groundswell.store.worker_uis import SqlWorkerUis, SqlWorkforces
from groundswell.store.workers import SqlWorkers
from groundswell.store.workspaces import SqlAnnotators, SqlWorkspaces


class SqlTransaction:
    """`service.ports.Transaction`; made once for a connection and used for one unit of work after another."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.jobs = SqlJobs(session)
        self.objects = SqlObjects(session)
        self.tasks = SqlTasks(session, self.objects)
        self.annotations = SqlAnnotations(session)
        self.assignments = SqlAssignments(session, self.annotations)
        self.labels = SqlLabels(session)
        self.workers = SqlWorkers(session)
        self.access_keys = SqlAccessKeys(session)
        self.teams = SqlTeams(session)
        self.workforces = SqlWorkforces(session)
        self.worker_uis = SqlWorkerUis(session)
        self.workspaces = SqlWorkspaces(session)
        self.annotators = SqlAnnotators(session)
        self.events = SqlEvents(session)
        self.webhooks = SqlWebhooks(session)
        self.hooks = SqlHooks(session)
        self.auto_labeling = SqlAutoLabeling(session)
        self.models = SqlModels(session)
        self.buckets = SqlBuckets(session)

    def record(self, event: Event) -> None:
        event_id = self.events.append(event)
        self.webhooks.enqueue(event_id, kind=event.kind, workspace=event.workspace, at=micros(event.at))

    def touch(self) -> None:
        self.session.send("UPDATE alembic_version SET version_num = version_num")

    def rolled_back(self) -> None:
        """The unit of work was undone: what was read inside it may not be kept."""
        self.jobs.forget()
