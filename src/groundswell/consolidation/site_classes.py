"""The class of things several workers marked: one accuracy for each worker, wrong classes alike.

    P(worker w says l | class k) = a_w if l = k else (1 - a_w) / (K - 1)

with Beta priors on a_w around the crowd's mean accuracy, and class rates learned. Things are few for each worker, so
one number a worker is what can be estimated; confusion matrices are for whole-object labels (`dawid_skene.py`).
Source: the one-coin case of Dawid & Skene 1979, doi:10.2307/2346806.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FIRST_ACCURACY = 0.9
_CERTAIN = 0.999  # no worker is believed beyond this
_STRENGTH = 8.0  # pseudo-labels with which a worker's accuracy leans on the crowd's
_ITERATIONS = 30


@dataclass(frozen=True)
class ClassModel:
    """Workers' accuracies (W,) and class rates (K,)."""

    accuracy: Floats
    prior: Floats

    def posterior(self, site: Ints, worker: Ints, label: Ints, n_sites: int) -> Floats:
        """(sites, K) class of each site given rows (A,) of site, worker and label; the prior where there are none."""
        n_labels = len(self.prior)
        if not n_labels:
            return np.zeros((n_sites, 0))
        accuracy = self.accuracy[worker]
        gain = np.log(accuracy) - np.log((1.0 - accuracy) / max(n_labels - 1, 1))
        joint = np.tile(np.log(self.prior), (n_sites, 1))
        np.add.at(joint, (site, label), gain)
        weight = np.exp(joint - joint.max(axis=1, keepdims=True))
        return np.asarray(weight / weight.sum(axis=1, keepdims=True))


def unfitted(n_workers: int, n_labels: int) -> ClassModel:
    """The model before any data."""
    return ClassModel(np.full(n_workers, FIRST_ACCURACY), np.full(n_labels, 1.0 / max(n_labels, 1)))


def fit_classes(site: Ints, worker: Ints, label: Ints, sure: Floats, *, n_workers: int, n_labels: int) -> ClassModel:
    """Accuracies and rates by expectation-maximization; `sure` (sites,) weighs each site by its chance to exist."""
    model = unfitted(n_workers, n_labels)
    if n_labels < 2 or not len(site):
        return model
    weight = sure[site]
    trials = np.bincount(worker, weight, n_workers)
    for _ in range(_ITERATIONS):
        posterior = model.posterior(site, worker, label, len(sure))
        right = weight * posterior[site, label]
        crowd = (right.sum() + _STRENGTH * FIRST_ACCURACY) / (weight.sum() + _STRENGTH)
        accuracy = (np.bincount(worker, right, n_workers) + _STRENGTH * crowd) / (trials + _STRENGTH)
        prior = (sure[:, None] * posterior).sum(axis=0) + 1.0
        model = ClassModel(np.clip(accuracy, 1.0 / n_labels, _CERTAIN), prior / prior.sum())
    return model
