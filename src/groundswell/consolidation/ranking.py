"""Rankings of a few responses by many workers into one ranking each dimension, ties allowed.

An answer is {dimension: [ranks]}, the rank of every response (1 is best, equal ranks are ties). A worker orders a pair
of responses as the truth does with probability a_w, else in one of the other two ways alike (tie, reversed; only
reversed where nobody ties). The consolidated ranking is the weak order of highest posterior, Kemeny's median with
workers weighted by their log odds: all weak orders are tried up to 6 responses (all strict ones up to 7), beyond that
the best of the workers' orders and the one by net wins is improved by moving one response at a time, ties included.
Where all workers agree, their order stands.
Source: Young 1988, "Condorcet's theory of voting", doi:10.2307/1961757; worker weights as in one-coin Dawid & Skene.
Evidence is tempered in confidences, a power posterior, Friel & Pettitt 2008, doi:10.1111/j.1467-9868.2007.00650.x; the
power is this project's, from simulated workers who misjudge close responses.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import permutations
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

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_FIRST_ACCURACY = 0.75
_STRENGTH = 10.0  # pseudo-pairs with which a worker's accuracy leans on the crowd's
_BOUNDS = 0.34, 0.98  # accuracies a worker is believed to have
_EVIDENCE = 0.6  # what a pair weighs when a chance is stated: close responses mislead all workers at once
_ROUNDS = 10
_MOST_WEAK, _MOST_STRICT = 6, 7  # responses up to which all orders are tried


class RankingConsolidator:
    """Consolidates rankings {dimension: [ranks]}.

    Confidence is the chance that all pairs of all dimensions are in the right order, where all orders are tried, else
    the mean chance of a pair. Fitted: `workers_`, `skill_` (W,) the chance that a worker orders a pair rightly.
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
        self.workers_, self.skill_ = workers, np.full(len(workers), _FIRST_ACCURACY)
        for _ in range(_ROUNDS):
            right, pairs = np.zeros(len(workers)), np.zeros(len(workers))
            for names, signs in polls:
                if len(names) < 2 or not signs.size:
                    continue
                w = np.array([position[name] for name in names])
                order, chances = _best_order(signs, self._accuracy(names))
                agree = (chances[signs + 1, np.arange(signs.shape[1])]).sum(axis=1)
                np.add.at(right, w, agree)
                np.add.at(pairs, w, float(len(order)))
            if not pairs.sum():
                break
            self.skill_ = leaning_accuracy(right, pairs, usual=_FIRST_ACCURACY, strength=_STRENGTH, bounds=_BOUNDS)
        return self

    def consolidate(self, answers: Answers) -> Consolidated:
        """One object's rankings. Raises: InvalidVotes."""
        return self.consolidate_all([answers])[0]

    def consolidate_all(self, objects: Sequence[Answers]) -> list[Consolidated]:
        """Every object's rankings, in the order given. Raises: InvalidVotes."""
        if not hasattr(self, "workers_"):
            self.workers_, self.skill_ = [], np.zeros(0)
        return [self._label(answers, n) for n, answers in enumerate(objects)]

    def _label(self, answers: Answers, n: int) -> Consolidated:
        value, confidences = {}, {}
        for dimension, (names, signs) in self._polls(answers, n).items():
            order, _ = _best_order(signs, self._accuracy(names))
            value[dimension] = _ranks_of(order, _size_of(signs))
            confidences[dimension] = _confidence(signs, self._accuracy(names), order)
        confidence = float(np.prod(list(confidences.values()))) if confidences else 0.0
        return Consolidated(value, confidence, {"confidences": confidences})

    def _accuracy(self, names: Sequence[str]) -> Floats:
        known = dict(zip(self.workers_, self.skill_.tolist(), strict=True))
        return np.array([known.get(name, _FIRST_ACCURACY) for name in names])

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
        return {dimension: (list(rows), _signs(np.array(list(rows.values())))) for dimension, rows in ranks.items()}


def _signs(ranks: Floats) -> Ints:
    """(V, n (n - 1) / 2) sign of rank i minus rank j for i < j, from (V, n) ranks."""
    i, j = np.triu_indices(ranks.shape[1], 1)
    return np.sign(ranks[:, i] - ranks[:, j]).astype(np.int64)


def _size_of(signs: Ints) -> int:
    return int((1 + np.sqrt(1 + 8 * signs.shape[1])) // 2)


def _scores(signs: Ints, accuracy: Floats) -> Floats:
    """(3, pairs) log likelihood of each pair being ordered -1, 0, 1; a tie is impossible where nobody ties."""
    ties = bool((signs == 0).any())
    wrong = (1.0 - accuracy) / (2.0 if ties else 1.0)
    gain = np.log(accuracy) - np.log(wrong)
    scores = np.stack([((signs == s) * gain[:, None]).sum(axis=0) for s in (-1, 0, 1)])
    if not ties:
        scores[1] = -np.inf
    return scores


def _best_order(signs: Ints, accuracy: Floats) -> tuple[Ints, Floats]:
    """(pairs,) signs of the most probable order, and (3, pairs) chances of every pair's order."""
    scores, size = _scores(signs, accuracy), _size_of(signs)
    orders = _candidates(size, bool((signs == 0).any()))
    if orders is None:
        weight = np.exp(scores - scores.max(axis=0))
        best, chances = _climb(scores, signs), weight / weight.sum(axis=0)
    else:
        total = scores[orders + 1, np.arange(scores.shape[1])].sum(axis=1)
        weight = np.exp(total - total.max())
        weight /= weight.sum()
        # The margin keeps rounding from deciding between equals: the first candidate wins.
        best = orders[int(np.argmax(total > total.max() - 1e-9))]
        chances = np.stack([weight @ (orders == s) for s in (-1, 0, 1)])
    # Everyone's order stands, whatever is thought of the workers.
    return (signs[0] if (signs == signs[0]).all() else best), chances


def _confidence(signs: Ints, accuracy: Floats, order: Ints) -> float:
    """The chance of the order among all tried, else the mean chance of a pair, at the weight of `_EVIDENCE`."""
    size, pair = _size_of(signs), np.arange(signs.shape[1])
    scores = _EVIDENCE * _scores(signs, accuracy)
    orders = _candidates(size, bool((signs == 0).any()))
    if orders is None:
        weight = np.exp(scores - scores.max(axis=0))
        return float((weight / weight.sum(axis=0))[order + 1, pair].mean())
    total = scores[orders + 1, pair].sum(axis=1) - scores[order + 1, pair].sum()
    return float(np.exp(-total.max()) / np.exp(total - total.max()).sum())


def _candidates(size: int, ties: bool) -> Ints | None:
    if size > (_MOST_WEAK if ties else _MOST_STRICT):
        return None
    return _weak_orders(size) if ties else _strict_orders(size)


@lru_cache(maxsize=8)
def _strict_orders(size: int) -> Ints:
    """(size!, pairs) signs of all orders without ties."""
    return _signs(np.array(list(permutations(range(size))), np.float64))


@lru_cache(maxsize=8)
def _weak_orders(size: int) -> Ints:
    """(Fubini number, pairs) signs of all orders, strict ones first."""
    ranks = sorted(_all_ranks(size), key=lambda r: (-len(set(r)), r))
    return _signs(np.array(ranks, np.float64))


def _all_ranks(size: int) -> Iterator[tuple[int, ...]]:
    """All ways to give `size` responses ranks 1, 2, ... without gaps."""
    if size == 0:
        yield ()
        return
    for rest in _all_ranks(size - 1):
        top = max(rest, default=0)
        for rank in range(1, top + 1):
            yield (*rest, rank)
        for rank in range(1, top + 2):
            yield (*(r + (r >= rank) for r in rest), rank)


def _climb(scores: Floats, signs: Ints) -> Ints:
    """Signs of an order that moving one response, to between others or level with some, does not improve.

    From the best of the workers' orders (V, pairs) and the order by net wins.
    """
    size, pair = _size_of(signs), np.arange(scores.shape[1])
    i, j = np.triu_indices(size, 1)
    # What it is worth to place the row's response before, level with and after the column's.
    worth = np.zeros((3, size, size))
    worth[:, i, j], worth[:, j, i] = scores, scores[::-1]
    wins = np.argsort(np.argsort(-(worth[0] - worth[2]).sum(axis=1), kind="stable"))
    starts = np.unique(np.concatenate((_signs(wins[None].astype(np.float64)), signs)), axis=0)
    total = scores[starts + 1, pair].sum(axis=1)
    place = np.array(_ranks_of(starts[int(np.argmax(total > total.max() - 1e-9))], size), np.int64)
    improved = True
    while improved:
        improved = False
        for response in range(size):
            moved = _moved(place, response, worth)
            improved = improved or moved is not place
            place = moved
    order: Ints = _signs(place[None].astype(np.float64))[0]
    return order


def _moved(place: Ints, response: int, worth: Floats) -> Ints:
    """The ranks (n,) with one response where it is worth most among the others; the same array where that is now."""
    others = np.flatnonzero(np.arange(len(place)) != response)
    level = np.unique(place[others], return_inverse=True)[1]
    before, tied, after = (np.bincount(level, worth[side, response, others]) for side in (0, 1, 2))
    behind, ahead = np.append(0.0, np.cumsum(after)), np.append(np.cumsum(before[::-1])[::-1], 0.0)
    # Even numbers are places between the others' levels, odd ones those levels.
    gain = np.empty(2 * len(tied) + 1)
    gain[0::2], gain[1::2] = behind + ahead, behind[:-1] + tied + ahead[1:]
    level = 2 * level + 1
    below = place[others] < place[response]
    now = int(level[place[others] == place[response]].max(initial=2 * len(np.unique(level[below]))))
    at = int(np.argmax(gain > gain.max() - 1e-9))
    if not gain[at] > gain[now] + 1e-9:
        return place
    new = np.empty_like(place)
    new[others], new[response] = level, at
    return new


def _ranks_of(order: Ints, size: int) -> list[int]:
    """Ranks 1, 2, ... without gaps from the signs of pairs."""
    i, j = np.triu_indices(size, 1)
    worse = np.zeros((size, size))
    worse[i, j], worse[j, i] = order, -order
    behind = (worse > 0).sum(axis=1)
    return [int(rank) + 1 for rank in np.unique(behind, return_inverse=True)[1]]
