"""Curves over counted steps: what grows with labels, evidence that grows with draws."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from markupsafe import Markup

from groundswell.charts.drawing import Point, chart, level, nice_ticks, path, short_number, text

Series = tuple[str, Sequence[Point]]  # its name, (across, upwards)

_HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 220, 48, 14, 16, 40


def curves(
    series: Sequence[Series],
    *,
    x: str,
    said: str,
    percent: bool = False,
    guide: tuple[float, str] | None = None,
    width: int = 520,
) -> Markup:
    """Lines with a dot at every point, the first in another colour than the rest; nothing where none has two points.

    percent : whether values are shares in [0, 1].      guide : a level worth seeing, and what it is.
    """
    points = [point for _, line in series for point in line]
    if not any(len(line) > 1 for _, line in series):
        return Markup("")
    first, last = min(point[0] for point in points), max(point[0] for point in points)
    highest = max([point[1] for point in points] + ([guide[0]] if guide else []))
    ticks = [0.0, 0.25, 0.5, 0.75, 1.0] if percent else nice_ticks(max(highest, 1.0))
    span = max(last - first, 1e-9)

    def place(point: Point) -> Point:
        across = _LEFT + (point[0] - first) / span * (width - _LEFT - _RIGHT)
        return across, _up(min(max(point[1], 0.0), ticks[-1]), ticks[-1])

    parts = [
        level(_up(tick, ticks[-1]), _LEFT, width - _RIGHT, f"{tick:.0%}" if percent else short_number(tick))
        for tick in ticks
    ]
    if guide is not None:
        height = _up(guide[0], ticks[-1])
        parts.append(f'<path class="guide" d="M{_LEFT} {height:.1f}H{width - _RIGHT}"/>')
        parts.append(text(_LEFT + 4, height + 13, guide[1]))
    for number, (name, line) in enumerate(series):
        kind = " other" if number else ""
        if line:
            parts.append(f'<path class="line{kind}" d="M{path([place(point) for point in line])}"/>')
        parts += [_dot(place(point), name, point, x, percent, kind) for point in line]
    parts += [
        text(_LEFT, _HEIGHT - 22, short_number(first)),
        text(width - _RIGHT, _HEIGHT - 22, short_number(last), "end"),
    ]
    parts.append(text((_LEFT + width) / 2, _HEIGHT - 5, x, "middle"))
    return chart(width, _HEIGHT, said, *parts, grows=True)


def _up(value: float, top: float) -> float:
    return _HEIGHT - _BOTTOM - value / top * (_HEIGHT - _TOP - _BOTTOM)


def _dot(at: Point, name: str, point: Point, x: str, percent: bool, kind: str) -> str:
    value = f"{point[1]:.1%}" if percent else f"{point[1]:.3g}"
    title = escape(f"{name}: {value} at {point[0]:,.0f} {x}")
    return f'<circle class="dot{kind}" cx="{at[0]:.1f}" cy="{at[1]:.1f}" r="3"><title>{title}</title></circle>'
