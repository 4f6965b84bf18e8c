"""An event as the API and webhooks tell it."""

from __future__ import annotations

from groundswell.domain.events import KINDS, JobEvent, RecordedEvent
from groundswell.wire import events as wire


def recorded_event(one: RecordedEvent) -> wire.Event:
    """The event without the names that have to be looked up: its actor is known by the id alone."""
    about_job = issubclass(KINDS.get(one.kind, RecordedEvent), JobEvent)
    return wire.Event(
        id=one.id,
        kind=one.kind,
        at=one.at,
        actor_id=one.actor,
        workspace=one.workspace,
        subject=one.subject,
        job=one.subject if about_job else None,
        data=dict(one.data),
    )
