"""Signals of workers who do not look, and of workers who copy from each other.

Signals, not verdicts: they rank workers for a person to look at. They need the posterior and the confusion matrices of
a fitted categorical consolidator.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import erfc, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groundswell.consolidation.votes import Votes
from groundswell.domain.errors import InvalidInput
from groundswell.quality.meetings import worker_meetings

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class WorkerSignals:
    """What a worker's answers look like."""

    worker: Any
    answers: int
    spam_score: float  # in [0, 1]: 0 when the answers tell nothing about the truth, 1 when they tell all
    information_bits: float  # mutual information of answer and truth, per answer
    repetition: float  # share of the worker's most frequent answer beyond the crowd's share of it, in [0, 1]
    agreement: float  # mean posterior of the answers given


@dataclass(frozen=True)
class Collusion:
    """Two workers who agree more than their skills explain."""

    first: Any
    second: Any
    common: int  # objects both answered
    alike: int  # of these, answered alike
    expected: float  # of these, as their confusion matrices predict
    p_value: float  # of so many by chance, one-sided, times the number of pairs tested (Bonferroni), at most 1


def worker_signals(votes: Votes, posterior: Floats, confusion: Floats) -> list[WorkerSignals]:
    """Signals of every worker, most suspicious first.

    posterior : (N, K).     confusion : (W, K, K) [worker, true, given], rows sum to 1.
    Raises: InvalidInput, for other shapes or what is no probability.
    """
    _require_fit(votes, posterior, confusion)
    scores = spam_scores(confusion)
    met, given = np.zeros((2, votes.n_workers, votes.n_labels))
    for k in range(votes.n_labels):
        met[:, k] = np.bincount(votes.worker, posterior[votes.object, k], votes.n_workers)
    np.add.at(given, (votes.worker, votes.label), 1.0)
    crowd = given.sum(axis=0) / max(given.sum(), 1.0)
    count = votes.counts_by_worker
    share = given / np.maximum(count, 1)[:, None]
    top = share.argmax(axis=1) if votes.n_labels else np.zeros(votes.n_workers, np.int64)
    right = np.bincount(votes.worker, posterior[votes.object, votes.label], votes.n_workers) / np.maximum(count, 1)
    signals = [
        WorkerSignals(
            worker,
            int(count[w]),
            float(scores[w]),
            _information(met[w], confusion[w]),
            float(max(share[w, top[w]] - crowd[top[w]], 0.0)),
            float(right[w]),
        )
        for w, worker in enumerate(votes.workers.tolist())
    ]
    return sorted(signals, key=lambda s: (s.spam_score, s.information_bits, str(s.worker)))


def spam_scores(confusion: Floats) -> Floats:
    """(W,) distance of each confusion matrix (W, K, K) from one whose rows are all alike, in [0, 1].

    Source: Raykar & Yu 2012, JMLR 13, 491-518.
    """
    size = confusion.shape[-1]
    if size < 2:
        return np.ones(len(confusion))
    i, j = np.triu_indices(size, 1)
    gaps = ((confusion[:, i, :] - confusion[:, j, :]) ** 2).sum(axis=(1, 2))
    return np.asarray(np.minimum(gaps / (size * (size - 1)), 1.0))


def collusion(votes: Votes, posterior: Floats, confusion: Floats, *, least_common: int = 10) -> list[Collusion]:
    """Pairs of workers with p-values below 0.05, most striking first.

    Given the truth, independent workers agree by chance as their confusion matrices say; copying shows as answers alike
    beyond that, above all wrong ones. The number of agreements is compared with its expectation by its variance
    (normal approximation with continuity correction). Raises: InvalidInput, as `worker_signals` does.
    """
    _require_fit(votes, posterior, confusion)
    common, together = worker_meetings(votes)
    pairs = np.argwhere(np.triu(common >= least_common, 1))
    objects = _objects_by_worker(votes)
    workers, found = votes.workers.tolist(), []
    for i, j in pairs.tolist():
        both = np.intersect1d(objects[i], objects[j], assume_unique=True)
        alike = int(together[i, j])
        chance = posterior[both] @ (confusion[i] * confusion[j]).sum(axis=1)
        spread = sqrt(max(float((chance * (1.0 - chance)).sum()), 1e-12))
        z = (alike - 0.5 - float(chance.sum())) / spread
        p_value = min(0.5 * erfc(z / sqrt(2.0)) * len(pairs), 1.0)
        if p_value < 0.05:
            found.append(Collusion(workers[i], workers[j], len(both), alike, float(chance.sum()), p_value))
    return sorted(found, key=lambda c: (c.p_value, -(c.alike - c.expected), str(c.first), str(c.second)))


def _require_fit(votes: Votes, posterior: Floats, confusion: Floats) -> None:
    size = votes.n_labels
    tables = {
        "posterior": (posterior, (votes.n_objects, size)),
        "confusion": (confusion, (votes.n_workers, size, size)),
    }
    for name, (table, shape) in tables.items():
        if table.shape != shape or not ((table >= 0.0) & (table <= 1.0 + 1e-9)).all():
            raise InvalidInput(f"{name} must be probabilities of shape {shape}, not of {table.shape}", field=name)


def _objects_by_worker(votes: Votes) -> list[NDArray[np.int32]]:
    """(W,) the objects each worker answered, ascending."""
    order = np.argsort(votes.worker, kind="stable")
    return np.split(votes.object[order], np.cumsum(votes.counts_by_worker)[:-1])


def _information(met: Floats, confusion: Floats) -> float:
    """Mutual information in bits of truth, distributed as met (K,), and answer."""
    if not met.sum() > 0.0:
        return 0.0
    joint = met[:, None] / met.sum() * confusion
    apart = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0, keepdims=True)
    held = joint > 0.0
    return max(float((joint[held] * np.log2(joint[held] / apart[held])).sum()), 0.0)
