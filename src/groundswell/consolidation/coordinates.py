"""Where a thing is, from several workers' coordinates: means weighted by each worker's precision.

A coordinate d of site s, given by worker w, is normal around the truth with standard deviation
sigma[w, d] * scale[s, d] (a box's scale is its width and height: drawing errors grow with size). Tails are Student's t,
so that one bad corner does not pull the others. Workers' variances are shrunk towards the crowd's by `strength`
pseudo-observations.

Source: the precision-weighted mean is the maximum-likelihood estimate of this model, as in Branson, Van Horn & Perona
2017, doi:10.1109/CVPR.2017.647; the t-distribution by reweighting, Lange, Little & Taylor 1989, doi:10.2307/2290063.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FREEDOM = 8.0  # degrees of freedom of the t-distribution
_LEAST_VARIANCE = 1e-8  # of a worker, in scales squared; keeps unanimous crowds finite
_ROUNDS = 8


@dataclass(frozen=True)
class Precision:
    """How exactly workers place things: variances in units of the thing's scale squared."""

    crowd: Floats  # (D,) of an average worker
    variance: Floats  # (W, D)


def weighted_centres(given: Floats, site: Ints, variance: Floats, scale: Floats, n_sites: int) -> Floats:
    """(sites, D) robust weighted means.

    Parameters
    ----------
    given : (A, D) coordinates.           site : (A,) site of each row.
    variance : (A, D) of the worker behind each row, in scales squared.         scale : (sites, D), positive.
    """
    weight = 1.0 / variance
    for _ in range(_ROUNDS):
        centre = _weighted_mean(given, site, weight, n_sites)
        error = (given - centre[site]) / scale[site]
        weight = (FREEDOM + 1.0) / (FREEDOM + error**2 / variance) / variance
    return _weighted_mean(given, site, weight, n_sites)


def fit_precision(
    given: Floats,
    site: Ints,
    worker: Ints,
    sure: Floats,
    scale: Floats,
    *,
    n_workers: int,
    crowd: Floats,
    strength: float = 10.0,
    rounds: int = 12,
) -> Precision:
    """Workers' variances by alternating between centres and residuals.

    Parameters
    ----------
    given : (A, D).   site, worker : (A,).   sure : (sites,) chance that each site is real; its residuals count so much.
    scale : (sites, D).   crowd : (D,) variance to start from, and to keep when nothing can be compared.
    """
    n_sites = len(scale)
    members = np.bincount(site, minlength=n_sites)
    share = (sure * (members > 1))[site]
    # A mean of m takes one observation's worth of spread out of its m residuals.
    freedom = share * (1.0 - 1.0 / np.maximum(members, 2)[site])
    if not freedom.sum() > 0.0:
        return Precision(crowd, np.tile(crowd, (n_workers, 1)))
    trials = np.bincount(worker, freedom, n_workers)
    variance = np.tile(crowd, (n_workers, 1))
    for _ in range(rounds):
        spread = variance[worker]
        centre = weighted_centres(given, site, spread, scale, n_sites)
        square = ((given - centre[site]) / scale[site]) ** 2
        weight = (FREEDOM + 1.0) / (FREEDOM + square / spread) * share[:, None]
        crowd = np.maximum((weight * square).sum(axis=0) / freedom.sum(), _LEAST_VARIANCE)
        residual = np.stack([np.bincount(worker, (weight * square)[:, d], n_workers) for d in range(given.shape[1])], 1)
        variance = (residual + strength * crowd) / (trials[:, None] + strength)
    return Precision(crowd, np.maximum(variance, _LEAST_VARIANCE))


def _weighted_mean(given: Floats, site: Ints, weight: Floats, n_sites: int) -> Floats:
    columns = range(given.shape[1])
    total = np.stack([np.bincount(site, weight[:, d], n_sites) for d in columns], axis=1)
    # Differences from one member keep the mean of equal values exact.
    anchor = np.zeros((n_sites, given.shape[1]))
    anchor[site[::-1]] = given[::-1]
    away = given - anchor[site]
    moved = np.stack([np.bincount(site, weight[:, d] * away[:, d], n_sites) for d in columns], axis=1)
    return np.asarray(anchor + moved / np.where(total > 0.0, total, 1.0))
