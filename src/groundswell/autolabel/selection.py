"""Which objects people see next: at random, the least sure, the typical, the different, rare classes, suspects.

Every function ranks rows of a pool; `next_batch` mixes a random share with a ranking and leaves out duplicates of what
was asked. Ties go to the lower index, so that a choice is the same every time.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from groundswell.autolabel.learner import Reals, Rows, Scores

RANDOM_SHARE = 0.3
_CHUNK = 2_048


def least_sure(scores: Scores, pool: Rows) -> Rows:
    """The pool by rising margin."""
    return pool[np.argsort(scores.margin[pool], kind="stable")]


def most_undecided(scores: Scores, pool: Rows) -> Rows:
    """The pool by falling entropy of the classes' chances; by margin where the learner has no classes."""
    if scores.outputs is None:
        return least_sure(scores, pool)
    outputs = scores.outputs[pool].astype(np.float64)
    spread = float(outputs.std()) or 1.0
    chances = np.exp((outputs - outputs.max(axis=1, keepdims=True)) * 3 / spread)
    chances /= chances.sum(axis=1, keepdims=True)
    entropy = -(chances * np.log(chances + 1e-12)).sum(axis=1)
    return pool[np.argsort(-entropy, kind="stable")]


def typical(vectors: NDArray[np.float32], pool: Rows, count: int, seed_order: Rows) -> Rows:
    """`count` objects that stand for many: the densest of each of `count` clusters (after TypiClust, arXiv 2202.02794).

    vectors : (N, D) features.      seed_order : the pool at random; its first objects are where clusters begin.
    """
    data = vectors[pool].astype(np.float64)
    centres = vectors[seed_order[:count]].astype(np.float64)
    for _ in range(5):
        nearest, _ = _nearest(data, centres)
        for k in np.unique(nearest):
            centres[k] = data[nearest == k].mean(axis=0)
    nearest, distance = _nearest(data, centres)
    best = np.lexsort((distance, nearest))
    first = np.unique(nearest[best], return_index=True)[1]
    return pool[best[first]]


def different(vectors: NDArray[np.float32], candidates: Rows, count: int) -> Rows:
    """`count` of the candidates, each the farthest from those before it (the first candidate begins)."""
    data = vectors[candidates].astype(np.float64)
    chosen = [0]
    distance = ((data - data[0]) ** 2).sum(axis=1)
    while len(chosen) < min(count, len(candidates)):
        chosen.append(int(np.argmax(distance)))
        distance = np.minimum(distance, ((data - data[chosen[-1]]) ** 2).sum(axis=1))
    found: Rows = candidates[np.array(chosen)]
    return found


def balanced(scores: Scores, ranked: Rows, known: NDArray[np.int64], count: int) -> Rows:
    """`count` of the ranked rows in turns over their predicted classes, those with the fewest known labels first.

    known : (C,) labels of each class so far.
    """
    predicted = scores.best[ranked]
    queues = {k: ranked[predicted == k].tolist() for k in np.argsort(known, kind="stable").tolist()}
    chosen: list[int] = []
    while len(chosen) < min(count, len(ranked)):
        for queue in queues.values():
            if queue and len(chosen) < count:
                chosen.append(queue.pop(0))
    return np.array(chosen, np.int64)


def suspects(left_out: Scores, labels: Rows, rows: Rows, right: Reals, *, least: float = 0.98) -> Rows:
    """Labeled rows whose label the model, fitted without it, contradicts while it is surely right: worth asking again.

    left_out, labels, right : of the training objects `rows` (L,); `right` is the calibrated chance that the model's
        label is right.
    """
    doubtful = np.flatnonzero((left_out.best != labels) & (right >= least))
    return rows[doubtful[np.argsort(-right[doubtful], kind="stable")]]


def next_batch(
    ranked: Rows, random_order: Rows, count: int, *, random_share: float = RANDOM_SHARE, groups: Rows | None = None
) -> tuple[Rows, Rows]:
    """(drawn at random, chosen): together `count` rows of the pool, or all there are; none twice.

    ranked : the pool, most wanted first.       random_order : the pool in random order.
    groups : (N,) exact duplicates share a number; only one of a group is asked.
    """
    taken: set[int] = set()
    drawn = _take(random_order, min(count, round(count * random_share)), taken, groups)
    chosen = _take(ranked, count - len(drawn), taken, groups)
    return np.array(drawn, np.int64), np.array(chosen, np.int64)


def _take(ranked: Rows, count: int, taken: set[int], groups: Rows | None) -> list[int]:
    found: list[int] = []
    for row in ranked.tolist():
        if len(found) >= count:
            break
        key = row if groups is None else int(groups[row])
        if key not in taken:
            taken.add(key)
            found.append(row)
    return found


def _nearest(data: Reals, centres: Reals) -> tuple[NDArray[np.int64], Reals]:
    """(nearest centre, squared distance) of each row."""
    nearest, distance = np.empty(len(data), np.int64), np.empty(len(data))
    norms = (centres**2).sum(axis=1)
    for start in range(0, len(data), _CHUNK):
        part = data[start : start + _CHUNK]
        apart = (part**2).sum(axis=1)[:, None] - 2 * part @ centres.T + norms
        nearest[start : start + _CHUNK] = apart.argmin(axis=1)
        distance[start : start + _CHUNK] = apart.min(axis=1)
    return nearest, distance
