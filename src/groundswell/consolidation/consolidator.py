"""The default: several models of the same annotations, pooled, weighed by evidence where it can tell, calibrated.

No single model is best on all data, and likelihood alone prefers rich models even where workers err together. So:

1. Six estimates have equal say, their posteriors are multiplied: skill and bias; confusion matrices that lean on each
   worker's skill and bias; chances of being right by class; confusion matrices with item effects; the votes weighted by
   accuracy; the plain shares of votes. Where annotations are few, the simple estimates hold the others.
2. Every model takes the shares of all votes as imagined objects of each class: where annotations are few, likelihood
   would let one class swallow another, and real crowds' shares are never far from the classes' rates.
3. Why workers err together is something evidence does tell: the spread of item effects is averaged by likelihood.
   With two classes, so is the question whether a class has subtypes (`enhanced_bcc.py`) instead, where an explanation
   counts for more the nearer its classes' rates lie to the shares of votes: subtypes may trade places with classes.
   With more classes they do so often, and are not considered.
4. In confidences the pool is tempered: annotations of one object err together more than any of the models says, so
   each counts for three quarters.
5. A posterior says which latent class an object belongs to; whether that class deserves its name the crowd knows only
   as far as it gives it that name. Each class's belief is shared out by how the crowd answers there
   (`class_names.py`), with more doubt where objects have few annotations.

Where annotations show that workers know different kinds of objects (`expertises.py`), a model of that and the votes
take the place of the pool; where they may, the votes have half the say. Where there are so many classes and workers
that confusion matrices would fill the memory, one coin a worker takes the place of the models (`many_classes.py`).

Source: pooling: Genest & Zidek 1986, Combining Probability Distributions, doi:10.1214/ss/1177013825; averaging by
evidence: Hoeting et al. 1999, Bayesian Model Averaging, doi:10.1214/ss/1009212519.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from groundswell.consolidation.base import CategoricalConsolidator, pin_gold, with_prior
from groundswell.consolidation.bcc import BccFit, fit_bcc
from groundswell.consolidation.cells import Floats, Index
from groundswell.consolidation.class_names import class_names, own_weight, tempered
from groundswell.consolidation.enhanced_bcc import fit_subtypes
from groundswell.consolidation.expertises import Sign, fit_expertises, separate_expertises
from groundswell.consolidation.item_effects import fit_item_effects
from groundswell.consolidation.kernels import expected_counts
from groundswell.consolidation.known import (
    Gold,
    WorkerHistory,
    given_rates,
    gold_as_history,
    gold_index,
    history_counts,
)
from groundswell.consolidation.majority_vote import MajorityVote
from groundswell.consolidation.many_classes import coin_confusion, fit_coin
from groundswell.consolidation.options import require_options
from groundswell.consolidation.skill_and_bias import fit_skill_and_bias
from groundswell.consolidation.votes import Votes
from groundswell.consolidation.weighted_vote import WeightedVote

if TYPE_CHECKING:
    from jaxtyping import Float64

_SPREADS = (0.0, 0.5, 1.0, 1.5)  # of item effects, in log odds
_NEARNESS = 2.0  # nats of evidence for each annotated object and nat of divergence from the expected class rates
_NATS = 3.0  # of evidence that make one explanation e times as credible as another; likelihoods are only models
_FLOOR = 1e-3  # no model's posterior counts as more certain than this in the pool
_ENOUGH = 100_000  # annotations that suffice to choose the spread of item effects
_ENOUGH_FOR_KINDS = 30_000  # annotations that suffice to tell whether workers know different kinds of objects
_AFFORDABLE = 10**7  # entries of all confusion matrices times iterations; above it models iterate less
_FEWEST_ITERATIONS = 10
_CLASS_ANCHOR = 0.3  # imagined objects, as a part of the annotated ones, that have the votes' shares as class rates
_CLASSES_GIVEN = 1000.0  # the same where class rates are given
_LARGEST_TABLE = 30_000_000  # entries of all confusion matrices; a dozen such tables are held at once
_SETTLED = 1e-5  # relative gain of an iteration below which the confusion matrices are good enough for a pool
_MANY_CLASSES = 12  # above this, item effects would cost more than all other models


class Consolidator(CategoricalConsolidator):
    """The default consolidator: near the best model on every kind of data, with calibrated confidences.

    Parameters
    ----------
    naming, own, growth : how a latent class shares its belief, see `class_names` and `own_weight`.
    tempering : the power of the belief in confidences; below 1 annotations of one object count as less than
        independent.
    max_iter : iterations of each model at most; fewer where confusion matrices outgrow the annotations.
    class_rates : by class, or (K,) in the order of the votes' classes, where they are known; else learned. With them
        the two votes, which cannot take them, stay out of the pool.
    gold_is_random : whether gold objects were drawn at random, so that their classes count for the class rates too.
        Else gold tells only how workers answer: chosen objects may hold any class more often than the others do.

    `belief_` (N, K) is how sure the annotations are of the latent classes and `naming_` (K, K) what these are called:
    `posterior_` is the product of the belief, to the power `tempering_`, and the naming. More annotations can raise a
    belief to 1; a confidence no higher than the naming.
    `objective_` and `prior_` are those of the confusion matrices that lean on skill and bias, whose lower bound of the
    evidence never falls; `confusion_` and `skill_` follow from the pooled posterior. Where one coin a worker takes the
    models' place (`many_classes.py`), all four are the coin's, and `belief_` is `posterior_`.
    """

    def __init__(
        self,
        *,
        naming: float = 1.0,
        own: float = 1.0,
        growth: float = 0.3,
        tempering: float = 0.75,
        max_iter: int = 150,
        class_rates: Mapping[Any, float] | Sequence[float] | None = None,
        gold_is_random: bool = False,
    ) -> None:
        self.naming = naming
        self.own = own
        self.growth = growth
        self.tempering = tempering
        self.max_iter = max_iter
        self.class_rates = class_rates
        self.gold_is_random = gold_is_random

    def fit(self, votes: Votes, *, gold: Gold | None = None, worker_history: WorkerHistory | None = None) -> Self:
        """See `CategoricalConsolidator.fit`."""
        least = {"naming": 0.0, "own": 0.0, "growth": 0.0, "max_iter": 1}
        require_options(self, at_least=least, above={"tempering": 0.0})
        rates = given_rates(votes, self.class_rates)
        if votes.n_labels < 2 or len(votes) == 0:
            self.naming_, self.tempering_ = np.eye(votes.n_labels), 1.0
            return self._store_vote(MajorityVote().fit(votes, gold=gold, worker_history=worker_history), rates)
        known, history = gold_index(votes, gold), history_counts(votes, worker_history)
        entries = votes.n_workers * votes.n_labels**2
        max_iter = min(self.max_iter, max(_FEWEST_ITERATIONS, _AFFORDABLE // entries))
        vote_counts = (WeightedVote(), MajorityVote()) if rates is None else ()  # they cannot take given rates
        plain = [m.fit(votes, gold=gold, worker_history=worker_history).posterior_ for m in vote_counts]
        options = {"history": history, "class_pseudocount": class_pseudocounts(votes, rates), "max_iter": max_iter}
        if entries > _LARGEST_TABLE:
            return self._store_coin(votes, known, plain, options)
        everything = _Evidence(votes, known, options)
        others = everything if self.gold_is_random else _without_gold(everything, rates)
        posterior, rows = _pooled(others, everything, plain)
        prior = rows.classes / rows.classes.sum() if rates is None else rates
        belief = pin_gold(with_prior(votes, posterior, prior, known), known)
        own = own_weight(votes, own=self.own, growth=self.growth)
        self.tempering_ = self.tempering
        self.naming_ = class_names(tempered(belief, self.tempering), votes, naming=self.naming, own=own)
        named = tempered(belief, self.tempering) @ self.naming_
        posterior = pin_gold(with_prior(votes, named, prior, known), known)
        return self._store(
            votes,
            posterior,
            prior=prior,
            confusion=_confusion(votes, posterior, history),
            objective=rows.objective,
            converged=rows.converged,
            n_iter=len(rows.objective),
            belief=belief,
        )

    def _store_coin(self, votes: Votes, gold: Index, plain: Sequence[Floats], options: Mapping[str, Any]) -> Self:
        """The estimates where confusion matrices would fill the memory: one coin a worker, and the votes."""
        history = options["history"]
        if history is not None:
            right = np.trace(history, axis1=1, axis2=2)
            history = np.stack([right, history.sum(axis=(1, 2)) - right], axis=1)
        coin = fit_coin(votes, gold, **{**options, "history": history, "max_iter": self.max_iter})
        posterior = pin_gold(with_prior(votes, pool((coin.posterior, *plain)), coin.prior, gold), gold)
        self.naming_, self.tempering_ = np.eye(votes.n_labels), 1.0
        return self._store(
            votes,
            posterior,
            prior=coin.prior,
            confusion=partial(coin_confusion, coin.accuracy, votes.n_labels),
            skill=coin.accuracy,
            objective=coin.objective,
            converged=coin.converged,
            n_iter=len(coin.objective),
        )


@dataclass(frozen=True)
class _Evidence:
    """What a model is fitted to."""

    votes: Votes
    gold: Index  # (N,) known classes, -1 where unknown
    options: Mapping[str, Any]  # history, class_pseudocount, max_iter


def _without_gold(evidence: _Evidence, rates: Floats | None) -> _Evidence:
    """The other objects, with gold as what is known of the workers; rates (K,) where class rates are given."""
    votes, gold, history = gold_as_history(evidence.votes, evidence.gold, evidence.options["history"])
    options = {**evidence.options, "history": history, "class_pseudocount": class_pseudocounts(votes, rates)}
    return _Evidence(votes, gold, options)


def _pooled(others: _Evidence, everything: _Evidence, plain: Sequence[Floats]) -> tuple[Floats, BccFit]:
    """The posterior pooled from every model and the plain ones given, and the confusion matrices among the models.

    others : with gold as history.      everything : with gold among the objects, for models whose workers differ by
        kinds of objects, which a history does not tell apart.
    """
    votes, gold, options = others.votes, others.gold, others.options
    habits = fit_skill_and_bias(votes, gold, **options)
    rows = fit_bcc(votes, gold, own_rows=habits.habits.confusion, start=habits.posterior, tol=_SETTLED, **options)
    chances = fit_subtypes(everything.votes, everything.gold, subtypes=1, **everything.options)
    effects, evidence = _item_effects(votes, gold, options)
    posterior = pool((habits.posterior, rows.posterior, chances.posterior, effects, *plain))
    if votes.n_labels == 2:
        split = fit_subtypes(everything.votes, everything.gold, subtypes=3, **everything.options)
        nearer = _drift(votes, posterior, options) - _drift(votes, split.posterior, options)
        gain = split.objective[-1] - chances.objective[-1] + _NEARNESS * nearer
        explanations = np.append(evidence - evidence[0], gain)
        weight = credibility(explanations)[-1]
        posterior = (1.0 - weight) * posterior + weight * split.posterior
    sign = _know_different_kinds(everything) if votes.n_labels <= _MANY_CLASSES else Sign.NONE
    if sign is Sign.CERTAIN:
        known = fit_expertises(everything.votes, everything.gold).posterior
        posterior = pool((known, *plain[-1:]))
    elif sign is Sign.PERHAPS:
        posterior = pool((posterior, *plain[-1:]))
    return posterior, rows


def _know_different_kinds(everything: _Evidence) -> Sign:
    """Whether workers have separate expertises; of many annotations a sample of objects tells."""
    votes, gold = everything.votes, everything.gold
    if len(votes) > _ENOUGH_FOR_KINDS:
        votes, gold = every_nth_object(votes, gold, -(-len(votes) // _ENOUGH_FOR_KINDS))
    return separate_expertises(votes, gold)


def _drift(votes: Votes, posterior: Floats, options: Mapping[str, Any]) -> float:
    """How far the classes' mean posterior lies from the rates expected of them: divergence times annotated objects."""
    annotated = votes.counts_by_object > 0
    expected = options["class_pseudocount"] / options["class_pseudocount"].sum()
    found = np.maximum(posterior[annotated].mean(axis=0), _FLOOR)
    return float(np.count_nonzero(annotated) * (expected * np.log(expected / found)).sum())


def class_pseudocounts(votes: Votes, rates: Floats | None = None) -> Floats:
    """(K,) imagined objects of each class: one, and by the shares of votes a part of the annotated objects' number.

    rates : (K,) class rates where they are given: so many imagined objects that the real ones hardly move them.
    """
    annotated = float(np.count_nonzero(votes.counts_by_object))
    if rates is not None:
        return _CLASSES_GIVEN * (annotated + 1.0) * rates
    shares = np.bincount(votes.label, minlength=votes.n_labels) / max(len(votes), 1)
    return np.asarray(1.0 + _CLASS_ANCHOR * annotated * shares)


def _item_effects(votes: Votes, gold: Index, options: Mapping[str, Any]) -> tuple[Floats, Floats]:
    """The posterior averaged over spreads by likelihood, and the log likelihoods, the first without effects."""
    spreads: tuple[float, ...] = _SPREADS if votes.n_labels <= _MANY_CLASSES else (0.0,)
    if len(votes) > _ENOUGH and len(spreads) > 1:
        nth = -(-len(votes) // _ENOUGH)
        few, few_gold = every_nth_object(votes, gold, nth)
        sampled = {**options, "class_pseudocount": options["class_pseudocount"] / nth}
        tried = [fit_item_effects(few, few_gold, spread=spread, **sampled).log_likelihood for spread in spreads]
        spreads = tuple({0.0, spreads[int(np.argmax(tried))]})
    fits = [fit_item_effects(votes, gold, spread=spread, **options) for spread in sorted(spreads)]
    evidence = np.array([fit.log_likelihood for fit in fits])
    mean = sum(weight * fit.posterior for weight, fit in zip(credibility(evidence), fits, strict=True))
    return np.asarray(mean), evidence


def every_nth_object(votes: Votes, gold: Index, nth: int) -> tuple[Votes, Index]:
    """The annotations of every nth object, of the same workers and classes."""
    rows = votes.object % nth == 0
    sample = Votes.from_arrays(
        votes.object[rows] // nth,
        votes.worker[rows],
        votes.label[rows],
        n_objects=-(-votes.n_objects // nth),
        n_workers=votes.n_workers,
        n_labels=votes.n_labels,
    )
    return sample, gold[::nth]


def credibility(evidence: Float64[Floats, " E"]) -> Float64[Floats, " E"]:
    """Weights of explanations by their log evidence; they sum to 1."""
    weights = np.exp((evidence - evidence.max()) / _NATS)
    return np.asarray(weights / weights.sum())


def pool(posteriors: Sequence[Floats]) -> Floats:
    """Logarithmic pool of (N, K) posteriors: their normalised geometric mean."""
    pooled = np.exp(np.mean([np.log(posterior + _FLOOR) for posterior in posteriors], axis=0))
    return np.asarray(pooled / pooled.sum(axis=1, keepdims=True))


def _confusion(votes: Votes, posterior: Floats, history: Floats | None) -> Floats:
    """(W, K, K) habits under the pooled posterior; each row leans on the crowd's with the weight of two answers."""
    counts = expected_counts(votes.object, votes.worker, votes.label, posterior, votes.n_workers)
    if history is not None:
        counts += history
    crowd = counts.sum(axis=0) + np.eye(votes.n_labels) + 1.0 / votes.n_labels
    counts += 2.0 * crowd / crowd.sum(axis=1, keepdims=True)
    return np.asarray(counts / counts.sum(axis=2, keepdims=True))
