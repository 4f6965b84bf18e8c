"""Charts as inline SVG made on the server: no script, the page's own colours, a sentence for those who cannot see.

Each takes numbers and gives markup; the classes are those of app.css.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from markupsafe import Markup, escape

HEIGHT = 220
WIDE, NARROW = 680, 520
LEFT, RIGHT, TOP, BOTTOM = 44, 14, 12, 26

Point = tuple[float, float]


def labels_over_time(points: Sequence[tuple[datetime, int, int]], *, width: int = WIDE) -> Markup:
    """Labels by people and, above them, by models so far: two stacked areas."""
    if len(points) < 2:
        return Markup("")
    begin, end = points[0][0], points[-1][0]
    top = max(people + model for _, people, model in points) or 1
    span = max((end - begin).total_seconds(), 1.0)
    ticks = nice_ticks(top)

    def place(at: datetime, value: float) -> Point:
        across = (at - begin).total_seconds() / span
        return LEFT + across * (width - LEFT - RIGHT), _height(value, ticks[-1])

    base = [place(at, 0) for at, _, _ in points]
    people = [place(at, one) for at, one, _ in points]
    both = [place(at, one + two) for at, one, two in points]
    last = points[-1]
    said = f"Labels over time: {last[1]:,} by people and {last[2]:,} by the model so far"
    drawn = [_area(people, base, "people")]
    if last[2]:
        drawn.append(_area(both, people, "model"))
    return _svg(said, width, *_grid(ticks, width), *_time_axis(begin, end, width), *drawn)


def annotations_per_minute(rates: Sequence[tuple[datetime, float]], *, width: int = NARROW) -> Markup:
    """Submitted annotations a minute: a line over a tinted area."""
    if len(rates) < 2:
        return Markup("")
    ticks = nice_ticks(max(rate for _, rate in rates) or 1)
    step = (width - LEFT - RIGHT) / (len(rates) - 1)
    line = [(LEFT + i * step, _height(rate, ticks[-1])) for i, (_, rate) in enumerate(rates)]
    base = [(x, _height(0, 1)) for x, _ in line]
    said = f"Annotations a minute of late; most: {max(rate for _, rate in rates):,.0f}"
    path = f'<path class="line" d="M{_path(line)}"/>'
    return _svg(
        said,
        width,
        *_grid(ticks, width),
        *_time_axis(rates[0][0], rates[-1][0], width),
        _area(line, base, "under"),
        path,
    )


def confidence_histogram(counts: Sequence[int], *, low: float, width: int = NARROW) -> Markup:
    """How many labels have which confidence; those below `low` in the warning colour."""
    total = sum(counts)
    if not total:
        return Markup("")
    ticks = nice_ticks(max(counts))
    bins = len(counts)
    each = (width - LEFT - RIGHT) / bins
    columns = []
    for i, count in enumerate(counts):
        y = _height(count, ticks[-1])
        kind = "column low" if (i + 1) / bins <= low + 1e-9 else "column"
        columns.append(
            f'<rect class="{kind}" x="{LEFT + i * each + 1:.1f}" y="{y:.1f}" width="{each - 2:.1f}" '
            f'height="{max(_height(0, 1) - y, 0):.1f}">'
            f"<title>{i / bins:.2f} to {(i + 1) / bins:.2f}: {count:,}</title></rect>"
        )
    marks = [
        _text(LEFT + share * (width - LEFT - RIGHT), HEIGHT - 8, f"{share:.0%}".replace("%", " %"), "middle")
        for share in (0.25, 0.5, 0.75)
    ]
    marks.append(_text(width - RIGHT, HEIGHT - 8, "100 %", "end"))
    marks.append(_text(LEFT, HEIGHT - 8, "0", "start"))
    weak = sum(count for i, count in enumerate(counts) if (i + 1) / bins <= low + 1e-9)
    said = f"Confidence of {total:,} labels; {weak:,} are below {low:.0%}"
    return _svg(said, width, *_grid(ticks, width), *columns, *marks)


def nice_ticks(top: float, count: int = 3) -> list[float]:
    """0 and about `count` round steps up to at least `top`."""
    step = 1.0
    while True:
        for factor in (1, 2, 2.5, 5):
            size = step * factor
            if size * count >= top and size == int(size):
                steps = max(1, -(-int(top * 1000) // int(size * 1000)))
                return [size * i for i in range(steps + 1)]
        step *= 10


def short_number(value: float) -> str:
    """`950`, `1.2 k`, `3 M`."""
    for size, unit in ((1_000_000, "M"), (1_000, "k")):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value:.3g}"


def _height(value: float, top: float) -> float:
    return HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM)


def _grid(ticks: Sequence[float], width: int) -> list[str]:
    drawn = []
    for tick in ticks:
        y = _height(tick, ticks[-1])
        drawn.append(f'<path class="axis" d="M{LEFT} {y:.1f}H{width - RIGHT}"/>')
        drawn.append(_text(LEFT - 6, y + 4, short_number(tick), "end"))
    return drawn


def _time_axis(begin: datetime, end: datetime, width: int) -> list[str]:
    span = end - begin
    form = "%H:%M:%S" if span < timedelta(minutes=5) else "%H:%M" if span < timedelta(days=2) else "%b %d"
    anchors = ((0.0, "start"), (0.5, "middle"), (1.0, "end"))
    return [
        _text(LEFT + share * (width - LEFT - RIGHT), HEIGHT - 8, (begin + span * share).strftime(form), anchor)
        for share, anchor in anchors
    ]


def _area(upper: Sequence[Point], lower: Sequence[Point], kind: str) -> str:
    return f'<path class="{kind}" d="M{_path(upper)}L{_path(list(reversed(lower)))}Z"/>'


def _path(points: Sequence[Point]) -> str:
    return "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _svg(said: str, width: int, *parts: str) -> Markup:
    body = "".join(parts)
    return Markup(
        f'<svg class="chart" viewBox="0 0 {width} {HEIGHT}" role="img" aria-label="{escape(said)}">{body}</svg>'
    )
