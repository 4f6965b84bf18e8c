"""Which of the things workers marked exist, and how often each worker misses things or marks what is not there.

A site is a place some worker marked: a cluster of boxes, spans, points. Every site has a visibility v, the chance that
an average worker marks it. A thing exists when most workers would mark it, v > 1/2: that is what the consolidated label
means, and it separates a faint pedestrian (v = 0.7) from a pole many take for one (v = 0.3), which a model with only
true and false sites, all alike, cannot. Sites are a Poisson process with intensity `rate[g]` per object on a grid of
visibilities, learned with everything else; sites nobody marked count in their expected number. Worker w marks a site of
visibility v with

    p_w(v) = sigmoid(logit(v) + bias_w[v > 1/2]),    bias_w ~ Normal(0, spread²)

so that a worker has a tendency to find what is there and another to mark what is not.

Source: this project; it extends the miss and false-alarm rates of Branson, Van Horn & Perona, "Lean crowdsourcing",
CVPR 2017, doi:10.1109/CVPR.2017.647, by a distribution of visibilities (a nonparametric capture-recapture model,
compare Norris & Pollock 1996, Biometrics 52(2), 639-649).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

VISIBILITY = np.array([0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.995])  # the grid, (G,)
EXISTS = VISIBILITY > 0.5  # (G,)
_LOGIT = np.log(VISIBILITY) - np.log1p(-VISIBILITY)
# Rates before any data: most marks are of something that is there.
_FIRST_RATE = np.where(EXISTS, 0.2, 0.1)
_RATE_SHAPE = 0.5  # pseudo-sites on every grid point, so that none is ruled out
_NEWTON_STEPS = 3
_LEAST_VISIBLE = 1e-3  # objects' worth of looking, where nobody looked


@dataclass(frozen=True)
class Marks:
    """Who could mark each site, and did: a row for each site and worker who saw its object."""

    site: Ints  # (M,) site of each row
    worker: Ints  # (M,) worker of each row
    marked: NDArray[np.bool_]  # (M,) whether that worker marked that site
    seen_object: Ints  # (S,) object of each pair of object and worker who annotated it
    seen_worker: Ints  # (S,)
    n_sites: int
    n_objects: int
    n_workers: int


@dataclass(frozen=True)
class ExistenceModel:
    """Fitted workers and sites. `bias` rows are [marking what is not there, marking what is there], in logits."""

    bias: Floats  # (W, 2)
    rate: Floats  # (G,) sites per object
    objective: tuple[float, ...] = ()  # log posterior after each step; never falls
    converged: bool = True

    def site_posterior(self, marks: Marks) -> Floats:
        """(sites, G) distribution of each site's visibility; the sum over `EXISTS` is the chance that it exists."""
        return _posterior(_site_log_joint(marks, self.bias, self.rate))[0]

    def unmarked(self, bias: Floats) -> Floats:
        """(G,) expected sites of one object that none of its workers, with biases (V, 2), marked."""
        return np.asarray(self.rate * np.exp(_log_chances(bias)[1].sum(axis=0)))


def unfitted(n_workers: int = 0) -> ExistenceModel:
    """The model before any data: average workers, and more things than phantoms."""
    return ExistenceModel(np.zeros((n_workers, 2)), _FIRST_RATE.copy())


def fit_existence(marks: Marks, *, spread: float = 1.0, max_iter: int = 200, tolerance: float = 1e-5) -> ExistenceModel:
    """Workers' biases and the rates of sites by expectation-maximization (MAP).

    Where no two workers saw one object, marks say nothing of what exists: the model stays as it is before any data.

    Parameters
    ----------
    spread : standard deviation of workers' biases in logits, the prior that shrinks workers with few marks.
    tolerance : stop when the objective gains less than this share of its size.
    """
    if np.bincount(marks.seen_object).max(initial=0) < 2:
        return unfitted(marks.n_workers)
    bias, rate = np.zeros((marks.n_workers, 2)), _FIRST_RATE.copy()
    objective: list[float] = []
    converged = False
    for _ in range(max_iter):
        responsibility, evidence = _posterior(_site_log_joint(marks, bias, rate))
        unmarked = _unmarked(marks, bias, rate)
        objective.append(_objective(evidence, unmarked, bias, rate, marks.n_objects, spread))
        if len(objective) > 1 and objective[-1] - objective[-2] <= tolerance * (1.0 + abs(objective[-1])):
            converged = True
            break
        bias = _update_bias(marks, responsibility, unmarked, bias, spread)
        # Counting only sites that can be seen, rather than filling in unmarked ones, converges many times faster.
        visible = marks.n_objects - (_unmarked(marks, bias, rate) / rate).sum(axis=0)
        rate = (responsibility.sum(axis=0) + _RATE_SHAPE) / np.maximum(visible, _LEAST_VISIBLE)
    return ExistenceModel(bias, rate, tuple(objective), converged)


def _log_chances(bias: Floats) -> tuple[Floats, Floats]:
    """(W, G), (W, G) log chances that a worker marks, and does not mark, a site of each visibility."""
    logit = _LOGIT + np.where(EXISTS, bias[:, 1:], bias[:, :1])
    return -np.logaddexp(0.0, -logit), -np.logaddexp(0.0, logit)


def _site_log_joint(marks: Marks, bias: Floats, rate: Floats) -> Floats:
    """(sites, G) log rate plus log chance of the marks."""
    hit, miss = _log_chances(bias)
    joint = np.empty((marks.n_sites, len(VISIBILITY)))
    for g in range(len(VISIBILITY)):
        row = np.where(marks.marked, hit[marks.worker, g], miss[marks.worker, g])
        joint[:, g] = np.log(rate[g]) + np.bincount(marks.site, row, marks.n_sites)
    return joint


def _posterior(log_joint: Floats) -> tuple[Floats, Floats]:
    """(sites, G) normalised rows, and their log sums (sites,)."""
    peak = log_joint.max(axis=1, keepdims=True)
    weight = np.exp(log_joint - peak)
    total = weight.sum(axis=1, keepdims=True)
    return weight / total, (peak + np.log(total))[:, 0]


def _unmarked(marks: Marks, bias: Floats, rate: Floats) -> Floats:
    """(N, G) expected sites of each object that nobody marked: all of them where nobody looked."""
    miss = _log_chances(bias)[1]
    expected = np.empty((marks.n_objects, len(VISIBILITY)))
    for g in range(len(VISIBILITY)):
        missed = np.bincount(marks.seen_object, miss[marks.seen_worker, g], marks.n_objects)
        expected[:, g] = rate[g] * np.exp(missed)
    return expected


def _objective(evidence: Floats, unmarked: Floats, bias: Floats, rate: Floats, n_objects: int, spread: float) -> float:
    """Log density of the marked sites (a Poisson process thinned to what was marked) plus the priors' logs."""
    expected = n_objects * rate.sum() - unmarked.sum()
    prior = _RATE_SHAPE * np.log(rate).sum() - (bias**2).sum() / (2.0 * spread**2)
    return float(evidence.sum() - expected + prior)


def _update_bias(marks: Marks, responsibility: Floats, unmarked: Floats, bias: Floats, spread: float) -> Floats:
    """(W, 2) biases that raise the expected log posterior: steps bounded by the steepest curvature, 1/4 per trial.

    Source of the bound: Böhning & Lindsay 1988, doi:10.1007/BF00049423. It makes every step an ascent.
    """
    grid = range(len(VISIBILITY))
    w, seen = marks.n_workers, marks.seen_worker
    hits = np.stack([np.bincount(marks.worker, marks.marked * responsibility[marks.site, g], w) for g in grid], axis=1)
    trials = np.stack(
        [
            np.bincount(marks.worker, responsibility[marks.site, g], w)
            + np.bincount(seen, unmarked[marks.seen_object, g], w)
            for g in grid
        ],
        axis=1,
    )
    bias = bias.copy()
    for _ in range(_NEWTON_STEPS):
        gradient = hits - trials * np.exp(_log_chances(bias)[0])
        for side, columns in ((0, ~EXISTS), (1, EXISTS)):
            slope = gradient[:, columns].sum(axis=1) - bias[:, side] / spread**2
            bias[:, side] += slope / (trials[:, columns].sum(axis=1) / 4.0 + 1.0 / spread**2)
    return bias
