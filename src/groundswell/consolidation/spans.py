"""Text spans of many workers into one list of spans with a confidence each.

An answer is a list of {"label", "startOffset", "endOffset"}, offsets in code points, end exclusive. Spans match by the
Jaccard index of their characters. A boundary is one of those the workers gave: each worker is exact with a rate of its
own, and the boundary with the highest posterior wins; where none leads, the weighted median. How spans match, exist and
get a class: `instances.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groundswell.consolidation.answers import FARTHEST, read_field, read_label, read_number, require
from groundswell.consolidation.instance_tables import Items, Shape
from groundswell.consolidation.instances import InstanceConsolidator, Placement

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_FIRST_EXACT = 0.8  # rate at which a worker's boundary is right, before any data
_STRENGTH = 8.0  # pseudo-boundaries with which a worker's rate leans on the crowd's
_WRONG_PLACES = 5  # places a wrong boundary falls on, about
_ROUNDS = 5


class SpanPlacement:
    """Boundaries by weighted vote."""

    def __init__(self, exact: Floats) -> None:
        self.exact = exact

    def place(self, items: Items) -> Sequence[Shape]:
        """(sites) spans (2,) of integers."""
        return [np.array([end.winner for end in pair]) for pair in _boundaries(items, self.exact)]


class SpanKind:
    """Spans as arrays (2,) of integers: start, end."""

    what = "spans"

    def read(self, item: Mapping[str, Any], *, where: str) -> tuple[str, Shape]:
        """Class and offsets. Raises: InvalidVotes for missing, fractional or reversed offsets."""
        start, end = (
            read_number(read_field(item, key, where=where), name=key, where=where, least=0.0, most=FARTHEST)
            for key in ("startOffset", "endOffset")
        )
        require(
            start < end and start.is_integer() and end.is_integer(),
            f"a span needs whole offsets with startOffset < endOffset, but {where} has {start:g} to {end:g}",
            field="endOffset",
        )
        return read_label(item, where=where), np.array([int(start), int(end)])

    def write(self, label: str, shape: Shape) -> dict[str, Any]:
        """The span as annotations have it."""
        start, end = shape.tolist()
        return {"label": label, "startOffset": start, "endOffset": end}

    def bounds(self, shapes: Sequence[Shape]) -> Floats:
        """Boxes of height 0."""
        spans = np.stack(shapes).astype(np.float64)
        return np.stack((spans[:, 0], np.zeros(len(spans)), spans[:, 1], np.zeros(len(spans))), axis=1)

    def similarity(self, shapes: Sequence[Shape], first: Ints, second: Ints) -> Floats:
        """Characters in both over characters in either."""
        spans = np.stack(shapes)
        a, b = spans[first], spans[second]
        shared = np.maximum(np.minimum(a[:, 1], b[:, 1]) - np.maximum(a[:, 0], b[:, 0]), 0)
        return np.asarray(shared / (a[:, 1] - a[:, 0] + b[:, 1] - b[:, 0] - shared))

    def fit(self, items: Items, sure: Floats) -> Placement:
        """Each worker's rate of exact boundaries, by expectation-maximization."""
        exact = np.full(items.n_workers, _FIRST_EXACT)
        members = np.bincount(items.site, minlength=items.n_sites)
        share = (sure * (members > 1))[items.site]
        trials = 2.0 * np.bincount(items.worker, share, items.n_workers)
        if not trials.sum() > 0.0:
            return SpanPlacement(exact)
        for _ in range(_ROUNDS):
            right = np.zeros(items.n_workers)
            for pair in _boundaries(items, exact):
                for end in pair:
                    np.add.at(right, items.worker[end.rows], share[end.rows] * end.chance)
            crowd = (right.sum() + _STRENGTH * _FIRST_EXACT) / (trials.sum() + _STRENGTH)
            exact = np.clip((right + _STRENGTH * crowd) / (trials + _STRENGTH), 0.25, 0.99)
        return SpanPlacement(exact)


class SpanConsolidator(InstanceConsolidator):
    """Consolidates spans; an answer is a list of {"label", "startOffset", "endOffset"}, end exclusive."""

    kind = SpanKind()


class _Boundary:
    """The posterior of one end of one span over the places its workers gave."""

    def __init__(self, rows: Ints, given: Ints, gain: Floats) -> None:
        self.rows = rows
        places, index = np.unique(given, return_inverse=True)
        score = np.bincount(index, gain, len(places))
        weight = np.exp(score - score.max())
        chances = weight / weight.sum()
        self.chance = chances[index]  # (m,) that each worker's place is right
        leaders = places[score > score.max() - 1e-9]
        self.winner = int(leaders[0]) if len(leaders) == 1 else _weighted_median(given, gain)


def _boundaries(items: Items, exact: Floats) -> list[tuple[_Boundary, _Boundary]]:
    if not items.n_sites:
        return []
    spans, gains = np.stack(items.shapes), np.log(exact * _WRONG_PLACES / (1.0 - exact))
    order = np.argsort(items.site, kind="stable")
    groups = np.split(order, np.cumsum(np.bincount(items.site, minlength=items.n_sites))[:-1])
    return [
        (_Boundary(rows, spans[rows, 0], gains[items.worker[rows]]),
         _Boundary(rows, spans[rows, 1], gains[items.worker[rows]]))
        for rows in groups
    ]  # fmt: skip


def _weighted_median(values: Ints, weights: Floats) -> int:
    """The lower weighted median, one of the values."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    return int(values[order][np.searchsorted(reached, reached[-1] / 2.0 - 1e-12)])
