"""What is drawn on a picture, cut to the picture. Pure geometry; None where nothing is left.

Coordinates are pixels, origin at the top left; a picture covers [0, width] x [0, height].
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

Point = Mapping[str, float]
Size = tuple[int, int]
_OFF_PX = 1.0  # a lone point this far outside is one on the edge


def clip_box(box: Mapping[str, Any], size: Size | None) -> dict[str, Any] | None:
    """left, top, width, height of what of the box is on the picture (any, where its size is not known)."""
    if box["width"] <= 0 or box["height"] <= 0:
        return None
    if size is None:
        return dict(box)
    left, top = max(0, box["left"]), max(0, box["top"])
    right, bottom = min(size[0], box["left"] + box["width"]), min(size[1], box["top"] + box["height"])
    if right <= left or bottom <= top:
        return None
    if (left, top) == (box["left"], box["top"]) and box["width"] <= size[0] - left and box["height"] <= size[1] - top:
        return dict(box)
    return {"left": left, "top": top, "width": right - left, "height": bottom - top}


def clip_point(point: Mapping[str, Any], size: Size | None) -> dict[str, Any] | None:
    """The point; on the edge where it is a hair outside."""
    if size is None:
        return dict(point)
    if not all(-_OFF_PX <= point[axis] <= most + _OFF_PX for axis, most in zip("xy", size, strict=True)):
        return None
    return {axis: min(max(0, point[axis]), most) for axis, most in zip("xy", size, strict=True)}


def clip_polygon(shape: Mapping[str, Any], size: Size | None) -> dict[str, Any] | None:
    """The part of a polygon on the picture; its own vertices where all are.

    Source: Sutherland & Hodgman 1974, Reentrant polygon clipping, doi:10.1145/360767.360802.
    """
    vertices: Sequence[Point] = shape["vertices"]
    if size is not None and not _all_on(vertices, size):
        for axis, other, edge, sign in _edges(size):
            vertices = _cut(vertices, axis, other, edge, sign)
    return None if _are_in_line(vertices) else {"vertices": list(vertices)}


def clip_line(shape: Mapping[str, Any], size: Size | None) -> dict[str, Any] | None:
    """The part of a line on the picture, from where it first comes in to where it last goes out."""
    vertices: Sequence[Point] = shape["vertices"]
    if all(point == vertices[0] for point in vertices):
        return None
    if size is None or _all_on(vertices, size):
        return {"vertices": list(vertices)}
    kept: list[Point] = []
    for start, end in pairwise(vertices):
        for point in _cut_segment(start, end, size):
            if not kept or kept[-1] != point:
                kept.append(point)
    return {"vertices": kept} if len(kept) >= 2 else None


def _all_on(points: Sequence[Point], size: Size) -> bool:
    return all(0 <= point["x"] <= size[0] and 0 <= point["y"] <= size[1] for point in points)


def _edges(size: Size) -> Sequence[tuple[str, str, float, int]]:
    """(axis, other axis, where, side that is kept) of the picture's four edges."""
    return (("x", "y", 0, 1), ("x", "y", size[0], -1), ("y", "x", 0, 1), ("y", "x", size[1], -1))


def _cut(vertices: Sequence[Point], axis: str, other: str, edge: float, sign: int) -> list[Point]:
    def crossing(a: Point, b: Point) -> Point:
        share = (edge - a[axis]) / (b[axis] - a[axis])
        return {axis: edge, other: a[other] + share * (b[other] - a[other])}

    kept: list[Point] = []
    for index, point in enumerate(vertices):
        before = vertices[index - 1]
        inside, was_inside = sign * (point[axis] - edge) >= 0, sign * (before[axis] - edge) >= 0
        if inside != was_inside:
            kept.append(crossing(before, point))
        if inside:
            kept.append(point)
    return [{"x": point["x"], "y": point["y"]} for point in kept]


def _cut_segment(start: Point, end: Point, size: Size) -> list[Point]:
    """The segment's part on the picture, as its two ends; empty where there is none.

    Source: Liang & Barsky 1984, A new concept and method for line clipping, doi:10.1145/357332.357333.
    """
    first, last = 0.0, 1.0
    step = {axis: end[axis] - start[axis] for axis in "xy"}
    for axis, _, edge, sign in _edges(size):
        room, along = sign * (start[axis] - edge), sign * step[axis]
        if along == 0 and room < 0:
            return []
        if along > 0:
            first = max(first, -room / along)
        elif along < 0:
            last = min(last, -room / along)
    if first > last:
        return []

    def at(share: float) -> Point:
        return start if share == 0 else end if share == 1 else {axis: start[axis] + share * step[axis] for axis in "xy"}

    return [at(first), at(last)]


def _are_in_line(vertices: Sequence[Point]) -> bool:
    """Whether points enclose nothing: all on one line, or none at all."""
    if not vertices:
        return True
    first = vertices[0]
    arms = [(point["x"] - first["x"], point["y"] - first["y"]) for point in vertices[1:]]
    longest = max(arms, key=lambda arm: abs(arm[0]) + abs(arm[1]), default=(0, 0))
    return all(longest[0] * arm[1] == longest[1] * arm[0] for arm in arms)


Clip = Callable[[Mapping[str, Any], Size | None], dict[str, Any] | None]
