"""What happened over time: labels so far, annotations a minute."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from markupsafe import Markup

from groundswell.charts.drawing import Point, chart, level, nice_ticks, path, short_number, text

HEIGHT = 220
WIDE, NARROW = 680, 520
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 14, 12, 26


def labels_over_time(points: Sequence[tuple[datetime, int, int]], *, width: int = WIDE) -> Markup:
    """Labels by people and, above them, by models so far: two stacked areas. Nothing for fewer than two points."""
    if len(points) < 2:
        return Markup("")
    begin, end = points[0][0], points[-1][0]
    ticks = nice_ticks(max(people + model for _, people, model in points) or 1)
    span = max((end - begin).total_seconds(), 1.0)

    def place(at: datetime, value: float) -> Point:
        across = (at - begin).total_seconds() / span
        return _LEFT + across * (width - _LEFT - _RIGHT), _up(value, ticks[-1])

    base = [place(at, 0) for at, _, _ in points]
    people = [place(at, one) for at, one, _ in points]
    both = [place(at, one + two) for at, one, two in points]
    last = points[-1]
    said = f"Labels over time: {last[1]:,} by people and {last[2]:,} by the model so far"
    drawn = [_area(people, base, "people")]
    if last[2]:
        drawn.append(_area(both, people, "model"))
    return chart(width, HEIGHT, said, *_levels(ticks, width), *_time_axis(begin, end, width), *drawn, grows=True)


def annotations_per_minute(rates: Sequence[tuple[datetime, float]], *, width: int = NARROW) -> Markup:
    """Submitted annotations a minute: a line over a tinted area. Nothing for fewer than two points."""
    if len(rates) < 2:
        return Markup("")
    ticks = nice_ticks(max(rate for _, rate in rates) or 1)
    step = (width - _LEFT - _RIGHT) / (len(rates) - 1)
    line = [(_LEFT + i * step, _up(rate, ticks[-1])) for i, (_, rate) in enumerate(rates)]
    base = [(x, _up(0, 1)) for x, _ in line]
    said = f"Annotations a minute of late; most: {max(rate for _, rate in rates):,.0f}"
    drawn = (_area(line, base, "under"), f'<path class="line" d="M{path(line)}"/>')
    return chart(
        width, HEIGHT, said, *_levels(ticks, width), *_time_axis(rates[0][0], rates[-1][0], width), *drawn, grows=True
    )


def _up(value: float, top: float) -> float:
    return HEIGHT - _BOTTOM - value / top * (HEIGHT - _TOP - _BOTTOM)


def _levels(ticks: Sequence[float], width: int) -> list[str]:
    return [level(_up(tick, ticks[-1]), _LEFT, width - _RIGHT, short_number(tick)) for tick in ticks]


def _time_axis(begin: datetime, end: datetime, width: int) -> list[str]:
    span = end - begin
    form = "%H:%M:%S" if span < timedelta(minutes=5) else "%H:%M" if span < timedelta(days=2) else "%b %d"
    anchors = ((0.0, "start"), (0.5, "middle"), (1.0, "end"))
    return [
        text(_LEFT + share * (width - _LEFT - _RIGHT), HEIGHT - 8, (begin + span * share).strftime(form), anchor)
        for share, anchor in anchors
    ]


def _area(upper: Sequence[Point], lower: Sequence[Point], kind: str) -> str:
    return f'<path class="{kind}" d="M{path(upper)}L{path(list(reversed(lower)))}Z"/>'
