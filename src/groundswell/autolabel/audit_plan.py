"""What is frozen before an audit draws its first object: sets, answers, bounds, level and the drawn order's seed.

A plan has one chain of nested sets, or one for each predicted class where every class has its own floor; a chain's
sets are tried from the strictest to the loosest. Here: the values and how a plan is made. Elsewhere: running it
(`audit.py`), its arithmetic (`evidence.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from groundswell.autolabel.draws import drawn_order
from groundswell.autolabel.learner import Reals, Rows, Scores
from groundswell.autolabel.price import expected_audits, slack_for

SETS = 16
"""Nested sets in a chain: from half of the largest to all of it."""
SPENT_FIRST = 0.8
SPENT_NEXT = 0.2
LEAST_OBJECTS = 59
"""log(0.05) / log(0.95), rounded up: with fewer objects not even an audit without errors proves 95 % at 95 %."""
HOPEFUL = 1.2
"""The largest set that is tried has a predicted loss of at most this many times the tolerance."""


@dataclass(frozen=True)
class Promise:
    """What machine labels are promised to reach."""

    target: float = 0.95  # accuracy, or 1 - mean loss
    confidence: float = 0.95  # chance that the promise of a job holds, at least
    by_class: bool = False  # the target holds for every predicted class apart

    @property
    def tolerance(self) -> float:
        """Largest mean loss the promise allows."""
        return round(1.0 - self.target, 12)

    def level(self, attempt: int) -> float:
        """d of attempt 1, 2, ...: all of them together stay within 1 - confidence."""
        return (1.0 - self.confidence) * SPENT_FIRST * SPENT_NEXT ** (attempt - 1)


@dataclass(frozen=True)
class Chain:
    """Nested sets of one ranking."""

    name: str  # "all", or the class whose floor this is
    objects: tuple[int, ...]  # (m_J,) indices in the job, surest first
    sizes: tuple[int, ...]  # (J,) set j holds the first sizes[j] objects
    slack: tuple[float, ...]  # (J,) losses kept in hand for the unaudited rest
    predicted: tuple[float, ...]  # (J,) mean loss expected of each set; no promise rests on it
    level: float  # d of this chain


@dataclass(frozen=True)
class AuditPlan:
    """Everything an audit needs, frozen: a plan and the losses in drawn order give the same certificate anywhere."""

    promise: Promise
    attempt: int
    seed: int
    chains: tuple[Chain, ...]
    answers: tuple[Any, ...]  # the machine's label of each object, by its place in `objects`
    whole: bool  # losses are 0 or 1
    weights: tuple[float, ...] | None = None  # chance of being drawn, by place; None: all alike
    groups: tuple[int, ...] | None = None  # by place: exact duplicates share a number, and one answer reveals them all

    @property
    def objects(self) -> Rows:
        """(M,) all objects, chain after chain; an object's place is its position here."""
        return np.array([index for chain in self.chains for index in chain.objects], np.int64)

    @property
    def order(self) -> Rows:
        """(M,) places in the drawn order."""
        weights = None if self.weights is None else np.array(self.weights)
        return drawn_order(self.seed, f"audit/{self.attempt}", self.objects, weights)

    def bounds(self, chain: Chain) -> list[float]:
        """(J,) b_j: the smallest sum of losses that violates the claim of each set."""
        tolerance = self.promise.tolerance
        wide = [max(tolerance * size - slack, 0.0) for size, slack in zip(chain.sizes, chain.slack, strict=True)]
        # Sums of whole losses jump from one number to the next; the small part forgives rounding.
        return [float(np.floor(bound + 1e-9) + 1) for bound in wide] if self.whole else [b + 1e-9 for b in wide]


def plan_audit(
    scores: Scores,
    pool: Rows,
    risk: Reals,
    promise: Promise,
    *,
    attempt: int,
    seed: int,
    class_names: Sequence[str] = (),
    groups: Rows | None = None,
    weighted: bool = False,
) -> AuditPlan | None:
    """The audit of those objects of `pool` (P,) that may be labeled by machine; None where none can be expected to.

    scores : frozen, of all N objects.      risk : (P,) expected loss of each object of the pool, from `calibration.py`.
    groups : (N,) exact duplicates share a number.
    weighted : objects more likely wrong are drawn more often.
    """
    parts = _classes(scores, pool, class_names) if promise.by_class else {"all": np.arange(len(pool))}
    level = promise.level(attempt) / max(len(parts), 1)
    copies = 1.0 if groups is None else _mean_copies(groups[pool])
    chains, places = [], []
    for name, members in parts.items():
        ranked = members[np.lexsort((pool[members], risk[members], -scores.margin[pool[members]]))]
        chain = _chain(name, pool[ranked], risk[ranked], promise.tolerance, level, copies)
        if chain is not None:
            chains.append(chain)
            places.append(ranked[: chain.sizes[-1]])
    if not chains:
        return None
    chosen = np.concatenate(places)
    rows = pool[chosen]
    answers = scores.answers or scores.best
    return AuditPlan(
        promise,
        attempt,
        seed,
        tuple(chains),
        tuple(_plain(answers[row]) for row in rows),
        scores.answers is None,
        _weights(risk[chosen]) if weighted else None,
        None if groups is None or copies == 1 else tuple(groups[rows].tolist()),
    )


def _mean_copies(groups: Rows) -> float:
    """How many objects a draw reveals on average."""
    sizes = np.unique(groups, return_counts=True)[1]
    return float((sizes**2).sum() / max(sizes.sum(), 1))


def _classes(scores: Scores, pool: Rows, names: Sequence[str]) -> dict[str, Rows]:
    predicted = scores.best[pool]
    found = {names[k] if names else str(k): np.flatnonzero(predicted == k) for k in np.unique(predicted)}
    return {name: members for name, members in found.items() if members.size >= LEAST_OBJECTS}


def _chain(name: str, ranked: Rows, risk: Reals, tolerance: float, level: float, copies: float) -> Chain | None:
    mean = np.cumsum(risk) / np.arange(1, len(risk) + 1)
    hopeful = np.flatnonzero(mean < HOPEFUL * tolerance)
    if not hopeful.size:
        return None
    largest = int(hopeful[-1]) + 1
    sizes = sorted({size for size in np.linspace(largest / 2, largest, SETS).round().astype(int).tolist() if size})
    slack = {size: slack_for(size, float(mean[size - 1]), tolerance, level, copies) for size in sizes}
    sizes = _worth_trying(sizes, mean, {size: tolerance - slack[size] / size for size in sizes}, level)
    if not sizes:
        return None
    predicted = tuple(float(mean[size - 1]) for size in sizes)
    return Chain(
        name, tuple(ranked[: sizes[-1]].tolist()), tuple(sizes), tuple(slack[size] for size in sizes), predicted, level
    )


def _worth_trying(sizes: list[int], mean: Reals, allowed: dict[int, float], level: float) -> list[int]:
    """The sets of a chain: the most promising, those looser, and those stricter that are proven on the way to it."""
    costs = [expected_audits(size, float(mean[size - 1]), allowed[size], level) for size in sizes]
    gains = [size - cost for size, cost in zip(sizes, costs, strict=True)]
    best = int(np.argmax(gains))
    if gains[best] <= 0:
        return []
    in_time = costs[best] / sizes[best]
    return [size for j, size in enumerate(sizes) if j >= best or costs[j] / size <= in_time]


def _weights(risk: Reals) -> tuple[float, ...]:
    roots = np.sqrt(risk)
    return tuple((0.5 + 0.5 * roots / max(roots.mean(), 1e-9)).tolist())


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, np.integer) else value
