"""Item effects: some objects pull every worker towards one answer.

p(l | class k, worker w, effect e) is proportional to confusion[w, k, l] * exp(e[l]): an object's effect moves all its
annotations together, which explains why workers err together and keeps posteriors from trusting many votes too much. An
effect raises or lowers one answer by a normal amount of a given spread, summed over three points of Gauss-Hermite
quadrature. Fitted by EM; the M-step scales confusions by the ratio of answers seen to answers implied.

Source: the Rasch model of ability and difficulty (Rasch 1960) within Dawid and Skene's; difficulty by answer as the
item matrix of Zhou et al. 2015, arXiv:1503.07240; iterative scaling: Darroch & Ratcliff 1972,
doi:10.1214/aoms/1177692379.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from groundswell.consolidation.base import start_posterior
from groundswell.consolidation.cells import Floats, Index, Offsets
from groundswell.consolidation.fast import LARGE, twinned
from groundswell.consolidation.kernels import expected_counts
from groundswell.consolidation.sums import owners, sum_by, sum_runs
from groundswell.consolidation.votes import Votes

if TYPE_CHECKING:
    from jaxtyping import Float64, Int32, Int64

_NEVER = -1e300  # log chance of what cannot be; finite, so that differences stay numbers
_LEAN = 4.0  # answers of the crowd that each row of a worker is worth


@dataclass(frozen=True)
class Effects:
    """Quadrature points of an object's effect."""

    shift: Floats  # (S, K) what is added to the log chance of each answer
    weight: Floats  # (S,), sums to 1


@dataclass(frozen=True)
class EffectsFit:
    """The result of `fit_item_effects`."""

    posterior: Floats  # (N, K)
    log_likelihood: float


@dataclass
class _Sums:
    """What the M-step needs, in place."""

    counts: Floats  # (W, K true, K given)
    met: Floats  # (W, K true, S): expected annotations under each effect
    mass: Floats  # (K,)


def effects_of(size: int, spread: float) -> Effects:
    """Points for K classes: no effect, or one answer raised or lowered; with two classes one answer says it all."""
    if spread == 0.0:
        return Effects(np.zeros((1, size)), np.ones(1))
    answers = np.arange(1, 2) if size == 2 else np.arange(size)
    far = math.sqrt(3.0) * spread
    shift = np.zeros((2 * answers.size + 1, size))
    shift[np.arange(answers.size), answers] = far
    shift[answers.size + np.arange(answers.size), answers] = -far
    weight = np.full(len(shift), 1.0 / 6.0 / answers.size)
    weight[-1] = 2.0 / 3.0
    return Effects(shift, weight)


def fit_item_effects(
    votes: Votes,
    gold: Index,
    *,
    spread: float,
    history: Floats | None = None,
    class_pseudocount: Floats | float = 1.0,
    max_iter: int = 100,
    tol: float = 1e-6,
) -> EffectsFit:
    """EM from the shares of votes.

    spread : standard deviation of the effects, in log odds.
    history : (W, K true, K given) answers known from earlier jobs; they count as free of effects.
    class_pseudocount : imagined objects of each class, one number or (K,).
    """
    size, effects = votes.n_labels, effects_of(votes.n_labels, spread)
    gain = np.exp(effects.shift)
    sums = _Sums(np.zeros((votes.n_workers, size, size)), np.zeros((votes.n_workers, size, len(gain))), np.zeros(size))
    start = start_posterior(votes, gold)
    start_effects(votes.offsets, votes.worker, votes.label, start, effects.weight, sums.counts, sums.met, sums.mass)
    _add_history(sums, history)
    crowd = sums.counts.sum(axis=0) + 1.0
    crowd /= crowd.sum(axis=1, keepdims=True)
    confusion = np.repeat(crowd[None], votes.n_workers, axis=0)
    for _ in range(4):
        confusion, crowd = _scale_rows(confusion, crowd, sums, gain)
    before = -np.inf
    posterior = np.zeros((votes.n_objects, size))
    for _ in range(max_iter):
        confusion, crowd = _scale_rows(confusion, crowd, sums, gain)
        rates = sums.mass + class_pseudocount
        value = _expect(votes, gold, effects, confusion, rates / rates.sum(), sums, posterior)
        _add_history(sums, history)
        if abs(value - before) < tol * (1.0 + abs(value)):
            break
        before = value
    return EffectsFit(posterior, value)


def _expect(
    votes: Votes, gold: Index, effects: Effects, confusion: Floats, rates: Floats, sums: _Sums, posterior: Floats
) -> float:
    """The E-step: writes the sums and the posterior (N, K), returns the log likelihood.

    confusion : (W, K, K), rates : (K,) of the last M-step.
    """
    for array in (sums.counts, sums.met, sums.mass, posterior):
        array[:] = 0.0
    return pass_effects(
        votes.offsets,
        votes.worker,
        votes.label,
        gold,
        np.log(confusion),
        np.log(np.matmul(confusion, np.exp(effects.shift).T)),
        np.ascontiguousarray(effects.shift.T),
        np.log(rates)[:, None] + np.log(effects.weight),
        sums.counts,
        sums.met,
        sums.mass,
        posterior,
    )


def _scale_rows(confusion: Floats, crowd: Floats, sums: _Sums, gain: Floats) -> tuple[Floats, Floats]:
    """Rows of each worker that lean on the crowd's; (W, K, K) and (K, K)."""
    implied = _implied(confusion, sums, gain)
    crowd = _scale_crowd(crowd, sums, implied)
    rows = confusion * (sums.counts + _LEAN * crowd) / (implied + _LEAN * confusion)
    return _normalised(rows), crowd


def _implied(confusion: Floats, sums: _Sums, gain: Floats) -> Floats:
    """(W, K, K) answers the parameters imply for the annotations each worker gave."""
    norm = np.matmul(confusion, gain.T)
    return np.asarray(confusion * np.matmul(sums.met / norm, gain))


def _scale_crowd(crowd: Floats, sums: _Sums, implied: Floats) -> Floats:
    return _normalised(crowd * (sums.counts.sum(axis=0) + 1.0) / (implied.sum(axis=0) + 1.0))


def _normalised(rows: Floats) -> Floats:
    rows = np.maximum(rows, 1e-6)
    return np.asarray(rows / rows.sum(axis=-1, keepdims=True))


def _add_history(sums: _Sums, history: Floats | None) -> None:
    if history is not None:
        sums.counts += history
        sums.met[:, :, -1] += history.sum(axis=2)


@twinned(lambda *args: args[2].size * args[3].shape[1])
def start_effects(
    offsets: Int64[Offsets, " N1"],
    worker: Int32[Index, " M"],
    label: Int32[Index, " M"],
    posterior: Float64[Floats, "N K"],
    weight: Float64[Floats, " S"],
    counts: Float64[Floats, "W K K"],
    met: Float64[Floats, "W K S"],
    mass: Float64[Floats, " K"],
) -> None:
    """Add sums under class posteriors (N, K) and the effects' prior weights (S,) to the last three arrays."""
    counts += expected_counts(owners(offsets).astype(np.int32), worker, label, posterior, len(counts))
    met += counts.sum(axis=2)[:, :, None] * weight
    mass += posterior[offsets[:-1] < offsets[1:]].sum(axis=0)


@twinned(lambda *args: args[2].size * args[7].size, least=32 * LARGE)
def pass_effects(
    offsets: Int64[Offsets, " N1"],
    worker: Int32[Index, " M"],
    label: Int32[Index, " M"],
    gold: Int32[Index, " N"],
    log_confusion: Float64[Floats, "W K K"],
    log_norm: Float64[Floats, "W K S"],
    shift: Float64[Floats, "K S"],
    log_weight: Float64[Floats, "K S"],
    counts: Float64[Floats, "W K K"],
    met: Float64[Floats, "W K S"],
    mass: Float64[Floats, " K"],
    posterior: Float64[Floats, "N K"],
) -> float:
    """E-step and sums; adds to the last four arrays, returns the log likelihood.

    log_confusion : (W, K, K), log_norm : (W, K, S), shift : (K, S), log_weight : (K, S).
    """
    n_objects, (size, points) = gold.size, log_weight.shape
    owner = owners(offsets)
    given = np.bincount(owner * size + label, minlength=n_objects * size).reshape(n_objects, size)
    rows = np.ascontiguousarray(log_confusion.transpose(0, 2, 1)).reshape(-1, size)
    chance = sum_runs(offsets, worker.astype(np.int64) * size + label, rows)
    share = log_weight - sum_runs(offsets, worker, log_norm.reshape(len(counts), -1)).reshape(n_objects, size, points)
    share += chance[:, :, None]
    share += (given @ shift)[:, None, :]
    impossible = (gold[:, None] >= 0) & (gold[:, None] != np.arange(size))
    share[impossible] = _NEVER
    share = share.reshape(n_objects, size * points)
    highest = share.max(axis=1, keepdims=True)
    np.exp(share - highest, out=share)
    norm = share.sum(axis=1, keepdims=True)
    share /= norm
    classes = share.reshape(n_objects, size, points).sum(axis=2)
    seen = (np.diff(offsets) > 0) | (gold >= 0)
    posterior += classes
    mass += classes[seen].sum(axis=0)
    counts += expected_counts(owner.astype(np.int32), worker, label, classes, len(counts))
    met += sum_by(worker, share, len(counts), source=owner).reshape(met.shape)
    return float((highest + np.log(norm))[seen].sum())
