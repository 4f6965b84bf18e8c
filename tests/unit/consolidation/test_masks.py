"""Semantic and instance masks: known answers and simulated workers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groundswell.consolidation.instance_masks import (
    InstanceMaskConsolidator,
    instances_of,
    run_iou,
    runs_of,
)
from groundswell.consolidation.masks import SemanticMaskConsolidator
from groundswell.consolidation.planes import pack_plane, unpack_plane
from groundswell.domain.errors import InvalidVotes
from random_examples import examples

LABELS = ["road", "sky"]


def scene() -> np.ndarray[Any, np.dtype[np.uint8]]:
    plane = np.zeros((60, 80), np.uint8)
    plane[:20] = 2
    plane[40:, 10:70] = 1
    return plane


def seen_by(rng: np.random.Generator, shift: int, specks: float) -> np.ndarray[Any, np.dtype[np.uint8]]:
    plane = np.roll(scene(), int(rng.integers(-shift, shift + 1)), axis=0)
    wrong = rng.random(plane.shape) < specks
    plane[wrong] = rng.integers(0, 3, int(np.count_nonzero(wrong)))
    return plane


def test_the_consolidated_plane_beats_every_worker_and_the_majority() -> None:
    rng = np.random.default_rng(0)
    habits = {"ann": (0, 0.02), "bob": (1, 0.05), "cid": (4, 0.3), "dan": (4, 0.3)}
    objects = [{w: seen_by(rng, *habit) for w, habit in habits.items()} for _ in range(6)]
    model = SemanticMaskConsolidator(labels=LABELS).fit(objects)
    right = np.mean([(model.consolidate(a).value == scene()).mean() for a in objects])
    best = np.mean([(a["ann"] == scene()).mean() for a in objects])
    votes = [np.stack([sum((p == k).astype(int) for p in a.values()) for k in range(3)]).argmax(0) for a in objects]
    assert right > best and right > np.mean([(v == scene()).mean() for v in votes]) + 0.005
    assert right > 0.985
    assert model.skill_.argsort()[-1] == 0


def discs(rng: np.random.Generator, per_object: int) -> tuple[list[dict[str, Any]], list[Any]]:
    """20 objects of one disc each: eight workers misplace its middle and border, and some mistake its class."""
    off, careful = rng.uniform(1, 8, 8), rng.uniform(0.8, 1.0, 8)
    rows, columns = np.mgrid[:150, :150]
    objects, truth = [], []

    def disc(middle: Any, radius: float, number: int) -> Any:
        return (((rows - middle[0]) ** 2 + (columns - middle[1]) ** 2) < radius**2).astype(np.uint8) * number

    for _ in range(20):
        middle, radius, number = rng.uniform(50, 100, 2), rng.uniform(20, 40), int(rng.integers(1, 3))
        truth.append(disc(middle, radius, number))
        objects.append(
            {
                f"w{w}": disc(
                    middle + rng.normal(0, off[w] / 2, 2),
                    radius + rng.normal(0, off[w]),
                    number if rng.random() < careful[w] else 3 - number,
                )
                for w in rng.choice(8, per_object, replace=False).tolist()
            }
        )
    return objects, truth


@pytest.mark.parametrize("per_object", [3, 5])
def test_confidences_of_masks_are_near_the_share_of_right_pixels(per_object: int) -> None:
    stated, right = [], []
    for seed in range(6):
        objects, truth = discs(np.random.default_rng(seed), per_object)
        results = SemanticMaskConsolidator(labels=LABELS).fit(objects).consolidate_all(objects)
        for result, plane in zip(results, truth, strict=True):
            if (result.value > 0).any():
                stated.append(result.confidence)
                right.append((result.value == plane)[result.value > 0].mean())
    assert np.mean(stated) == pytest.approx(np.mean(right), abs=0.08)


def test_smoothing_removes_specks() -> None:
    plane = np.ones((30, 30), np.uint8)
    specked = plane.copy()
    specked[15, 15] = 2
    answers = {"ann": plane, "bob": specked}
    smooth = SemanticMaskConsolidator(labels=LABELS).consolidate(answers)
    assert (smooth.value == 1).all()
    assert smooth.details["disputed"] == pytest.approx(1 / 900)
    assert set(smooth.details["confidences"]) == {"road"}


def test_settled_pixels_stay_and_inputs_too() -> None:
    planes = [scene() for _ in range(3)]
    planes[1][30, 30:40] = 1
    before = planes[0].copy()
    result = SemanticMaskConsolidator(labels=LABELS, smoothing=50.0).consolidate(dict(zip("abc", planes, strict=True)))
    agreed = planes[0] == planes[1]
    assert (result.value[agreed] == before[agreed]).all()
    assert (planes[0] == before).all()


def test_planes_of_different_sizes_are_refused() -> None:
    answers = {"ann": scene(), "bob": scene()[:10]}
    with pytest.raises(InvalidVotes, match="must be \\(60, 80\\)"):
        SemanticMaskConsolidator(labels=LABELS).consolidate(answers)


def test_packing_returns_the_plane() -> None:
    packed = pack_plane(scene())
    assert len(packed[0]) < scene().size / 10
    assert (unpack_plane(packed) == scene()).all()


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=examples(25))
def test_overlap_of_runs_is_that_of_pixels(seed: int) -> None:
    a, b = np.random.default_rng(seed).random((2, 9, 13)) < 0.4
    shared, either = int(np.sum(a & b)), int(np.sum(a | b))
    assert run_iou(runs_of(a), runs_of(b)) == pytest.approx(shared / either if either else 1.0)


def test_instances_keep_their_class_and_smaller_ones_lie_on_top() -> None:
    plane = np.zeros((40, 40), np.uint16)
    plane[5:35, 5:35] = 1
    plane[15:25, 15:25] = 2
    result = InstanceMaskConsolidator().consolidate(dict.fromkeys("abc", (plane, ["table", "plate"])))
    merged, labels = result.value
    assert (merged == plane).all() and labels == ["table", "plate"]
    assert [i["label"] for i in instances_of(result.value)] == ["table", "plate"]


def test_an_instance_one_of_four_drew_is_left_out() -> None:
    plane = np.zeros((40, 40), np.uint16)
    plane[5:15, 5:15] = 1
    other = plane.copy()
    other[25:35, 25:35] = 2
    objects = [{"a": (plane, ["x"]), "b": (plane, ["x"]), "c": (plane, ["x"]), "d": (other, ["x", "x"])}] * 10
    result = InstanceMaskConsolidator().fit(objects).consolidate(objects[0])
    assert result.value[1] == ["x"]
    assert result.details["left_out"][0] < 0.5
