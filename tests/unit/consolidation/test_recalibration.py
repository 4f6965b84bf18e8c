"""Confidences set right by known labels: little gold changes little, and no gold is counted twice."""

from __future__ import annotations

import numpy as np
import pytest

from groundswell.consolidation import Consolidator, DawidSkene, Votes
from groundswell.domain.errors import InvalidInput
from groundswell.quality import BetaCalibration, calibration_error, fit_beta_calibration, recalibrate

Ints = np.ndarray


def crowd(rng: np.random.Generator, truth: Ints, *, right: float, misled: Ints | None = None) -> Votes:
    """Five answers to each of N objects of two classes by 40 workers; of misled objects all say the other class."""
    seen = truth if misled is None else np.where(misled, 1 - truth, truth)
    worker = np.concatenate([rng.permutation(40)[:5] for _ in truth])
    label = np.repeat(seen, 5)
    wrong = rng.random(label.size) > right
    return Votes.from_columns(
        task=np.repeat(np.arange(truth.size), 5), worker=worker, label=np.where(wrong, 1 - label, label)
    )


def gold_of(rng: np.random.Generator, truth: Ints, size: int) -> Ints:
    gold = np.full(truth.size, -1)
    chosen = rng.permutation(truth.size)[:size]
    gold[chosen] = truth[chosen]
    return gold


def test_without_known_labels_confidences_stay() -> None:
    stated = np.array([0.5, 0.7, 0.99])
    assert np.allclose(fit_beta_calibration([], [])(stated), stated)
    assert np.allclose(BetaCalibration()(stated, [0, 1, 0]), stated)


def test_few_known_labels_change_little_and_many_all() -> None:
    few = fit_beta_calibration([0.9] * 4, [1, 0, 1, 0])(np.array([0.9]))[0]
    many = fit_beta_calibration([0.9] * 400, [1, 0] * 200)(np.array([0.9]))[0]
    assert 0.75 < few < 0.9 and many == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("seed", range(5))
def test_a_higher_confidence_never_becomes_a_lower_one(seed: int) -> None:
    rng = np.random.default_rng(seed)
    curve = fit_beta_calibration(rng.random(60), rng.random(60) < 0.5)  # nothing to learn, even the wrong way round
    assert (np.diff(curve(np.linspace(0.0, 1.0, 50))) >= 0).all()
    against = fit_beta_calibration(np.linspace(0.0, 1.0, 400), np.arange(400) < 200)
    assert (np.diff(against(np.linspace(0.0, 1.0, 50))) >= 0).all()


def test_a_class_with_enough_known_labels_has_a_curve_of_its_own() -> None:
    stated, label = np.full(400, 0.8), np.arange(400) % 2
    right = np.where(label == 0, np.arange(400) % 20 < 19, np.arange(400) % 20 < 10)
    curve = fit_beta_calibration(stated, right, label=label, n_labels=3)
    zero, one, unknown = curve(np.full(3, 0.8), [0, 1, 2])
    assert zero > 0.87 and one < 0.62 and one < unknown < zero
    few = fit_beta_calibration(stated[:40], right[:40], label=label[:40], n_labels=3)
    assert not few.by_class.any()


@pytest.mark.parametrize(
    ("confidence", "correct"), [([0.5, 1.2], [1, 0]), ([0.5], [1, 0]), ([0.5], [2]), ([float("nan")], [1])]
)
def test_what_is_no_calibration_data_is_refused(confidence: list[float], correct: list[int]) -> None:
    with pytest.raises(InvalidInput):
        fit_beta_calibration(confidence, correct)


@pytest.mark.parametrize("model", [Consolidator(), DawidSkene()])
def test_a_crowd_wrong_as_a_whole_is_found_out(model: Consolidator | DawidSkene) -> None:
    rng = np.random.default_rng(1)
    truth = rng.integers(0, 2, 800)
    votes = crowd(rng, truth, right=0.9, misled=rng.random(800) < 0.25)
    gold = gold_of(rng, truth, 120)
    found = recalibrate(model.fit(votes, gold=gold), gold)
    others = gold < 0
    right = (model.label_index_ == truth)[others]
    assert calibration_error(model.confidence_[others], right, bins=10).ece > 0.12
    assert calibration_error(found.confidence[others], right, bins=10).ece < 0.07
    assert found.before is not None and found.after is not None
    assert found.after.ece < found.before.ece - 0.05 and found.n_gold == 120
    assert (found.confidence[~others] == 1.0).all()


def test_gold_is_not_counted_twice() -> None:
    """Answers that tell nothing: a fit is certain of its gold objects, and nothing follows for the others."""
    rng = np.random.default_rng(2)
    truth = rng.integers(0, 2, 400)
    votes, gold = crowd(rng, truth, right=0.5), gold_of(rng, truth, 200)
    model = Consolidator().fit(votes, gold=gold)
    assert model.confidence_[gold >= 0].min() == 1.0
    found = recalibrate(model, gold)
    others = gold < 0
    right = float((model.label_index_ == truth)[others].mean())
    assert found.confidence[others].mean() == pytest.approx(right, abs=0.1)
    assert found.confidence[others].max() < 0.75


def test_gold_in_an_order_that_means_something_is_judged_like_any_other() -> None:
    """Every fifth gold object is misled: parts of the gold by turns would each be judged by what the others lack."""
    rng = np.random.default_rng(3)
    truth = rng.integers(0, 2, 400)
    votes = crowd(rng, truth, right=0.95, misled=np.arange(400) % 5 == 0)
    gold = np.where(np.arange(400) < 100, truth, -1)
    found = recalibrate(Consolidator().fit(votes, gold=gold), gold)
    assert found.before is not None and found.after is not None
    assert found.after.ece < 0.1 < found.before.ece


def test_too_little_gold_leaves_confidences() -> None:
    rng = np.random.default_rng(4)
    truth = rng.integers(0, 2, 100)
    votes, gold = crowd(rng, truth, right=0.8), gold_of(rng, truth, 29)
    model = Consolidator().fit(votes, gold=gold)
    found = recalibrate(model, gold)
    assert np.array_equal(found.confidence[gold < 0], model.confidence_[gold < 0])
    assert found.before is None and found.n_gold == 29


def test_gold_that_is_no_sample_tilts_no_class_rates() -> None:
    """Half of all objects are of class 1, one in thirty of the gold ones."""
    rng = np.random.default_rng(5)
    truth = rng.integers(0, 2, 1200)
    votes = crowd(rng, truth, right=0.75)
    gold = np.full(1200, -1)
    zeros, ones = np.flatnonzero(truth == 0)[:290], np.flatnonzero(truth == 1)[:10]
    gold[zeros], gold[ones] = 0, 1
    alone = Consolidator().fit(votes)
    chosen = Consolidator().fit(votes, gold=gold)
    others = gold < 0
    rate = float((truth[others] == 1).mean())
    assert chosen.prior_[1] == pytest.approx(rate, abs=0.05)
    assert np.mean(chosen.label_index_[others] == truth[others]) >= np.mean(alone.label_index_[others] == truth[others])
    drawn = gold_of(rng, truth, 300)
    assert Consolidator(gold_is_random=True).fit(votes, gold=drawn).prior_[1] == pytest.approx(0.5, abs=0.05)
