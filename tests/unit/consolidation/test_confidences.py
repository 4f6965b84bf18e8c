"""Simulated crowds of known habits: labels are right as often as they say, and workers' estimates find the habits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from groundswell.consolidation import BoxConsolidator, MultiLabelConsolidator, TranscriptionConsolidator
from groundswell.consolidation.alignment import edit_distance
from groundswell.consolidation.calibration import calibration_error
from groundswell.quality.detection import score_detections

Rng = np.random.Generator
N_WORKERS = 12


class BoxCrowd:
    """Twelve workers who miss things, invent some, and place edges with errors of their own."""

    def __init__(self, rng: Rng, *, per_object: int, n_objects: int = 150) -> None:
        self.miss, self.invent = rng.uniform(0.02, 0.4, N_WORKERS), rng.uniform(0.0, 0.6, N_WORKERS)
        self.deviation = rng.uniform(0.02, 0.12, N_WORKERS)
        self.truth = [[self._thing(rng) for _ in range(rng.poisson(3))] for _ in range(n_objects)]
        self.objects = [
            {
                f"w{w:02d}": self._answer(rng, w, things)
                for w in rng.choice(N_WORKERS, per_object, replace=False).tolist()
            }
            for things in self.truth
        ]

    def _thing(self, rng: Rng) -> dict[str, Any]:
        left, top = rng.uniform(0, 900, 2).tolist()
        width, height = rng.uniform(30, 120, 2).tolist()
        return {"label": "a", "left": left, "top": top, "width": width, "height": height}

    def _answer(self, rng: Rng, worker: int, things: list[dict[str, Any]]) -> list[dict[str, Any]]:
        seen = [t for t in things if rng.random() > self.miss[worker]]
        for _ in range(rng.poisson(self.invent[worker])):
            seen.append(self._thing(rng))
        return [self._drawn(rng, self.deviation[worker], thing) for thing in seen]

    def _drawn(self, rng: Rng, deviation: float, thing: dict[str, Any]) -> dict[str, Any]:
        off = rng.normal(0, deviation, 4) * ([thing["width"], thing["height"]] * 2)
        left, top = thing["left"] + off[0], thing["top"] + off[1]
        width, height = thing["width"] + off[2] - off[0], thing["height"] + off[3] - off[1]
        return {"label": "a", "left": left, "top": top, "width": max(width, 1.0), "height": max(height, 1.0)}


def judged(crowd: BoxCrowd) -> tuple[Any, list[float], list[bool]]:
    model = BoxConsolidator().fit(crowd.objects)
    confidences: list[float] = []
    right: list[bool] = []
    for result, things in zip(model.consolidate_all(crowd.objects), crowd.truth, strict=True):
        confidences += result.details["confidences"]
        right += score_detections(result.value, things, confidences=result.details["confidences"], iou=0.4).correct
    return model, confidences, right


@pytest.mark.parametrize(("per_object", "error"), [(1, 0.1), (3, 0.09), (7, 0.05)])
def test_boxes_are_right_as_often_as_they_say(per_object: int, error: float) -> None:
    _, confidences, right = judged(BoxCrowd(np.random.default_rng(1), per_object=per_object))
    assert calibration_error(confidences, right, bins=10).ece < error


def test_habits_of_those_who_draw_boxes_are_found() -> None:
    crowd = BoxCrowd(np.random.default_rng(2), per_object=7)
    model, _, _ = judged(crowd)
    np.testing.assert_allclose(model.miss_rate_, crowd.miss, atol=0.09)
    np.testing.assert_allclose(model.false_alarms_, crowd.invent, atol=0.3)
    deviation = np.sqrt(model.placement_.precision.variance[:N_WORKERS].mean(axis=1))
    assert np.corrcoef(deviation, crowd.deviation)[0, 1] > 0.95


@pytest.mark.parametrize("per_object", [2, 3, 5])
def test_label_sets_are_right_as_often_as_they_say(per_object: int) -> None:
    rng = np.random.default_rng(1)
    labels, hit, invent = [f"l{k:02d}" for k in range(12)], rng.uniform(0.5, 0.95, 20), rng.uniform(0.01, 0.25, 20)
    truth = rng.random((400, 12)) < rng.uniform(0.02, 0.5, 12)
    objects = []
    for row in truth:
        workers = rng.choice(20, per_object, replace=False).tolist()
        chosen = {w: rng.random(12) < np.where(row, hit[w], invent[w]) for w in workers}
        objects.append({f"w{w:02d}": [name for name, c in zip(labels, chosen[w], strict=True) if c] for w in workers})
    model = MultiLabelConsolidator(labels=labels).fit(objects)
    chance = np.array([list(r.details["posteriors"].values()) for r in model.consolidate_all(objects)]).ravel()
    right = (chance > 0.5) == truth.ravel()
    assert calibration_error(np.maximum(chance, 1.0 - chance), right, bins=10).ece < 0.03
    assert np.corrcoef(model.sensitivity_, hit)[0, 1] > 0.85


@pytest.mark.parametrize("per_object", [3, 5])
def test_texts_are_right_as_often_as_they_say(per_object: int) -> None:
    rng = np.random.default_rng(1)
    slips = rng.uniform(0.02, 0.4, N_WORKERS)
    truth = [[f"w{k}" for k in rng.integers(0, 50, 10)] for _ in range(100)]
    objects = [
        {
            f"w{w:02d}": " ".join(f"w{rng.integers(50)}" if rng.random() < slips[w] else word for word in text)
            for w in rng.choice(N_WORKERS, per_object, replace=False).tolist()
        }
        for text in truth
    ]
    results = TranscriptionConsolidator().fit(objects).consolidate_all(objects)
    wrong = [edit_distance(r.value.split(), text) / 10 for r, text in zip(results, truth, strict=True)]
    assert np.mean([r.confidence for r in results]) == pytest.approx(1.0 - np.mean(wrong), abs=0.04)
