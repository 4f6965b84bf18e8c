"""How the default's confidences do on sets that had no part in choosing its constants.

For each set its constants are found anew on the other sets and their copies, and it is judged with those; sets that
share answers are left out together, or a constant would be found on the very answers it is judged on. They are the mean
of all candidates, each weighed by its Brier score: which candidate is best changes with every set left out, what the
good ones have in common hardly does. Labels hardly depend on these constants, so the models are fitted once for each
set.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from benchmarks.crowd_sets import CrowdSet, Score
from groundswell.consolidation import Consolidator
from groundswell.consolidation.class_names import class_names, own_weight, tempered
from groundswell.consolidation.kernels import most_probable

WHOLE = "whole sets"
_SAME_ANSWERS = 0.05  # share of the smaller set's answers from which on two sets are one
_WHOLE_WEIGHT = 3.0  # what a whole set counts beside each kind of its copies
_MUCH_WORSE = 1e-3  # of Brier score: a candidate so much worse than the best counts for 1 / e


@dataclass(frozen=True)
class Constants:
    """How a belief becomes a confidence: the constants of `Consolidator` that say so."""

    tempering: float
    own: float
    growth: float
    scatter: float


CANDIDATES = tuple(
    Constants(*values)
    for values in product((1.0, 0.85, 0.8, 0.75, 0.7), (0.8, 1.0, 1.3), (0.0, 0.3, 0.6), (0.5, 1.0, 1.5))
)


@dataclass(frozen=True)
class Fitted:
    """A set with the default's belief (N, K), and what kind of copy it is."""

    kind: str
    data: CrowdSet
    belief: NDArray[np.float64]

    def judged(self, constants: Constants) -> Score:
        """How the default does on this set with these constants."""
        votes, belief = self.data.votes, tempered(self.belief, constants.tempering)
        own = own_weight(votes, own=constants.own, growth=constants.growth)
        posterior = belief @ class_names(belief, votes, naming=1.0, own=own, scatter=constants.scatter)
        label = most_probable(posterior)
        return self.data.judge(votes.labels[label], posterior[np.arange(len(label)), label])


def fitted(kind: str, sets: Iterable[CrowdSet]) -> list[Fitted]:
    """The default's belief on every set."""
    return [Fitted(kind, data, Consolidator().fit(data.votes).belief_) for data in sets]


def groups_of(sets: Sequence[CrowdSet]) -> dict[str, str]:
    """By name of a recorded set, the name of its group: sets that share answers are one."""
    answers = {
        data.name: set(zip(data.frame["task"], data.frame["worker"], data.frame["label"], strict=True)) for data in sets
    }
    group = {name: name for name in answers}
    for first, second in product(answers, answers):
        shared = len(answers[first] & answers[second])
        if first < second and shared >= _SAME_ANSWERS * min(len(answers[first]), len(answers[second])):
            old, new = group[second], group[first]
            group = {name: new if of == old else of for name, of in group.items()}
    return group


Tried = tuple[Fitted, NDArray[np.float64]]  # a set, and (candidates,) the Brier scores there


def left_out(tried: Sequence[Tried], groups: dict[str, str]) -> dict[str, dict[str, list[Score]]]:
    """By kind and origin, the scores with constants found without the origin's group."""
    found: dict[str, dict[str, list[Score]]] = {}
    for group in sorted(set(groups.values())):
        constants = averaged([one for one in tried if groups[one[0].data.origin] != group])
        for fit, _ in tried:
            if groups[fit.data.origin] == group:
                found.setdefault(fit.kind, {}).setdefault(fit.data.origin, []).append(fit.judged(constants))
    return found


def tried_on(fits: Sequence[Fitted]) -> list[Tried]:
    """Every set with what each candidate scores there."""
    return [(fit, np.array([fit.judged(constants).brier for constants in CANDIDATES])) for fit in fits]


def averaged(tried: Sequence[Tried]) -> Constants:
    """The mean of all candidates, weighed by how they did on these sets."""
    cost = _cost(tried)
    weight = np.exp((cost.min() - cost) / _MUCH_WORSE)
    return Constants(*np.average([astuple(one) for one in CANDIDATES], axis=0, weights=weight).tolist())


def _cost(tried: Sequence[Tried]) -> NDArray[np.float64]:
    """(candidates,) mean Brier score over origins, over the kinds of each."""
    kinds: dict[tuple[str, str], list[NDArray[np.float64]]] = {}
    for fit, scores in tried:
        kinds.setdefault((fit.data.origin, fit.kind), []).append(scores)
    origins: dict[str, list[NDArray[np.float64]]] = {}
    weights: dict[str, list[float]] = {}
    for (origin, kind), rows in kinds.items():
        origins.setdefault(origin, []).append(np.mean(rows, axis=0))
        weights.setdefault(origin, []).append(_WHOLE_WEIGHT if kind == WHOLE else 1.0)
    means = [np.average(rows, axis=0, weights=weights[origin]) for origin, rows in origins.items()]
    return np.asarray(np.mean(means, axis=0))
