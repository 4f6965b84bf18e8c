"""Plots as inline SVG for self-contained pages: bars, scatter, heat map. Colours are the page's CSS variables."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from html import escape

from markupsafe import Markup

LARGEST_MATRIX = 40  # classes up to which a heat map can be read
_MARGIN = 44  # room for axis figures, in the SVG's own units


def bars(names: Sequence[str], values: Sequence[float], *, unit: str, width: int = 460) -> Markup:
    """Horizontal bars with their names and values, one a row."""
    row, top = 22, max([*values, 1e-12])
    name_width = min(180, 12 + 7 * max((len(name) for name in names), default=0))
    parts = []
    for i, (name, value) in enumerate(zip(names, values, strict=True)):
        y, length = i * row, (width - name_width - 70) * value / top
        parts.append(
            f'<text x="{name_width - 8}" y="{y + 15}" class="name">{escape(_short(name))}</text>'
            f'<rect x="{name_width}" y="{y + 4}" width="{max(length, 1):.1f}" height="14" rx="2" class="mark">'
            f"<title>{escape(name)}: {value:g} {unit}</title></rect>"
            f'<text x="{name_width + length + 6:.1f}" y="{y + 15}">{_figure(value)}</text>'
        )
    return _svg(width, max(row * len(names), row), "".join(parts), f"{unit} by {len(names)} names")


def histogram(counts: Sequence[int], edges: Sequence[str], *, x: str, y: str, width: int = 460) -> Markup:
    """Vertical bars over consecutive bins. edges : a word for each bin."""
    height, top = 180, max([*counts, 1])
    step = (width - _MARGIN) / max(len(counts), 1)
    parts = [_grid(width, height, [(share, _figure(share * top)) for share in (0.0, 0.5, 1.0)])]
    every = math.ceil(len(counts) / 10)
    for i, (count, edge) in enumerate(zip(counts, edges, strict=True)):
        bar = (height - 30) * count / top
        left = _MARGIN + i * step
        parts.append(
            f'<rect x="{left + 1:.1f}" y="{height - 20 - bar:.1f}" width="{max(step - 2, 1):.1f}" height="{bar:.1f}" '
            f'class="mark"><title>{escape(edge)}: {count} {y}</title></rect>'
        )
        if i % every == 0:
            parts.append(f'<text x="{left + step / 2:.1f}" y="{height - 6}" class="middle">{escape(edge)}</text>')
    return _svg(width, height, "".join(parts), f"{y} by {x}")


def scatter(
    points: Sequence[tuple[str, float, float]],
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
    height = 260
    ticks, place = _log_axis(points) if log else _linear_axis(points)
    levels = [(share, f"{share:.0%}") for share in (0.0, 0.25, 0.5, 0.75, 1.0)]
    parts = [_grid(width, height - 20, levels)]
    left, room = _MARGIN + 16, width - _MARGIN - 40
    taken: list[tuple[float, float]] = []  # where names are: one beside another could not be read
    if guide is not None:
        level = _level(guide, height - 20)
        parts.append(f'<line x1="{_MARGIN}" x2="{width}" y1="{level:.1f}" y2="{level:.1f}" class="guide"/>')
    for name, across, up in sorted(points, key=lambda point: point[2]):  # the lowest are named first
        at, level = left + room * place(across), _level(up, height - 20)
        parts.append(
            f'<circle cx="{at:.1f}" cy="{level:.1f}" r="4" class="dot"><title>{escape(name)}: {across:.3g} '
            f"{escape(x)}, {escape(y)} {up:.1%}</title></circle>"
        )
        if name in named and all(abs(at - x) > 60 or abs(level - y) > 11 for x, y in taken):
            taken.append((at, level))
            beside = f'x="{at - 8:.1f}" class="name"' if at > width / 2 else f'x="{at + 8:.1f}"'
            parts.append(f'<text {beside} y="{level + 4:.1f}">{escape(tail(name))}</text>')
    for tick in ticks:
        parts.append(
            f'<text x="{left + room * place(tick):.1f}" y="{height - 24}" class="middle">{_figure(tick)}</text>'
        )
    parts.append(f'<text x="{(_MARGIN + width) / 2}" y="{height - 5}" class="middle">{escape(x)}</text>')
    return _svg(width, height, "".join(parts), f"{y} by {x}")


def reliability(series: Sequence[tuple[str, Sequence[tuple[float, float, int]]]], *, width: int = 460) -> Markup:
    """Stated confidence across against the share of right labels upwards, with the line where both are the same.

    series : two at most, name -> (confidence, share of right ones, labels) of each bin; the first hollow.
    """
    height = 260
    levels = [(share, f"{share:.0%}") for share in (0.0, 0.25, 0.5, 0.75, 1.0)]
    left, room = _MARGIN + 8, width - _MARGIN - 24
    line = f'x1="{left}" y1="{_level(0.0, height - 20):.1f}" x2="{left + room}" y2="{_level(1.0, height - 20):.1f}"'
    parts = [_grid(width, height - 20, levels), f'<line {line} class="guide"/>']
    for i, (name, points) in enumerate(series):
        filled = ' fill-opacity="0"' if i == 0 else ""
        for stated, right, count in points:
            parts.append(
                f'<circle cx="{left + room * stated:.1f}" cy="{_level(right, height - 20):.1f}" '
                f'r="{3 + min(math.sqrt(count), 9):.1f}" class="mark" stroke="currentColor"{filled}>'
                f"<title>{escape(name)}: {count} labels, stated {stated:.1%}, right {right:.1%}</title></circle>"
            )
        words = f"{'○' if i == 0 else '●'} {name}"
        parts.append(f'<text x="{left + 8}" y="{24 + 16 * i}">{escape(words)}</text>')
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        parts.append(f'<text x="{left + room * tick:.1f}" y="{height - 24}" class="middle">{tick:.0%}</text>')
    parts.append(f'<text x="{(_MARGIN + width) / 2}" y="{height - 5}" class="middle">stated confidence</text>')
    return _svg(width, height, "".join(parts), "share of right labels by stated confidence")


Axis = tuple[list[float], Callable[[float], float]]


def _log_axis(points: Sequence[tuple[str, float, float]]) -> Axis:
    """Ticks at 1, 10, 100, ... (and halfway in short spans), and where a value lies in [0, 1]."""
    highest = max((point[1] for point in points), default=1.0)
    span = max(math.log10(max(highest, 1.0)), 1e-9)
    steps = (1.0,) if span >= 3 else (1.0, 2.0, 5.0)
    ticks = [step * 10.0**power for power in range(int(span) + 1) for step in steps]
    return [tick for tick in ticks if tick <= max(highest, 1.0)], lambda x: math.log10(max(x, 1.0)) / span


def _linear_axis(points: Sequence[tuple[str, float, float]]) -> Axis:
    """Ticks from 0 to a round number at or above the largest value, and where a value lies in [0, 1]."""
    highest = max((point[1] for point in points), default=0.0) or 1.0
    power = 10.0 ** math.floor(math.log10(highest))
    top = next(step * power for step in (1.0, 2.0, 5.0, 10.0) if step * power >= highest * 0.999)
    return [0.0, top / 2, top], lambda x: x / top


def _level(share: float, height: float) -> float:
    return height - 20 - (height - 30) * share


def heat_map(
    cells: Sequence[Sequence[float]], names: Sequence[str], *, figures: bool = True, side: int = 300
) -> Markup:
    """A square of shares in [0, 1]: a row for each true class, a column for each answer, in the same order."""
    size = max(len(names), 1)
    room = max(54, min(110, 14 + 7 * max((len(_short(name)) for name in names), default=0))) if figures else 0
    step = (side - room) / size
    parts = []
    for i, row in enumerate(cells):
        for j, share in enumerate(row):
            left, top = room + j * step, room / 3 + i * step
            tone = "right" if i == j else "wrong"
            parts.append(
                f'<rect x="{left:.1f}" y="{top:.1f}" width="{step - 1:.1f}" height="{step - 1:.1f}" '
                f'class="cell {tone}" fill-opacity="{_strength(share):.2f}"><title>'
                f"{escape(names[i])} answered as {escape(names[j])}: {share:.1%}</title></rect>"
            )
            if figures and size <= 8:
                parts.append(
                    f'<text x="{left + step / 2:.1f}" y="{top + step / 2 + 4:.1f}" class="middle">{share:.0%}</text>'
                )
        if figures and size <= 20:
            middle = room / 3 + (i + 0.5) * step + 4
            parts.append(f'<text x="{room - 6}" y="{middle:.1f}" class="name">{escape(_short(names[i]))}</text>')
            fitting = _short(names[i], most=max(int(step / 7), 1))
            above = f'x="{room + (i + 0.5) * step:.1f}" y="{room / 3 - 6:.1f}"'
            parts.append(f'<text {above} class="middle">{escape(fitting)}</text>')
    return _svg(side, int(side - room * 2 / 3), "".join(parts), "true class by row, answer by column")


def _grid(width: int, height: int, levels: Sequence[tuple[float, str]]) -> str:
    lines = []
    for share, word in levels:
        y = _level(share, height)
        lines.append(
            f'<line x1="{_MARGIN}" x2="{width}" y1="{y:.1f}" y2="{y:.1f}" class="grid"/>'
            f'<text x="{_MARGIN - 6}" y="{y + 4:.1f}" class="name">{word}</text>'
        )
    return "".join(lines)


def _svg(width: int, height: int, body: str, title: str) -> Markup:
    opening = (
        f'<svg viewBox="0 0 {width} {height}" style="max-width:{width}px" role="img" aria-label="{escape(title)}">'
    )
    return Markup(f"{opening}{body}</svg>")


def _strength(share: float) -> float:
    """Square root, so that rare confusions can be seen."""
    return math.sqrt(min(max(share, 0.0), 1.0))


def tail(name: str) -> str:
    """A worker's name cut to its end: ids of one workforce begin alike."""
    return name if len(name) <= 16 else f"…{name[-14:]}"


def _short(name: str, most: int = 22) -> str:
    return name if len(name) <= most else name[: max(most - 1, 1)] + "…"


def _figure(value: float) -> str:
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if value >= size:
            return f"{value / (1e3 if unit == 'k' else size):.3g}{unit}"
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.2g}"
