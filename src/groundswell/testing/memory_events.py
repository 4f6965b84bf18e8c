"""What happened, in memory."""

from __future__ import annotations

from datetime import datetime

from groundswell.domain.events import Event, RecordedEvent
from groundswell.service.ports import EventFilter, Page
from groundswell.testing.memory_tables import Tables


class MemoryEvents:
    """`service.ports.EventRepository`."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def append(self, event: Event) -> RecordedEvent:
        """Keep one event."""
        number = max(self._tables.events, default=0) + 1
        kept = self._tables.events[number] = RecordedEvent(
            number, event.kind, event.at, event.actor, event.workspace, event.subject, event.job_id, event.data
        )
        return kept

    def page(self, wanted: EventFilter, page: Page) -> list[RecordedEvent]:
        newest = sorted(self._tables.events.values(), key=lambda one: -one.id)
        found = [
            one for one in newest if (page.after_number is None or one.id < page.after_number) and _passes(one, wanted)
        ]
        return found[: page.limit]

    def prune(self, before: datetime, limit: int) -> int:
        old = sorted((one for one in self._tables.events.values() if one.at < before), key=lambda one: one.at)[:limit]
        for one in old:
            del self._tables.events[one.id]
            for delivery in [each for each in self._tables.deliveries.values() if each.event.id == one.id]:
                del self._tables.deliveries[delivery.id]
        return len(old)


def _passes(one: RecordedEvent, wanted: EventFilter) -> bool:
    same = ("actor", "job_id", "subject", "workspace")
    return (
        all(getattr(wanted, name) in (None, getattr(one, name)) for name in same)
        and (wanted.kind is None or one.kind == wanted.kind or one.kind.startswith(f"{wanted.kind}."))
        and (wanted.since is None or one.at >= wanted.since)
        and (wanted.until is None or one.at < wanted.until)
    )
