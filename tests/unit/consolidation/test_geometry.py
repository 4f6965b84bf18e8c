"""Areas, overlaps and outlines against known answers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groundswell.consolidation.contours import largest_ring, ring_area
from groundswell.consolidation.geometry import (
    box_iou,
    overlapping_pairs,
    polygon_iou,
    rasterize_polygon,
    resample_line,
    simplify_line,
)
from random_examples import examples

SQUARE = np.array([[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 10.0]])
BOW_TIE = np.array([[0.0, 0.0], [10.0, 10.0], [10.0, 0.0], [0.0, 10.0]])


def test_half_shifted_boxes_share_a_third() -> None:
    boxes = np.array([[0.0, 0.0, 10.0, 10.0], [5.0, 0.0, 15.0, 10.0], [3.0, 3.0, 3.0, 3.0]])
    assert box_iou(boxes, boxes)[0, 1] == pytest.approx(1 / 3)
    # a box without area matches its equal only
    assert box_iou(boxes, boxes)[2].tolist() == [0.0, 0.0, 1.0]


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (SQUARE + np.array([5.0, 0.0]), 1 / 3),
        (SQUARE[::-1], 1.0),  # direction does not matter
        (SQUARE + np.array([20.0, 0.0]), 0.0),
        (BOW_TIE, 0.5),  # the even-odd rule: two triangles
    ],
)
def test_polygon_overlap(other: np.ndarray, expected: float) -> None:
    assert polygon_iou(SQUARE, other) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("seed", range(20))
def test_overlap_of_crossing_outlines_is_that_of_their_grid_points(seed: int) -> None:
    rng = np.random.default_rng(seed)
    a, b = rng.random((int(rng.integers(3, 9)), 2)), rng.random((int(rng.integers(3, 9)), 2))
    at = (np.arange(800) + 0.5) / 800
    inside, other = rasterize_polygon(a, at, at), rasterize_polygon(b, at, at)
    assert polygon_iou(a, b) == pytest.approx((inside & other).sum() / (inside | other).sum(), abs=0.01)
    assert polygon_iou(a, b) == pytest.approx(polygon_iou(b, a), abs=1e-12)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=examples(30))
def test_the_sweep_finds_every_overlap(seed: int) -> None:
    corners = np.random.default_rng(seed).random((40, 4)) * [100, 100, 20, 20]
    boxes = np.concatenate((corners[:, :2], corners[:, :2] + corners[:, 2:]), axis=1)
    first, second = overlapping_pairs(boxes)
    expected = np.argwhere(np.triu(box_iou(boxes, boxes) > 0, 1))
    assert set(map(tuple, expected.tolist())) == set(zip(first.tolist(), second.tolist(), strict=True))


def test_points_inside_a_polygon_are_counted_once() -> None:
    grid = np.linspace(0.5, 11.5, 12)
    assert rasterize_polygon(SQUARE, grid, grid).sum() == 100


def test_the_outline_of_a_disc_has_its_area() -> None:
    row, column = np.mgrid[:60, :80]
    ring = largest_ring(20.0 - np.hypot(column - 40, row - 30), 0.0)
    assert ring is not None
    assert abs(ring_area(ring)) == pytest.approx(np.pi * 400, rel=0.01)


def test_a_field_that_stays_low_has_no_outline() -> None:
    assert largest_ring(np.zeros((4, 4)), 0.5) is None


def test_resampling_walks_equal_lengths() -> None:
    line = np.array([[0.0, 0.0], [10.0, 0.0], [10.0, 10.0]])
    assert resample_line(line, 5).tolist() == [[0, 0], [5, 0], [10, 0], [10, 5], [10, 10]]
    assert resample_line(line[:1].repeat(2, axis=0), 3).tolist() == [[0, 0]] * 3


def test_simplifying_keeps_corners_only() -> None:
    line = np.array([[0.0, 0.0], [5.0, 0.1], [10.0, 0.0], [10.0, 10.0]])
    assert simplify_line(line, 0.5).tolist() == [[0, 0], [10, 0], [10, 10]]
