"""The default consolidator on real crowds, and the parts it is made of."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from groundswell.consolidation import Consolidator, MajorityVote, Votes
from groundswell.consolidation.consolidator import class_names, credibility, every_nth_object, pool


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


def test_pool_is_the_geometric_mean_and_no_model_has_a_veto() -> None:
    sure, unsure = np.array([[1.0, 0.0]]), np.array([[0.2, 0.8]])
    assert np.allclose(pool([unsure, unsure]), unsure, atol=1e-3)
    pooled = pool([sure, unsure, unsure, unsure, unsure])
    assert pooled[0, 1] > 0.4 and pooled.sum() == pytest.approx(1)


def test_credibility_grows_with_evidence() -> None:
    weights = credibility(np.array([0.0, 3.0]))
    assert weights[1] / weights[0] == pytest.approx(np.e) and weights.sum() == pytest.approx(1)


def test_a_class_the_crowd_is_split_on_is_never_certain() -> None:
    votes = Votes.from_columns(
        task=[n for n in range(20) for _ in range(4)],
        worker=[0, 1, 2, 3] * 20,
        label=["a"] * 40 + ["b", "b", "a", "a"] * 10,
    )
    posterior = np.repeat([[1.0, 0.0], [0.0, 1.0]], 10, axis=0)
    named = posterior @ class_names(posterior, votes, naming=1.0, own=1.5)
    assert named[0, 0] > 0.95 and 0.7 < named[19, 1] < 0.9


def test_every_nth_object_keeps_whole_objects() -> None:
    votes = Votes.from_columns(task=[0, 0, 1, 2, 2, 3, 4], worker=[0, 1, 0, 0, 1, 0, 1], label=[0, 1, 0, 1, 1, 0, 1])
    sample, gold = every_nth_object(votes, np.arange(5, dtype=np.int32), 2)
    assert sample.counts_by_object.tolist() == [2, 2, 1] and gold.tolist() == [0, 2, 4]
    assert (sample.n_workers, sample.n_labels) == (2, 2)
