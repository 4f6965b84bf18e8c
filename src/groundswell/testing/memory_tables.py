"""Everything a store in memory holds."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any

from groundswell.domain.access_keys import AccessKey
from groundswell.domain.auto_labeling import AutoLabeling, Decision, DecisionKind, Model
from groundswell.domain.buckets import Bucket
from groundswell.domain.events import RecordedEvent
from groundswell.domain.hooks import RegisteredHook
from groundswell.domain.labels import Label
from groundswell.domain.people import Account, Annotator, Invitation, Token, TwoStep, Workspace, WorkTeam
from groundswell.domain.records import Annotation, Assignment, DataObject, LabelingJob, Task
from groundswell.domain.webhooks import Delivery, Webhook
from groundswell.domain.worker_uis import WorkerUi
from groundswell.domain.workforces import Workforce


@dataclass
class Tables:
    """Everything there is. The values are immutable, so a copy of the dictionaries is a copy of it all."""

    jobs: dict[int, LabelingJob] = field(default_factory=dict)
    earned: dict[tuple[str, date], tuple[int, int]] = field(default_factory=dict)  # by answers that were removed
    last_removed: int = 0  # the greatest id of a removed job: ids are not given twice
    leases: dict[int, tuple[str, datetime]] = field(default_factory=dict)
    lines: dict[tuple[int, int], str] = field(default_factory=dict)
    identities: dict[tuple[int, int], int] = field(default_factory=dict)
    objects: dict[tuple[int, int], DataObject] = field(default_factory=dict)
    inputs: dict[tuple[int, int], Mapping[str, Any]] = field(default_factory=dict)
    tasks: dict[int, Task] = field(default_factory=dict)
    queue: dict[int, int] = field(default_factory=dict)  # task -> place since it last got a free slot
    queue_ranks: dict[int, int] = field(default_factory=dict)  # job -> the greatest rank in its queue
    places: int = 0
    assignments: dict[str, Assignment] = field(default_factory=dict)
    begun: dict[str, datetime] = field(default_factory=dict)
    drafts: dict[str, str] = field(default_factory=dict)
    annotations: dict[str, Annotation] = field(default_factory=dict)  # in order of submission
    labels: dict[tuple[int, int], Label] = field(default_factory=dict)  # in force
    versions: dict[tuple[int, int], tuple[Label, ...]] = field(default_factory=dict)
    labeled_at: dict[tuple[int, int], datetime] = field(default_factory=dict)  # since when there is a label
    workers: dict[str, Account] = field(default_factory=dict)
    passwords: dict[str, str | None] = field(default_factory=dict)
    two_steps: dict[str, TwoStep] = field(default_factory=dict)
    annotators: dict[str, Annotator] = field(default_factory=dict)
    workspaces: dict[str, Workspace] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    workforces: dict[str, Workforce] = field(default_factory=dict)
    worker_uis: dict[tuple[str, str], WorkerUi] = field(default_factory=dict)
    access_keys: dict[str, AccessKey] = field(default_factory=dict)
    teams: dict[str, WorkTeam] = field(default_factory=dict)
    members: dict[tuple[str, str], None] = field(default_factory=dict)
    removed: dict[tuple[str, str], datetime] = field(default_factory=dict)  # who was taken out of a team
    invitations: dict[str, Invitation] = field(default_factory=dict)
    events: dict[int, RecordedEvent] = field(default_factory=dict)
    webhooks: dict[str, Webhook] = field(default_factory=dict)
    deliveries: dict[int, Delivery] = field(default_factory=dict)
    hooks: dict[str, RegisteredHook] = field(default_factory=dict)
    auto_labelings: dict[int, AutoLabeling] = field(default_factory=dict)
    auto_decisions: dict[tuple[int, DecisionKind, int], Decision] = field(default_factory=dict)
    models: dict[str, Model] = field(default_factory=dict)
    buckets: dict[str, Bucket] = field(default_factory=dict)

    def copy(self) -> Tables:
        """The same rows in dictionaries of their own."""
        return Tables(**{one.name: copy(getattr(self, one.name)) for one in fields(self)})

    def put_back(self, saved: Tables) -> None:
        """Be as the copy was."""
        for one in fields(self):
            setattr(self, one.name, getattr(saved, one.name))
