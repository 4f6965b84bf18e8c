"""MACE: a worker either knows the answer or spams it from a habit of their own.

With chance skill[w] worker w gives the true class, else class l with chance habit[w, l] whatever the truth. Classes are
equally likely beforehand, as in the paper. Fitted by EM to the posterior mode: of right answers, the share
skill / (skill + (1 - skill) * habit[l]) was known, the rest luck.

Source: Hovy, Berg-Kirkpatrick, Vaswani & Hovy 2013, Learning Whom to Trust with MACE, NAACL-HLT, 1120-1130.
"""

from __future__ import annotations

from typing import Self

import numpy as np

from groundswell.consolidation.base import CategoricalConsolidator, with_prior
from groundswell.consolidation.cells import Floats
from groundswell.consolidation.known import Gold, WorkerHistory, gold_index, history_counts
from groundswell.consolidation.majority_vote import MajorityVote
from groundswell.consolidation.model_em import Model, run_em
from groundswell.consolidation.options import require_options
from groundswell.consolidation.votes import Votes


class MACE(CategoricalConsolidator):
    """Workers who know or spam.

    Parameters
    ----------
    known, spammed : imagined answers of each worker before any data.
    habit : imagined spam of each worker and class.
    max_iter, tol : stop when an iteration raises the objective by less than tol * (1 + |objective|).
    """

    def __init__(
        self,
        *,
        known: float = 1.0,
        spammed: float = 0.5,
        habit: float = 1.0,
        max_iter: int = 200,
        tol: float = 1e-7,
    ) -> None:
        self.known = known
        self.spammed = spammed
        self.habit = habit
        self.max_iter = max_iter
        self.tol = tol

    def fit(self, votes: Votes, *, gold: Gold | None = None, worker_history: WorkerHistory | None = None) -> Self:
        """See `CategoricalConsolidator.fit`. `confusion_` combines knowing and spamming."""
        require_options(self, at_least={"known": 0.0, "spammed": 0.0, "max_iter": 1}, above={"habit": 0.0})
        if votes.n_labels < 2 or len(votes) == 0:
            return self._store_vote(MajorityVote().fit(votes, gold=gold, worker_history=worker_history))
        known, history = gold_index(votes, gold), history_counts(votes, worker_history)
        size = votes.n_labels
        skill = np.full(votes.n_workers, 0.5)
        habit = np.full((votes.n_workers, size), 1.0 / size)

        def maximise(counts: Floats, classes: Floats) -> Model:
            nonlocal skill, habit
            skill, habit = self._maximise(counts, skill, habit)
            return self._model(skill, habit)

        first = self._model(skill, habit)
        fit = run_em(votes, known, first, maximise, max_iter=self.max_iter, tol=self.tol, history=history)
        prior = np.full(size, 1.0 / size)
        return self._store(
            votes,
            with_prior(votes, fit.state.posterior, prior, known),
            prior=prior,
            confusion=np.exp(fit.state.model.log_confusion),
            objective=fit.objective,
            converged=fit.converged,
            n_iter=fit.n_iter,
        )

    def _maximise(self, counts: Floats, skill: Floats, habit: Floats) -> tuple[Floats, Floats]:
        right = np.diagonal(counts, axis1=1, axis2=2)
        knew = right * skill[:, None] / (skill[:, None] + (1.0 - skill[:, None]) * habit)
        spam = counts.sum(axis=1) - knew
        skill = (knew.sum(axis=1) + self.known) / (counts.sum(axis=(1, 2)) + self.known + self.spammed)
        habit = spam + self.habit
        return skill, habit / habit.sum(axis=1, keepdims=True)

    def _model(self, skill: Floats, habit: Floats) -> Model:
        size = habit.shape[1]
        chances = (1.0 - skill)[:, None, None] * np.repeat(habit[:, None, :], size, axis=1)
        diagonal = np.arange(size)
        chances[:, diagonal, diagonal] += skill[:, None]
        penalty = -float((self.known * np.log(skill) + self.spammed * np.log1p(-skill)).sum())
        penalty -= self.habit * float(np.log(habit).sum())
        return Model(np.log(chances), np.full(size, -np.log(size)), penalty)
