"""Workers with separate expertises: objects are of two kinds, and who knows one kind need not know the other.

p(l | class z, kind g, worker w) is a[w, g] where l = z, else (1 - a[w, g]) / (K - 1). Which objects are of one kind
shows in who agrees with whom: agreement with an object's other workers, less what is usual for the object, and for the
worker in that class, is a table whose largest singular vector sets the kinds apart; from there by
expectation-maximization. Models with one skill a worker take half of each worker's answers for noise there, and lose to
the plain vote.

Difficulty makes kinds as well, on one of which all workers are worse. Expertises are told from it by crossing: on each
kind some workers are better than on the other. Thresholds were chosen on simulated crowds; of the recorded crowds that
benchmarks read none reaches those of certainty. With two classes, few answers and few objects there may be signs of
expertises and too little to say who knows what: the plain vote then does better than models that take them for noise.

Source: as one-coin Dawid & Skene (Zhang et al. 2014, arXiv:1406.3824) with kinds of objects; several expertises as in
Welinder et al. 2010, The Multidimensional Wisdom of Crowds, NIPS 23.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

from groundswell.consolidation.base import start_posterior
from groundswell.consolidation.cells import Floats, Index
from groundswell.consolidation.votes import Votes

_ROUNDS, _POWER_ROUNDS, _CENTRING_ROUNDS = 40, 20, 4
_FIRST_ROUNDS, _FIRST_ACROSS = 8, 0.05  # where workers hardly cross after so many rounds, they do not later
_RIGHT, _WRONG = 3.0, 1.0  # imagined answers of each worker
_OWN = 4.0  # imagined answers with which a worker's accuracy on a kind leans on the one over both
_LEAST, _MOST = 0.02, 0.98  # accuracies a worker is believed to have
_ACROSS = 0.14  # mean accuracy, over answers, by which workers are better on each kind than on the other
_GAIN = 1.0  # nats of likelihood for each worker
_SIGNS_ACROSS, _FEW_ANSWERS = 0.1, 6.5  # what the first rounds show where there may be expertises; answers an object


class Sign(Enum):
    """Whether annotations show that workers know different kinds of objects."""

    NONE = "none"
    PERHAPS = "perhaps"  # only of two classes and few answers: with more the others are told apart well
    CERTAIN = "certain"


@dataclass(frozen=True)
class Expertises:
    """The result of `fit_expertises`."""

    posterior: Floats  # (N, K)
    accuracy: Floats  # (W, G) on each kind of object
    log_likelihood: float

    def crossing(self, votes: Votes) -> float:
        """How much better workers are on each kind than on the other: the lesser of the two, a mean over answers."""
        gap = self.accuracy[:, -1] - self.accuracy[:, 0]
        share = votes.counts_by_worker / max(len(votes), 1)
        return float(min(share @ np.maximum(gap, 0.0), share @ np.maximum(-gap, 0.0)))


def separate_expertises(votes: Votes, gold: Index) -> Sign:
    """Whether the annotations show that workers know different kinds of objects."""
    first = fit_expertises(votes, gold, kinds=2, rounds=_FIRST_ROUNDS).crossing(votes)
    if first < _FIRST_ACROSS:
        return Sign.NONE
    two = fit_expertises(votes, gold, kinds=2)
    certain = two.crossing(votes) >= _ACROSS
    if not certain and (first < _SIGNS_ACROSS or not _hard_to_tell(votes)):
        return Sign.NONE
    gain = two.log_likelihood - fit_expertises(votes, gold, kinds=1).log_likelihood
    if gain <= _GAIN * votes.n_workers:
        return Sign.NONE
    return Sign.CERTAIN if certain else Sign.PERHAPS


def _hard_to_tell(votes: Votes) -> bool:
    """Whether there are two classes, and few answers an object."""
    return votes.n_labels == 2 and len(votes) < _FEW_ANSWERS * int(np.count_nonzero(votes.counts_by_object))


def fit_expertises(votes: Votes, gold: Index, *, kinds: int = 2, rounds: int = _ROUNDS) -> Expertises:
    """EM with one kind of objects, or two."""
    start = start_posterior(votes, gold)
    kind = np.ones((votes.n_objects, 1))
    if kinds == 2:
        side = _sides(votes, start)
        kind = np.stack([1.0 - side, side], axis=1)
    joint = kind[:, :, None] * start[:, None, :]
    anchor = 1.0 + 0.3 * votes.n_objects * start.mean(axis=0)
    closed = (gold[:, None] >= 0) & (np.arange(votes.n_labels) != gold[:, None])
    accuracy, value = np.zeros((votes.n_workers, kinds)), 0.0
    for _ in range(rounds):
        accuracy = _accuracies(votes, joint)
        kind_rate, class_rate = joint.sum(axis=(0, 2)) + 5.0, joint.sum(axis=(0, 1)) + anchor
        log_rate = np.log(kind_rate / kind_rate.sum())[:, None] + np.log(class_rate / class_rate.sum())
        scores = log_rate + _log_chances(votes, accuracy)
        scores[np.broadcast_to(closed[:, None, :], scores.shape)] = -np.inf
        highest = scores.max(axis=(1, 2), keepdims=True)
        joint = np.exp(scores - highest)
        total = joint.sum(axis=(1, 2), keepdims=True)
        joint /= total
        value = float((highest + np.log(total)).sum())
    return Expertises(joint.sum(axis=1), accuracy, value)


def _accuracies(votes: Votes, joint: Floats) -> Floats:
    """(W, G) chances of a right answer on each kind, given the joint posterior (N, G, K)."""
    size, cells = votes.n_workers, votes.object.astype(np.int64) * votes.n_labels + votes.label
    kinds = range(joint.shape[1])
    right = [np.bincount(votes.worker, joint[:, g].ravel()[cells], size) for g in kinds]
    met = [np.bincount(votes.worker, joint[:, g].sum(axis=1)[votes.object], size) for g in kinds]
    usual = (sum(right) + _RIGHT) / (votes.counts_by_worker + _RIGHT + _WRONG)
    columns = [(hits + _OWN * usual) / (trials + _OWN) for hits, trials in zip(right, met, strict=True)]
    return np.asarray(np.clip(np.stack(columns, axis=1), _LEAST, _MOST))


def _log_chances(votes: Votes, accuracy: Floats) -> Floats:
    """(N, G, K) log chance of each object's answers for every kind and class."""
    size, cells = votes.n_labels, votes.object.astype(np.int64) * votes.n_labels + votes.label
    table = np.empty((votes.n_objects, accuracy.shape[1], size))
    for g in range(accuracy.shape[1]):
        wrong = np.log((1.0 - accuracy[:, g]) / (size - 1))[votes.worker]
        gain = np.log(accuracy[:, g])[votes.worker] - wrong
        table[:, g] = np.bincount(cells, gain, votes.n_objects * size).reshape(-1, size)
        table[:, g] += np.bincount(votes.object, wrong, votes.n_objects)[:, None]
    return table


def _sides(votes: Votes, shares: Floats) -> Floats:
    """(N,) how far each object is of the second kind, in [0, 1], by who agrees with whom. shares : (N, K) of votes."""
    answers = votes.counts_by_object
    others = np.maximum(answers[votes.object] - 1.0, 1.0)
    agreed = (shares[votes.object, votes.label] * answers[votes.object] - 1.0) / others
    cell = votes.worker.astype(np.int64) * votes.n_labels + shares.argmax(axis=1)[votes.object]
    in_cell = np.maximum(np.bincount(cell), 1)
    for _ in range(_CENTRING_ROUNDS):
        agreed = agreed - (np.bincount(cell, agreed) / in_cell)[cell]
        agreed = agreed - (np.bincount(votes.object, agreed, len(answers)) / np.maximum(answers, 1))[votes.object]
    worker: Floats = np.random.default_rng(0).normal(size=votes.n_workers)
    side: Floats = np.zeros(votes.n_objects)
    for _ in range(_POWER_ROUNDS):
        side = np.bincount(votes.object, agreed * worker[votes.worker], votes.n_objects).astype(np.float64)
        worker = np.bincount(votes.worker, agreed * side[votes.object], votes.n_workers).astype(np.float64)
        worker = worker / max(float(np.linalg.norm(worker)), 1e-12)
    return np.asarray(1.0 / (1.0 + np.exp(-2.0 * side / max(float(np.std(side)), 1e-12))))
