"""The default consolidator on real crowds, and the parts it is made of."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from groundswell.consolidation import Consolidator, MajorityVote, Votes
from groundswell.consolidation.bcc import fit_bcc
from groundswell.consolidation.calibration import calibration_error
from groundswell.consolidation.class_names import class_names, own_weight, tempered
from groundswell.consolidation.consolidator import (
    class_pseudocounts,
    credibility,
    every_nth_object,
    pool,
)


def read_votes(folder: Path) -> tuple[Votes, np.ndarray]:
    """Annotations of a data set and (N,) the true class of each object, None where it is not known."""
    with (folder / "annotations.csv").open(newline="") as file:
        rows = [(row["task"], row["worker"], row["label"]) for row in csv.DictReader(file)]
    with (folder / "truth.csv").open(newline="") as file:
        truth = {row["task"]: row["label"] for row in csv.DictReader(file)}
    task, worker, label = zip(*rows, strict=True)
    votes = Votes.from_columns(task=task, worker=worker, label=label)
    return votes, np.array([truth.get(name) for name in votes.objects.tolist()], dtype=object)


def accuracy(labels: np.ndarray, truth: np.ndarray) -> float:
    known = np.array([label is not None for label in truth])
    return float(np.mean(labels[known] == truth[known]))


@pytest.mark.parametrize(
    ("name", "at_least"),
    [
        ("bluebirds", 0.88),  # asymmetric workers: one-coin models reach 0.58
        ("zencrowd_us", 0.90),  # workers err together: confusion matrices reach 0.83
        ("weather_cf", 0.88),  # four annotations a worker: confusion matrices without priors reach 0.83
        ("rte", 0.92),
    ],
)
def test_accuracy_on_real_crowds(shared_data: Path, name: str, at_least: float) -> None:
    votes, truth = read_votes(shared_data / "crowd" / name)
    ours, vote = Consolidator().fit(votes), MajorityVote().fit(votes)
    assert accuracy(ours.labels_, truth) >= at_least
    assert accuracy(ours.labels_, truth) >= accuracy(vote.labels_, truth) - 0.005


def test_confidences_are_honest_on_average(shared_data: Path) -> None:
    errors = []
    for name in ("bluebirds", "dogs4", "rte", "temp", "weather_cf", "music_genre", "zencrowd_us"):
        votes, truth = read_votes(shared_data / "crowd" / name)
        model = Consolidator().fit(votes)
        errors.append(calibration_error(model.confidence_, model.labels_ == truth, bins=10).ece)
    assert np.mean(errors) < 0.035


def test_subtypes_take_no_place_of_a_class(shared_data: Path) -> None:
    votes, truth = read_votes(shared_data / "crowd" / "web5")
    one = votes.labels[1]  # evidence prefers subtypes here that put nearly all objects into the other class
    names = [str(label == one) for label in votes.labels.tolist()]
    binary = Votes.from_columns(task=votes.object, worker=votes.worker, label=[names[code] for code in votes.label])
    wanted = np.array([None if label is None else str(label == one) for label in truth], dtype=object)
    ours, vote = Consolidator().fit(binary), MajorityVote().fit(binary)
    assert accuracy(ours.labels_, wanted) >= accuracy(vote.labels_, wanted) - 0.005


def test_pool_is_the_geometric_mean_and_no_model_has_a_veto() -> None:
    sure, unsure = np.array([[1.0, 0.0]]), np.array([[0.2, 0.8]])
    assert np.allclose(pool([unsure, unsure]), unsure, atol=1e-3)
    pooled = pool([sure, unsure, unsure, unsure, unsure])
    assert pooled[0, 1] > 0.4 and pooled.sum() == pytest.approx(1)


def test_credibility_grows_with_evidence() -> None:
    weights = credibility(np.array([0.0, 3.0]))
    assert weights[1] / weights[0] == pytest.approx(np.e) and weights.sum() == pytest.approx(1)


def named_by(label: list[str]) -> np.ndarray:
    """Posterior (20, 2) after naming, of ten objects surely "a" and ten surely "b", each answered by four workers."""
    votes = Votes.from_columns(task=[n for n in range(20) for _ in range(4)], worker=[0, 1, 2, 3] * 20, label=label)
    posterior = np.repeat([[1.0, 0.0], [0.0, 1.0]], 10, axis=0)
    return posterior @ class_names(posterior, votes, naming=1.0, own=1.0)


def test_a_class_the_crowd_is_split_on_is_never_certain() -> None:
    named = named_by(["a"] * 40 + ["b", "a", "b", "a", "a", "b", "a", "b"] * 5)
    assert named[0, 0] > 0.95 and 0.65 < named[19, 1] < 0.85


def test_workers_who_tell_nothing_have_no_say_in_what_a_class_is_called() -> None:
    named = named_by(["a"] * 40 + ["b", "b", "a", "a"] * 10)
    assert named[0, 0] > 0.95 and named[19, 1] > 0.95


def test_names_may_be_left_even() -> None:
    votes = Votes.from_columns(task=[0, 0, 1], worker=[0, 1, 0], label=[0, 1, 1])
    assert np.allclose(class_names(np.eye(2), votes, naming=0.0, own=0.0), 0.5)


def test_scattered_errors_doubt_a_name_less_than_one_rival() -> None:
    def kept(wrong: list[int]) -> float:
        """The chance that class 0 of ten keeps its name, answered wrongly by a third, with these classes in turn."""
        label = [0] * 60 + wrong * (30 // len(wrong)) + [k for k in range(1, 10) for _ in range(9)]
        task = np.repeat(np.arange(len(label) // 9), 9)
        votes = Votes.from_columns(task=task, worker=np.arange(len(label)) % 9, label=label)
        truth = np.repeat(np.eye(10), [10] + [1] * 9, axis=0)
        return float(class_names(truth, votes, naming=1.0, own=1.0)[0, 0])

    assert kept([1, 2, 3, 4, 5, 6]) > kept([1, 2]) + 0.03 > kept([1]) + 0.06


def test_tempering_makes_less_sure_and_changes_no_label() -> None:
    posterior = np.array([[0.9, 0.08, 0.02], [0.2, 0.5, 0.3], [1.0, 0.0, 0.0]])
    less = tempered(posterior, 0.75)
    assert np.allclose(less.sum(axis=1), 1.0)
    assert (less.argsort(axis=1) == posterior.argsort(axis=1)).all()
    assert (less[:2].max(axis=1) < posterior[:2].max(axis=1)).all() and less[2, 0] == 1.0


def test_confidences_are_the_tempered_belief_by_the_names_of_classes() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, 60)
    label = [int(truth[n]) if rng.random() < 0.7 else int(rng.integers(3)) for n in range(60) for _ in range(5)]
    votes = Votes.from_columns(task=np.repeat(np.arange(60), 5), worker=[0, 1, 2, 3, 4] * 60, label=label)
    model = Consolidator().fit(votes)
    assert np.allclose(model.posterior_, tempered(model.belief_, 0.75) @ model.naming_)
    assert np.mean(model.confidence_) < np.mean(Consolidator(tempering=1.0).fit(votes).confidence_)


def test_names_are_doubted_more_where_objects_have_few_annotations() -> None:
    def weight(each: int) -> float:
        task = np.repeat(np.arange(10), each)
        votes = Votes.from_columns(task=task, worker=np.tile(np.arange(each), 10), label=task % 2)
        return own_weight(votes, own=1.0, growth=0.3)

    assert weight(8) == pytest.approx(1.0)
    assert weight(2) == pytest.approx(1.0 + 0.3 * np.log(0.25))


def test_few_annotations_let_no_class_swallow_another(shared_data: Path) -> None:
    votes, _ = read_votes(shared_data / "crowd" / "bluebirds")
    order = np.random.default_rng(0).permutation(votes.n_workers)  # three workers of 39 for each object
    few = np.zeros(len(votes), bool)
    for n in range(votes.n_objects):
        few[votes.offsets[n] + (np.arange(3) + 3 * order[n % 39]) % 39] = True
    three = votes.only(few)
    unknown = np.full(votes.n_objects, -1, np.int32)
    free = fit_bcc(three, unknown).posterior.mean(axis=0).min()
    held = fit_bcc(three, unknown, class_pseudocount=class_pseudocounts(three)).posterior.mean(axis=0).min()
    assert free < 0.05 and held > 0.15  # votes give the rarer class 0.39, the truth 0.44


def test_rows_may_lean_on_each_workers_own() -> None:
    random = np.random.default_rng(0)
    votes = Votes.from_columns(
        task=np.repeat(np.arange(60), 4), worker=np.tile(np.arange(4), 60), label=random.integers(0, 3, 240)
    )
    unknown = np.full(60, -1, np.int32)
    own = np.array([np.eye(3) * 0.9 + 0.1 / 3] * 2 + [np.full((3, 3), 1 / 3)] * 2)
    fit = fit_bcc(votes, unknown, own_rows=own)
    leaning = (fit.rows / fit.rows.sum(axis=1, keepdims=True)).transpose(0, 2, 1)
    assert np.trace(leaning[0]) > 1.5 > np.trace(leaning[3])
    assert np.all(np.diff(fit.objective) >= -1e-9 * np.abs(fit.objective[-1]))


def test_every_nth_object_keeps_whole_objects() -> None:
    votes = Votes.from_columns(task=[0, 0, 1, 2, 2, 3, 4], worker=[0, 1, 0, 0, 1, 0, 1], label=[0, 1, 0, 1, 1, 0, 1])
    sample, gold = every_nth_object(votes, np.arange(5, dtype=np.int32), 2)
    assert sample.counts_by_object.tolist() == [2, 2, 1] and gold.tolist() == [0, 2, 4]
    assert (sample.n_workers, sample.n_labels) == (2, 2)


def test_given_class_rates_decide_what_votes_leave_open() -> None:
    task = [n for n in range(40) for _ in range(4)] + [40, 40]
    votes = Votes.from_columns(task=task, worker=[0, 1, 2, 3] * 40 + [0, 1], label=["a", "b"] * 80 + ["a", "b"])
    clear = Votes.from_columns(task=task, worker=[0, 1, 2, 3] * 40 + [0, 1], label=["a"] * 80 + ["b"] * 80 + ["a", "b"])
    rare = Consolidator(class_rates={"a": 0.7, "b": 0.3}).fit(clear)
    common = Consolidator(class_rates=[0.3, 0.7]).fit(clear)
    assert rare.labels_.tolist() == ["a"] * 20 + ["b"] * 20 + ["a"]
    assert common.labels_.tolist() == ["a"] * 20 + ["b"] * 20 + ["b"]
    assert rare.prior_.tolist() == pytest.approx([0.7, 0.3])
    assert Consolidator(class_rates=[0.9, 0.1]).fit(votes).labels_.tolist() == ["a"] * 41
