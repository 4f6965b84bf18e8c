"""Bars: one for each name, or columns over consecutive bins."""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup

from groundswell.charts.drawing import bar, chart, cut, level, nice_ticks, short_number, text

_LEFT, _BOTTOM, _TOP = 44, 26, 12
_MOST_WORDS = 10  # under the columns


def bars(names: Sequence[str], values: Sequence[float], *, unit: str, width: int = 460) -> Markup:
    """Horizontal bars with their names and values, one a row."""
    row, top = 22, max([*values, 1e-12])
    room = min(180, 12 + 7 * max((len(name) for name in names), default=0))
    parts = []
    for i, (name, value) in enumerate(zip(names, values, strict=True)):
        y, length = i * row, (width - room - 70) * value / top
        parts.append(text(room - 8, y + 15, cut(name), "end"))
        parts.append(bar(room, y + 4, max(length, 1), 14, f"{name}: {value:g} {unit}"))
        parts.append(text(room + length + 6, y + 15, short_number(value)))
    most = max(zip(values, names, strict=True), default=None)
    said = f"{unit} by {len(names)} names" + (f"; most: {most[1]} with {short_number(most[0])}" if most else "")
    return chart(width, max(row * len(names), row), said, *parts)


def histogram(
    counts: Sequence[int],
    bins: Sequence[str],
    *,
    said: str,
    unit: str,
    low: int = 0,
    width: int = 460,
    height: int = 200,
    grows: bool = False,
) -> Markup:
    """Columns over consecutive bins.

    bins : a word for each.    low : how many of the first bins have the warning colour.
    said : what it shows, in a sentence.    unit : what is counted.    grows : see `drawing.chart`.
    """
    ticks = nice_ticks(max([*counts, 1]))
    step = (width - _LEFT) / max(len(counts), 1)
    parts = [level(_up(tick / ticks[-1], height), _LEFT, width, short_number(tick)) for tick in ticks]
    every = math.ceil(len(counts) / _MOST_WORDS)
    for i, (count, word) in enumerate(zip(counts, bins, strict=True)):
        x, y = _LEFT + i * step, _up(count / ticks[-1], height)
        kind = "mark low" if i < low else "mark"
        parts.append(bar(x + 1, y, max(step - 2, 1), _up(0, height) - y, f"{word}: {count:,} {unit}", kind))
        if i % every == 0:
            parts.append(text(x + step / 2, height - 8, word, "middle"))
    return chart(width, height, said, *parts, grows=grows)


def _up(share: float, height: float) -> float:
    return height - _BOTTOM - share * (height - _TOP - _BOTTOM)
