"""Masks are as sure as they are right: with things mistaken or missed, borders moved, specks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from groundswell.consolidation.mask_areas import independent_areas, lie_along_borders, mean_width, number_areas
from groundswell.consolidation.mask_workers import Patterns, fit_crowd, normalized, unfitted
from groundswell.consolidation.masks import SemanticMaskConsolidator

Plane = np.ndarray[Any, np.dtype[np.uint8]]
Rng = np.random.Generator
LABELS = ["road", "walk", "sky"]
SIDE, BLOCK = 64, 16


def drawn(blocks: Any, offset: Any = (0, 0)) -> Plane:
    rows, columns = (np.clip(np.arange(SIDE) + step, 0, SIDE - 1) // BLOCK for step in offset)
    plane: Plane = blocks[rows[:, None], columns].astype(np.uint8)
    return plane


def things_mistaken(rng: Rng, blocks: Any, rate: float) -> Plane:
    wrong = rng.random(blocks.shape) < rate
    return drawn(np.where(wrong, (blocks + rng.integers(1, 4, blocks.shape)) % 4, blocks))


def borders_moved(rng: Rng, blocks: Any, rate: float) -> Plane:
    return drawn(blocks, np.rint(rng.normal(0, 8 * rate, 2)).astype(int))


def specks(rng: Rng, blocks: Any, rate: float) -> Plane:
    plane = drawn(blocks)
    wrong = rng.random(plane.shape) < rate / 2
    return np.where(wrong, rng.integers(0, 4, plane.shape), plane).astype(np.uint8)


def things_missed(rng: Rng, blocks: Any, rate: float) -> Plane:
    return drawn(np.where(rng.random(blocks.shape) < rate, 0, blocks))


Draw = Callable[[Rng, Any, float], Plane]


def job(seed: int, draw: Draw, per_scene: int) -> tuple[list[dict[str, Plane]], list[Plane]]:
    """12 scenes of 16 blocks by workers of whom each is off at a rate of their own, 25 % on average."""
    rng = np.random.default_rng(seed)
    rates = rng.uniform(0.05, 0.45, 2 * per_scene)
    scenes = [rng.integers(0, 4, (SIDE // BLOCK, SIDE // BLOCK)) for _ in range(12)]
    answers = [
        {f"w{w}": draw(rng, scene, rates[w]) for w in rng.choice(len(rates), per_scene, replace=False).tolist()}
        for scene in scenes
    ]
    return answers, [drawn(scene) for scene in scenes]


@pytest.mark.parametrize("per_scene", [3, 5])
@pytest.mark.parametrize("draw", [things_mistaken, borders_moved, specks, things_missed])
def test_masks_are_as_sure_as_they_are_right(draw: Draw, per_scene: int) -> None:
    said, right, pixels_said, pixels_right, majority = [], [], [], [], []
    for seed in range(5):
        answers, truth = job(seed, draw, per_scene)
        model = SemanticMaskConsolidator(labels=LABELS).fit(answers)
        for given, plane in zip(answers, truth, strict=True):
            result = model.consolidate(given)
            said.append(result.confidence)
            right.append((result.value == plane)[result.value > 0].mean())
            pixels_said.append(model.pixel_confidences(given).mean())
            pixels_right.append((result.value == plane).mean())
            votes = np.stack([sum((p == k).astype(int) for p in given.values()) for k in range(4)])
            majority.append((votes.argmax(axis=0) == plane).mean())
    assert np.mean(said) == pytest.approx(np.mean(right), abs=0.03)
    assert np.mean(pixels_said) == pytest.approx(np.mean(pixels_right), abs=0.03)
    assert np.mean(pixels_right) > np.mean(majority) - 0.005


def test_a_mask_with_every_area_twice_as_large_is_no_surer() -> None:
    answers, _ = job(0, things_mistaken, 3)
    large = [{w: np.repeat(np.repeat(p, 2, 0), 2, 1) for w, p in given.items()} for given in answers]
    small = SemanticMaskConsolidator(labels=LABELS, smoothing=0.0).fit(answers)
    again = SemanticMaskConsolidator(labels=LABELS, smoothing=0.0).fit(large)
    for first, second in zip(answers, large, strict=True):
        assert again.pixel_confidences(second)[::2, ::2] == pytest.approx(small.pixel_confidences(first), abs=1e-6)


def test_pixel_confidences_are_those_the_label_states() -> None:
    answers, _ = job(1, borders_moved, 3)
    model = SemanticMaskConsolidator(labels=LABELS).fit(answers)
    result, chance = model.consolidate(answers[0]), model.pixel_confidences(answers[0])
    assert chance.shape == result.value.shape and ((chance >= 0.0) & (chance <= 1.0)).all()
    assert result.confidence == pytest.approx(chance[result.value > 0].mean())
    assert model.pixel_confidences({}).shape == (0, 0)


def test_areas_are_connected_pixels_of_one_code() -> None:
    code = np.array([[5, 5, 7, 5], [7, 5, 7, 5], [7, 5, 5, 5], [-1, -1, 7, -1]], np.int32)
    number, pixels = number_areas(code)
    assert number.tolist() == [[0, 0, 1, 0], [2, 0, 1, 0], [2, 0, 0, 0], [-1, -1, 3, -1]]
    assert pixels.tolist() == [8, 2, 2, 1]
    assert independent_areas(np.array([9, 9, 9])) == pytest.approx(3.0)
    assert independent_areas(np.array([900, 1, 1])) == pytest.approx(1.0, abs=0.01)


def test_slips_of_a_border_are_thin_with_another_class_on_one_side() -> None:
    label = np.zeros((60, 60), np.uint8)
    label[30:] = 1
    label[10:12, 10:50] = 2
    code = np.full(label.shape, -1, np.int32)
    code[30:32] = 0  # along the border, on its own side
    code[10:12, 10:50] = 1  # thin, but a thing of its own
    code[40:55, 10:50] = 2  # far from thin
    number, pixels = number_areas(code)
    assert [label[number == area][0] for area in range(3)] == [2, 1, 1]
    assert lie_along_borders(number, pixels, label, mean_width(label)).tolist() == [False, True, False]


def test_votes_on_a_border_tell_no_more_than_three_normal_outlines() -> None:
    crowd = unfitted(3, 2)
    # Pixels on a line across a border at 0, and the side on which three workers put each.
    places = np.arange(-3.95, 4.0, 0.1)
    votes = (np.random.default_rng(0).normal(size=(20_000, 3))[:, :, None] < places).sum(axis=1)
    disputed = (votes == 1) | (votes == 2)
    correct = ((votes == 2) == (places > 0.0))[disputed].mean()
    scores = crowd.border_tempering() * crowd.scores(np.arange(3), np.array([[1, 1, 0]]))
    assert normalized(scores)[0, 1] == pytest.approx(correct, abs=0.01)


def test_a_worker_who_errs_with_one_class_is_doubted_with_the_others() -> None:
    rng = np.random.default_rng(2)
    truth = rng.integers(0, 2, 200)
    given = np.stack([truth, truth, np.where(truth == 0, 1, 0)], axis=1)
    given = np.concatenate((given, np.full((2, 3), 2)))
    crowd = fit_crowd([Patterns(np.arange(3), given, np.ones(len(given)))], 3, 3)
    assert crowd.confusion[2, 2, 2] < 0.5 < 0.8 < crowd.confusion[0, 2, 2]
    assert crowd.confusion.sum(axis=2) == pytest.approx(1.0)
