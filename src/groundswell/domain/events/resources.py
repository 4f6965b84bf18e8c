"""Events of worker UIs, workforces and tags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from groundswell.domain.events.base import Event


@dataclass(frozen=True, kw_only=True)
class ResourceEvent(Event, about="name"):
    """Something that happened to what has a name."""

    name: str


@dataclass(frozen=True, kw_only=True)
class WorkerUiCreated(ResourceEvent, kind="worker_ui.created"):
    """A worker task template was kept under a name."""

    sha256: str


@dataclass(frozen=True, kw_only=True)
class WorkerUiRemoved(ResourceEvent, kind="worker_ui.removed"):
    """A worker task template's name was given up."""


@dataclass(frozen=True, kw_only=True)
class WorkforceCreated(ResourceEvent, kind="workforce.created"):
    """A private workforce was made."""


@dataclass(frozen=True, kw_only=True)
class WorkforceChanged(ResourceEvent, kind="workforce.changed"):
    """What a private workforce says of signing in, addresses or networks."""


@dataclass(frozen=True, kw_only=True)
class WorkforceRemoved(ResourceEvent, kind="workforce.removed"):
    """A private workforce was removed."""


@dataclass(frozen=True, kw_only=True)
class TagsChanged(ResourceEvent, kind="tags.changed"):
    """Tags were added to something, changed or taken away."""

    resource: str  # labeling job, work team, worker UI, workforce
    tags: Mapping[str, str]  # all of them now
