"""What every categorical consolidator shares: fitted attributes, the EM loop, where it starts, skill.

Elsewhere: the models, one a file; the annotations they read (`votes.py`); what is known besides them (`known.py`);
compiled sums and the tie rule (`kernels.py`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from groundswell.consolidation.kernels import expected_counts, most_probable, vote_shares
from groundswell.consolidation.known import Gold, WorkerHistory
from groundswell.consolidation.votes import Votes

Floats = NDArray[np.float64]
Index = NDArray[np.int32]
State = TypeVar("State")


class CategoricalConsolidator(ABC):
    """An estimator of each object's class and each worker's habits. The constructor only stores; `fit` returns self.

    Fitted attributes
    -----------------
    labels_ : (N,) the most probable class of each object, as the ids given; ties go to the earliest in `votes.labels`.
    label_index_ : (N,) its index.      confidence_ : (N,) its probability.     posterior_ : (N, K), rows sum to 1.
    prior_ : (K,) class rates.          confusion_ : (W, K, K) [worker, true, given], rows sum to 1; large with many
        classes, so that methods that need no such table make it when it is first read.
    skill_ : (W,) chance that worker w is right, over the classes of the objects w annotated.
    objective_ : (n_iter_,) what fitting climbs; it never falls.    converged_, n_iter_ : how fitting ended.
    """

    votes_: Votes
    prior_: Floats
    label_index_: Index
    confidence_: Floats
    skill_: Floats
    objective_: Floats
    converged_: bool
    n_iter_: int
    _belief: Floats | None = None
    _make_confusion: Callable[[], Floats]

    @abstractmethod
    def fit(self, votes: Votes, *, gold: Gold | None = None, worker_history: WorkerHistory | None = None) -> Self:
        """Estimate from annotations.

        gold : object id to known class, or (N,) class indices with -1 for unknown; pins the truth.
        worker_history : worker id to earlier counts, see `history_counts`; workers who gave no annotation here are
            passed over.
        Raises: InvalidVotes, for gold of unknown objects or classes, history that is no counts, class rates without
        meaning; InvalidInput, for options without meaning.
        """

    if not TYPE_CHECKING:  # a type checker would take any name for an attribute

        def __getattr__(self, name: str) -> Any:
            """Only for what is not there: say how to get it, where it is a fitted attribute."""
            unfitted = name.endswith("_") and "votes_" not in self.__dict__
            hint = " before fit(votes) makes it" if unfitted else ""
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}{hint}", name=name, obj=self)

    @property
    def labels_(self) -> NDArray[Any]:
        """(N,) the most probable class of each object, as the ids given."""
        return self.votes_.labels[self.label_index_]

    @property
    def posterior_(self) -> Floats:
        """(N, K) probability of each class; rows sum to 1."""
        return self._posterior

    @cached_property
    def confusion_(self) -> Floats:
        """(W, K, K) [worker, true, given] chances; rows sum to 1."""
        return self._make_confusion()

    @property
    def belief_(self) -> Floats:
        """(N, K) how sure the annotations are: the posterior, but for methods that doubt what the crowd calls a class.

        More annotations of an object can raise it to 1, so it says when to stop asking.
        """
        return self.posterior_ if self._belief is None else self._belief

    def _store(
        self,
        votes: Votes,
        posterior: Floats,
        *,
        prior: Floats,
        confusion: Floats | Callable[[], Floats],
        skill: Floats | None = None,
        objective: Sequence[float] = (),
        converged: bool = True,
        n_iter: int = 0,
        belief: Floats | None = None,
    ) -> Self:
        """Set every fitted attribute from the posterior and the parameters.

        confusion : (W, K, K), or what makes it when it is read; then with the skill.
        """
        self.votes_ = votes
        self._posterior, self._belief = posterior, belief
        self.label_index_ = most_probable(posterior)
        self.confidence_ = np.minimum(posterior[np.arange(len(posterior)), self.label_index_], 1.0)
        self.prior_ = prior
        for earlier in ("confusion_", "_make_confusion"):
            self.__dict__.pop(earlier, None)
        if callable(confusion):
            self._make_confusion = confusion
        else:
            self.__dict__["confusion_"] = confusion
        if skill is None:
            counts = expected_counts(votes.object, votes.worker, votes.label, posterior, votes.n_workers)
            skill = worker_skill(counts, self.confusion_)
        self.skill_ = skill
        self.objective_ = np.asarray(objective, np.float64)
        self.converged_, self.n_iter_ = converged, n_iter
        return self

    def _store_vote(self, vote: CategoricalConsolidator, rates: Floats | None = None) -> Self:
        """Take a majority vote's estimates: with one class, or without annotations, there is nothing to infer.

        rates : (K,) class rates where they are given.
        """
        posterior, prior = vote.posterior_, vote.prior_ if rates is None else rates
        unseen = (vote.votes_.counts_by_object == 0) & (posterior.max(axis=1, initial=0.0) < 1.0)
        posterior[unseen] = prior
        return self._store(vote.votes_, posterior, prior=prior, confusion=vote.confusion_, skill=vote.skill_)


@dataclass(frozen=True)
class Fit(Generic[State]):
    """How an EM loop ended."""

    state: State  # the last state
    objective: list[float]  # one value an iteration
    converged: bool

    @property
    def n_iter(self) -> int:
        """Iterations made."""
        return len(self.objective)


def climb(step: Callable[[State], tuple[State, float]], state: State, *, max_iter: int, tol: float) -> Fit[State]:
    """Repeat `step` (an E and an M step; returns the new state and the old one's objective) until it gains little.

    Little is less than `tol` times 1 + |objective|.
    """
    objective: list[float] = []
    for _ in range(max_iter):
        state, value = step(state)
        objective.append(value)
        if len(objective) > 1 and value - objective[-2] <= tol * (1.0 + abs(value)):
            return Fit(state, objective, converged=True)
    return Fit(state, objective, converged=False)


def start_posterior(votes: Votes, gold: Index) -> Floats:
    """(N, K) where EM starts: shares of the votes, and certainty for gold objects."""
    return pin_gold(vote_shares(votes.offsets, votes.label, votes.n_labels), gold)


def pin_gold(posterior: Floats, gold: Index) -> Floats:
    """Make gold objects certain, in place; returns the same array."""
    known = np.flatnonzero(gold >= 0)
    posterior[known] = 0.0
    posterior[known, gold[known]] = 1.0
    return posterior


def with_prior(votes: Votes, posterior: Floats, prior: Floats, gold: Index) -> Floats:
    """The posterior with objects that nobody annotated, and that are not gold, at the class rates; in place."""
    posterior[(votes.counts_by_object == 0) & (gold < 0)] = prior
    return posterior


def worker_skill(counts: Floats, confusion: Floats) -> Floats:
    """(W,) chance of a right answer: the confusion's diagonal weighted by how often the worker met each true class.

    counts : (W, K, K) expected counts. A worker without annotations is weighted evenly.
    """
    if confusion.shape[-1] == 0:
        return np.zeros(len(confusion))
    met = counts.sum(axis=2) + 1e-12
    diagonal = np.diagonal(confusion, axis1=1, axis2=2)
    return np.asarray((met * diagonal).sum(axis=1) / met.sum(axis=1))
