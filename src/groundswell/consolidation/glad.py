"""GLAD: abilities of workers times easiness of objects.

An annotation of object n by worker w is right with chance sigmoid(ability[w] * easiness[n]); wrong answers are spread
evenly, and classes are equally likely beforehand. Normal priors hold ability near 1 and log easiness near 0. Fitted by
EM; the M-step takes damped Newton steps, halved until the expected log posterior does not fall.

Source: Whitehill, Ruvolo, Wu, Bergsma & Movellan 2009, Whose Vote Should Count More, NIPS 22, 2035-2043.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from groundswell.consolidation.base import CategoricalConsolidator, climb, with_prior
from groundswell.consolidation.cells import Floats, Index
from groundswell.consolidation.fast import twinned
from groundswell.consolidation.kernels import normalise_log_joint
from groundswell.consolidation.known import Gold, WorkerHistory, gold_index, history_counts
from groundswell.consolidation.majority_vote import MajorityVote
from groundswell.consolidation.options import require_options
from groundswell.consolidation.sums import sum_by
from groundswell.consolidation.votes import Votes

if TYPE_CHECKING:
    from jaxtyping import Float64, Int32

_LARGEST_STEP = 1.0


@dataclass(frozen=True)
class GladState:
    """Parameters, and the posterior they came from."""

    ability: Floats  # (W,)
    log_easiness: Floats  # (N,)
    posterior: Floats  # (N, K) under the parameters before


class GLAD(CategoricalConsolidator):
    """Ability and easiness.

    `easiness_` (N,) is above 1 for objects easier than usual.

    Parameters
    ----------
    ability_variance, easiness_variance : of the normal priors.
    max_iter, tol : stop when an iteration raises the objective by less than tol * (1 + |objective|).
    """

    easiness_: Floats

    def __init__(
        self,
        *,
        ability_variance: float = 1.0,
        easiness_variance: float = 1.0,
        max_iter: int = 100,
        tol: float = 1e-6,
    ) -> None:
        self.ability_variance = ability_variance
        self.easiness_variance = easiness_variance
        self.max_iter = max_iter
        self.tol = tol

    def fit(self, votes: Votes, *, gold: Gold | None = None, worker_history: WorkerHistory | None = None) -> Self:
        """See `CategoricalConsolidator.fit`. `confusion_` is for an object of usual easiness."""
        require_options(self, at_least={"max_iter": 1}, above={"ability_variance": 0.0, "easiness_variance": 0.0})
        if votes.n_labels < 2 or len(votes) == 0:
            self.easiness_ = np.ones(votes.n_objects)
            return self._store_vote(MajorityVote().fit(votes, gold=gold, worker_history=worker_history))
        known, history = gold_index(votes, gold), history_counts(votes, worker_history)
        past = _past(votes, history)
        start = GladState(
            np.ones(votes.n_workers),
            np.zeros(votes.n_objects),
            np.zeros((0, 0)),
        )
        log_prior = np.full(votes.n_labels, -math.log(votes.n_labels))

        def step(state: GladState) -> tuple[GladState, float]:
            joint = joint_of(votes.object, votes.worker, votes.label, state.ability, state.log_easiness, log_prior)
            value = normalise_log_joint(joint, known) + self._log_prior(state, past)
            right = joint[votes.object, votes.label]
            ability, log_easiness = self._climb_parameters(votes, right, past, state)
            return GladState(ability, log_easiness, joint), value

        fit = climb(step, start, max_iter=self.max_iter, tol=self.tol)
        state = fit.state
        self.easiness_ = np.exp(state.log_easiness)
        prior = np.exp(log_prior)
        accuracy = 1.0 / (1.0 + np.exp(-state.ability))
        eye = np.eye(votes.n_labels)
        off = ((1.0 - accuracy) / (votes.n_labels - 1))[:, None, None]
        return self._store(
            votes,
            with_prior(votes, state.posterior, prior, known),
            prior=prior,
            confusion=accuracy[:, None, None] * eye + off * (1.0 - eye),
            objective=fit.objective,
            converged=fit.converged,
            n_iter=fit.n_iter,
        )

    def _log_prior(self, state: GladState, past: Floats) -> float:
        value = float((past * _log_sigmoid(np.stack([state.ability, -state.ability]))).sum())
        value -= 0.5 * float(((state.ability - 1.0) ** 2).sum()) / self.ability_variance
        return value - 0.5 * float((state.log_easiness**2).sum()) / self.easiness_variance

    def _climb_parameters(self, votes: Votes, right: Floats, past: Floats, state: GladState) -> tuple[Floats, Floats]:
        """Newton steps in ability and log easiness, halved until the expected log posterior does not fall."""
        ability, easy = state.ability, state.log_easiness

        def value(ability: Floats, easy: Floats) -> float:
            score = ability[votes.worker] * np.exp(easy[votes.object])
            total = float((right * _log_sigmoid(score) + (1.0 - right) * _log_sigmoid(-score)).sum())
            return total + self._log_prior(GladState(ability, easy, right), past)

        gradient, curvature = derivatives(votes.object, votes.worker, right, ability, easy)
        chance = 1.0 / (1.0 + np.exp(-ability))
        gradient[: len(ability)] += past[0] * (1 - chance) - past[1] * chance - (ability - 1.0) / self.ability_variance
        curvature[: len(ability)] += past.sum(axis=0) * chance * (1.0 - chance) + 1.0 / self.ability_variance
        gradient[len(ability) :] -= easy / self.easiness_variance
        curvature[len(ability) :] += 1.0 / self.easiness_variance
        step = np.clip(gradient / curvature, -_LARGEST_STEP, _LARGEST_STEP)
        before, scale = value(ability, easy), 1.0
        while scale > 1e-3:
            moved = ability + scale * step[: len(ability)], easy + scale * step[len(ability) :]
            if value(*moved) >= before:
                return moved
            scale /= 2.0
        return ability, easy


def _past(votes: Votes, history: Floats | None) -> Floats:
    """(2, W) right and wrong answers from earlier jobs, on objects of usual easiness."""
    if history is None:
        return np.zeros((2, votes.n_workers))
    right = np.trace(history, axis1=1, axis2=2)
    return np.stack([right, history.sum(axis=(1, 2)) - right])


def _log_sigmoid(score: Floats) -> Floats:
    return np.asarray(-np.logaddexp(0.0, -score))


@twinned(lambda owner, worker, label, ability, log_easiness, log_prior: owner.size * log_prior.size)
def joint_of(
    owner: Int32[Index, " M"],
    worker: Int32[Index, " M"],
    label: Int32[Index, " M"],
    ability: Float64[Floats, " W"],
    log_easiness: Float64[Floats, " N"],
    log_prior: Float64[Floats, " K"],
) -> Float64[Floats, "N K"]:
    """(N, K) log chance of class and annotations."""
    n_objects, size = log_easiness.size, log_prior.size
    score = ability[worker] * np.exp(log_easiness[owner])
    wrong = _log_sigmoid(-score) - np.log(size - 1.0)
    right = _log_sigmoid(score) - wrong
    joint = log_prior + np.bincount(owner, wrong, n_objects)[:, None]
    gain = np.bincount(owner.astype(np.int64) * size + label, right, n_objects * size)
    return np.asarray(joint + gain.reshape(n_objects, size))


@twinned(lambda owner, worker, right, ability, log_easiness: 4 * owner.size)
def derivatives(
    owner: Int32[Index, " M"],
    worker: Int32[Index, " M"],
    right: Float64[Floats, " M"],
    ability: Float64[Floats, " W"],
    log_easiness: Float64[Floats, " N"],
) -> tuple[Float64[Floats, " W+N"], Float64[Floats, " W+N"]]:
    """(W + N,) gradient of the expected log likelihood in ability and log easiness, and its expected curvature."""
    easiness = np.exp(log_easiness[owner])
    score = ability[worker] * easiness
    chance = 1.0 / (1.0 + np.exp(-np.maximum(score, -700.0)))
    surprise, spread = right - chance, chance * (1.0 - chance)
    workers = sum_by(worker, np.stack((surprise * easiness, spread * easiness**2), axis=1), ability.size)
    objects = sum_by(owner, np.stack((surprise * score, spread * score**2), axis=1), log_easiness.size)
    gradient, curvature = np.concatenate((workers, objects)).T.copy()
    return gradient, curvature + 1e-9
