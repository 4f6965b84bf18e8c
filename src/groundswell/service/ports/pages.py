"""How listings are asked for: a page by key, filters; and the numbers that repositories agree on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from groundswell.domain.errors import InvalidInput
from groundswell.domain.states import JobState, ObjectState

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
class JobQuery:
    """Which jobs to list, in which order; every filter narrows."""

    limit: int = 100
    sort_by: Literal["created", "name", "state"] = "created"  # ties in order of id
    descending: bool = False
    after: tuple[int | str, int] | None = None  # (what is sorted by, id) of the job before
    states: frozenset[JobState] | None = None
    name_contains: str | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
    modified_after: datetime | None = None
    modified_before: datetime | None = None
    team_ids: frozenset[str] | None = None
    workspace_id: str | None = None
    shared_or_of: str | None = None  # only jobs that are shared in their workspace, and those of this account


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
