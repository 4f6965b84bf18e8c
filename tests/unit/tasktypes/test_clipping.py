"""What is drawn, cut to its picture."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundswell.tasktypes import clipping
from groundswell.tasktypes.clipping import clip_box, clip_line, clip_point, clip_polygon

SIZE = (320, 240)
coordinates = st.integers(-400, 700)
points = st.builds(lambda x, y: {"x": x, "y": y}, coordinates, coordinates)


def shape(*vertices: tuple[float, float]) -> dict[str, Any]:
    return {"vertices": [{"x": x, "y": y} for x, y in vertices]}


@pytest.mark.parametrize(
    ("box", "clipped"),
    [
        ((10, 20, 30, 40), (10, 20, 30, 40)),
        ((-10, 220, 60, 60), (0, 220, 50, 20)),
        ((300, 0, 20, 240), (300, 0, 20, 240)),  # to the very edge
        ((325, 0, 20, 20), None),
        ((320, 0, 20, 20), None),  # touches from outside
        ((-20, 0, 20, 20), None),
        ((10, 10, 0, 5), None),
        ((10, 10, 5, 0), None),
        ((-5, -5, 1_000, 1_000), (0, 0, 320, 240)),
    ],
)
def test_boxes(box: tuple[int, ...], clipped: tuple[int, ...] | None) -> None:
    names = ("left", "top", "width", "height")
    found = clip_box(dict(zip(names, box, strict=True)), SIZE)
    assert found == (None if clipped is None else dict(zip(names, clipped, strict=True)))


def test_sizes_that_are_not_known_cut_nothing_but_refuse_what_is_empty() -> None:
    far = {"left": -10, "top": 9_999, "width": 1, "height": 1}
    assert clip_box(far, None) == far
    assert clip_box(far | {"width": 0}, None) is None
    assert clip_polygon(shape((0, 0), (5, 5), (9, 9)), None) is None
    assert clip_line(shape((3, 3), (3, 3)), None) is None
    assert clip_point({"x": -99, "y": 0}, None) == {"x": -99, "y": 0}


def test_points_are_on_the_picture_or_a_hair_outside() -> None:
    assert clip_point({"x": 320.4, "y": -0.5}, SIZE) == {"x": 320, "y": 0}
    assert clip_point({"x": 322, "y": 5}, SIZE) is None


@pytest.mark.parametrize(
    ("polygon", "clipped"),
    [
        (shape((0, 0), (10, 0), (10, 10)), shape((0, 0), (10, 0), (10, 10))),
        (shape((-10, 0), (10, 0), (10, 10), (-10, 10)), {(0, 0), (10, 0), (10, 10), (0, 10)}),
        (shape((400, 0), (410, 0), (410, 10)), None),
        (shape((-10, 0), (0, 0), (0, 10)), None),  # touches from outside
        (shape((1, 1), (9, 9), (9, 1), (1, 9)), shape((1, 1), (9, 9), (9, 1), (1, 9))),  # crosses itself, not empty
        (shape((-400, -400), (900, -400), (900, 900), (-400, 900)), {(0, 0), (320, 0), (320, 240), (0, 240)}),
    ],
)
def test_polygons(polygon: dict[str, Any], clipped: Any) -> None:
    found = clip_polygon(polygon, SIZE)
    if isinstance(clipped, set):
        assert found is not None
        assert {(point["x"], point["y"]) for point in found["vertices"]} == clipped
    else:
        assert found == clipped


def test_lines_are_cut_where_they_leave() -> None:
    assert clip_line(shape((-10, 120), (330, 120)), SIZE) == shape((0, 120), (320, 120))
    assert clip_line(shape((10, 10), (20, 20)), SIZE) == shape((10, 10), (20, 20))
    assert clip_line(shape((-10, 0), (-10, 240)), SIZE) is None
    assert clip_line(shape((-10, 10), (10, -10)), SIZE) is None  # through the corner alone


@given(st.lists(points, min_size=3, max_size=8))
def test_what_is_left_is_on_the_picture(vertices: list[dict[str, int]]) -> None:
    for clip in (clipping.clip_polygon, clipping.clip_line):
        found = clip({"vertices": vertices}, SIZE)
        for point in found["vertices"] if found else ():
            assert -1e-6 <= point["x"] <= 320 + 1e-6 and -1e-6 <= point["y"] <= 240 + 1e-6
        if found and all(0 <= point["x"] <= 320 and 0 <= point["y"] <= 240 for point in vertices):
            assert found["vertices"] == vertices
