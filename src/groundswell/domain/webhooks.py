"""Webhooks: where events are sent, what became of each, how a delivery is signed and when it is tried again."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from groundswell.domain.events import RecordedEvent

EVERYTHING = "*"
"""Stands for every kind of event."""

BACKOFF = tuple(timedelta(seconds=seconds) for seconds in (10, 60, 300, 1_800, 7_200, 21_600, 43_200, 86_400))
"""How long after each failed attempt the next is made; after the last it is a dead letter: two days in all."""


class DeliveryState(StrEnum):
    """Where a delivery is."""

    WAITING = "waiting"  # to be sent, for the first time or again
    SENT = "sent"  # its receiver said that it has it
    DEAD = "dead"  # given up; somebody may send it again


@dataclass(frozen=True)
class Webhook:
    """An endpoint that a workspace's events are sent to."""

    id: str
    workspace_id: str
    url: str
    kinds: Sequence[str]  # kinds (job.completed), families (job), or EVERYTHING
    secret: str  # sealed; deliveries are signed with it
    created_at: datetime
    created_by: str
    active: bool = True


@dataclass(frozen=True)
class Delivery:
    """One event on its way to one endpoint."""

    id: int
    webhook_id: str
    event: RecordedEvent
    state: DeliveryState
    attempts: int
    due_at: datetime  # when it is (or was) to be sent
    said: str | None = None  # what came of the last attempt: a status, or why there was none


def next_attempt(attempts: int, at: datetime) -> datetime | None:
    """When to try again after so many failed attempts, the last at `at`; None: give up."""
    return at + BACKOFF[attempts - 1] if attempts <= len(BACKOFF) else None


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """The value of `Groundswell-Signature`: HMAC-SHA-256 over `timestamp.body`, in hex, as `v1=...`.

    The time is signed too, so that who listens in cannot send a delivery once more another day.
    """
    made = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256)
    return f"v1={made.hexdigest()}"
