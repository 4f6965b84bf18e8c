"""Which of two things is better, from many workers: each comparison's winner.

An answer is "left", "right" or "tie"; or {"left": id, "right": id, "winner": ...} where things have ids and meet in
many comparisons. Workers are one-coin voters: worker w names the better thing with probability a_w, else the other.
Where ties are given, each worker ties things that differ at a rate of their own, as in rankings of two (`ranking.py`).
Where things have ids, which of the two is better is read off one scale for all (`bradley_terry.py`).
Source: one-coin Dawid & Skene 1979, doi:10.2307/2346806.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from groundswell.consolidation.answers import Answers, Consolidated, leaning_accuracy, require, sorted_workers
from groundswell.consolidation.bradley_terry import OUTCOMES as OUTCOMES
from groundswell.consolidation.bradley_terry import BradleyTerry
from groundswell.consolidation.columns import sort_ids
from groundswell.consolidation.ranking import RankingConsolidator

Floats = NDArray[np.float64]

_FIRST_ACCURACY = 0.75
_STRENGTH = 8.0  # pseudo-comparisons with which a worker's accuracy leans on the crowd's
_BOUNDS = 0.34, 0.98  # accuracies a worker is believed to have
_ROUNDS = 10
_RANKS = (1, 2), (1, 1), (2, 1)  # of the left and the right thing, by outcome


class PairwiseConsolidator:
    """Consolidates comparisons; an answer is "left", "right", "tie", or {"left": id, "right": id, "winner": ...}.

    Each object's winner is the outcome of highest posterior, or the one all workers name; confidence is its posterior.
    Where nobody ties, a tie is no outcome; where somebody does, a comparison is a ranking of two (`ranking.py`), so
    that a tie by who ties often says nothing against an order. Workers may see the two things of an object on either
    side: answers count for the thing they name. Fitted: `workers_`, `skill_` (W,), `ties_` whether anybody tied,
    `tie_rate_` (W,) the chance to tie two things that differ, 0 where nobody tied, `scale_` (`BradleyTerry` or None).
    """

    def check(self, value: Any, *, where: str) -> None:
        """Raises: InvalidVotes, unless the value names a winner, and two things or none."""
        winner = value.get("winner") if isinstance(value, Mapping) else value
        require(
            isinstance(winner, str) and winner in OUTCOMES,
            f"a comparison's winner is one of {OUTCOMES}, but {where} has {winner!r}",
            field="winner",
        )
        if isinstance(value, Mapping) and ("left" in value or "right" in value):
            things = [value.get(side) for side in ("left", "right")]
            require(
                all(isinstance(thing, (str, int, float)) for thing in things) and things[0] != things[1],
                f"a comparison's left and right are the ids of two things, but {where} has {things!r}",
                field="left",
            )

    def fit(self, objects: Sequence[Answers]) -> Self:
        """Estimate workers, and scores where things have ids. Raises: InvalidVotes."""
        polls = [self._poll(answers, n) for n, answers in enumerate(objects)]
        self.workers_ = sorted_workers(objects)
        self.ties_ = any(1 in poll.outcome.values() for poll in polls)
        self.scale_ = _scale_of(polls)
        self._orders = RankingConsolidator().fit([_as_rankings(poll) for poll in polls] if self.ties_ else [])
        if self.ties_:
            self.skill_, self.tie_rate_ = self._orders.skill_, self._orders.tie_rate_
        else:
            self._fit_accuracies(polls)
        return self

    def _fit_accuracies(self, polls: Sequence[_Poll]) -> None:
        """Workers where nobody ties."""
        size = len(self.workers_)
        position = {worker: w for w, worker in enumerate(self.workers_)}
        self.skill_, self.tie_rate_ = np.full(size, _FIRST_ACCURACY), np.zeros(size)
        for _ in range(_ROUNDS):
            right, trials = np.zeros(size), np.zeros(size)
            for poll in polls:
                if len(poll.outcome) > 1:
                    posterior = self._posterior(poll)
                    for worker, outcome in poll.outcome.items():
                        right[position[worker]] += posterior[outcome]
                        trials[position[worker]] += 1.0
            self.skill_ = leaning_accuracy(right, trials, usual=_FIRST_ACCURACY, strength=_STRENGTH, bounds=_BOUNDS)

    def consolidate(self, answers: Answers) -> Consolidated:
        """One object's winner; None when nobody answered. Raises: InvalidVotes."""
        return self.consolidate_all([answers])[0]

    def consolidate_all(self, objects: Sequence[Answers]) -> list[Consolidated]:
        """Every object's winner, in the order given. Raises: InvalidVotes."""
        if not hasattr(self, "workers_"):
            self.fit([])
        return [self._label(self._poll(answers, n)) for n, answers in enumerate(objects)]

    def _label(self, poll: _Poll) -> Consolidated:
        if not poll.outcome:
            return Consolidated(None, 0.0, {"posterior": {}})
        posterior = self._posterior(poll)
        given = set(poll.outcome.values())
        best = given.pop() if len(given) == 1 else int(np.argmax(posterior > posterior.max() - 1e-9))
        value: Any = OUTCOMES[best]
        if poll.things:
            value = {"left": poll.things[0], "right": poll.things[1], "winner": value}
        return Consolidated(
            value, float(posterior[best]), {"posterior": dict(zip(OUTCOMES, posterior.tolist(), strict=True))}
        )

    def _posterior(self, poll: _Poll) -> Floats:
        """(3,) chances of left, tie and right; where the things have ids, the scale splits what is no tie."""
        if self.ties_ or 1 in poll.outcome.values():
            chance = self._orders.of_two(poll.outcome)
        else:
            chance = self._without_ties(poll)
        if self.scale_ is not None and poll.things:
            left = self.scale_.better(poll.things[0], poll.things[1], poll.outcome)
            chance[[0, 2]] = (1.0 - chance[1]) * np.array([left, 1.0 - left])
        return np.asarray(chance)

    def _without_ties(self, poll: _Poll) -> Floats:
        """(3,) chances of left, tie and right where nobody ever ties."""
        known = dict(zip(self.workers_, self.skill_.tolist(), strict=True))
        score = np.array([0.0, -np.inf, 0.0])
        for worker in sort_ids(poll.outcome):
            accuracy = known.get(worker, _FIRST_ACCURACY)
            score[poll.outcome[worker]] += np.log(accuracy) - np.log(1.0 - accuracy)
        weight = np.exp(score - score.max())
        return np.asarray(weight / weight.sum())

    def _poll(self, answers: Answers, n: int) -> _Poll:
        """Raises: InvalidVotes, for a value no answer can have, or another pair of things than the others have."""
        for worker, value in answers.items():
            self.check(value, where=f"object {n}, worker {worker!r}")
        named = {worker: _things_of(value) for worker, value in answers.items()}
        things = _common_things([pair for pair in named.values() if pair])
        outcome = {}
        for worker, value in answers.items():
            given, pair = OUTCOMES.index(_winner_of(value)), named[worker]
            require(
                not pair or {*pair} == {*things},
                f"all comparisons of an object must be of {things!r}, but object {n}, worker {worker!r} has {pair!r}",
                field="left",
            )
            outcome[worker] = 2 - given if pair and pair != things else given
        return _Poll(things, outcome)


@dataclass(frozen=True)
class _Poll:
    """What an object's workers say, all as if the things lay on the same sides."""

    things: tuple[Any, ...]  # left and right; empty where they have no ids
    outcome: dict[Any, int]  # worker -> 0 left, 1 tie, 2 right


def _as_rankings(poll: _Poll) -> dict[Any, dict[str, list[int]]]:
    """The same as rankings of the two things."""
    return {worker: {"": list(_RANKS[outcome])} for worker, outcome in poll.outcome.items()}


def _winner_of(value: Any) -> str:
    return str(value["winner"] if isinstance(value, Mapping) else value)


def _things_of(value: Any) -> tuple[Any, ...]:
    return (value["left"], value["right"]) if isinstance(value, Mapping) and "left" in value else ()


def _common_things(pairs: Sequence[tuple[Any, ...]]) -> tuple[Any, ...]:
    """The sides most workers saw the things on; of equals, those with the first id, as sorted, on the left."""
    order = {thing: i for i, thing in enumerate(sort_ids({thing for pair in pairs for thing in pair}))}
    return min(pairs, key=lambda pair: (-pairs.count(pair), order[pair[0]], order[pair[1]]), default=())


def _scale_of(polls: Sequence[_Poll]) -> BradleyTerry | None:
    rows = [
        (*poll.things, worker, OUTCOMES[poll.outcome[worker]])
        for poll in polls
        if poll.things
        for worker in sort_ids(poll.outcome)
    ]
    if not rows:
        return None
    left, right, worker, winner = zip(*rows, strict=True)
    return BradleyTerry().fit(left=left, right=right, worker=worker, winner=winner)
