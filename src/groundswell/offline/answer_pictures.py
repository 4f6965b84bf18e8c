"""Disputed objects as small pictures: every worker's marks in a colour of their own, the consolidated ones bold.

Shapes, spans and numbers are SVG; masks are small PNGs inside the page. Nothing is shown by hovering alone: a key under
each picture names the colours.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

_WIDTH, _HEIGHT = 300, 220
_MARGIN = 8
_COLOURS = 8  # classes .w0 to .w7 of the page
_SIDE_PX = 240  # of a mask's picture
_MOST_NAMED = 12  # workers in a key

Point = tuple[float, float]


def picture_of(live: str, answers: Mapping[str, Any], value: Any, labels: Sequence[str]) -> Markup | None:
    """One object's answers and consolidated value; None for kinds that cannot be drawn, or where nothing was marked."""
    if not answers or value is None:
        return None
    if live in _OUTLINES:
        return _shapes(answers, value, _OUTLINES[live])
    if live == "spans":
        return _spans(answers, value)
    if live == "numeric":
        return _numbers(answers, float(value))
    if live in ("semantic-masks", "instance-masks"):
        return _masks(answers, value, labels)
    return None


def _box(item: Mapping[str, Any]) -> tuple[list[Point], bool]:
    left, top = item["left"], item["top"]
    right, bottom = left + item["width"], top + item["height"]
    return [(left, top), (right, top), (right, bottom), (left, bottom)], True


def _vertices(closed: bool) -> Callable[[Mapping[str, Any]], tuple[list[Point], bool]]:
    return lambda item: ([(point["x"], point["y"]) for point in item["vertices"]], closed)


_OUTLINES: dict[str, Callable[[Mapping[str, Any]], tuple[list[Point], bool]]] = {
    "boxes": _box,
    "polygons": _vertices(closed=True),
    "polylines": _vertices(closed=False),
    "lines": _vertices(closed=False),
    "keypoints": lambda item: ([(item["x"], item["y"])], False),
}


_MARKS = "Every worker in a colour of their own, the consolidated label bold; numbers count the marks."
PICTURE_KEYS = {
    **dict.fromkeys(_OUTLINES, _MARKS),
    "spans": "A row for every worker, the consolidated spans at the bottom; below, the offsets of the first and last.",
    "numeric": "A dot for every worker, a line for the consolidated number.",
    "semantic-masks": "The consolidated mask, and where workers differ from it: the darker, the more of them.",
    "instance-masks": "The consolidated instances, and where workers differ from them: the darker, the more of them.",
}
"""How to read the pictures of each kind of answer."""


def _shapes(
    answers: Mapping[str, Any], value: Any, outline: Callable[[Any], tuple[list[Point], bool]]
) -> Markup | None:
    drawn = [(f"theirs w{i % _COLOURS}", outline(item)) for i, items in enumerate(answers.values()) for item in items]
    drawn += [("ours", outline(item)) for item in value]
    points = [point for _, (vertices, _) in drawn for point in vertices]
    if not points:
        return None
    left, top = (min(point[axis] for point in points) for axis in (0, 1))
    right, bottom = (max(point[axis] for point in points) for axis in (0, 1))
    scale = min(
        (_WIDTH - 2 * _MARGIN) / max(right - left, 1e-9), (_HEIGHT - 2 * _MARGIN) / max(bottom - top, 1e-9), 1e6
    )
    height = round(max((bottom - top) * scale, 12) + 2 * _MARGIN)
    parts = []
    for style, (vertices, closed) in drawn:
        placed = [(_MARGIN + (x - left) * scale, _MARGIN + (y - top) * scale) for x, y in vertices]
        parts.append(_outline(placed, style, closed=closed))
    counts = [f"{len(items)}" for items in answers.values()]
    return _figure("".join(parts), height, _key(answers, counts), f"{len(value)}")


def _outline(points: Sequence[Point], style: str, *, closed: bool) -> str:
    if len(points) == 1:
        return f'<circle cx="{points[0][0]:.1f}" cy="{points[0][1]:.1f}" r="4" class="{style}"/>'
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<{"polygon" if closed else "polyline"} points="{path}" class="{style}"/>'


def _spans(answers: Mapping[str, Any], value: Any) -> Markup | None:
    """A row a worker, offsets across, the consolidated spans at the bottom."""
    rows = [*((f"theirs w{i % _COLOURS}", items) for i, items in enumerate(answers.values())), ("ours", value)]
    ends = [(span["startOffset"], span["endOffset"]) for _, items in rows for span in items]
    if not ends:
        return None
    first, last = min(start for start, _ in ends), max(end for _, end in ends)
    scale = (_WIDTH - 2 * _MARGIN) / max(last - first, 1)
    parts = []
    for i, (style, items) in enumerate(rows):
        y = _MARGIN + i * 14
        parts.append(f'<line x1="{_MARGIN}" x2="{_WIDTH - _MARGIN}" y1="{y + 5}" y2="{y + 5}" class="grid"/>')
        for span in items:
            x, width = (
                _MARGIN + (span["startOffset"] - first) * scale,
                (span["endOffset"] - span["startOffset"]) * scale,
            )
            parts.append(f'<rect x="{x:.1f}" y="{y}" width="{max(width, 2):.1f}" height="10" rx="2" class="{style}"/>')
    height = 2 * _MARGIN + 14 * len(rows) + 14
    parts.append(f'<text x="{_MARGIN}" y="{height - 4}">{first}</text>')
    parts.append(f'<text x="{_WIDTH - _MARGIN}" y="{height - 4}" class="name">{last}</text>')
    said = [", ".join(sorted({str(span["label"]) for span in items})) or "nothing" for items in answers.values()]
    ours = ", ".join(sorted({str(span["label"]) for span in value})) or "nothing"
    return _figure("".join(parts), height, _key(answers, said), ours)


def _numbers(answers: Mapping[str, float], value: float) -> Markup:
    """A dot a worker on one axis, the consolidated value as a line."""
    low, high = min(*answers.values(), value), max(*answers.values(), value)
    scale = (_WIDTH - 6 * _MARGIN) / max(high - low, 1e-9)
    at = {worker: 3 * _MARGIN + (float(x) - low) * scale for worker, x in answers.items()}
    ours = 3 * _MARGIN + (value - low) * scale
    height = 44 + 8 * len(answers)
    parts = [f'<line x1="{ours:.1f}" x2="{ours:.1f}" y1="{_MARGIN}" y2="{height - 20}" class="ours"/>']
    for i, x in enumerate(at.values()):
        parts.append(f'<circle cx="{x:.1f}" cy="{_MARGIN + 6 + 8 * i}" r="4" class="dot w{i % _COLOURS}"/>')
    parts.append(f'<text x="{_MARGIN}" y="{height - 4}">{low:g}</text>')
    parts.append(f'<text x="{_WIDTH - _MARGIN}" y="{height - 4}" class="name">{high:g}</text>')
    return _figure("".join(parts), height, _key(answers, [f"{x:g}" for x in answers.values()]), f"{value:.4g}")


def _masks(answers: Mapping[str, Any], value: Any, labels: Sequence[str]) -> Markup:
    """The consolidated mask, and beside it where workers differ from it: the darker, the more of them."""
    from groundswell.tasktypes.planes import hex_color, palette_png

    whole = _foreground(value)
    step = max(1, -(-max(whole.shape) // _SIDE_PX))
    ours = whole[::step, ::step]
    planes = {worker: _foreground(answer) for worker, answer in answers.items()}
    theirs = {worker: plane[::step, ::step] for worker, plane in planes.items() if plane.shape == whole.shape}
    apart = np.mean([plane != ours for plane in theirs.values()], axis=0)
    shades = 255 - np.round(255 * apart).astype(np.uint8)
    classes = ["instances"] if isinstance(value, tuple) else list(labels)
    pictures = (
        f'<div><img alt="consolidated mask" src="{_data(palette_png(ours, len(classes)))}">consolidated</div>'
        f'<div><img alt="where workers differ from it" src="{_data(_grey_png(shades))}">where workers differ</div>'
    )
    shown = [
        f'<li style="--w:{hex_color(k, len(classes))}"><i></i>{escape(name)}</li>'
        for k, name in enumerate(classes, 1)
        if (ours == k).any()
    ]
    said = [
        f"<li>{escape(worker)}: {float((plane != ours).mean()):.1%} of the pixels differ</li>"
        for worker, plane in list(theirs.items())[:_MOST_NAMED]
    ]
    return Markup(f'<div class="masks">{pictures}</div><ul>{"".join(shown + said)}</ul>')


def _foreground(value: Any) -> NDArray[Any]:
    """A plane of classes; of instances each pixel's class does not count, only whether there is one."""
    return (value[0] > 0).astype(np.uint8) if isinstance(value, tuple) else np.asarray(value)


def _grey_png(shades: NDArray[np.uint8]) -> bytes:
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(shades).save(file, "PNG")
    return file.getvalue()


def _data(png: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"


def _figure(body: str, height: int, key: str, ours: str) -> Markup:
    """The drawing and its key, the consolidated value first."""
    svg = f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="answers of the workers">{body}</svg>'
    return Markup(svg + key.replace("<ul>", f'<ul><li class="ours"><i></i>consolidated: {escape(ours)}</li>', 1))


def _key(answers: Iterable[str], said: Sequence[str]) -> str:
    named = list(zip(answers, said, strict=True))
    lines = [
        f'<li class="w{i % _COLOURS}"><i></i>{escape(worker)}: {escape(words)}</li>'
        for i, (worker, words) in enumerate(named[:_MOST_NAMED])
    ]
    more = f"<li>and {len(named) - _MOST_NAMED} more</li>" if len(named) > _MOST_NAMED else ""
    return f"<ul>{''.join(lines)}{more}</ul>"
