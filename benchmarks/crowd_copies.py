"""Copies of the real crowds that are harder or of another kind: fewer annotations, workers or objects, other classes.

What a method does on a handful of sets may be luck; on their copies it must hold too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.crowd_sets import CrowdSet, first_of_each
from groundswell.consolidation import Votes

_FEWEST_OBJECTS = 60
_EACH = (2, 3, 5)  # annotations an object
_DRAWS = (0, 1)  # seeds


def copies(sets: Sequence[CrowdSet]) -> Mapping[str, Callable[[], Iterator[CrowdSet]]]:
    """By kind, what makes its copies anew."""
    return {
        "few annotations": lambda: _few_annotations(sets),
        "half of the workers": lambda: (_half_of_the_workers(data, seed) for data in sets for seed in _DRAWS),
        "a fifth of the objects": lambda: (_few_of_the_objects(data, seed) for data in sets for seed in _DRAWS),
        "merged into 2 classes": lambda: _merged_sets(sets, 2),
        "merged into 3 classes": lambda: _merged_sets(sets, 3),
        "one class or another": lambda: (_one_class(data) for data in sets if data.votes.n_labels > 2),
    }


def thinned(data: CrowdSet, each: int, seed: int) -> CrowdSet:
    """The same set with at most `each` annotations an object, drawn at random."""
    order = np.random.default_rng(seed).permutation(len(data.votes))
    kept = first_of_each(data.votes, order, each)
    return CrowdSet(f"{data.name}, {each} each", data.frame, data.votes.only(kept), data.truth, data.origin)


def _few_annotations(sets: Sequence[CrowdSet]) -> Iterator[CrowdSet]:
    for data in sets:
        for each in _EACH:
            if each < len(data.votes) / data.votes.n_objects:
                yield from (thinned(data, each, seed) for seed in _DRAWS)


def _half_of_the_workers(data: CrowdSet, seed: int) -> CrowdSet:
    workers = data.frame["worker"].unique()
    kept = np.random.default_rng(seed).permutation(workers)[: len(workers) // 2]
    return _of_rows(data, data.frame["worker"].isin(kept).to_numpy(), f"half of {data.name}'s workers")


def _few_of_the_objects(data: CrowdSet, seed: int) -> CrowdSet:
    """A fifth of the objects whose truth is known."""
    known = data.votes.objects[data.known]
    kept = np.random.default_rng(seed).permutation(known)[: max(_FEWEST_OBJECTS, len(known) // 5)]
    return _of_rows(data, data.frame["task"].isin(kept).to_numpy(), f"a fifth of {data.name}")


def _merged_sets(sets: Sequence[CrowdSet], into: int) -> Iterator[CrowdSet]:
    for data in sets:
        if data.votes.n_labels > into:
            yield from (_merged(data, into, seed) for seed in _DRAWS)


def _merged(data: CrowdSet, into: int, seed: int) -> CrowdSet:
    """The classes put together at random."""
    labels = np.random.default_rng(seed).permutation(data.votes.labels)
    names = {label: str(i % into) for i, label in enumerate(labels.tolist())}
    return _renamed(data, names, f"{data.name} in {into} classes")


def _one_class(data: CrowdSet) -> CrowdSet:
    """Whether an object is of the first class."""
    names = {label: "no" if i else "yes" for i, label in enumerate(data.votes.labels.tolist())}
    return _renamed(data, names, f"one class of {data.name}")


def _renamed(data: CrowdSet, names: Mapping[str, str], name: str) -> CrowdSet:
    frame = data.frame.assign(label=data.frame["label"].map(names))
    truth = [None if label is None else names.get(label) for label in data.truth]
    return CrowdSet(name, frame, Votes.from_frame(frame), np.array(truth, dtype=object), data.origin)


def _of_rows(data: CrowdSet, rows: NDArray[np.bool_], name: str) -> CrowdSet:
    frame = data.frame[rows]
    votes = Votes.from_frame(frame)
    truth = dict(zip(data.votes.objects.tolist(), data.truth, strict=True))
    known = np.array([truth[task] for task in votes.objects.tolist()], dtype=object)
    return CrowdSet(name, frame, votes, known, data.origin)
