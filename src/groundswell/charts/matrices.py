"""A heat map of what is answered for what is true."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from markupsafe import Markup

from groundswell.charts.drawing import chart, cut, text

LARGEST = 40  # classes up to which a heat map can be read


def heat_map(
    cells: Sequence[Sequence[float]], names: Sequence[str], *, figures: bool = True, side: int = 300
) -> Markup:
    """A square of shares in [0, 1]: a row for each true class, a column for each answer, in the same order."""
    size = max(len(names), 1)
    room = max(54, min(110, 14 + 7 * max((len(cut(name)) for name in names), default=0))) if figures else 0
    step = (side - room) / size
    parts = []
    for i, row in enumerate(cells):
        for j, share in enumerate(row):
            left, top = room + j * step, room / 3 + i * step
            title = escape(f"{names[i]} answered as {names[j]}: {share:.1%}")
            parts.append(
                f'<rect class="cell {"right" if i == j else "wrong"}" x="{left:.1f}" y="{top:.1f}" '
                f'width="{step - 1:.1f}" height="{step - 1:.1f}" fill-opacity="{_strength(share):.2f}">'
                f"<title>{title}</title></rect>"
            )
            if figures and size <= 8:
                parts.append(text(left + step / 2, top + step / 2 + 4, f"{share:.0%}", "middle"))
        if figures and size <= 20:
            parts.append(text(room - 6, room / 3 + (i + 0.5) * step + 4, cut(names[i]), "end"))
            fitting = cut(names[i], most=max(int(step / 7), 1))
            parts.append(text(room + (i + 0.5) * step, room / 3 - 6, fitting, "middle"))
    return chart(side, int(side - room * 2 / 3), _said(cells, names), *parts)


def _said(cells: Sequence[Sequence[float]], names: Sequence[str]) -> str:
    wrong = [(row[j], names[i], names[j]) for i, row in enumerate(cells) for j in range(len(row)) if i != j]
    share, true, given = max(wrong, default=(0.0, "", ""))
    most = f"; most confused: {true} answered as {given}, {share:.0%}" if share > 0 else ""
    return f"true class by row, answer by column, {len(names)} classes{most}"


def _strength(share: float) -> float:
    """Square root, so that rare confusions can be seen."""
    return math.sqrt(min(max(share, 0.0), 1.0))
