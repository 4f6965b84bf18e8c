"""Sets of labels and numbers: simulated crowds, and real relations and ratings."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groundswell.consolidation.multilabel import MultiLabelConsolidator
from groundswell.consolidation.numeric import NumericConsolidator


def test_rare_labels_are_found_by_careful_workers() -> None:
    rng = np.random.default_rng(0)
    labels = ["common", "often", "rare"]
    truth = rng.random((300, 3)) < [0.6, 0.4, 0.1]
    workers = {"ann": (0.95, 0.02), "bob": (0.9, 0.03), "cid": (0.5, 0.3), "dan": (0.5, 0.3), "eve": (0.5, 0.3)}
    objects: list[dict[str, Any]] = []
    for row in truth:
        objects.append(
            {
                w: [name for name, t in zip(labels, row, strict=True) if rng.random() < (hit if t else invent)]
                for w, (hit, invent) in workers.items()
            }
        )
    model = MultiLabelConsolidator(labels=labels).fit(objects)
    found = np.array([[name in r.value for name in labels] for r in model.consolidate_all(objects)])
    majority = np.array([[sum(name in v for v in a.values()) > 2 for name in labels] for a in objects])
    assert (found == truth).mean() > (majority == truth).mean() + 0.04
    assert (np.diff(model.objective_) > -1e-8).all()
    assert model.sensitivity_[0] > 0.85 and model.specificity_[2] < 0.8


@pytest.mark.shared
def test_real_relations_beat_the_majority(shared_data: Path) -> None:
    folder = shared_data / "crowd" / "ct_relex"
    objects: dict[str, dict[str, Any]] = {}
    for row in rows_of(folder / "annotations.csv"):
        objects.setdefault(row["task"], {})[row["worker"]] = [part for part in row["label"].split("|") if part]
    model = MultiLabelConsolidator().fit(list(objects.values()))
    results = dict(zip(objects, model.consolidate_all(list(objects.values())), strict=True))
    experts = [row for row in rows_of(folder / "expert.csv") if row["rel"] == "treat" and row["task"] in objects]
    truth = np.array([float(row["expert"]) > 0 for row in experts])
    found = np.array(["TREATS" in results[row["task"]].value for row in experts])
    majority = np.array([np.mean(["TREATS" in v for v in objects[row["task"]].values()]) > 0.5 for row in experts])
    assert (found == truth).mean() > (majority == truth).mean() + 0.04


def test_biased_and_careless_workers_are_corrected() -> None:
    rng = np.random.default_rng(1)
    truth = rng.uniform(0, 100, 400)
    habits = {"ann": (0.0, 2.0), "bob": (0.0, 4.0), "high": (15.0, 4.0), "wild": (0.0, 40.0)}
    objects = [{w: float(t + bias + rng.normal(0, sd)) for w, (bias, sd) in habits.items()} for t in truth]
    model = NumericConsolidator().fit(objects)
    results = model.consolidate_all(objects)
    error = np.array([r.value for r in results]) - truth
    error -= error.mean()  # what all workers share cannot be known
    assert np.sqrt((error**2).mean()) < 2.3  # the plain mean: 10
    assert model.bias_[2] - model.bias_[0] == pytest.approx(15.0, abs=2.0)
    assert model.skill_.argsort()[0] == 3
    spread = np.mean([r.details["deviation"] for r in results])
    assert spread == pytest.approx(np.std(error), rel=0.4)


def test_large_numbers_keep_their_digits_and_agreement_is_exact() -> None:
    assert NumericConsolidator().consolidate({"a": 1e12 + 1, "b": 1e12 + 1}).value == 1e12 + 1
    objects = [{"a": 1e9 + n, "b": 1e9 + n + 2} for n in range(5)]
    assert NumericConsolidator().fit(objects).consolidate(objects[3]).value == pytest.approx(1e9 + 4, abs=1e-3)


def rated(rng: np.random.Generator, *, per_object: int, slips: float) -> tuple[list[dict[str, float]], Any]:
    """100 numbers rated by some of 38 workers of one deviation, 10, with a share of wild slips."""
    truth = rng.uniform(0, 100, 100)
    objects = []
    for t in truth:
        workers = rng.choice(38, per_object, replace=False).tolist()
        errors = np.where(rng.random(per_object) < slips, rng.uniform(-500, 500, per_object), 0.0)
        errors += rng.normal(0, 10, per_object)
        objects.append({f"w{w}": float(t + e) for w, e in zip(workers, errors, strict=True)})
    return objects, truth


def test_slips_do_not_move_the_numbers() -> None:
    objects, truth = rated(np.random.default_rng(0), per_object=10, slips=0.05)
    model = NumericConsolidator().fit(objects)
    error = np.array([r.value for r in model.consolidate_all(objects)]) - truth
    median = np.array([np.median(list(answers.values())) for answers in objects]) - truth
    assert (error**2).mean() < (median**2).mean()
    assert model.consolidate({"a": 10.0, "b": 11.0, "c": 12.0, "d": 1200.0}).value == pytest.approx(11.0, abs=1.0)


@pytest.mark.parametrize("per_object", [3, 10])
def test_intervals_of_numbers_hold_what_they_say(per_object: int) -> None:
    found = []
    for seed in range(6):
        objects, truth = rated(np.random.default_rng(seed), per_object=per_object, slips=0.02)
        results = NumericConsolidator().fit(objects).consolidate_all(objects)
        found += [abs(r.value - t) / r.details["deviation"] for r, t in zip(results, truth, strict=True)]
    assert np.mean(np.array(found) < 1.0) == pytest.approx(0.68, abs=0.05)
    assert np.mean(np.array(found) < 1.96) == pytest.approx(0.95, abs=0.03)


@pytest.mark.parametrize("unit", [1e-9, 1e9])
def test_the_unit_of_numbers_does_not_matter(unit: float) -> None:
    objects, _ = rated(np.random.default_rng(1), per_object=4, slips=0.02)
    scaled = [{w: value * unit for w, value in answers.items()} for answers in objects]
    expected = NumericConsolidator().fit(objects).consolidate_all(objects)
    results = NumericConsolidator().fit(scaled).consolidate_all(scaled)
    np.testing.assert_allclose([r.value / unit for r in results], [r.value for r in expected], rtol=1e-6)
    np.testing.assert_allclose([r.confidence for r in results], [r.confidence for r in expected], rtol=1e-6)


@pytest.mark.shared
@pytest.mark.parametrize("name", ["n_emotion", "wordsim"])
def test_real_ratings_lose_nothing_to_the_mean(shared_data: Path, name: str) -> None:
    folder = shared_data / "crowd" / name
    objects: dict[str, dict[str, float]] = {}
    for row in rows_of(folder / "annotations.csv"):
        objects.setdefault(row["task"], {})[row["worker"]] = float(row["label"])
    known = {row["task"]: float(row["label"]) for row in rows_of(folder / "truth.csv")}
    results = NumericConsolidator().fit(list(objects.values())).consolidate_all(list(objects.values()))
    truth = np.array([known[task] for task in objects])
    ours, mean = np.array([r.value for r in results]), np.array([np.mean(list(a.values())) for a in objects.values()])
    assert np.abs(ours - truth).mean() < np.abs(mean - truth).mean() * 1.005


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def answered(
    rng: np.random.Generator, truth: np.ndarray, per_object: int, spread: np.ndarray
) -> list[dict[str, float]]:
    """Numbers by workers of known deviations (W,) around the truth (N,)."""
    return [
        {f"w{w:02d}": float(t + rng.normal(0, spread[w])) for w in rng.choice(len(spread), per_object, replace=False)}
        for t in truth
    ]


def test_numbers_are_means_where_no_worker_stands_out() -> None:
    rng = np.random.default_rng(1)
    objects = answered(rng, rng.normal(50, 20, 100), 8, np.full(12, 10.0))
    model = NumericConsolidator().fit(objects)
    assert not model.biases_count_ and not model.deviations_count_
    for answers, result in zip(objects, model.consolidate_all(objects), strict=True):
        assert result.value == pytest.approx(np.mean(list(answers.values())), abs=0.2)


def test_many_zeros_and_some_large_answers_are_no_outliers() -> None:
    """As ratings of feelings are: most say 0, some much, and the truth is what people say on average."""
    rng = np.random.default_rng(2)
    truth = rng.gamma(0.7, 25.0, 100).clip(0, 90)
    objects = [
        {f"w{w}": 0.0 if rng.random() < 0.6 else float(min(t * rng.exponential(2.5), 100.0)) for w in range(10)}
        for t in truth
    ]
    model = NumericConsolidator().fit(objects)
    values = np.array([result.value for result in model.consolidate_all(objects)])
    means = np.array([np.mean(list(answers.values())) for answers in objects])
    assert np.abs(values - truth).mean() <= np.abs(means - truth).mean() + 0.05
    assert ((values - truth) ** 2).mean() <= ((means - truth) ** 2).mean() + 0.5


def test_careful_workers_and_biases_count_where_they_stand_out() -> None:
    rng = np.random.default_rng(3)
    truth = rng.normal(50, 20, 120)
    uneven = NumericConsolidator().fit(answered(rng, truth, 6, np.array([3.0, 3.0, 3.0] + [25.0] * 9)))
    assert uneven.deviations_count_
    bias = rng.normal(0, 15, 12)
    leaning = [{w: x + bias[int(w[1:])] for w, x in one.items()} for one in answered(rng, truth, 6, np.full(12, 8.0))]
    model = NumericConsolidator().fit(leaning)
    values = np.array([result.value for result in model.consolidate_all(leaning)])
    means = np.array([np.mean(list(one.values())) for one in leaning])
    assert model.biases_count_ and np.std(values - truth) < 0.8 * np.std(means - truth)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    objects=st.sampled_from([1, 2, 5, 40]),
    each=st.integers(2, 6),
    size=st.integers(2, 15),
    sign=st.sampled_from([-1.0, 1.0]),
    known=st.booleans(),
)
def test_an_outlier_moves_numbers_by_a_bounded_amount(
    seed: int, objects: int, each: int, size: int, sign: float, known: bool
) -> None:
    """Of its own object and of others, in the fit or after it, from one who slips once or has nothing else to say."""
    rng = np.random.default_rng(seed)
    clean = answered(rng, rng.normal(50, 20, objects), each, np.full(8, 10.0))
    slip = {w for w in ("w00", "w01", "w02", "w03", "w04", "w05", "w06") if w not in clean[0]} if known else {"eve"}
    spoilt = [{**clean[0], min(slip): sign * 10.0**size}, *clean[1:]]
    model = NumericConsolidator().fit(clean)
    before = np.array([result.value for result in model.consolidate_all(clean)])
    after = np.array([result.value for result in NumericConsolidator().fit(spoilt).consolidate_all(spoilt)])
    assert np.abs(after - before).max() < 90.0
    assert abs(model.consolidate(spoilt[0]).value - before[0]) < 90.0


@pytest.mark.parametrize("outlier", [1e2, 1e4, 1e8, -1e8, 1e15])
def test_an_outlier_among_many_answers_moves_a_number_by_about_a_deviation(outlier: float) -> None:
    rng = np.random.default_rng(4)
    objects = answered(rng, rng.normal(50, 20, 60), 5, np.full(10, 10.0))
    model = NumericConsolidator().fit(objects)
    clean, spoilt = model.consolidate(objects[0]).value, {**objects[0], "slip": outlier}
    assert abs(model.consolidate(spoilt).value - clean) < 12.0
    model = NumericConsolidator().fit([spoilt, *objects[1:]])
    assert abs(model.consolidate(spoilt).value - clean) < 12.0
    assert model.crowd_deviation_ == pytest.approx(10.0, rel=0.2)


def test_one_odd_answer_among_equal_ones_is_a_slip_or_not_by_the_size_of_the_numbers() -> None:
    far: dict[str, Any] = {"ann": 5, "bob": 5, "eve": 1e12}
    assert NumericConsolidator().fit([far]).consolidate(far).value == pytest.approx(5.0, abs=2.0)
    near: dict[str, Any] = {"ann": 5, "bob": 5, "eve": 6}
    assert NumericConsolidator().fit([near]).consolidate(near).value == pytest.approx(16 / 3, abs=0.05)


def test_of_two_answers_that_clash_the_one_in_the_reach_of_the_job_is_believed() -> None:
    rng = np.random.default_rng(5)
    objects = answered(rng, rng.normal(50, 20, 30), 3, np.full(6, 10.0))
    model = NumericConsolidator().fit(objects)
    assert model.consolidate({"new": 52.0, "eve": 5.2e6}).value == pytest.approx(52.0, abs=1.0)
    assert model.consolidate({"new": 5e6, "ann": 5e6 + 4, "bob": 52.0}).value == pytest.approx(5e6, abs=10.0)


def test_a_handful_of_objects_does_not_overrule_two_of_three_workers() -> None:
    often: dict[str, list[str]] = {"ann": ["policy"], "bob": ["policy"], "eve": []}
    once: dict[str, list[str]] = {"ann": ["policy"], "bob": [], "eve": []}
    model = MultiLabelConsolidator().fit([often, often, often, once])
    assert model.consolidate(once).details["posteriors"]["policy"] < 0.5
    assert model.consolidate(once).value == [] and model.consolidate(often).value == ["policy"]
    mixed: list[dict[str, list[str]]] = [{key: ["spam"] for key in once}, once]
    mixed += [{key: ["policy"] for key in once}, {w: [] for w in once}]
    assert MultiLabelConsolidator().fit(mixed).consolidate(once).details["posteriors"]["policy"] < 0.4


def test_small_jobs_are_right_about_labels_as_often_as_they_say() -> None:
    off, right = [], []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        hit, invent = rng.uniform(0.6, 0.95, 8), rng.uniform(0.01, 0.2, 8)
        truth = rng.random((4, 4)) < rng.uniform(0.05, 0.6, 4)
        objects = [
            {
                f"w{w}": [f"l{k}" for k in range(4) if rng.random() < (hit[w] if row[k] else invent[w])]
                for w in rng.choice(8, 3, replace=False).tolist()
            }
            for row in truth
        ]
        results = MultiLabelConsolidator(labels=[f"l{k}" for k in range(4)]).fit(objects).consolidate_all(objects)
        chance = np.array([[r.details["posteriors"][f"l{k}"] for k in range(4)] for r in results])
        off.append(chance.mean() - truth.mean())
        right.append(((chance > 0.5) == truth).mean())
    assert abs(np.mean(off)) < 0.03 and np.mean(right) > 0.92
