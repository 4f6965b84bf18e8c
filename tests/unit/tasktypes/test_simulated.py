"""Simulated workers know the truth and err as often as they were told to."""

from __future__ import annotations

import random

import pytest

from groundswell.tasktypes import registry
from groundswell.tasktypes.base import DecodeContext
from groundswell.tasktypes.simulated import Answerer
from groundswell.testing.crowd import spread_accuracy

LABELS = ["cat", "dog", "owl"]


def answerer(name: str) -> Answerer:
    found = registry.get(name).simulate
    assert found is not None
    return found


def test_careful_workers_are_right_and_careless_ones_wrong() -> None:
    answer = answerer("image-classification")
    rng = random.Random(1)
    assert answer("dog", LABELS, 1.0, rng) == {"crowd-image-classifier": {"label": "dog"}}
    assert answer("dog", LABELS, 0.0, rng)["crowd-image-classifier"]["label"] in {"cat", "owl"}


def test_accuracy_is_what_was_asked() -> None:
    answer, rng = answerer("text-classification"), random.Random(2)
    right = sum(answer("dog", LABELS, 0.8, rng) == {"crowd-classifier": {"label": "dog"}} for _ in range(5_000))
    assert 0.77 < right / 5_000 < 0.83


def test_boxes_stay_near_the_truth() -> None:
    truth = [{"label": "dog", "left": 100, "top": 50, "width": 200, "height": 100}]
    drawn = answerer("object-detection")(truth, LABELS, 1.0, random.Random(3))["boundingBox"]["boundingBoxes"]
    assert len(drawn) == 1
    assert abs(drawn[0]["left"] - 100) < 60
    assert drawn[0]["width"] > 100


POINTS = [{"x": 10, "y": 10}, {"x": 110, "y": 10}, {"x": 60, "y": 90}]
BOXES = [{"label": "dog", "left": 1, "top": 2, "width": 30, "height": 40}]
TRUTHS: dict[str, object] = {
    "image-classification": "dog",
    "text-classification": "dog",
    "label-verification": "dog",
    "text-classification-multilabel": ["dog"],
    "audio-transcription": "good morning",
    "label-adjustment-boxes": BOXES,
    "text-ranking": {"help": [1, 2, 3], "tone": [2, 1, 3]},
    "image-classification-multilabel": ["cat", "owl"],
    "polygons": [{"label": "cat", "vertices": POINTS}],
    "polylines": [{"label": "cat", "vertices": POINTS}],
    "lines": [{"label": "cat", "vertices": POINTS[:2]}],
    "keypoints": [{"label": "cat", "x": 5, "y": 6}, {"label": "dog", "x": 50, "y": 60}],
    "named-entity-recognition": [{"label": "cat", "startOffset": 0, "endOffset": 3}],
    "image-transcription": "the quick fox",
    "object-detection": BOXES,
}


def test_every_simulated_kind_is_tried_here() -> None:
    assert set(TRUTHS) == {name for name, kind in registry.every().items() if kind.simulate}


@pytest.mark.parametrize("name", TRUTHS)
def test_every_answer_fits_its_task_type_and_careful_workers_are_near_the_truth(name: str) -> None:
    task_type = registry.get(name)
    context = DecodeContext(LABELS, {"source": "Ann went home"})
    rng = random.Random(4)
    careful = task_type.decode(answerer(name)(TRUTHS[name], LABELS, 1.0, rng), context)
    truth = TRUTHS[name]
    assert type(careful) is type(truth) or isinstance(careful, str | list | dict)
    assert isinstance(truth, str) or len(careful) == len(truth)  # type: ignore[arg-type]
    for accuracy in (0.0, 0.5):
        task_type.decode(answerer(name)(TRUTHS[name], LABELS, accuracy, rng), context)


def test_skills_are_spread_from_worst_to_best() -> None:
    found = spread_accuracy(5, 0.6, 1.0, random.Random(0))
    assert sorted(round(one, 2) for one in found) == [0.6, 0.7, 0.8, 0.9, 1.0]
    assert spread_accuracy(1, 0.6, 0.9, random.Random(0)) == [0.6]
