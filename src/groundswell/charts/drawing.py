"""What every chart is made of: the SVG around it, texts, numbers in few characters, axes with round steps."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

from markupsafe import Markup

STYLES = Path(__file__).with_name("static") / "charts.css"
"""The look, for pages that hold their own styles."""

Point = tuple[float, float]


def chart(width: float, height: float, said: str, *parts: str, grows: bool = False) -> Markup:
    """An SVG image with a sentence that says what it shows; as wide as its place, but no wider unless it `grows`."""
    widest = "" if grows else f' style="max-width:{width:g}px"'
    opening = f'<svg class="chart" viewBox="0 0 {width:g} {height:g}"{widest} role="img" aria-label="{escape(said)}">'
    return Markup(f"{opening}{''.join(parts)}</svg>")


def text(x: float, y: float, words: str, anchor: str = "start") -> str:
    """Words at a place; anchor: start, middle or end."""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def bar(x: float, y: float, width: float, height: float, title: str, kind: str = "mark") -> str:
    """A bar that says what it is when it is pointed at."""
    return (
        f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{max(height, 0):.1f}">'
        f"<title>{escape(title)}</title></rect>"
    )


def level(y: float, left: float, right: float, words: str) -> str:
    """A line across at a level, with what it stands for before it."""
    return f'<path class="axis" d="M{left:g} {y:.1f}H{right:g}"/>{text(left - 6, y + 4, words, "end")}'


def path(points: Sequence[Point]) -> str:
    """Points as the data of a path, without its first letter."""
    return "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


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
    """`0.16`, `950`, `1.2 k`, `3 M`."""
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value:.3g}"


def cut(words: str, most: int = 22) -> str:
    """Words cut at their end."""
    return words if len(words) <= most else words[: max(most - 1, 1)] + "…"


def tail(name: str) -> str:
    """A worker's name cut to its end: ids of one workforce begin alike."""
    return name if len(name) <= 16 else f"…{name[-14:]}"
