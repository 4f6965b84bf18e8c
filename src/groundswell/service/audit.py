"""What happened on this server, for administrators: events by kind, actor, job and time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from groundswell.domain.errors import InvalidInput, NotFound
from groundswell.domain.events import KINDS, RecordedEvent
from groundswell.domain.people import Principal
from groundswell.service.access import Action, require_here
from groundswell.service.context import Context
from groundswell.service.ports import EventFilter, Page, Transaction

FAMILIES: Sequence[str] = sorted({kind.partition(".")[0] for kind in KINDS})
"""The first words of the kinds: `job` stands for every kind that begins with `job.`."""


@dataclass(frozen=True)
class EventView:
    """An event with the names that people know its actor and job by."""

    event: RecordedEvent
    actor: str | None  # the e-mail address; the id of an account that is gone; None: the server itself
    job: str | None  # the job's name, where the event belongs to one
    about: str  # what it happened to: an account's e-mail address, else the subject as the event has it


@dataclass(frozen=True)
class Asked:
    """What somebody wants to see; every field narrows."""

    kind: str | None = None  # a kind or a family
    actor: str | None = None  # an account's e-mail address or id
    job: str | None = None  # a job's name; of one that is gone, events about it by that name
    since: datetime | None = None  # without a zone: UTC
    until: datetime | None = None


def page(context: Context, principal: Principal, asked: Asked, page: Page) -> list[EventView]:
    """One page of events, newest first; the page key is the event's id.

    Raises InvalidInput for a kind that there is not and for an actor whom nobody knows.
    """
    require_here(principal, Action.SEE_EVENTS)

    def work(tx: Transaction) -> list[EventView]:
        found = tx.events.page(_filter(tx, asked), page)
        actors = {one: _email(tx, one) for one in {event.actor for event in found if event.actor is not None}}
        jobs = {one: _job(tx, one) for one in {event.job_id for event in found if event.job_id is not None}}
        return [
            EventView(
                event,
                None if event.actor is None else actors[event.actor],
                None if event.job_id is None else jobs[event.job_id] or event.subject,
                _email(tx, event.subject) if event.kind.startswith("account.") else event.subject,
            )
            for event in found
        ]

    return context.read(work)


def _filter(tx: Transaction, asked: Asked) -> EventFilter:
    if asked.kind and asked.kind not in KINDS and asked.kind not in FAMILIES:
        raise InvalidInput(
            f"expected a kind such as job.created, or a family among {', '.join(FAMILIES)}, got {asked.kind!r}",
            field="kind",
        )
    job_id = _job_id(tx, asked.job) if asked.job else None
    return EventFilter(
        kind=asked.kind or None,
        actor=_account_id(tx, asked.actor) if asked.actor else None,
        job_id=job_id,
        subject=asked.job if asked.job and job_id is None else None,
        since=_utc(asked.since),
        until=_utc(asked.until),
    )


def _account_id(tx: Transaction, actor: str) -> str:
    if "@" not in actor:
        return actor
    try:
        return tx.workers.by_email(actor.strip())[0].id
    except NotFound as error:
        raise InvalidInput(error.message, field="actor") from None


def _job_id(tx: Transaction, name: str) -> int | None:
    try:
        return tx.jobs.brief(name).id
    except NotFound:
        return None


def _email(tx: Transaction, account_id: str) -> str:
    try:
        return tx.workers.get(account_id).email
    except NotFound:
        return account_id


def _job(tx: Transaction, job_id: int) -> str | None:
    try:
        return tx.jobs.brief_by_id(job_id).name
    except NotFound:
        return None


def _utc(at: datetime | None) -> datetime | None:
    return at.replace(tzinfo=UTC) if at is not None and at.tzinfo is None else at
