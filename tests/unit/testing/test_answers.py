"""Simulated workers know the truth and err as often as they were told to."""

from __future__ import annotations

import random

from groundswell.testing.answers import ANSWERERS
from groundswell.testing.crowd import spread_accuracy

LABELS = ["cat", "dog", "owl"]


def test_careful_workers_are_right_and_careless_ones_wrong() -> None:
    answer = ANSWERERS["image-classification"]
    rng = random.Random(1)
    assert answer("dog", LABELS, 1.0, rng) == {"crowd-image-classifier": {"label": "dog"}}
    assert answer("dog", LABELS, 0.0, rng)["crowd-image-classifier"]["label"] in {"cat", "owl"}


def test_accuracy_is_what_was_asked() -> None:
    answer, rng = ANSWERERS["text-classification"], random.Random(2)
    right = sum(answer("dog", LABELS, 0.8, rng) == {"crowd-classifier": {"label": "dog"}} for _ in range(5_000))
    assert 0.77 < right / 5_000 < 0.83


def test_boxes_stay_near_the_truth() -> None:
    truth = [{"label": "dog", "left": 100, "top": 50, "width": 200, "height": 100}]
    drawn = ANSWERERS["object-detection"](truth, LABELS, 1.0, random.Random(3))["boundingBox"]["boundingBoxes"]
    assert len(drawn) == 1
    assert abs(drawn[0]["left"] - 100) < 60
    assert drawn[0]["width"] > 100


def test_skills_are_spread_from_worst_to_best() -> None:
    found = spread_accuracy(5, 0.6, 1.0, random.Random(0))
    assert sorted(round(one, 2) for one in found) == [0.6, 0.7, 0.8, 0.9, 1.0]
    assert spread_accuracy(1, 0.6, 0.9, random.Random(0)) == [0.6]
