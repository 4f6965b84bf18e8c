"""What is known besides the annotations: gold, workers' history, class rates. Each is checked against the votes.

Elsewhere: what models make of them, one a file; limits of their own options (`options.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groundswell.consolidation.votes import Votes
from groundswell.domain.errors import InvalidVotes

Floats = NDArray[np.float64]
Index = NDArray[np.int32]
Gold = Mapping[Any, Any] | Sequence[int] | NDArray[Any]
WorkerHistory = Mapping[Any, Any]


def gold_index(votes: Votes, gold: Gold | None) -> Index:
    """(N,) known class of each object, -1 where unknown. Raises: InvalidVotes, for unknown objects or classes."""
    known = np.full(votes.n_objects, -1, np.int32)
    if gold is None:
        return known
    if not isinstance(gold, Mapping):
        return _gold_from_indices(votes, np.asarray(gold))
    for key, label in gold.items():
        if key not in votes.object_positions:
            raise InvalidVotes(
                f"gold must name objects among the annotated ones, but {key!r} is not; leave it out", field="gold"
            )
        if label not in votes.label_positions:
            raise InvalidVotes(
                f"gold of object {key!r} must be one of {votes.labels.tolist()!r}, not {label!r}; "
                "name every class with labels= when building the votes",
                field="gold",
            )
        known[votes.object_positions[key]] = votes.label_positions[label]
    return known


def _gold_from_indices(votes: Votes, gold: NDArray[Any]) -> Index:
    fits = gold.shape == (votes.n_objects,) and (gold.dtype.kind in "iu" or gold.size == 0)
    if not fits or np.any((gold < -1) | (gold >= votes.n_labels)):
        raise InvalidVotes(
            f"gold must map objects to classes, or be {votes.n_objects} class indices in -1..{votes.n_labels - 1}; "
            f"given was an array of {gold.dtype} and shape {gold.shape}",
            field="gold",
        )
    return gold.astype(np.int32)


def given_rates(votes: Votes, rates: Mapping[Any, float] | Sequence[float] | None) -> Floats | None:
    """(K,) class rates that sum to 1, None when none are given; rates of classes that do not occur are passed over.

    Raises: InvalidVotes, unless each class has a rate above 0.
    """
    if rates is None:
        return None
    names = votes.labels.tolist()
    given = _as_numbers([rates.get(name, 0.0) for name in names] if isinstance(rates, Mapping) else rates)
    if given.shape != (len(names),) or not np.all(np.isfinite(given)) or np.any(given <= 0):
        raise InvalidVotes(
            f"class rates must give each of the classes {names!r} a rate above 0; given was {rates!r}",
            field="class_rates",
        )
    return np.asarray(given / given.sum())


def history_counts(votes: Votes, worker_history: WorkerHistory | None) -> Floats | None:
    """(W, K, K) answers known from earlier jobs, [worker, true, given]; None when there is no history.

    worker_history : worker id to a (K, K) array of counts in the order of `votes.labels`, or to (right, wrong) counts,
        spread evenly over the classes. Workers who gave no annotation here are passed over.
    Raises: InvalidVotes, for counts of another shape, negative or not finite.
    """
    if not worker_history:
        return None
    size = votes.n_labels
    counts = np.zeros((votes.n_workers, size, size))
    for key, value in worker_history.items():
        given = _as_numbers(value)
        if given.shape not in ((size, size), (2,)) or not np.all(np.isfinite(given)) or np.any(given < 0):
            raise InvalidVotes(
                f"history of worker {key!r} must be ({size}, {size}) counts or a pair (right, wrong), none negative; "
                f"given was {value!r}",
                field="worker_history",
            )
        if key in votes.worker_positions:
            counts[votes.worker_positions[key]] = given if given.shape == (size, size) else _spread(*given, size=size)
    return counts


def gold_as_history(votes: Votes, gold: Index, history: Floats | None) -> tuple[Votes, Index, Floats | None]:
    """The votes of the other objects, no gold, and history (W, K, K) with the answers to gold objects added.

    So gold tells how workers answer, and nothing of how common the classes are among the others. Where all annotated
    objects are gold, everything stays as it was.
    """
    row = gold[votes.object]
    if not (row >= 0).any() or (row >= 0).all():
        return votes, gold, history
    counts = np.zeros((votes.n_workers, votes.n_labels, votes.n_labels)) if history is None else history.copy()
    known = row >= 0
    np.add.at(counts, (votes.worker[known], row[known], votes.label[known]), 1.0)
    return votes.only(~known), np.full_like(gold, -1), counts


def _as_numbers(values: Any) -> Floats:
    """An array of floats; a single NaN for what holds anything else."""
    try:
        return np.asarray(values, np.float64)
    except (TypeError, ValueError):
        return np.array(np.nan)


def _spread(right: float, wrong: float, *, size: int) -> Floats:
    """(K, K) counts with `right` along the diagonal and `wrong` off it, every row alike."""
    if size == 1:
        return np.array([[right + wrong]])
    return np.where(np.eye(size, dtype=bool), right / size, wrong / (size * (size - 1)))
