"""Sets of labels from many workers: every label a yes or no, with workers' strengths shared across labels.

An answer is a list of labels, perhaps empty. Worker w chooses label k on an object that has it (t = 1) or not (t = 0)
with

    P(chosen | t) = sigmoid(worker[w, t] + label[k, t])

so that a worker's care shows on rare labels through common ones, and labels everyone overlooks are known as such.
Normal priors hold both terms; label rates have Beta priors. Fitted by expectation-maximization (MAP).
Source: binary Dawid & Skene 1979, doi:10.2307/2346806, with an additive logistic response in place of separate tables
(the Rasch form, compare Whitehill et al. 2009, NIPS 22).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from groundswell.consolidation.answers import Answers, Consolidated, require, sorted_workers
from groundswell.consolidation.kernels import add_rows

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_FIRST_CHOICE = np.array([-2.2, 1.4])  # logits of choosing a label that is not there, and one that is
_SPREAD = 0.7  # standard deviation of workers' and labels' terms in logits
_STEPS = 3  # rounds of bounded steps in an M-step
_WITH, _WITHOUT = 2.0, 4.0  # pseudo-objects that have, and have not, every label


class MultiLabelConsolidator:
    """Consolidates sets of labels.

    Parameters
    ----------
    labels : the labels allowed; without it, those that occur.
    keep_at : labels are in the consolidated set when somebody chose them and they have at least this probability, or
        when everyone chose them.

    `details["posteriors"]` has every label's probability, `details["chosen"]` the labels some worker chose. Confidence
    is the expected F1 of the set; of an empty set, the chance that no label applies. Fitted: `workers_`, `labels_`,
    `skill_` (W,) balanced accuracy, `sensitivity_` and `specificity_` (W,) on a label of average difficulty,
    `objective_` (never falls), `converged_`, `n_iter_`.
    """

    def __init__(
        self,
        *,
        labels: Sequence[str] | None = None,
        keep_at: float = 0.5,
        max_iter: int = 200,
        tolerance: float = 1e-6,
    ) -> None:
        self.labels = labels
        self.keep_at = keep_at
        self.max_iter = max_iter
        self.tolerance = tolerance

    def check(self, value: Any, *, where: str) -> None:
        """Raises: InvalidVotes, unless the value is a list of known labels."""
        require(
            isinstance(value, Sequence) and not isinstance(value, (str, bytes)),
            f"an answer must be a list of labels, but {where} has {type(value).__name__}",
        )
        for label in value:
            require(isinstance(label, str), f"a label must be a text, but {where} has {label!r}", field="label")
            require(
                self.labels is None or label in self.labels,
                f"every label must be one of {list(self.labels or ())!r}, but {where} has {label!r}",
                field="label",
            )

    def fit(self, objects: Sequence[Answers]) -> Self:
        """Estimate workers and labels. Raises: InvalidVotes."""
        self.labels_ = self._label_list(objects, [])
        self.workers_ = sorted_workers(objects)
        tables = _tabulate(objects, self.workers_, self.labels_)
        model = _unfitted(len(self.workers_), len(self.labels_))
        self.objective_: list[float] = []
        self.converged_ = False
        for _ in range(self.max_iter):
            odds, evidence = model.log_odds(tables)
            self.objective_.append(float(evidence.sum()) + model.log_prior())
            if len(self.objective_) > 1 and self._gained_little():
                self.converged_ = True
                break
            model = model.climbed(tables, _sigmoid(odds))
        self.n_iter_ = len(self.objective_)
        self.model_ = model
        self.sensitivity_, self.specificity_ = model.worker_rates()
        self.skill_ = (self.sensitivity_ + self.specificity_) / 2.0
        return self

    def consolidate(self, answers: Answers) -> Consolidated:
        """One object's set. Raises: InvalidVotes."""
        return self.consolidate_all([answers])[0]

    def consolidate_all(self, objects: Sequence[Answers]) -> list[Consolidated]:
        """Every object's set, in the order given. Raises: InvalidVotes."""
        workers: list[str] = getattr(self, "workers_", [])
        known: list[str] = getattr(self, "labels_", [])
        labels = self._label_list(objects, known)
        model = getattr(self, "model_", _unfitted(0, len(known))).extended(len(labels))
        odds, _ = model.log_odds(_tabulate(objects, workers, labels))
        return [self._label(a, row, labels) for a, row in zip(objects, _sigmoid(odds), strict=True)]

    def _label(self, answers: Answers, row: Floats, labels: Sequence[str]) -> Consolidated:
        everyone = set(labels).intersection(*map(set, answers.values())) if answers else set()
        anyone = {label for value in answers.values() for label in value}
        posteriors = dict(zip(labels, row.tolist(), strict=True))
        kept = [
            label for label in labels if label in everyone or (label in anyone and posteriors[label] >= self.keep_at)
        ]
        right, there = sum(posteriors[label] for label in kept), float(row.sum())
        confidence = 2.0 * right / (len(kept) + there) if kept else float(np.prod(1.0 - row))
        chosen = sorted(anyone, key=labels.index)
        details = {"posteriors": posteriors, "confidences": [posteriors[label] for label in kept], "chosen": chosen}
        return Consolidated(kept, min(confidence, 1.0), details)

    def _label_list(self, objects: Sequence[Answers], known: list[str]) -> list[str]:
        for n, answers in enumerate(objects):
            for worker, value in answers.items():
                self.check(value, where=f"object {n}, worker {worker!r}")
        if self.labels is not None:
            return list(dict.fromkeys(self.labels))
        given = {label for answers in objects for value in answers.values() for label in value}
        return known + sorted(given - set(known))

    def _gained_little(self) -> bool:
        gain = self.objective_[-1] - self.objective_[-2]
        return gain <= self.tolerance * (1.0 + abs(self.objective_[-1]))


@dataclass(frozen=True)
class _Tables:
    """Who saw which object, and who chose which label there. Worker W stands for all that are unknown."""

    n_objects: int
    seen: Ints  # (2, M) object, worker
    chosen: Ints  # (3, C) object, worker, label


@dataclass(frozen=True)
class _Model:
    """Terms of workers and labels by truth, and label rates."""

    worker: Floats  # (2, W + 1)
    label: Floats  # (2, K)
    rate: Floats  # (K,)

    def extended(self, n_labels: int) -> _Model:
        """The same with average labels appended."""
        fresh = n_labels - len(self.rate)
        rate = self.rate.mean() if len(self.rate) else _WITH / (_WITH + _WITHOUT)
        return _Model(
            self.worker, np.pad(self.label, ((0, 0), (0, fresh))), np.pad(self.rate, (0, fresh), constant_values=rate)
        )

    def worker_rates(self) -> tuple[Floats, Floats]:
        """(W,) sensitivity and specificity of each worker on a label of average difficulty."""
        mean = _FIRST_CHOICE + (self.label.mean(axis=1) if self.label.size else 0.0)
        return _sigmoid(mean[1] + self.worker[1, :-1]), 1.0 - _sigmoid(mean[0] + self.worker[0, :-1])

    def log_odds(self, tables: _Tables) -> tuple[Floats, Floats]:
        """(N, K) log odds that each label applies, and log evidence (N, K)."""
        logit = _FIRST_CHOICE[:, None, None] + self.worker[:, :, None] + self.label[:, None, :]
        no = -np.logaddexp(0.0, logit)
        (saw, seeing), (of, by, label) = tables.seen, tables.chosen
        shape = tables.n_objects, self.label.shape[1]
        joint = np.zeros((2, *shape))
        for t in (0, 1):
            add_rows(joint[t], saw, no[t], seeing)
            # log yes - log no is the logit itself.
            joint[t] += _summed(logit[t, by, label], of, label, shape)
        joint += np.log(np.stack((1.0 - self.rate, self.rate)))[:, None, :]
        return joint[1] - joint[0], np.logaddexp(joint[0], joint[1])

    def log_prior(self) -> float:
        """Log density of the terms and rates, up to a constant."""
        squares = (self.worker**2).sum() + (self.label**2).sum()
        return float((_WITH * np.log(self.rate) + _WITHOUT * np.log1p(-self.rate)).sum() - squares / (2.0 * _SPREAD**2))

    def climbed(self, tables: _Tables, posterior: Floats) -> _Model:
        """The M-step: rates in closed form, terms by steps bounded by the steepest curvature, so that none overshoots.

        Source of the bound: Böhning & Lindsay 1988, doi:10.1007/BF00049423.
        """
        worker, label = self.worker.copy(), self.label.copy()
        (saw, seeing), (of, by, chosen) = tables.seen, tables.chosen
        for t, weight in ((0, 1.0 - posterior), (1, posterior)):
            trials = np.zeros(worker.shape[1:] + label.shape[1:])
            add_rows(trials, seeing, weight, saw)
            hits = _summed(weight[of, chosen], by, chosen, trials.shape)
            for term, axis in ((worker, 1), (label, 0)) * _STEPS:
                chance = _sigmoid(_FIRST_CHOICE[t] + worker[t][:, None] + label[t])
                slope = (hits - trials * chance).sum(axis=axis) - term[t] / _SPREAD**2
                term[t] += slope / (trials.sum(axis=axis) / 4.0 + 1.0 / _SPREAD**2)
        rate = (posterior.sum(axis=0) + _WITH) / (len(posterior) + _WITH + _WITHOUT)
        return _Model(worker, label, rate)


def _unfitted(n_workers: int, n_labels: int) -> _Model:
    return _Model(np.zeros((2, n_workers + 1)), np.zeros((2, n_labels)), np.full(n_labels, _WITH / (_WITH + _WITHOUT)))


def _tabulate(objects: Sequence[Answers], workers: Sequence[str], labels: Sequence[str]) -> _Tables:
    worker = {w: i for i, w in enumerate(workers)}
    label = {name: k for k, name in enumerate(labels)}
    seen: list[tuple[int, int]] = []
    chosen: list[tuple[int, int, int]] = []
    for n, answers in enumerate(objects):
        for name, value in answers.items():
            pair = (n, worker.get(name, len(workers)))
            seen.append(pair)
            chosen += [(*pair, k) for k in {label[item] for item in value}]
    return _Tables(len(objects), _columns(seen, 2), _columns(chosen, 3))


def _columns(rows: Sequence[tuple[int, ...]], size: int) -> Ints:
    return np.array(rows, np.int64).reshape(-1, size).T.copy()


def _summed(values: Floats, row: Ints, column: Ints, shape: tuple[int, ...]) -> Floats:
    """A table of the sums of values by row and column."""
    sums = np.bincount(row * shape[1] + column, values, shape[0] * shape[1])
    return np.asarray(sums.reshape(shape), np.float64)


def _sigmoid(logit: Floats) -> Floats:
    return np.asarray(np.exp(-np.logaddexp(0.0, -logit)))
