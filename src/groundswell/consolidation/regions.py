"""Merging several workers' regions of one thing, each weighted by how well its worker's regions fit the merged ones.

Worker w's regions overlap the truth with some intersection over union; r_w is one minus its mean, shrunk towards the
crowd's, and the worker weighs 1 / r_w² in the next merging: the weights of a precision-weighted mean. How regions merge
is the kind's: outlines in `polygons.py`, pixels in `instance_masks.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groundswell.consolidation.instance_tables import Items
from groundswell.consolidation.pixels import distance_to_outside

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Region = NDArray[Any]

FIRST_MISS = 0.2  # of a worker before any data: one minus the intersection over union with the truth
_STRENGTH = 5.0  # pseudo-regions with which a worker's precision leans on the crowd's
_LEAST_MISS = 0.02
_ROUNDS = 2


def fit_misses(
    items: Items,
    sure: Floats,
    *,
    merge: Callable[[Sequence[Region], Floats], Region],
    likeness: Callable[[Region, Region], float],
) -> Floats:
    """(W,) one minus the mean likeness of each worker's regions with the merged ones, shrunk towards the crowd's."""
    misses = np.full(items.n_workers, FIRST_MISS)
    for _ in range(_ROUNDS):
        merged = merge_sites(items, misses, merge)
        apart = np.array([1.0 - likeness(items.shapes[a], merged[s]) for a, s in enumerate(items.site.tolist())])
        members = np.bincount(items.site, minlength=items.n_sites)
        share = (sure * (members > 1))[items.site] if len(apart) else np.zeros(0)
        total = float(share.sum())
        if not total > 0.0:
            break
        crowd = max(float((share * apart).sum()) / total, _LEAST_MISS)
        missed = np.bincount(items.worker, share * apart, items.n_workers) + _STRENGTH * crowd
        misses = np.maximum(missed / (np.bincount(items.worker, share, items.n_workers) + _STRENGTH), _LEAST_MISS)
    return misses


def signed_distance(inside: NDArray[np.bool_]) -> Floats:
    """(H, W) distance in cells to the border of the region: positive inside, negative outside."""
    if inside.all() or not inside.any():
        return np.where(inside, 1.0, -1.0) * float(sum(inside.shape))
    return np.asarray(distance_to_outside(inside) - distance_to_outside(~inside) + 0.5 - inside)


def merge_sites(items: Items, misses: Floats, merge: Callable[[Sequence[Region], Floats], Region]) -> list[Region]:
    """One merged region a site; a site with one region keeps it."""
    order = np.argsort(items.site, kind="stable")
    groups = np.split(order, np.cumsum(np.bincount(items.site, minlength=items.n_sites))[:-1]) if items.n_sites else []
    merged = []
    for group in groups:
        shapes = [items.shapes[a] for a in group.tolist()]
        weights = 1.0 / misses[items.worker[group]] ** 2
        merged.append(shapes[0] if len(shapes) == 1 else merge(shapes, weights / weights.sum()))
    return merged
