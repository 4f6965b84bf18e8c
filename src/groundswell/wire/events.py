"""What happened, as the API tells it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field


class Event(BaseModel):
    """One thing that happened (docs/guides/audit.md lists the kinds)."""

    id: int
    kind: str
    at: datetime
    actor: str | None = Field(None, description="The account's e-mail address; null for what the server did itself")
    actor_id: str | None = None
    workspace: str
    subject: str = Field(description="What it happened to: a job's or team's name, an account's or key's id")
    job: str | None = Field(None, description="The labeling job it belongs to")
    data: dict[str, Any]


class EventPage(BaseModel):
    """Events, newest first; `next` is the `after` of the page that follows."""

    events: list[Event]
    next: str | None = None
