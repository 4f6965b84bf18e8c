"""Rankings of a few responses by many workers into one ranking each dimension, ties allowed.

An answer is {dimension: [ranks]}, the rank of every response (1 is best, equal ranks are ties). A worker ties a pair of
different responses with probability t_w, learnt, and orders it as the truth does with probability a_w where not; a pair
of equal ones is tied with probability 0.9. A tie by somebody who ties often says nothing against an order, and a few
orders one way with none the other way outweigh many ties. Where all workers of the job tie much and those who order the
same pairs agree, their scales are coarse, and hardly anything is equal. The consolidated ranking is the weak order of
highest posterior where nobody ties, Kemeny's median with workers weighted by their log odds; where somebody does, the
one with most pairs expected in order, in which an undecided pair is a tie. All weak orders are tried up to 6 responses
(all strict ones up to 7), beyond that the best of the workers' orders and the one by net wins is improved by moving one
response at a time, ties included. Where all workers agree, their order stands.
Elsewhere: the orders there are (`weak_orders.py`).
Source: Young 1988, "Condorcet's theory of voting", doi:10.2307/1961757; worker weights as in one-coin Dawid & Skene;
ties as outcomes with a rate of their own: Rao & Kupper 1967, doi:10.1080/01621459.1967.10482901, by worker.
Evidence is tempered in confidences, a power posterior, Friel & Pettitt 2008, doi:10.1111/j.1467-9868.2007.00650.x; the
power is this project's, from simulated workers who misjudge close responses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from groundswell.consolidation.answers import (
    Answers,
    Consolidated,
    leaning_accuracy,
    read_number,
    require,
    sorted_workers,
)
from groundswell.consolidation.columns import sort_ids
from groundswell.consolidation.weak_orders import candidates, climb, ranks_of, signs_of, size_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_FIRST_ACCURACY = {False: 0.75, True: 0.85}  # by whether ties may be given: who may tie close ones orders the rest well
_STRENGTH = 10.0  # pseudo-pairs with which a worker's accuracy leans on the crowd's
_BOUNDS = 0.34, 0.98  # accuracies a worker is believed to have
_FIRST_TIES = 0.155  # share of pairs of different responses that a worker ties, before any data
_TIE_BOUNDS = 0.02, 0.7  # shares a worker is believed to tie
_EQUAL_TIED = 0.9  # share of pairs of equal responses that anybody ties
_FIRST_EQUAL, _EQUAL_STRENGTH = 1.0 / 3.0, 10.0  # share of pairs that are equal before any data, in pseudo-pairs
_COARSE_EQUAL = 1e-6  # the same share where workers' scales are too coarse to tell responses apart
_UNDECIDED = 0.3  # what a tie is worth at least: the right order is 1, the reversed one -1
_EVIDENCE = 0.6  # what a pair weighs when a chance is stated: close responses mislead all workers at once
_ROUNDS = 10


class RankingConsolidator:
    """Consolidates rankings {dimension: [ranks]}.

    Confidence is the chance that all pairs of all dimensions are in the right order, where all orders are tried, else
    the mean chance of a pair. Fitted: `workers_`, `skill_` (W,) the chance that a worker orders a pair rightly
    where not tying it, `tie_rate_` (W,) the chance to tie a pair of different responses.
    `details["confidences"]` has the confidence of each dimension.
    """

    def check(self, value: Any, *, where: str) -> None:
        """Raises: InvalidVotes, unless the value maps dimensions to ranks."""
        require(isinstance(value, Mapping), f"an answer must map dimensions to ranks, but {where} has {value!r}")
        for dimension, ranks in value.items():
            require(
                isinstance(ranks, Sequence) and not isinstance(ranks, (str, bytes)) and len(ranks) > 0,
                f"the ranks of {dimension!r} must be a list, but {where} has {ranks!r}",
                field=str(dimension),
            )
            for rank in ranks:
                read_number(rank, name=f"a rank of {dimension!r}", where=where, least=1)

    def fit(self, objects: Sequence[Answers]) -> Self:
        """Estimate the workers. Raises: InvalidVotes."""
        workers = sorted_workers(objects)
        position = {worker: w for w, worker in enumerate(workers)}
        polls = [poll for n, answers in enumerate(objects) for poll in self._polls(answers, n).values()]
        polls = [(names, signs) for names, signs in polls if len(names) > 1 and signs.size]
        ties = any((signs == 0).any() for _, signs in polls)
        self.workers_, self.skill_ = workers, np.full(len(workers), _FIRST_ACCURACY[ties])
        self.tie_rate_, self.equal_rate_ = np.full(len(workers), _FIRST_TIES), _FIRST_EQUAL
        self.coarse_ = _is_coarse(polls)
        if ties:
            self._start_at_ties_given(polls, position)
        for _ in range(_ROUNDS if polls else 0):
            right, ordered = np.zeros(len(workers)), np.zeros(len(workers))
            tied, different = np.zeros(len(workers)), np.zeros(len(workers))
            equal, pairs = _FIRST_EQUAL * _EQUAL_STRENGTH, _EQUAL_STRENGTH
            for names, signs in polls:
                w = np.array([position[name] for name in names])
                _, chances = _best_order(signs, self._habits(names, signs), self.equal_rate_)
                if (signs == 0).any():
                    equal, pairs = equal + float(chances[1].sum()), pairs + signs.shape[1]
                apart = np.broadcast_to(chances[0] + chances[2], signs.shape)
                agree = chances[signs + 1, np.arange(signs.shape[1])]
                np.add.at(right, w, np.where(signs == 0, 0.0, agree).sum(axis=1))
                np.add.at(ordered, w, np.where(signs == 0, 0.0, apart).sum(axis=1))
                np.add.at(tied, w, np.where(signs == 0, apart, 0.0).sum(axis=1))
                np.add.at(different, w, apart.sum(axis=1))
            self.skill_ = leaning_accuracy(
                right, ordered, usual=_FIRST_ACCURACY[ties], strength=_STRENGTH, bounds=_BOUNDS
            )
            self.tie_rate_ = _leaning_ties(tied, different)
            self.equal_rate_ = _COARSE_EQUAL if self.coarse_ else equal / pairs
        return self

    def _start_at_ties_given(self, polls: Sequence[tuple[list[str], Ints]], position: Mapping[str, int]) -> None:
        """Tie rates as if no two responses were equal: what proves to be equal lowers them."""
        tied, pairs = np.zeros(len(position)), np.zeros(len(position))
        for names, signs in polls:
            w = np.array([position[name] for name in names])
            np.add.at(tied, w, (signs == 0).sum(axis=1))
            np.add.at(pairs, w, float(signs.shape[1]))
        self.tie_rate_ = _leaning_ties(tied, pairs)

    def consolidate(self, answers: Answers) -> Consolidated:
        """One object's rankings. Raises: InvalidVotes."""
        return self.consolidate_all([answers])[0]

    def consolidate_all(self, objects: Sequence[Answers]) -> list[Consolidated]:
        """Every object's rankings, in the order given. Raises: InvalidVotes."""
        if not hasattr(self, "workers_"):
            self.workers_, self.skill_, self.tie_rate_ = [], np.zeros(0), np.zeros(0)
            self.equal_rate_, self.coarse_ = _FIRST_EQUAL, False
        return [self._label(answers, n) for n, answers in enumerate(objects)]

    def of_two(self, ordered: Mapping[Any, int]) -> Floats:
        """(3,) chances of two responses: 0 the first is better, 1 they are equal, 2 the second is better.

        ordered : worker -> how they ordered the two, in the same words.
        """
        names = sort_ids(ordered)
        signs = np.array([[ordered[name] - 1] for name in names])
        scores = _scores(signs, self._habits(names, signs), self.equal_rate_)[:, 0]
        weight = np.exp(scores - scores.max())
        return np.asarray(weight / weight.sum())

    def _label(self, answers: Answers, n: int) -> Consolidated:
        value, confidences = {}, {}
        for dimension, (names, signs) in self._polls(answers, n).items():
            order, _ = _best_order(signs, self._habits(names, signs), self.equal_rate_)
            value[dimension] = ranks_of(order, size_of(signs))
            confidences[dimension] = _confidence(signs, self._habits(names, signs), self.equal_rate_, order)
        confidence = float(np.prod(list(confidences.values()))) if confidences else 0.0
        return Consolidated(value, confidence, {"confidences": confidences})

    def _habits(self, names: Sequence[str], signs: Ints) -> Floats:
        """(V, 2) each worker's accuracy and tie rate."""
        known = dict(zip(self.workers_, zip(self.skill_.tolist(), self.tie_rate_.tolist(), strict=True), strict=True))
        accuracy = _FIRST_ACCURACY[bool((signs == 0).any())]
        usual = accuracy, float(np.mean(self.tie_rate_)) if len(self.workers_) else _FIRST_TIES
        return np.array([known.get(name, usual) for name in names])

    def _polls(self, answers: Answers, n: int) -> dict[str, tuple[list[str], Ints]]:
        """For each dimension: who ranked it, and (V, pairs) how each ordered every pair: -1 first better, 0 tie, 1."""
        ranks: dict[str, dict[str, list[float]]] = {}
        for worker in sort_ids(answers):
            where = f"object {n}, worker {worker!r}"
            self.check(answers[worker], where=where)
            for dimension, given in answers[worker].items():
                others = ranks.setdefault(str(dimension), {})
                size = len(next(iter(others.values()))) if others else len(given)
                require(
                    len(given) == size,
                    f"all rankings of {dimension!r} must have {size} ranks, but {where} has {len(given)}",
                    field=str(dimension),
                )
                others[worker] = [float(rank) for rank in given]
        return {dimension: (list(rows), signs_of(np.array(list(rows.values())))) for dimension, rows in ranks.items()}


def _is_coarse(polls: Sequence[tuple[list[str], Ints]]) -> bool:
    """Whether those who order what most tie agree with each other: then it differs, and workers' scales are coarse.

    On equal responses orders go either way. Pairs of answers that agree must outnumber the others by two standard
    deviations.
    """
    agreeing = opposed = 0.0
    for _, signs in polls:
        most = 2 * (signs == 0).sum(axis=0) >= len(signs)
        first, last = ((signs == s).sum(axis=0)[most] for s in (-1, 1))
        agreeing += float((first * (first - 1) + last * (last - 1)).sum()) / 2.0
        opposed += float((first * last).sum())
    return bool(agreeing - opposed > 2.0 * np.sqrt(agreeing + opposed))


def _leaning_ties(tied: Floats, pairs: Floats) -> Floats:
    """(W,) tie rates of workers who tied so many (W,) of so many pairs (W,), leaning on the crowd's."""
    return leaning_accuracy(tied, pairs, usual=_FIRST_TIES, strength=_STRENGTH, bounds=_TIE_BOUNDS)


def _scores(signs: Ints, habits: Floats, equal: float) -> Floats:
    """(3, pairs) log likelihood of each pair being ordered -1, 0, 1; a tie is impossible where nobody ties."""
    accuracy, ties = habits.T
    tied = signs == 0
    right, wrong = np.log((1.0 - ties) * accuracy), np.log((1.0 - ties) * (1.0 - accuracy))
    n_tied = tied.sum(axis=0)
    given_tied = n_tied * np.log(_EQUAL_TIED) + (len(signs) - n_tied) * np.log((1.0 - _EQUAL_TIED) / 2.0)
    given_tied += np.log(2.0 * equal / (1.0 - equal))
    if not tied.any():
        given_tied = np.full(signs.shape[1], -np.inf)

    def ordered(sign: int) -> Floats:
        said = np.where(signs == sign, right[:, None], wrong[:, None])
        return np.asarray(np.where(tied, np.log(ties)[:, None], said).sum(axis=0))

    return np.stack([ordered(-1), given_tied, ordered(1)])


def _best_order(signs: Ints, habits: Floats, equal: float) -> tuple[Ints, Floats]:
    """(pairs,) signs of the most probable order, and (3, pairs) chances of every pair's order."""
    scores, size = _scores(signs, habits, equal), size_of(signs)
    orders = candidates(size, bool((signs == 0).any()))
    if orders is None:
        weight = np.exp(scores - scores.max(axis=0))
        chances = weight / weight.sum(axis=0)
        best = climb(_gain(chances) if (signs == 0).any() else scores, signs)
    else:
        total = scores[orders + 1, np.arange(scores.shape[1])].sum(axis=1)
        weight = np.exp(total - total.max())
        weight /= weight.sum()
        chances = np.stack([weight @ (orders == s) for s in (-1, 0, 1)])
        gain = total
        if (signs == 0).any():
            gain = _gain(chances)[orders + 1, np.arange(scores.shape[1])].sum(axis=1)
        # The margin keeps rounding from deciding between equals: the first candidate wins.
        best = orders[int(np.argmax(gain > gain.max() - 1e-9))]
    # Everyone's order stands, whatever is thought of the workers.
    return (signs[0] if (signs == signs[0]).all() else best), chances


def _gain(chances: Floats) -> Floats:
    """(3, pairs) what it is worth to order a pair -1, 0, 1, where right is expected to give 1 and reversed -1.

    A tie gives `_UNDECIDED` at least, so that a pair is ordered only where more than that speaks for one way.
    """
    first, equal, last = chances
    return np.stack([first - last, np.maximum(equal, _UNDECIDED), last - first])


def _confidence(signs: Ints, habits: Floats, equal: float, order: Ints) -> float:
    """The chance of the order among all tried, else the mean chance of a pair, at the weight of `_EVIDENCE`."""
    size, pair = size_of(signs), np.arange(signs.shape[1])
    scores = _EVIDENCE * _scores(signs, habits, equal)
    orders = candidates(size, bool((signs == 0).any()))
    if orders is None:
        weight = np.exp(scores - scores.max(axis=0))
        return float((weight / weight.sum(axis=0))[order + 1, pair].mean())
    total = scores[orders + 1, pair].sum(axis=1) - scores[order + 1, pair].sum()
    return float(np.exp(-total.max()) / np.exp(total - total.max()).sum())
