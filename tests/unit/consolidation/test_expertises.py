"""Workers who know different kinds of objects are found by who agrees with whom; hard objects are no such kind."""

from __future__ import annotations

import numpy as np
import pytest

from groundswell.consolidation import Consolidator, MajorityVote, Votes
from groundswell.consolidation.expertises import Sign, fit_expertises, separate_expertises

Ints = np.ndarray


def crowd(seed: int, *, classes: int, right: np.ndarray, answers: int = 8) -> tuple[Votes, Ints]:
    """300 objects of two kinds, answered by workers right with chance right[w, kind], else guessing; and the truth."""
    rng = np.random.default_rng(seed)
    truth, kind = rng.integers(0, classes, 300), rng.integers(0, 2, 300)
    worker = np.concatenate([rng.permutation(len(right))[:answers] for _ in range(300)])
    task = np.repeat(np.arange(300), answers)
    knows = rng.random(task.size) < right[worker, kind[task]]
    label = np.where(knows, truth[task], rng.integers(0, classes, task.size))
    return Votes.from_columns(task=task, worker=worker, label=label, labels=range(classes)), truth


def unknown(votes: Votes) -> Ints:
    return np.full(votes.n_objects, -1, np.int32)


SPLIT = np.where(np.arange(30)[:, None] % 2 == np.arange(2), 0.9, 0.0)
CROWDS = {
    "alike": np.full((30, 2), 0.7),
    "of different skill": np.repeat(np.linspace(0.3, 0.95, 30)[:, None], 2, axis=1),
    "with spammers": np.repeat(np.where(np.arange(30) < 12, 0.0, 0.8)[:, None], 2, axis=1),
    "with hard objects": np.tile([0.9, 0.25], (30, 1)),
}


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_separate_expertises_beat_the_plain_vote(classes: int) -> None:
    gains = []
    for seed in range(3):
        votes, truth = crowd(seed, classes=classes, right=SPLIT)
        assert separate_expertises(votes, unknown(votes)) is Sign.CERTAIN
        ours, vote = Consolidator().fit(votes), MajorityVote().fit(votes)
        gains.append(np.mean(ours.label_index_ == truth) - np.mean(vote.label_index_ == truth))
    assert np.mean(gains) > 0.02


@pytest.mark.parametrize("name", CROWDS)
@pytest.mark.parametrize(("classes", "answers"), [(2, 5), (2, 8), (4, 8)])
def test_other_crowds_are_left_to_the_other_models(name: str, classes: int, answers: int) -> None:
    for seed in range(3):
        votes, _ = crowd(seed, classes=classes, right=CROWDS[name], answers=answers)
        assert separate_expertises(votes, unknown(votes)) is Sign.NONE


def test_with_few_answers_signs_of_expertises_keep_the_votes_in() -> None:
    """Two classes, five answers an object: too little to say who knows what."""
    ours, most, signs = [], [], []
    for seed in range(8):
        votes, truth = crowd(seed, classes=2, right=SPLIT, answers=5)
        signs.append(separate_expertises(votes, unknown(votes)))
        ours.append(np.mean(Consolidator().fit(votes).label_index_ == truth))
        most.append(np.mean(MajorityVote().fit(votes).label_index_ == truth))
    assert Sign.NONE not in signs
    assert np.mean(ours) > np.mean(most) - 0.015


def test_what_each_worker_knows_is_found() -> None:
    votes, truth = crowd(4, classes=4, right=SPLIT)
    fit = fit_expertises(votes, unknown(votes))
    even, odd = fit.accuracy[::2].mean(axis=0), fit.accuracy[1::2].mean(axis=0)
    assert np.abs(even - odd).min() > 0.4 and np.sign(even - odd).prod() == -1
    assert np.allclose(fit.posterior.sum(axis=1), 1.0)
    assert np.mean(fit.posterior.argmax(axis=1) == truth) > 0.92


def test_gold_is_certain_among_kinds_too() -> None:
    votes, truth = crowd(5, classes=3, right=SPLIT)
    gold = unknown(votes)
    gold[:20] = truth[:20]
    assert np.allclose(fit_expertises(votes, gold).posterior[np.arange(20), truth[:20]], 1.0)
