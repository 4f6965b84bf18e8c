"""Confidences set right by a little truth: 30 to 500 objects whose label is known or was reviewed.

What gold teaches about workers enters the fit; what it says of confidences must not be learnt from that same fit, where
gold objects are certain. So each gold object's confidence is what a fit says that knows the other gold, but not its own
(cross-fitting), and the curve from stated to borne out confidences is learnt from those. Elsewhere: the curve
(`beta_calibration.py`), how calibration is measured (`calibration.py`).
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groundswell.consolidation.base import CategoricalConsolidator
from groundswell.consolidation.beta_calibration import BetaCalibration, fit_beta_calibration
from groundswell.consolidation.calibration import Calibration, calibration_error
from groundswell.consolidation.known import Gold, WorkerHistory, gold_index

Floats = NDArray[np.float64]
Index = NDArray[np.int32]

FEWEST_GOLD = 30  # annotated gold objects below which confidences stay as they are
FOLDS = 5
FITS = 1 + FOLDS  # that a recalibrated fit takes
_BINS = 10


@dataclass(frozen=True, kw_only=True)
class BorneOut:
    """What gold bears out of confidences."""

    curve: BetaCalibration = field(default_factory=BetaCalibration)  # the identity where there is too little gold
    n_gold: int  # annotated gold objects it was learnt from
    before: Calibration | None = None  # gold objects, as fits say that do not know their own label; None: too little
    after: Calibration | None = None  # the same through curves learnt from the other gold objects


@dataclass(frozen=True, kw_only=True)
class Recalibration(BorneOut):
    """What a little truth makes of a fit's confidences."""

    confidence: Floats  # (N,) of the labels; 1 for gold objects


def recalibrate(
    model: CategoricalConsolidator, gold: Gold, *, worker_history: WorkerHistory | None = None
) -> Recalibration:
    """Confidences of a fitted consolidator, set right by gold.

    Labels stay; the curve is monotone and leans on what the crowd alone says, so that little gold changes little. It
    fits the model five times more. Gold must be such objects of each confidence as the others are: which ones are known
    may depend on how sure they were, not on whether their label is right.

    Parameters
    ----------
    model : fitted with this gold, or without; not changed.        gold, worker_history : as for `fit`.
    Raises: InvalidVotes, for gold of unknown objects or classes.
    """
    votes = model.votes_
    known = gold_index(votes, gold)
    usable = np.flatnonzero((known >= 0) & (votes.counts_by_object > 0))
    confidence = np.where(known >= 0, 1.0, model.confidence_)
    if len(usable) < FEWEST_GOLD or votes.n_labels < 2:
        return Recalibration(confidence=confidence, n_gold=len(usable))
    label, stated = _foretold(model, known, usable, folds(len(usable)), worker_history)
    found = borne_out(stated, label, known[usable], n_labels=votes.n_labels)
    confidence = np.where(known >= 0, 1.0, found.curve(model.confidence_, model.label_index_))
    return Recalibration(
        confidence=confidence, curve=found.curve, n_gold=found.n_gold, before=found.before, after=found.after
    )


def folds(size: int) -> NDArray[np.int64]:
    """(size,) which of the five parts each gold object is in: at random, as its order may mean something."""
    return np.random.default_rng(0).permutation(size) % FOLDS


def borne_out(stated: Floats, label: Index, truth: Index, *, n_labels: int) -> BorneOut:
    """What U gold objects bear out.

    stated, label : (U,) confidences and labels by fits that do not know the `folds` of each.     truth : (U,)
    """
    right, fold = label == truth, folds(len(truth))

    def learnt(rows: NDArray[np.bool_]) -> BetaCalibration:
        return fit_beta_calibration(stated[rows], right[rows], label=label[rows], n_labels=n_labels)

    by_others = np.empty(len(truth))
    for f in range(FOLDS):
        by_others[fold == f] = learnt(fold != f)(stated[fold == f], label[fold == f])
    before, after = (calibration_error(chance, right, bins=_BINS) for chance in (stated, by_others))
    curve = learnt(np.ones(len(truth), bool))
    return BorneOut(curve=curve, n_gold=len(truth), before=before, after=after)


def _foretold(
    model: CategoricalConsolidator, known: Index, usable: NDArray[np.int64], fold: NDArray[np.int64], history: Any
) -> tuple[Index, Floats]:
    """(U,) labels and confidences of the usable gold objects, by fits that do not know their own fold."""
    label, stated = np.empty(len(usable), np.int32), np.empty(len(usable))
    for f in range(FOLDS):
        held = usable[fold == f]
        others = known.copy()
        others[held] = -1
        without = copy(model).fit(model.votes_, gold=others, worker_history=history)
        label[fold == f], stated[fold == f] = without.label_index_[held], without.confidence_[held]
    return label, stated
