"""Events of registered functions."""

from __future__ import annotations

from dataclasses import dataclass

from groundswell.domain.events.base import Event


@dataclass(frozen=True, kw_only=True)
class HookEvent(Event, about="hook"):
    """Something that happened to a registered function."""

    hook: str


@dataclass(frozen=True, kw_only=True)
class HookRegistered(HookEvent, kind="hook.registered"):
    """A function was registered, or a new version of it."""

    version: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class HookRemoved(HookEvent, kind="hook.removed"):
    """A function was removed."""
