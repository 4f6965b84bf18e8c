"""Boxes: known crowds, workers' estimates, bad input, and real pedestrians."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from groundswell.consolidation.boxes import BoxConsolidator, BoxPlacement
from groundswell.domain.errors import InvalidVotes
from groundswell.quality.detection import DetectionScore, score_detections


def box(left: float, top: float, width: float, height: float, label: str = "bird") -> dict[str, Any]:
    return {"label": label, "left": left, "top": top, "width": width, "height": height}


def test_the_sloppy_worker_weighs_less_and_the_inventor_is_found() -> None:
    rng = np.random.default_rng(0)
    objects: list[dict[str, Any]] = []
    for _ in range(60):
        answers: dict[str, Any] = {}
        for worker, noise in (("exact", 1.0), ("fair", 3.0), ("inventor", 3.0), ("sloppy", 9.0)):
            answers[worker] = [box(*(np.array([100.0, 50.0, 80.0, 60.0]) + rng.normal(0, noise, 4)).tolist())]
        answers["inventor"] += [box(rng.uniform(200, 900), rng.uniform(200, 900), 30, 30)]
        objects.append(answers)
    model = BoxConsolidator().fit(objects)
    results = model.consolidate_all(objects)
    lefts = np.array([r.value[0]["left"] for r in results])
    assert all(len(r.value) == 1 for r in results)
    assert np.std(lefts) < 1.6  # the plain mean would have 2.9
    assert model.workers_ == ["exact", "fair", "inventor", "sloppy"]
    assert model.false_alarms_[2] > 0.9 and model.false_alarms_[[0, 1, 3]].max() < 0.05
    assert np.argmin(model.skill_) in (2, 3)
    assert (np.diff(model.objective_) > -1e-8).all()


def test_the_class_goes_to_the_more_accurate_workers() -> None:
    rng = np.random.default_rng(1)
    objects = []
    for n in range(80):
        truth = "cat" if n % 2 else "dog"
        wrong = "dog" if n % 2 else "cat"
        objects.append(
            {
                w: [box(10, 10, 50, 50, truth if rng.random() < accuracy else wrong)]
                for w, accuracy in (("a", 0.98), ("b", 0.95), ("c", 0.3), ("d", 0.3))
            }
        )
    results = BoxConsolidator(labels=["cat", "dog"]).fit(objects).consolidate_all(objects)
    right = [r.value[0]["label"] == ("cat" if n % 2 else "dog") for n, r in enumerate(results)]
    assert np.mean(right) > 0.9


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([{"left": 0, "top": 0, "width": 5}], "needs 'height'"),
        ([box(0, 0, -5, 5)], "width must be a number from 0"),
        ([box(float("nan"), 0, 5, 5)], "left must be a number"),
        ([box(1e300, 0, 5, 5)], "left must be a number"),
        ([box(0, 0, 5, 5, "stone")], "every label must be one of"),
        ({"left": 0}, "must be a list of boxes"),
        (["a box"], "must be a mapping"),
    ],
)
def test_bad_boxes_are_named(value: Any, message: str) -> None:
    with pytest.raises(InvalidVotes, match=message) as caught:
        BoxConsolidator(labels=["bird"]).fit([{"w": []}, {"ann": value}])
    assert "object 1, worker 'ann'" in str(caught.value)


def test_two_things_in_one_place_stay_two() -> None:
    both = [box(0, 0, 50, 50, "rider"), box(2, 2, 50, 50, "horse")]
    result = BoxConsolidator().consolidate({w: both for w in "abc"})
    assert sorted(b["label"] for b in result.value) == ["horse", "rider"]


@pytest.mark.shared
@pytest.mark.parametrize(("workers", "least"), [(7, 0.935), (3, 0.90)])
def test_real_pedestrians(shared_data: Path, workers: int, least: float) -> None:
    objects, truth = pedestrians(shared_data, workers)
    results = BoxConsolidator().fit(objects).consolidate_all(objects)
    score = DetectionScore.total(
        score_detections(r.value, known, confidences=r.details["confidences"])
        for r, known in zip(results, truth, strict=True)
        if known is not None
    )
    assert score.f1 > least


def pedestrians(shared_data: Path, workers: int) -> tuple[list[dict[str, Any]], list[list[dict[str, Any]] | None]]:
    """Answers of the first `workers` workers of each image by a fixed shuffle, and the experts' boxes."""
    folder = shared_data / "crowd" / "bbox_pedestrians"
    answers: dict[str, dict[str, Any]] = {}
    for row in rows_of(folder / "annotations.csv"):
        answers.setdefault(row["task"], {})[row["worker"]] = as_boxes(row["label"])
    truth = {row["task"]: as_boxes(row["label"]) for row in rows_of(folder / "truth.csv")}
    rng = np.random.default_rng(0)
    objects = []
    for given in answers.values():
        chosen = rng.permutation(sorted(given))[:workers].tolist()
        objects.append({worker: given[worker] for worker in chosen})
    return objects, [truth.get(task) for task in answers]


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def as_boxes(text: str) -> list[dict[str, Any]]:
    return [box(min(a, c), min(b, d), abs(c - a), abs(d - b)) for a, b, c, d in json.loads(text)]


def test_boxes_drawn_too_large_more_often_than_too_small_are_drawn_in() -> None:
    rng = np.random.default_rng(4)

    def loose() -> dict[str, Any]:
        left, top, right, bottom = rng.exponential(8.0, 4) + rng.normal(0, 1, 4)
        return box(100 - left, 100 - top, 100 + left + right, 80 + top + bottom)

    objects = [{w: [loose()] for w in "abcde"} for _ in range(80)]
    model = BoxConsolidator().fit(objects)
    width = np.mean([r.value[0]["width"] for r in model.consolidate_all(objects)])
    assert width < np.mean([b["width"] for a in objects for (b,) in a.values()]) - 3
    assert isinstance(model.placement_, BoxPlacement)
    tilt = model.placement_.precision.tilt
    assert tilt[0] < 0.9 < 1.1 < tilt[2]
