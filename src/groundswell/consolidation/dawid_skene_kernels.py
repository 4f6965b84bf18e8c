"""Dawid and Skene's E and M step over annotations sorted by object.

Parameters live in tables with one row for each worker and answer, `row = w * K + l`, and the true class along it.
Elsewhere: the loops for large inputs, which multiply chances instead of adding their logs
(`compiled/dawid_skene_kernels.py`).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from groundswell.consolidation.fast import twinned
from groundswell.consolidation.kernels import most_probable, normalise_log_joint, vote_shares
from groundswell.consolidation.sums import owners, sum_by, sum_runs

if TYPE_CHECKING:
    from jaxtyping import Float64, Int32, Int64

Floats = NDArray[np.float64]
Index = NDArray[np.int32]
Offsets = NDArray[np.int64]


@twinned(lambda worker, label, n_labels: worker.size)
def row_of(worker: Int32[Index, " M"], label: Int32[Index, " M"], n_labels: int) -> Int32[Index, " M"]:
    """(M,) table row of each annotation."""
    return np.asarray(worker * n_labels + label, np.int32)


@twinned(lambda offsets, row, gold, prior, table, *, exact: row.size * prior.size)
def expected_sums(
    offsets: Int64[Offsets, " N1"],
    row: Int32[Index, " M"],
    gold: Int32[Index, " N"],
    prior: Float64[Floats, " K"],
    table: Float64[Floats, "W K K"],
    *,
    exact: bool,
) -> tuple[Float64[Floats, "W K K"], Float64[Floats, " K"], float]:
    """One E-step and the sums the M-step needs: expected answers (W, K, K), expected objects (K,), log likelihood.

    Parameters
    ----------
    offsets : (N + 1,), row : (M,), gold : (N,) known class or -1.
    prior : (K,), table : (W, K, K) [worker, given, true].
    exact : double precision even for large tables.
    Objects without annotations add nothing, unless they are gold.
    """
    posterior, log_likelihood = _expect(offsets, row, gold, prior, table)
    if prior.size:
        log_likelihood -= float(np.log(prior.sum())) * np.count_nonzero(~_seen(offsets, gold))
    return (*_sums(offsets, row, gold, posterior, table.shape[0]), log_likelihood)


@twinned(lambda offsets, row, gold, n_workers, n_labels: row.size * n_labels)
def start_sums(
    offsets: Int64[Offsets, " N1"], row: Int32[Index, " M"], gold: Int32[Index, " N"], n_workers: int, n_labels: int
) -> tuple[Float64[Floats, "{n_workers} {n_labels} {n_labels}"], Float64[Floats, " {n_labels}"], float]:
    """What the first M-step sums: each object's shares of votes, or its known class, as its posterior."""
    shares = vote_shares(offsets, row % max(n_labels, 1), n_labels)
    known = np.flatnonzero(gold >= 0)
    shares[known] = 0.0
    shares[known, gold[known]] = 1.0
    return (*_sums(offsets, row, gold, shares, n_workers), 0.0)


@twinned(lambda offsets, row, gold, prior, table: row.size * prior.size)
def decisions(
    offsets: Int64[Offsets, " N1"],
    row: Int32[Index, " M"],
    gold: Int32[Index, " N"],
    prior: Float64[Floats, " K"],
    table: Float64[Floats, "W K K"],
) -> tuple[Int32[Index, " N"], Float64[Floats, " N"]]:
    """(N,) most probable classes, of tied ones the earliest, and (N,) their probabilities.

    prior : (K,), table : (W, K, K).
    """
    posterior, _ = _expect(offsets, row, gold, prior, table)
    label = most_probable(posterior)
    return label, posterior[np.arange(len(label)), label]


@twinned(lambda offsets, row, gold, prior, table: int(offsets[-1] - offsets[0]) * prior.size)
def posteriors(
    offsets: Int64[Offsets, " N1"],
    row: Int32[Index, " M"],
    gold: Int32[Index, " N"],
    prior: Float64[Floats, " K"],
    table: Float64[Floats, "WK K"],
) -> Float64[Floats, "N K"]:
    """(N, K) the E-step alone, for the objects of `offsets` (N + 1,), which may be a slice of a longer one.

    table : (W * K, K), its rows.
    """
    rows = row[offsets[0] : offsets[-1]]
    return _expect(offsets - offsets[0], rows, gold, prior, table)[0]


@twinned(lambda counts, imagined, floor, table: table.size)
def normalise(
    counts: Float64[Floats, "W K K"],
    imagined: Float64[Floats, "any K K"],
    floor: float,
    table: Float64[Floats, "W K K"],
) -> float:
    """Chances (W, K, K) [worker, given, true] from expected plus imagined answers, each sum over answers being 1.

    imagined : (1, K, K) for everyone alike, or (W, K, K).    floor : the least expected answers of one once given.
    Returns the log prior density of the chances: the sum of imagined * log chance. Writes into table (W, K, K).
    """
    least = np.where(counts.any(axis=2, keepdims=True), floor, 0.0)
    np.maximum(counts + imagined, least, out=table)
    totals = table.sum(axis=1, keepdims=True)
    np.divide(table, totals, out=table, where=totals > 0.0)
    np.copyto(table, 1.0 / max(table.shape[1], 1), where=totals <= 0.0)
    logs = np.zeros_like(table)
    np.log(table, out=logs, where=np.broadcast_to(imagined > 0.0, table.shape))
    return float((imagined * logs).sum())


def _expect(offsets: Offsets, row: Index, gold: Index, prior: Floats, table: Floats) -> tuple[Floats, float]:
    """(N, K) posteriors, and the log likelihood of all annotations; objects without any have the class rates."""
    # A chance may be zero; where all are, nothing can be said, and the loop says NaN too.
    with np.errstate(divide="ignore", invalid="ignore"):
        log_table = np.log(table.reshape(math.prod(table.shape[:-1]), prior.size))
        joint = np.log(prior) + sum_runs(offsets, row, log_table)
        return joint, normalise_log_joint(joint, gold)


def _sums(offsets: Offsets, row: Index, gold: Index, posterior: Floats, n_workers: int) -> tuple[Floats, Floats]:
    """(W, K, K) expected answers and (K,) expected objects, of those annotated or gold."""
    size = posterior.shape[1]
    counts = sum_by(row, posterior, n_workers * size, source=owners(offsets))
    return counts.reshape(n_workers, size, size), posterior[_seen(offsets, gold)].sum(axis=0)


def _seen(offsets: Offsets, gold: Index) -> NDArray[np.bool_]:
    """(N,) which objects are annotated or gold."""
    return np.asarray((offsets[:-1] < offsets[1:]) | (gold >= 0))
