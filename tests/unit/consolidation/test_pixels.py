"""Passes over planes against SciPy's image filters."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.ndimage
from hypothesis import given, settings
from hypothesis import strategies as st

from groundswell.consolidation.pixels import distance_to_outside, share_near, windows_of
from random_examples import examples

SEEDS = st.integers(0, 2**32 - 1)


@given(SEEDS)
@settings(max_examples=examples(60))
def test_distances_are_exact(seed: int) -> None:
    rng = np.random.default_rng(seed)
    inside = rng.random(rng.integers(1, 40, 2)) < rng.choice([0.2, 0.9, 0.99])
    inside.flat[rng.integers(inside.size)] = False
    assert (distance_to_outside(inside) == scipy.ndimage.distance_transform_edt(inside)).all()


def test_distances_of_large_shapes() -> None:
    y, x = np.ogrid[:400, :500]
    ring = ((x - 200) ** 2 + (y - 180) ** 2 < 170**2) & ((x - 260) ** 2 + (y - 150) ** 2 > 40**2)
    assert (distance_to_outside(ring) == scipy.ndimage.distance_transform_edt(ring)).all()
    assert (distance_to_outside(ring.T) == scipy.ndimage.distance_transform_edt(ring.T)).all()


def test_distance_where_nothing_is_outside() -> None:
    assert (distance_to_outside(np.ones((3, 4), np.bool_)) == np.inf).all()
    assert (distance_to_outside(np.zeros((3, 4), np.bool_)) == 0.0).all()
    assert distance_to_outside(np.ones((0, 4), np.bool_)).shape == (0, 4)


@given(SEEDS, st.integers(1, 9))
@settings(max_examples=examples(60))
def test_shares_of_neighbourhoods(seed: int, side: int) -> None:
    rng = np.random.default_rng(seed)
    plane = rng.integers(0, 4, rng.integers(1, 30, 2)).astype(np.uint8)
    at = rng.random(plane.shape) < 0.5
    filtered = scipy.ndimage.uniform_filter((plane == 2).astype(np.float64), side, mode="nearest")[at]
    assert share_near(plane, 2, at, side) == pytest.approx(filtered, abs=1e-6)


@given(SEEDS)
@settings(max_examples=examples(40))
def test_windows_hold_each_number(seed: int) -> None:
    rng = np.random.default_rng(seed)
    plane = rng.integers(0, 7, rng.integers(1, 12, 2)).astype(np.uint16)
    expected = scipy.ndimage.find_objects(plane.astype(np.int32), 9)
    assert windows_of(plane, 9) == expected
