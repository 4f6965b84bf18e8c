"""Dawid and Skene's model: each worker has a confusion matrix, each object one true class.

p(z_n = k | annotations) is proportional to prior[k] * product over its annotations (w, l) of confusion[w, k, l].
Fitted by expectation maximisation to the posterior mode under Dirichlet priors. The maximisation needs only sums over
annotations (`Statistics`), so the same loop runs over one array, over shards on disk and over machines
(`groundswell.compute`).

Source: Dawid & Skene 1979, Applied Statistics 28(1), 20-28, doi:10.2307/2346806.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from groundswell.consolidation.base import CategoricalConsolidator, climb, worker_skill
from groundswell.consolidation.dawid_skene_kernels import (
    decisions,
    expected_sums,
    normalise,
    posteriors,
    row_of,
    start_sums,
)
from groundswell.consolidation.known import Gold, WorkerHistory, given_rates, gold_index, history_counts
from groundswell.consolidation.options import require_options
from groundswell.consolidation.votes import Votes

Floats = NDArray[np.float64]
Index = NDArray[np.int32]

_FLOOR = 1e-10  # expected counts and class rates are at least this: a chance of zero would be for ever


@dataclass(frozen=True)
class ConfusionPrior:
    """Dirichlet priors, as answers imagined before the first real one; all zero gives maximum likelihood.

    Raises: InvalidInput, for numbers below 0.
    """

    correct: float = 1.0  # imagined right answers of each worker in each true class
    wrong: float = 0.1  # imagined wrong answers of each worker in each true class, shared among the other classes
    classes: float = 1.0  # imagined objects, shared among the classes

    def __post_init__(self) -> None:
        require_options(self, at_least={"correct": 0.0, "wrong": 0.0, "classes": 0.0})

    def answers(self, n_labels: int) -> Floats:
        """(K given, K true) imagined answers of one worker."""
        off = self.wrong / max(n_labels - 1, 1)
        return np.where(np.eye(n_labels, dtype=bool), self.correct, off)


@dataclass(frozen=True)
class Statistics:
    """What the M-step needs to know of the annotations; those of parts of the data add up to those of the whole."""

    counts: Floats  # (W, K, K) [worker, given, true]: expected answers
    classes: Floats  # (K,) expected objects
    log_likelihood: float = 0.0

    def __add__(self, other: Statistics) -> Statistics:
        return Statistics(
            self.counts + other.counts, self.classes + other.classes, self.log_likelihood + other.log_likelihood
        )


@dataclass(frozen=True)
class Parameters:
    """The model: class rates and each worker's habits."""

    prior: Floats  # (K,)
    table: Floats  # (W, K, K) [worker, given, true]: chance of the answer given the truth
    log_prior: float = 0.0  # log density under the Dirichlet priors, up to a constant
    exact: bool = True  # double precision throughout: without priors chances may be too small for single

    @property
    def confusion(self) -> Floats:
        """(W, K, K) [worker, true, given]."""
        return np.ascontiguousarray(self.table.transpose(0, 2, 1))


@dataclass(frozen=True)
class Shard:
    """Annotations of some objects as the kernels read them."""

    offsets: NDArray[np.int64]  # (N + 1,)
    row: Index  # (M,) table row w * K + l
    gold: Index  # (N,) known class or -1

    @classmethod
    def of(cls, votes: Votes, gold: Index) -> Shard:
        """All annotations of `votes`."""
        return cls(votes.offsets, row_of(votes.worker, votes.label, votes.n_labels), gold)

    def start(self, n_workers: int, n_labels: int) -> Statistics:
        """Statistics under shares of votes instead of posteriors."""
        return Statistics(*start_sums(self.offsets, self.row, self.gold, n_workers, n_labels))

    def expect(self, parameters: Parameters) -> Statistics:
        """Statistics under the posteriors that the parameters imply."""
        prior, table = parameters.prior, parameters.table
        return Statistics(*expected_sums(self.offsets, self.row, self.gold, prior, table, exact=parameters.exact))

    def posterior(self, parameters: Parameters, start: int = 0, stop: int | None = None) -> Floats:
        """(stop - start, K) posteriors of the objects from `start` up to `stop`."""
        stop = self.gold.size if stop is None else stop
        offsets, gold = self.offsets[start : stop + 1], self.gold[start:stop]
        return posteriors(offsets, self.row, gold, parameters.prior, _rows(parameters.table))

    def decide(self, parameters: Parameters) -> tuple[Index, Floats]:
        """(N,) most probable classes and (N,) their probabilities, without holding all posteriors at once."""
        return decisions(self.offsets, self.row, self.gold, parameters.prior, parameters.table)


@dataclass(frozen=True)
class Priors:
    """Everything the M-step adds to the expected counts."""

    answers: Floats  # (1, K, K) or (W, K, K) [worker, given, true] imagined answers, from the prior and earlier jobs
    classes: float  # imagined objects, shared among the classes
    class_rates: Floats | None = None  # (K,) when they are given instead of learned

    @property
    def exact(self) -> bool:
        """Whether some chance may vanish, so that nothing may be rounded away."""
        return not bool(np.all(self.answers > 0))


def maximize(statistics: Statistics, priors: Priors) -> Parameters:
    """The M-step: the most probable parameters given expected counts.

    A worker's answers to a true class never met get even chances.
    """
    size = max(statistics.classes.size, 1)
    table = np.empty_like(statistics.counts)
    density = normalise(statistics.counts, priors.answers, _FLOOR, table)
    rates = priors.class_rates
    if rates is None:
        classes = np.maximum(statistics.classes + priors.classes / size, _FLOOR)
        rates = classes / classes.sum()
        density += priors.classes / size * float(np.log(rates).sum())
    return Parameters(rates, table, density, exact=priors.exact)


def _rows(table: Floats) -> Floats:
    """(W, K, K) as the kernels' rows (W * K, K), without a copy."""
    return table.reshape(table.shape[0] * table.shape[1], table.shape[2])


@dataclass(frozen=True)
class DawidSkeneFit:
    """The result of `fit_parameters`."""

    parameters: Parameters  # after the last M-step
    expected_with: Parameters  # those of the last E-step: the posteriors belong to them
    statistics: Statistics  # of the last E-step
    objective: list[float]
    converged: bool


def fit_parameters(
    start: Statistics,
    expect: Callable[[Parameters], Statistics],
    priors: Priors,
    *,
    max_iter: int,
    tol: float,
) -> DawidSkeneFit:
    """Expectation maximisation, wherever the annotations are: `expect` sums over all of them, this never sees one."""
    progress = _Progress(maximize(start, priors), None, start)
    del start  # tables are large: each is let go before the next is made

    def step(progress: _Progress) -> tuple[_Progress, float]:
        progress.expected_with = progress.statistics = None
        progress.statistics = expect(progress.parameters)
        value = progress.statistics.log_likelihood + progress.parameters.log_prior
        progress.expected_with = progress.parameters
        progress.parameters = maximize(progress.statistics, priors)
        return progress, value

    fit = climb(step, progress, max_iter=max_iter, tol=tol)
    statistics = progress.statistics or expect(progress.parameters)
    expected_with = progress.expected_with or progress.parameters
    return DawidSkeneFit(progress.parameters, expected_with, statistics, fit.objective, fit.converged)


@dataclass
class _Progress:
    """Where the loop is."""

    parameters: Parameters
    expected_with: Parameters | None
    statistics: Statistics | None


class DawidSkene(CategoricalConsolidator):
    """Dawid and Skene's confusion matrices, at the posterior mode.

    Parameters
    ----------
    max_iter : E-steps at most.
    tol : stop when an iteration raises the objective by less than tol * (1 + |objective|).
    prior : imagined answers; `DawidSkene.maximum_likelihood()` has none, as the paper.
    class_rates : by class, or (K,) in the order of the votes' classes, where they are known; else learned.
    """

    def __init__(
        self,
        *,
        max_iter: int = 100,
        tol: float = 1e-7,
        prior: ConfusionPrior = ConfusionPrior(),
        class_rates: Mapping[Any, float] | Sequence[float] | None = None,
    ) -> None:
        self.max_iter = max_iter
        self.tol = tol
        self.prior = prior
        self.class_rates = class_rates

    @classmethod
    def maximum_likelihood(cls, *, max_iter: int = 100, tol: float = 1e-7) -> DawidSkene:
        """The model of 1979 without priors, as most libraries fit it."""
        return cls(max_iter=max_iter, tol=tol, prior=ConfusionPrior(correct=0.0, wrong=0.0, classes=0.0))

    def fit(self, votes: Votes, *, gold: Gold | None = None, worker_history: WorkerHistory | None = None) -> Self:
        """See `CategoricalConsolidator.fit`. Posteriors are computed when `posterior_` is first read."""
        shard = Shard.of(votes, gold_index(votes, gold))
        answers = imagined_answers(votes, self.prior, worker_history)
        fit = fit_parameters(
            shard.start(votes.n_workers, votes.n_labels),
            shard.expect,
            Priors(answers, self.prior.classes, given_rates(votes, self.class_rates)),
            max_iter=self.max_iter,
            tol=self.tol,
        )
        return self._store_fit(votes, shard, fit)

    @cached_property
    def posterior_(self) -> Floats:
        """(N, K) probability of each class; computed at the first reading, then kept."""
        return self._shard.posterior(self._expected_with)

    def _store_fit(self, votes: Votes, shard: Shard, fit: DawidSkeneFit) -> Self:
        self.votes_ = votes
        self._shard, self._expected_with = shard, fit.expected_with
        self.__dict__.pop("posterior_", None)
        self.label_index_, self.confidence_ = shard.decide(fit.expected_with)
        self.prior_, self.confusion_ = fit.parameters.prior, fit.parameters.confusion
        self.skill_ = worker_skill(fit.statistics.counts.transpose(0, 2, 1), self.confusion_)
        self.objective_ = np.asarray(fit.objective, np.float64)
        self.converged_, self.n_iter_ = fit.converged, len(fit.objective)
        return self


def imagined_answers(votes: Votes, prior: ConfusionPrior, worker_history: WorkerHistory | None) -> Floats:
    """(1, K, K), or (W, K, K) with a history: pseudocounts [worker, given, true]."""
    imagined = prior.answers(votes.n_labels)[None]
    history = history_counts(votes, worker_history)
    return imagined if history is None else history.transpose(0, 2, 1) + imagined
