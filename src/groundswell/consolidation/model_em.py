"""Expectation maximisation for models whose workers each have a confusion matrix, however it comes about.

A model gives the M-step: from expected counts to confusions and the log density of its parameters under their priors.
Used by `one_coin.py`, `mace.py`, `modified_dawid_skene.py`, `ordinal.py`. Elsewhere: full confusion matrices, faster
(`dawid_skene.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from groundswell.consolidation.base import Fit, climb
from groundswell.consolidation.cells import Floats, Index, expect_cells
from groundswell.consolidation.votes import Votes


@dataclass(frozen=True)
class Model:
    """Parameters between an M-step and the next E-step."""

    log_confusion: Floats  # (W, K true, K given)
    log_prior: Floats  # (K,) log class rates
    penalty: float  # what the objective subtracts: minus the log density of the parameters


@dataclass(frozen=True)
class ModelState:
    """Where EM stands: the model to take the next E-step with, and the one behind the posterior."""

    model: Model
    used: Model
    posterior: Floats  # (N, K)
    counts: Floats  # (W, K true, K given)


def run_em(
    votes: Votes,
    gold: Index,
    first: Model,
    maximise: Callable[[Floats, Floats], Model],
    *,
    max_iter: int,
    tol: float,
    history: Floats | None = None,
) -> Fit[ModelState]:
    """EM from a model; `maximise` takes expected counts (W, K, K), history included, and classes (K,)."""
    cells = np.arange(votes.n_labels, dtype=np.int32)

    def step(state: ModelState) -> tuple[ModelState, float]:
        model = state.model
        expected = expect_cells(votes, gold, cells, model.log_prior, model.log_confusion.transpose(0, 2, 1))
        counts = np.ascontiguousarray(expected.counts.transpose(0, 2, 1))
        counts += 0.0 if history is None else history
        value = expected.log_likelihood - model.penalty
        if history is not None:
            value += float((history * model.log_confusion).sum())
        return ModelState(maximise(counts, expected.mass), model, expected.posterior, counts), value

    empty = np.zeros((0, 0))
    return climb(step, ModelState(first, first, empty, empty), max_iter=max_iter, tol=tol)
