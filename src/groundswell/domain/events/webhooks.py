"""Events of webhooks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from groundswell.domain.events.base import Event


@dataclass(frozen=True, kw_only=True)
class WebhookEvent(Event, about="webhook"):
    """Something that happened to a webhook."""

    webhook: str  # its id


@dataclass(frozen=True, kw_only=True)
class WebhookAdded(WebhookEvent, kind="webhook.added"):
    """Events are sent to an address from now on."""

    url: str
    kinds: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class WebhookChanged(WebhookEvent, kind="webhook.changed"):
    """Its address, kinds, or whether it is active."""

    url: str
    kinds: Sequence[str]
    active: bool


@dataclass(frozen=True, kw_only=True)
class WebhookRemoved(WebhookEvent, kind="webhook.removed"):
    """Nothing is sent there any more."""

    url: str
