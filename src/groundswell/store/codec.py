"""How values are stored: times as microseconds since 1970 (UTC), JSON as text, rows as records."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import orjson

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(at: datetime) -> int:
    """Microseconds since 1970 of an aware time; exact."""
    since = at - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def micros_or_none(at: datetime | None) -> int | None:
    return None if at is None else micros(at)


def moment(value: int) -> datetime:
    """The aware UTC time of microseconds since 1970."""
    return EPOCH + timedelta(microseconds=value)


def moment_or_none(value: int | None) -> datetime | None:
    return None if value is None else moment(value)


def to_json(value: Any) -> str:
    """JSON text; keys keep their order."""
    return orjson.dumps(value, default=dict).decode()


def from_json(text: str) -> Any:
    return orjson.loads(text)


@lru_cache(maxsize=512)
def shared_json(text: str) -> Any:
    """Parsed JSON, the same object for the same text: callers must not change it."""
    return orjson.loads(text)


def fold(name: str) -> str:
    """The form under which names and e-mail addresses are compared: without case."""
    return name.strip().casefold()
