"""Numbers and times for people's eyes; the pages' filters."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from groundswell.domain.money import format_usd

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))

_LONG = 20_000  # characters of a text that a page shows whole: as many as a manifest's value may have
_KEPT = 500  # characters of a longer one, and members of a list or an object


def number(value: float | None, digits: int = 0) -> str:
    """`12,345`; an em dash for nothing."""
    return "—" if value is None else f"{value:,.{digits}f}"


def percent(value: float | None, digits: int = 0) -> str:
    """`93 %` of a share in [0, 1]."""
    return "—" if value is None else f"{100 * value:.{digits}f} %"


def usd(micros: float | None, digits: int | None = None) -> str:
    """`$12.50`; small amounts get the digits they need."""
    if micros is None:
        return "—"
    whole = round(micros)
    if digits is None:
        digits = 2 if whole % 10_000 == 0 or whole >= 1_000_000 else 3 if whole % 1_000 == 0 or whole >= 10_000 else 4
    return format_usd(whole, digits=digits)


def duration(seconds: float | None) -> str:
    """`1 h 10 min`, `45 s`, `2 d 3 h`: the two largest units."""
    if seconds is None:
        return "—"
    left = round(seconds)
    parts: list[str] = []
    for size, unit in _UNITS:
        if left >= size and len(parts) < 2:
            parts.append(f"{left // size} {unit}")
            left %= size
        elif parts:
            break
    return " ".join(parts) or "0 s"


def short_duration(seconds: float) -> str:
    """`5m`, `1h30m`: as a specification has it."""
    text, left = "", round(seconds)
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s")):
        if left >= size:
            text += f"{left // size}{unit}"
            left %= size
    return text or "0s"


def ago(at: datetime | None, now: datetime) -> str:
    """`2 h ago`, `just now`."""
    if at is None:
        return "—"
    seconds = (now - at).total_seconds()
    if seconds < 10:
        return "just now"
    return f"{duration(seconds).split(' ')[0]} {duration(seconds).split(' ')[1]} ago"


def moment(at: datetime | None) -> str:
    """`2026-11-23 18:05 UTC`."""
    return "—" if at is None else at.strftime("%Y-%m-%d %H:%M UTC")


def moment_s(at: datetime | None) -> str:
    """`2026-11-23 18:05:09 UTC`."""
    return "—" if at is None else at.strftime("%Y-%m-%d %H:%M:%S UTC")


def pretty_json(value: Any) -> str:
    """JSON over several lines, other scripts as themselves; painted pictures and the like by their beginning."""
    return json.dumps(_beginning(value), indent=2, ensure_ascii=False, default=str)


def _beginning(value: Any) -> Any:
    """A value as a page shows it: what strangers send may have megabytes."""
    if isinstance(value, str):
        return value if len(value) <= _LONG else f"{value[:_KEPT]}… ({len(value):,} characters)"
    if isinstance(value, Mapping):
        kept = {key: _beginning(one) for key, one in islice(value.items(), _KEPT)}
        return kept if len(value) <= _KEPT else kept | {"…": f"{len(value) - _KEPT:,} more"}
    if isinstance(value, list | tuple):
        shown = [_beginning(one) for one in value[:_KEPT]]
        return shown if len(value) <= _KEPT else [*shown, f"… ({len(value) - _KEPT:,} more)"]
    return value


def pair(value: str) -> tuple[str, str]:
    """An option whose title is its value."""
    return value, value


def initial_capital(text: str) -> str:
    """The text with its first letter large."""
    return text[:1].upper() + text[1:]


FILTERS: dict[str, Callable[..., Any]] = {
    "number": number,
    "percent": percent,
    "usd": usd,
    "duration": duration,
    "short_duration": short_duration,
    "moment": moment,
    "moment_s": moment_s,
    "pretty_json": pretty_json,
    "pair": pair,
    "capital": initial_capital,
}
