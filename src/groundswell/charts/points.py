"""Dots: one for each thing with two figures, or for each bin of confidences."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from html import escape

from markupsafe import Markup

from groundswell.charts.drawing import chart, level, short_number, tail, text

Named = tuple[str, float, float]  # name, across, upwards
Bin = tuple[float, float, int]  # stated confidence, share of right labels, labels
Axis = tuple[list[float], Callable[[float], float]]

_HEIGHT, _LEFT = 260, 44
_QUARTERS = (0.0, 0.25, 0.5, 0.75, 1.0)
_FAR_ACROSS, _FAR_UP = 60, 11  # from one name to the next


def scatter(
    points: Sequence[Named],
    *,
    x: str,
    y: str,
    guide: float | None = None,
    log: bool = True,
    named: Collection[str] = (),
    width: int = 460,
) -> Markup:
    """One dot a point (name, x >= 0, y in [0, 1]).

    guide : a level of y worth seeing.    log : of the x axis.
    named : points whose names are written beside them where there is room.
    """
    ticks, place = _log_axis(points) if log else _linear_axis(points)
    left, room = _LEFT + 16, width - _LEFT - 40
    parts = [level(_up(share), _LEFT, width, f"{share:.0%}") for share in _QUARTERS]
    if guide is not None:
        parts.append(f'<path class="guide" d="M{_LEFT} {_up(guide):.1f}H{width}"/>')
    taken: list[tuple[float, float]] = []  # where names are: one beside another could not be read
    for name, across, up in sorted(points, key=lambda point: point[2]):  # the lowest are named first
        at, height = left + room * place(across), _up(up)
        title = escape(f"{name}: {across:.3g} {x}, {y} {up:.1%}")
        parts.append(f'<circle class="dot" cx="{at:.1f}" cy="{height:.1f}" r="4"><title>{title}</title></circle>')
        if name in named and all(abs(at - a) > _FAR_ACROSS or abs(height - b) > _FAR_UP for a, b in taken):
            taken.append((at, height))
            beside = (at - 8, "end") if at > width / 2 else (at + 8, "start")
            parts.append(text(beside[0], height + 4, tail(name), beside[1]))
    parts += [text(left + room * place(tick), _HEIGHT - 24, short_number(tick), "middle") for tick in ticks]
    parts.append(text((_LEFT + width) / 2, _HEIGHT - 5, x, "middle"))
    return chart(width, _HEIGHT, f"{y} by {x} of {len(points)}{_lowest(points, y)}", *parts)


def reliability(series: Sequence[tuple[str, Sequence[Bin]]], *, width: int = 460, grows: bool = False) -> Markup:
    """Stated confidence across against the share of right labels upwards, with the line where both are the same.

    series : two at most, by name; the first hollow.      grows : with the room there is.
    """
    left, room = _LEFT + 8, width - _LEFT - 24
    parts = [level(_up(share), _LEFT, width, f"{share:.0%}") for share in _QUARTERS]
    parts.append(f'<path class="guide" d="M{left} {_up(0.0):.1f}L{left + room} {_up(1.0):.1f}"/>')
    for i, (name, bins) in enumerate(series):
        hollow = ' fill-opacity="0"' if i == 0 else ""
        for stated, right, count in bins:
            title = escape(f"{name}: {count} labels, stated {stated:.1%}, right {right:.1%}")
            parts.append(
                f'<circle class="mark" stroke="currentColor"{hollow} cx="{left + room * stated:.1f}" '
                f'cy="{_up(right):.1f}" r="{3 + min(math.sqrt(count), 9):.1f}"><title>{title}</title></circle>'
            )
        parts.append(text(left + 8, 24 + 16 * i, f"{'○' if i == 0 else '●'} {name}"))
    parts += [text(left + room * share, _HEIGHT - 24, f"{share:.0%}", "middle") for share in _QUARTERS]
    parts.append(text((_LEFT + width) / 2, _HEIGHT - 5, "stated confidence", "middle"))
    said = "share of right labels by stated confidence: " + ", ".join(name for name, _ in series)
    return chart(width, _HEIGHT, said, *parts, grows=grows)


def _lowest(points: Sequence[Named], y: str) -> str:
    if not points:
        return ""
    name, _, up = min(points, key=lambda point: point[2])
    return f"; lowest {y}: {name} with {up:.0%}"


def _up(share: float) -> float:
    return _HEIGHT - 40 - (_HEIGHT - 50) * share


def _log_axis(points: Sequence[Named]) -> Axis:
    """Ticks at 1, 10, 100, ... (and halfway in short spans), and where a value lies in [0, 1]."""
    highest = max((point[1] for point in points), default=1.0)
    span = max(math.log10(max(highest, 1.0)), 1e-9)
    steps = (1.0,) if span >= 3 else (1.0, 2.0, 5.0)
    ticks = [step * 10.0**power for power in range(int(span) + 1) for step in steps]
    return [tick for tick in ticks if tick <= max(highest, 1.0)], lambda value: math.log10(max(value, 1.0)) / span


def _linear_axis(points: Sequence[Named]) -> Axis:
    """Ticks from 0 to a round number at or above the largest value, and where a value lies in [0, 1]."""
    highest = max((point[1] for point in points), default=0.0) or 1.0
    power = 10.0 ** math.floor(math.log10(highest))
    top = next(step * power for step in (1.0, 2.0, 5.0, 10.0) if step * power >= highest * 0.999)
    return [0.0, top / 2, top], lambda value: value / top
