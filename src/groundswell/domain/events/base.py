"""What every event says, and how it is read back. The kinds are in the files beside this one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, ClassVar

WORKSPACE = "main"
"""The workspace that a fresh server has."""

KINDS: dict[str, type[Event]] = {}
"""Every kind of event, by its name."""

Ranges = tuple[tuple[int, int], ...]


@dataclass(frozen=True, kw_only=True)
class Event:
    """One thing that happened; a subclass a kind, whose own fields are the event's data."""

    kind: ClassVar[str] = ""
    about: ClassVar[str] = ""  # the field that names the subject
    at: datetime
    actor: str | None = None  # the account that did it; None: the server itself, or somebody not signed in
    workspace: str = WORKSPACE

    def __init_subclass__(cls, kind: str = "", about: str = "", **rest: Any) -> None:
        super().__init_subclass__(**rest)
        cls.about = about or cls.about
        if kind:
            cls.kind = kind
            KINDS[kind] = cls

    @property
    def subject(self) -> str:
        """What it happened to: a job's, team's or hook's name, an account's, key's or invitation's id."""
        return str(getattr(self, self.about))

    @property
    def job_id(self) -> int | None:
        """The labeling job it belongs to."""
        job: int | None = getattr(self, "job", None)
        return job

    @property
    def data(self) -> Mapping[str, Any]:
        """What this kind says beyond what all say, as JSON."""
        common = {one.name for one in fields(Event)} | {"job", self.about}
        return {one.name: _plain(getattr(self, one.name)) for one in fields(self) if one.name not in common}


@dataclass(frozen=True)
class RecordedEvent:
    """An event as it is read back: of any kind, those of earlier versions included."""

    id: int
    kind: str
    at: datetime
    actor: str | None
    workspace: str
    subject: str
    job_id: int | None
    data: Mapping[str, Any] = field(default_factory=dict)


def ranges_of(numbers: Iterable[int]) -> Ranges:
    """Numbers as ascending (first, last) ranges: thousands of neighbours take two numbers."""
    found: list[tuple[int, int]] = []
    for n in sorted(set(numbers)):
        if found and n == found[-1][1] + 1:
            found[-1] = (found[-1][0], n)
        else:
            found.append((n, n))
    return tuple(found)


def is_about(data: Mapping[str, Any], n: int) -> bool:
    """Whether a recorded event's data names this object among those it is about."""
    ranges: Sequence[Sequence[int]] = data.get("objects", ())
    return any(first <= n <= last for first, last in ranges)


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset | set):
        return sorted(value)
    return [_plain(one) for one in value] if isinstance(value, tuple | list) else value
