"""Dawid and Skene: known answers, agreement with an independent implementation, priors, gold, history."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from groundswell.consolidation import ConfusionPrior, DawidSkene, Votes
from groundswell.consolidation.dawid_skene_kernels import expected_sums, row_of
from groundswell.consolidation.fast import LARGE, repeated
from groundswell.domain.errors import InvalidInput, InvalidVotes

SMALL = Votes.from_columns(
    task=[0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4],
    worker=["w1", "w2", "w3"] * 5,
    label=["A", "A", "B", "B", "B", "B", "C", "C", "A", "A", "A", "A", "B", "C", "C"],
)


def simulated(n_objects: int, n_workers: int, n_labels: int, per_object: int, seed: int) -> tuple[Votes, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, n_labels, n_objects)
    owner = np.repeat(np.arange(n_objects), per_object)
    worker = np.concatenate([rng.permutation(n_workers)[:per_object] for _ in range(n_objects)])
    skill = rng.uniform(0.5, 0.95, n_workers)[worker]
    label = np.where(rng.random(owner.size) < skill, truth[owner], rng.integers(0, n_labels, owner.size))
    votes = Votes.from_arrays(owner, worker, label, n_objects=n_objects, n_workers=n_workers, n_labels=n_labels)
    return votes, truth


@pytest.mark.parametrize("n_labels", [2, 5, 12])
def test_without_priors_it_equals_crowd_kit(n_labels: int) -> None:
    from crowdkit.aggregation import DawidSkene as CrowdKit

    votes, _ = simulated(400, 12, n_labels, 5, seed=n_labels)
    frame = pd.DataFrame({"task": votes.object, "worker": votes.worker, "label": votes.label})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = CrowdKit(n_iter=20, tol=-1e9).fit(frame)
    ours = DawidSkene.maximum_likelihood(max_iter=20, tol=-1.0).fit(votes)
    assert ours.n_iter_ == 20
    assert theirs.probas_ is not None and theirs.errors_ is not None
    classes = list(range(n_labels))
    np.testing.assert_allclose(ours.posterior_, theirs.probas_.sort_index()[classes].to_numpy(), atol=1e-7)
    errors = theirs.errors_[classes]
    for (worker, answer), row in zip(errors.index.tolist(), errors.to_numpy().tolist(), strict=True):
        np.testing.assert_allclose(ours.confusion_[worker, :, answer], row, atol=1e-7)


def test_real_annotations_equal_crowd_kit(shared_data: Path) -> None:
    from crowdkit.aggregation import DawidSkene as CrowdKit

    frame = pd.read_csv(shared_data / "crowd/weather_cf/annotations.csv", dtype=str)
    frame = frame.drop_duplicates(["task", "worker"], keep="last")
    votes = Votes.from_frame(frame)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = CrowdKit(n_iter=30, tol=-1e9).fit(frame).probas_
    ours = DawidSkene.maximum_likelihood(max_iter=30, tol=-1.0).fit(votes)
    assert theirs is not None
    np.testing.assert_allclose(ours.posterior_, theirs.loc[votes.objects, votes.labels].to_numpy(), atol=1e-6)


@pytest.mark.parametrize("prior", [ConfusionPrior(), ConfusionPrior(correct=4.0, wrong=1.0, classes=2.0)])
def test_the_objective_never_falls(prior: ConfusionPrior) -> None:
    votes, _ = simulated(300, 10, 4, 4, seed=1)
    objective = DawidSkene(prior=prior, tol=0.0, max_iter=50).fit(votes).objective_
    assert np.all(np.diff(objective) >= -1e-9 * np.abs(objective[:-1]))


@pytest.mark.parametrize("n_labels", [3, 9])
def test_it_recovers_a_simulated_crowd(n_labels: int) -> None:
    votes, truth = simulated(3000, 15, n_labels, 7, seed=3)
    model = DawidSkene().fit(votes)
    assert np.mean(model.label_index_ == truth) > 0.97
    true_counts = np.zeros((15, n_labels, n_labels))
    np.add.at(true_counts, (votes.worker, truth[votes.object], votes.label), 1)
    true_confusion = true_counts / true_counts.sum(axis=2, keepdims=True)
    assert np.abs(model.confusion_ - true_confusion).mean() < 0.02
    np.testing.assert_allclose(model.posterior_.sum(axis=1), 1.0)
    np.testing.assert_allclose(model.confusion_.sum(axis=2), 1.0)


@pytest.mark.parametrize("n_labels", [2, 12])  # in registers, in tiles
def test_thousands_of_annotations_of_one_object_do_not_underflow(n_labels: int) -> None:
    n_workers = 3000
    label = (np.arange(n_workers) % 5 == 0) * (1 + np.arange(n_workers) % (n_labels - 1))
    votes = Votes.from_arrays(
        np.zeros(n_workers, int), np.arange(n_workers), label, n_objects=1, n_workers=n_workers, n_labels=n_labels
    )
    model = DawidSkene(prior=ConfusionPrior(correct=2.0, wrong=1.0)).fit(votes)
    assert model.label_index_[0] == 0
    assert np.isfinite(model.objective_).all() and np.isfinite(model.posterior_).all()


@pytest.mark.parametrize("n_labels", [3, 12])  # in registers, in tiles
def test_one_pass_equals_the_plain_formula(n_labels: int) -> None:
    votes, truth = simulated(80, 9, n_labels, 6, seed=8)
    gold = np.where(np.arange(80) % 10 == 0, truth, -1).astype(np.int32)
    rng = np.random.default_rng(9)
    prior, table = rng.dirichlet(np.ones(n_labels)), rng.random((9, n_labels, n_labels))
    row = row_of(votes.worker, votes.label, n_labels)
    counts, classes, value = expected_sums(votes.offsets, row, gold, prior, table, exact=True)
    joint = np.log(prior) + np.zeros((80, n_labels))
    np.add.at(joint, votes.object, np.log(table[votes.worker, votes.label]))
    posterior = np.exp(joint) / np.exp(joint).sum(axis=1, keepdims=True)
    known = gold >= 0
    expected_value = np.log(np.exp(joint[~known]).sum(axis=1)).sum() + joint[known, gold[known]].sum()
    posterior[known] = np.eye(n_labels)[gold[known]]
    expected = np.zeros_like(table)
    np.add.at(expected, (votes.worker, votes.label), posterior[votes.object])
    np.testing.assert_allclose(counts, expected, atol=1e-12)
    np.testing.assert_allclose(classes, posterior.sum(axis=0), atol=1e-12)
    assert value == pytest.approx(expected_value)


def test_gold_pins_the_truth_and_teaches_about_workers() -> None:
    plain = DawidSkene().fit(SMALL)
    taught = DawidSkene().fit(SMALL, gold={0: "B", 2: "A"})
    assert taught.labels_[0] == "B" and taught.posterior_[0].tolist() == [0.0, 1.0, 0.0]
    assert taught.skill_[2] > plain.skill_[2]
    same = DawidSkene().fit(SMALL, gold=np.array([1, -1, 0, -1, -1]))
    np.testing.assert_array_equal(same.posterior_, taught.posterior_)


def test_history_makes_a_worker_count_more() -> None:
    votes = Votes.from_columns(task=[1, 1], worker=["old", "new"], label=["A", "B"])
    for history in ({"old": (50, 1)}, {"old": [[25, 0], [1, 25]]}, {"old": (50, 1), "absent": (1, 1)}):
        assert DawidSkene().fit(votes, worker_history=history).labels_.tolist() == ["A"]
    assert DawidSkene().fit(votes, worker_history={"new": (50, 1)}).labels_.tolist() == ["B"]


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"gold": {99: "A"}}, "99"),
        ({"gold": {0: "Z"}}, "'Z'"),
        ({"gold": [0, 1]}, "5 class indices"),
        ({"worker_history": {"w1": [1, 2, 3]}}, "history of worker 'w1'"),
        ({"worker_history": {"w1": (-1, 2)}}, "none negative"),
    ],
)
def test_wrong_gold_and_history_are_refused(arguments: dict[str, object], match: str) -> None:
    with pytest.raises(InvalidVotes, match=match):
        DawidSkene().fit(SMALL, **arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize("model", [DawidSkene(), DawidSkene.maximum_likelihood()])
def test_degenerate_votes_have_stated_results(model: DawidSkene) -> None:
    assert model.fit(Votes.from_columns(task=[], worker=[], label=[])).posterior_.shape == (0, 0)
    assert model.fit(Votes.from_columns(task=[1], worker=[1], label=["x"])).labels_.tolist() == ["x"]
    partly = Votes.from_columns(task=[1], worker=[1], label=["x"], labels=["w", "x"], objects=[1, 2])
    model.fit(partly)
    np.testing.assert_allclose(model.posterior_[1], model.prior_, atol=0.2)
    assert np.isfinite(model.confusion_).all() and np.isfinite(model.skill_).all()


def test_large_tables_in_single_precision_agree_with_double(monkeypatch: pytest.MonkeyPatch) -> None:
    loops = pytest.importorskip("groundswell.consolidation.compiled.dawid_skene_kernels", reason="needs [fast]")
    votes, _ = simulated(500, 20, 40, 5, seed=6)
    exact = DawidSkene(max_iter=10, tol=-1.0).fit(votes)
    monkeypatch.setattr(loops, "COMPACT", 1)
    with repeated(LARGE):
        compact = DawidSkene(max_iter=10, tol=-1.0).fit(votes)
    np.testing.assert_allclose(compact.posterior_, exact.posterior_, atol=2e-5)
    np.testing.assert_array_equal(compact.label_index_, exact.label_index_)
    np.testing.assert_allclose(compact.objective_, exact.objective_, rtol=1e-6)


def test_given_class_rates_are_kept() -> None:
    model = DawidSkene(class_rates={"A": 8, "B": 1, "C": 1}).fit(SMALL)
    assert model.prior_.tolist() == [0.8, 0.1, 0.1]
    with pytest.raises(InvalidVotes, match="a rate above 0"):
        DawidSkene(class_rates={"A": 1.0}).fit(SMALL)


@pytest.mark.parametrize("wrong", [{"correct": -1.0}, {"wrong": float("nan")}, {"classes": float("inf")}])
def test_imagined_answers_are_numbers_of_at_least_0(wrong: dict[str, float]) -> None:
    with pytest.raises(InvalidInput, match=next(iter(wrong))):
        ConfusionPrior(**wrong)
