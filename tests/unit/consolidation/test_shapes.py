"""Polygons, lines, keypoints and spans from simulated crowds: closer to the truth than the workers are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from groundswell.consolidation.geometry import polygon_iou
from groundswell.consolidation.keypoints import KeypointConsolidator
from groundswell.consolidation.polygons import PolygonConsolidator, merge_outlines, merge_polygons
from groundswell.consolidation.polylines import PolylineConsolidator, line_likeness, merge_lines
from groundswell.consolidation.spans import SpanConsolidator
from groundswell.domain.errors import InvalidVotes

NOISE = {"exact": 1.0, "fair": 3.0, "sloppy": 8.0}  # pixels
Points = NDArray[np.float64]


def drawn(points: Points, label: str = "leaf") -> dict[str, Any]:
    return {"label": label, "vertices": [{"x": x, "y": y} for x, y in points.tolist()]}


def vertices(item: dict[str, Any]) -> Points:
    return np.array([[p["x"], p["y"]] for p in item["vertices"]])


def leaf(corners: int) -> Points:
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    radius = 60 * (1 + 0.3 * np.sin(3 * angle))
    return np.stack((100 + radius * np.cos(angle), 150 + radius * np.sin(angle)), axis=1)


def crowd(draw: Callable[[np.random.Generator, float], list[dict[str, Any]]], objects: int) -> list[dict[str, Any]]:
    rng = np.random.default_rng(3)
    return [{worker: draw(rng, noise) for worker, noise in NOISE.items()} for _ in range(objects)]


def test_polygons_come_out_closer_than_most_workers() -> None:
    objects = crowd(lambda rng, noise: [drawn(leaf(30) + rng.normal(0, noise, (30, 2)))], 8)
    model = PolygonConsolidator().fit(objects)
    truth = leaf(200)
    merged = np.mean([polygon_iou(vertices(r.value[0]), truth) for r in model.consolidate_all(objects)])
    fair = np.mean([polygon_iou(vertices(answers["fair"][0]), truth) for answers in objects])
    assert merged > 0.95 and merged > fair + 0.02
    assert model.workers_[int(np.argmin(model.skill_))] == "sloppy"


def test_two_squares_meet_midway() -> None:
    square = np.array([[0.0, 0.0], [100.0, 0.0], [100.0, 100.0], [0.0, 100.0]])
    middle = merge_polygons([square, square + np.array([10.0, 0.0])], np.array([0.5, 0.5]))
    assert polygon_iou(middle, square + np.array([5.0, 0.0])) > 0.97


def test_one_polygon_far_away_does_not_bend_the_rest() -> None:
    square = np.array([[0.0, 0.0], [100.0, 0.0], [100.0, 100.0], [0.0, 100.0]])
    merged = merge_polygons([square, square + 1.0, square + 60.0], np.array([0.35, 0.35, 0.3]))
    assert polygon_iou(merged, square) > 0.75


SHAPES = {
    3: [[20.0, 20.0], [90.0, 30.0], [40.0, 80.0]],
    4: [[20.0, 20.0], [90.0, 30.0], [80.0, 90.0], [15.0, 70.0]],
    6: [[20.0, 20.0], [60.0, 10.0], [90.0, 30.0], [80.0, 90.0], [50.0, 60.0], [15.0, 70.0]],
}


@pytest.mark.parametrize("corners", SHAPES)
@pytest.mark.parametrize("people", [2, 3, 5])
def test_corners_on_whose_number_people_agree_stay_as_many(corners: int, people: int) -> None:
    rng, truth = np.random.default_rng(corners), np.array(SHAPES[corners])
    for _ in range(20):
        polygons = []
        for person in range(people):  # begun anywhere, in either direction
            noisy = np.roll(truth + rng.normal(0, 2, truth.shape), rng.integers(corners), axis=0)
            polygons.append(noisy[::-1] if person % 2 else noisy)
        weights = np.full(people, 1 / people)
        met = merge_outlines(polygons, weights)
        assert len(met) == corners
        assert polygon_iou(met, truth) > polygon_iou(merge_polygons(polygons, weights), truth) - 0.03
    objects = [{str(person): [drawn(polygon)] for person, polygon in enumerate(polygons)}]
    (label,) = PolygonConsolidator().fit(objects).consolidate_all(objects)
    assert len(label.value[0]["vertices"]) == corners


def test_most_people_say_how_many_corners_there_are() -> None:
    square = np.array(SHAPES[4])
    fifth = np.insert(square, 1, square[:2].mean(axis=0), axis=0)
    assert len(merge_outlines([square, square + 1, fifth], np.full(3, 1 / 3))) == 4


def test_outlines_that_share_a_number_of_corners_by_chance_are_traced() -> None:
    turned = leaf(30) @ np.array([[0.99, 0.1], [-0.1, 0.99]])
    spread = leaf(200)[np.sort(np.random.default_rng(1).choice(200, 30, replace=False))]
    outlines = [leaf(30), spread, turned - turned.mean(axis=0) + leaf(30).mean(axis=0)]
    merged = merge_outlines(outlines, np.full(3, 1 / 3))
    assert polygon_iou(merged, leaf(200)) > 0.9


def test_lines_match_in_either_direction() -> None:
    line = np.array([[0.0, 50.0], [100.0, 80.0], [200.0, 20.0]])

    def draw(rng: np.random.Generator, noise: float) -> list[dict[str, Any]]:
        return [drawn((line if rng.random() < 0.5 else line[::-1]) + rng.normal(0, noise, (3, 2)))]

    objects = crowd(draw, 20)
    results = PolylineConsolidator().fit(objects).consolidate_all(objects)
    assert all(len(r.value) == 1 for r in results)
    assert np.mean([line_likeness(vertices(r.value[0]), line) for r in results]) > 0.95


def test_straight_lines_keep_two_ends() -> None:
    line = np.array([[0.0, 0.0], [100.0, 0.0]])
    assert merge_lines([line, line + np.array([0.0, 10.0])], np.array([0.5, 0.5])).tolist() == [[0, 5], [100, 5]]


def test_keypoints_weigh_the_exact_worker_most() -> None:
    def draw(rng: np.random.Generator, noise: float) -> list[dict[str, Any]]:
        return [
            {"label": name, "x": x + rng.normal(0, noise), "y": 100 + rng.normal(0, noise)}
            for name, x in (("nose", 100), ("tail", 300))
        ]

    objects = crowd(draw, 40)
    results = KeypointConsolidator(reach=50).fit(objects).consolidate_all(objects)
    assert [p["label"] for p in results[0].value] == ["nose", "tail"]
    assert np.std([r.value[0]["x"] for r in results]) < 1.9  # the plain mean would have 2.9


def test_span_boundaries_follow_the_exact_workers() -> None:
    rng = np.random.default_rng(5)
    objects = []
    for _ in range(60):
        objects.append(
            {
                worker: [
                    {"label": "PER", "startOffset": 10 + int(rng.random() < wrong), "endOffset": 15},
                    {"label": "LOC", "startOffset": 30, "endOffset": 35 + int(rng.random() < wrong)},
                ]
                for worker, wrong in (("a", 0.05), ("b", 0.1), ("c", 0.8), ("d", 0.8))
            }
        )
    results = SpanConsolidator().fit(objects).consolidate_all(objects)
    right = [[(s["label"], s["startOffset"], s["endOffset"]) for s in r.value] for r in results]
    assert np.mean([r == [("PER", 10, 15), ("LOC", 30, 35)] for r in right]) > 0.7  # majority: 0.3
    assert all(isinstance(s["startOffset"], int) for r in results for s in r.value)


def test_a_boundary_without_a_leader_is_the_median() -> None:
    answers = {w: [{"label": "x", "startOffset": s, "endOffset": 40}] for w, s in (("a", 10), ("b", 12), ("c", 13))}
    assert SpanConsolidator().consolidate(answers).value == [{"label": "x", "startOffset": 12, "endOffset": 40}]


@pytest.mark.parametrize(
    ("consolidator", "item", "message"),
    [
        (PolygonConsolidator(), drawn(leaf(2)), "at least 3 points"),
        (PolylineConsolidator(), {"label": "x"}, "needs 'vertices'"),
        (KeypointConsolidator(), {"label": "x", "x": "left", "y": 0}, "x must be a number"),
        (SpanConsolidator(), {"label": "x", "startOffset": 5, "endOffset": 5}, "startOffset < endOffset"),
        (SpanConsolidator(), {"label": "x", "startOffset": 5.5, "endOffset": 9}, "whole offsets"),
        (SpanConsolidator(), {"label": 3, "startOffset": 5, "endOffset": 9}, "'label' must be a text"),
    ],
)
def test_bad_shapes_are_named(consolidator: Any, item: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidVotes, match=message):
        consolidator.fit([{"ann": [item]}])
