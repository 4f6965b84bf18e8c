"""Where a thing is, from several workers' coordinates: means weighted by each worker's precision.

A coordinate d of site s, given by worker w, lies around the truth with standard deviation sigma[w, d] * scale[s, d]
(a box's scale is its width and height: drawing errors grow with size). Tails are Student's t, so that one bad corner
does not pull the others. Errors to the two sides may differ, sigma * tilt above the truth and sigma / tilt below:
people draw boxes too large more often than too small, and the crowd's own residuals show by how much. Workers'
variances are shrunk towards the crowd's, and the tilt towards 1, by pseudo-observations.

Source: the precision-weighted mean is the maximum-likelihood estimate of this model, as in Branson, Van Horn & Perona
2017, doi:10.1109/CVPR.2017.647; the t-distribution by reweighting, Lange, Little & Taylor 1989, doi:10.2307/2290063;
two sides with scales of their own, the two-piece normal, Wallis 2014, doi:10.1214/13-STS417.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FREEDOM = 8.0  # degrees of freedom of the t-distribution
_LEAST_VARIANCE = 1e-8  # of a worker, in scales squared; keeps unanimous crowds finite
_ROUNDS = 10
_TILT_STRENGTH = 50.0  # pseudo-residuals on either side
_LEAST_TILT = 2.0 / 3.0  # beyond it and its inverse lies a mistake in the data


@dataclass(frozen=True)
class Precision:
    """How exactly workers place things: variances in units of the thing's scale squared."""

    crowd: Floats  # (D,) of an average worker
    variance: Floats  # (W, D)
    tilt: Floats  # (D,) how much more errors spread above the truth, and less below

    @classmethod
    def unfitted(cls, crowd: Floats, n_workers: int) -> Precision:
        """All workers average, both sides alike."""
        return cls(crowd, np.tile(crowd, (n_workers, 1)), np.ones(len(crowd)))

    def centres(self, given: Floats, site: Ints, worker: Ints, scale: Floats) -> Floats:
        """(sites, D) robust weighted means.

        Parameters
        ----------
        given : (A, D) coordinates.   site, worker : (A,) of each row.   scale : (sites, D), positive.
        """
        variance = self.variance[worker]
        weight = 1.0 / variance
        for _ in range(_ROUNDS):
            error = (given - _weighted_mean(given, site, weight, len(scale))[site]) / scale[site]
            spread = variance * self.side(error)
            weight = (FREEDOM + 1.0) / (FREEDOM + error**2 / spread) / spread
        return _weighted_mean(given, site, weight, len(scale))

    def side(self, error: Floats) -> Floats:
        """(A, D) what the variance is multiplied by on the side of each error."""
        return np.where(error > 0.0, self.tilt**2, self.tilt**-2)


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
    rounds: int = 24,
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
        return Precision.unfitted(crowd, n_workers)
    trials = np.bincount(worker, freedom, n_workers)
    precision = Precision.unfitted(crowd, n_workers)
    for _ in range(rounds):
        error = (given - precision.centres(given, site, worker, scale)[site]) / scale[site]
        side, spread = precision.side(error), precision.variance[worker]
        weight = (FREEDOM + 1.0) / (FREEDOM + error**2 / (spread * side)) * share[:, None]
        square = weight * error**2 / side
        crowd = np.maximum(square.sum(axis=0) / freedom.sum(), _LEAST_VARIANCE)
        residual = np.stack([np.bincount(worker, square[:, d], n_workers) for d in range(given.shape[1])], axis=1)
        variance = np.maximum((residual + strength * crowd) / (trials[:, None] + strength), _LEAST_VARIANCE)
        # Two marks have no middle of their own: only sites with three tell the sides apart.
        told = weight * error**2 / spread * (members > 2)[site][:, None]
        precision = Precision(crowd, variance, _tilt(told, error > 0.0))
    return precision


def _tilt(square: Floats, above: NDArray[np.bool_]) -> Floats:
    """(D,) the two-piece normal's estimate: sides spread as the cube roots of their sums of squares (A, D)."""
    high, low = np.where(above, square, 0.0).sum(axis=0), np.where(above, 0.0, square).sum(axis=0)
    ratio = np.cbrt((high + _TILT_STRENGTH) / (low + _TILT_STRENGTH))
    return np.asarray(np.clip(np.sqrt(ratio), _LEAST_TILT, 1.0 / _LEAST_TILT))


def _weighted_mean(given: Floats, site: Ints, weight: Floats, n_sites: int) -> Floats:
    columns = range(given.shape[1])
    total = np.stack([np.bincount(site, weight[:, d], n_sites) for d in columns], axis=1)
    # Differences from one member keep the mean of equal values exact.
    anchor = np.zeros((n_sites, given.shape[1]))
    anchor[site[::-1]] = given[::-1]
    away = given - anchor[site]
    moved = np.stack([np.bincount(site, weight[:, d] * away[:, d], n_sites) for d in columns], axis=1)
    return np.asarray(anchor + moved / np.where(total > 0.0, total, 1.0))
