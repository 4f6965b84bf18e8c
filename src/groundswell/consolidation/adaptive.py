"""Adaptive redundancy: which object to ask about next, whom, and when to stop.

An object is worth another annotation as long as it is not sure enough. Among such objects the next annotation goes
where it is expected to tell most: the mutual information of the object's class and the answer, given who answers. A
worker who gives the same answer to everything tells nothing; a good worker tells most about undecided objects.

Here: the rule, for one fitted consolidator. Elsewhere: absorbing the new annotation (`live.py`), handing out tasks.
Source: MacKay 1992, Information-Based Objective Functions for Active Data Selection, doi:10.1162/neco.1992.4.4.590.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from groundswell.consolidation.base import CategoricalConsolidator
from groundswell.consolidation.cells import Floats
from groundswell.consolidation.special import x_log_x
from groundswell.domain.errors import InvalidInput


def expected_information(posterior: Floats, confusion: Floats) -> Floats:
    """(N,) nats that one more annotation is expected to tell about each object's class.

    posterior : (N, K).     confusion : (K, K) [true, given] of whoever answers, or (N, K, K), one for each object.
    Mutual information: the entropy of the answer less its mean entropy given the class. Never below 0.
    """
    answer = np.einsum("nk,nkl->nl" if confusion.ndim == 3 else "nk,kl->nl", posterior, confusion)
    given_class = -x_log_x(confusion).sum(axis=-1)
    mean = (posterior * given_class).sum(axis=1)
    return np.asarray(np.maximum(-x_log_x(answer).sum(axis=1) - mean, 0.0))


def expected_confusion(model: CategoricalConsolidator) -> Floats:
    """(W, K, K) what to expect of each worker next: halfway between the estimate of them and the crowd.

    Estimates from few annotations flatter or damn at random; believing them fully would follow the luckiest worker.
    """
    return np.asarray(0.5 * (model.confusion_ + crowd_confusion(model)))


def crowd_confusion(model: CategoricalConsolidator) -> Floats:
    """(K, K) what to expect of a worker not known yet: the mean worker, weighted by annotations given."""
    weight = model.votes_.counts_by_worker + 1e-9
    if weight.size == 0:
        return np.full((model.votes_.n_labels, model.votes_.n_labels), 1.0 / model.votes_.n_labels)
    return np.asarray(np.average(model.confusion_, axis=0, weights=weight))


@dataclass(frozen=True)
class AdaptiveRedundancy:
    """Ask until sure: at least `min_per_object` annotations, at most `max_per_object`, fewer where confident.

    Raises: InvalidInput, for a confidence outside (0, 1] or limits in the wrong order.
    """

    stop_at_confidence: float = 0.98  # an object this sure gets no further annotation
    min_per_object: int = 2  # asked of every object first
    max_per_object: int = 9  # asked of none beyond

    def __post_init__(self) -> None:
        if not 0.0 < self.stop_at_confidence <= 1.0:
            raise InvalidInput(
                f"stop_at_confidence must lie above 0 and at most at 1; given was {self.stop_at_confidence}",
                field="stop_at_confidence",
            )
        if not 1 <= self.min_per_object <= self.max_per_object:
            raise InvalidInput(
                "annotations per object must satisfy 1 <= min_per_object <= max_per_object; given were "
                f"{self.min_per_object} and {self.max_per_object}",
                field="max_per_object",
            )

    def wants_more(self, confidence: Floats, annotations: NDArray[np.integer]) -> NDArray[np.bool_]:
        """(N,) whether each object should get another annotation.

        confidence : (N,) how sure each is, by the method's `belief_`.     annotations : (N,) how many it has.
        """
        unsure = (confidence < self.stop_at_confidence) & (annotations < self.max_per_object)
        return np.asarray(unsure | (annotations < self.min_per_object))

    def next_objects(self, model: CategoricalConsolidator, limit: int, *, worker: object = None) -> NDArray[np.int64]:
        """Up to `limit` object indices to ask about next, most telling first.

        worker : id of who will answer; objects this worker has annotated are left out. None, or somebody not known
            yet, stands for anyone.
        Objects with fewer than `min_per_object` annotations come first. Ties go to the earlier object.
        Raises: InvalidInput, for a limit below 0.
        """
        if limit < 0:
            raise InvalidInput(f"limit is a number of objects, at least 0; given was {limit}", field="limit")
        votes = model.votes_
        given = votes.counts_by_object
        open_ = self.wants_more(model.belief_.max(axis=1, initial=0.0), given)
        confusion = crowd_confusion(model)
        index = votes.worker_positions.get(worker)
        if index is not None:
            confusion = expected_confusion(model)[index]
            open_[votes.object[votes.worker == index]] = False
        gain = expected_information(model.belief_, confusion)
        candidates = np.flatnonzero(open_)
        urgent = given[candidates] >= self.min_per_object
        order = np.lexsort((candidates, -gain[candidates], urgent))
        return np.asarray(candidates[order][:limit])

    def is_finished(self, model: CategoricalConsolidator) -> bool:
        """Whether no object wants another annotation."""
        sure = model.belief_.max(axis=1, initial=0.0)
        return not bool(self.wants_more(sure, model.votes_.counts_by_object).any())
