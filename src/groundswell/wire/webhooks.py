"""Webhooks in the API."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

from groundswell.wire.events import Event

MAX_KINDS = 100


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")

    @field_validator("url", check_fields=False)
    @classmethod
    def _url(cls, url: str | None) -> str | None:
        if url is None:
            return None
        try:
            asked = urlsplit(url)
            good = asked.scheme in ("http", "https") and bool(asked.hostname) and asked.username is None
            good = good and not asked.fragment and (asked.port is None or asked.port > 0)
        except ValueError:
            good = False
        if not good or not url.isprintable() or " " in url:
            raise ValueError(f"expected an address such as https://example.com/groundswell, got {url[:200]!r}")
        return url


class NewWebhook(_Asked):
    """`POST /api/v1/webhooks`: send events of the workspace to an address."""

    url: str = Field(max_length=2_000)
    kinds: list[str] = Field(
        default_factory=lambda: ["*"],
        min_length=1,
        max_length=MAX_KINDS,
        description="Kinds (job.completed), families of them (job), or * for everything",
    )


class PatchWebhook(_Asked):
    """`PATCH /api/v1/webhooks/{id}`: what is given is changed."""

    url: str | None = Field(None, max_length=2_000)
    kinds: list[str] | None = Field(None, min_length=1, max_length=MAX_KINDS)
    active: bool | None = None


class Webhook(BaseModel):
    """An endpoint, without its secret."""

    id: str
    url: str
    kinds: list[str]
    active: bool
    created_at: datetime
    dead: int = Field(description="Deliveries that were given up, at most 100 counted")


class WebhookMade(Webhook):
    """A new endpoint with its secret, which is told this once."""

    secret: str


class Delivery(BaseModel):
    """One event on its way to one endpoint."""

    id: int
    state: Literal["waiting", "sent", "dead"]
    attempts: int
    due_at: datetime = Field(description="When it is, or was, to be sent")
    said: str | None = Field(None, description="What came of the last attempt")
    event: Event


class DeliveryPage(BaseModel):
    """Deliveries, newest first; `next` is the `after` of the page that follows."""

    deliveries: list[Delivery]
    next: str | None = None
