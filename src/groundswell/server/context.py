"""What a request needs of the running server, in one value: the acts' context, and what only the HTTP edge has."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import HTTPConnection

from groundswell.server.links import SignedLinks
from groundswell.server.metrics import Metrics
from groundswell.service import context as acts
from groundswell.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Context(acts.Context):
    """The context of acts, with settings, links and metrics."""

    settings: Settings
    links: SignedLinks
    metrics: Metrics


def context(request: HTTPConnection) -> Context:
    """The running server's context."""
    found: Context = request.app.state.context
    return found


def base_url(request: HTTPConnection) -> str:
    """How people reach this server, without a slash at the end."""
    return (context(request).settings.base_url or str(request.base_url)).rstrip("/")
