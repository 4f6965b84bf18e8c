"""One coin without tables, and the default where confusion matrices would fill the memory."""

from __future__ import annotations

import numpy as np
import pytest

from groundswell.consolidation import Consolidator, MajorityVote, Votes, WeightedVote, consolidator
from groundswell.consolidation.base import worker_skill
from groundswell.consolidation.kernels import expected_counts
from groundswell.consolidation.many_classes import coin_confusion, fit_coin


def crowd(n_objects: int, n_workers: int, n_labels: int, *, each: int = 4) -> tuple[Votes, np.ndarray]:
    """A crowd right with chances of 0.3 to 0.95, and the truth (N,)."""
    random = np.random.default_rng(1)
    truth = random.integers(0, n_labels, n_objects)
    task = np.repeat(np.arange(n_objects), each)
    worker = np.concatenate([random.permutation(n_workers)[:each] for _ in range(n_objects)])
    right = random.random(task.size) < np.linspace(0.3, 0.95, n_workers)[worker]
    label = np.where(right, truth[task], random.integers(0, n_labels, task.size))
    columns = task.astype(np.int32), worker.astype(np.int32), label.astype(np.int32)
    votes = Votes.from_arrays(*columns, n_objects=n_objects, n_workers=n_workers, n_labels=n_labels)
    return votes, truth


def test_accuracies_are_recovered_and_the_objective_never_falls() -> None:
    votes, truth = crowd(800, 20, 60)
    fit = fit_coin(votes, np.full(800, -1, np.int32))
    assert np.abs(fit.accuracy - np.linspace(0.3, 0.95, 20)).mean() < 0.05
    assert np.mean(fit.posterior.argmax(axis=1) == truth) > 0.9
    assert np.all(np.diff(fit.objective) >= -1e-9 * abs(fit.objective[-1])) and fit.converged
    assert np.allclose(fit.posterior.sum(axis=1), 1) and np.isclose(fit.prior.sum(), 1)


def test_it_is_the_posterior_of_its_table() -> None:
    votes, _ = crowd(50, 6, 4)
    fit = fit_coin(votes, np.full(50, -1, np.int32), tol=1e-13, max_iter=500)
    log_table, joint = np.log(coin_confusion(fit.accuracy, 4)), np.tile(np.log(fit.prior), (50, 1))
    for n, w, k in zip(votes.object, votes.worker, votes.label, strict=True):
        joint[n] += log_table[w, :, k]
    expected = np.exp(joint - joint.max(axis=1, keepdims=True))
    assert np.allclose(fit.posterior, expected / expected.sum(axis=1, keepdims=True), atol=1e-6)


def test_the_default_does_without_tables_where_they_are_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    votes, truth = crowd(300, 12, 30)
    gold, history = {3: 7}, {0: (90, 10), 1: (5, 95)}
    usual = Consolidator().fit(votes, gold=gold, worker_history=history)
    monkeypatch.setattr(consolidator, "_LARGEST_TABLE", 100)
    model = Consolidator().fit(votes, gold=gold, worker_history=history)
    assert "confusion_" not in vars(model) and model.confusion_.shape == (12, 30, 30)
    assert np.allclose(model.confusion_.sum(axis=2), 1) and np.allclose(model.posterior_.sum(axis=1), 1)
    assert model.label_index_[3] == 7 and model.skill_[0] > model.skill_[1] + 0.3
    right = [np.mean(fitted.label_index_ == truth) for fitted in (usual, model, MajorityVote().fit(votes))]
    assert right[1] >= right[0] - 0.03 and right[1] > right[2]


@pytest.mark.parametrize("method", [MajorityVote, WeightedVote])
def test_votes_judge_skill_without_a_table(method: type[MajorityVote | WeightedVote]) -> None:
    votes, _ = crowd(60, 6, 4)
    model = method().fit(votes, worker_history={0: (30, 1), 2: np.full((4, 4), 3.0)})
    assert "confusion_" not in vars(model)
    counts = expected_counts(votes.object, votes.worker, votes.label, model.posterior_, votes.n_workers)
    assert np.allclose(model.skill_, worker_skill(counts, model.confusion_), atol=1e-12)
