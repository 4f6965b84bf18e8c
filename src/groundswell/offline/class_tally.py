"""What a report of classes says of the objects: sums that those of parts add up to, and the few least sure objects.

So a page about annotations on disk is that of annotations in memory. Elsewhere: the page (`class_report.py`), the parts
(`out_of_core_report.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groundswell.consolidation.columns import sort_ids
from groundswell.quality.meetings import commonest_share, meetings_of

Counts = NDArray[np.int64]
Floats = NDArray[np.float64]
Index = NDArray[np.int32]

CONFIDENCE_STEPS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999, 1.0)
AGREEMENT_STEPS = tuple(step / 10 for step in range(11))
MOST_DISPUTED = 40
UNSURE = 0.9


@dataclass(frozen=True)
class Disputed:
    """An object whose label is not sure."""

    object: Any
    label: int  # its class
    confidence: float
    answers: Sequence[tuple[int, int]]  # (worker, class)


@dataclass(frozen=True)
class Tally:
    """Sums over objects; K classes."""

    labels: Counts  # (K,) objects by their consolidated label
    sureness: Counts  # objects by confidence, between CONFIDENCE_STEPS
    confidence: float  # of all objects together
    unsure: int  # objects with a confidence below 0.9
    agreement: Counts  # objects with several annotations by the share of the commonest answer, AGREEMENT_STEPS
    unanimous: int  # of those, the ones with one answer
    meetings: Floats  # (K, K) `quality.meetings.label_meetings`
    disputed: Sequence[Disputed]  # the least sure, at most MOST_DISPUTED

    @classmethod
    def of(
        cls,
        offsets: Counts,
        label: Index,
        chosen: Index,
        confidence: Floats,
        *,
        n_labels: int,
        disputed: Sequence[Disputed],
    ) -> Tally:
        """The tally of N objects.

        offsets : (N + 1,) over label (M,), the classes given.   chosen, confidence : (N,) their consolidated labels.
        disputed : those that `least_sure` names.
        """
        share = commonest_share(offsets, label, n_labels)[np.diff(offsets) > 1]
        return cls(
            np.bincount(chosen, minlength=n_labels),
            np.histogram(confidence, bins=CONFIDENCE_STEPS)[0],
            float(confidence.sum()),
            int(np.count_nonzero(confidence < UNSURE)),
            np.histogram(share, bins=AGREEMENT_STEPS)[0],
            int(np.count_nonzero(share == 1.0)),
            meetings_of(offsets, label, n_labels),
            disputed,
        )

    def __add__(self, other: Tally) -> Tally:
        objects = {entry.object: entry for entry in (*self.disputed, *other.disputed)}
        in_order = [objects[key] for key in sort_ids(objects)]  # of equally sure ones the first, as in one part
        return Tally(
            self.labels + other.labels,
            self.sureness + other.sureness,
            self.confidence + other.confidence,
            self.unsure + other.unsure,
            self.agreement + other.agreement,
            self.unanimous + other.unanimous,
            self.meetings + other.meetings,
            sorted(in_order, key=lambda entry: entry.confidence)[:MOST_DISPUTED],
        )

    @property
    def n_objects(self) -> int:
        """N."""
        return int(self.labels.sum())

    @property
    def n_several(self) -> int:
        """Objects with several annotations."""
        return int(self.agreement.sum())


def least_sure(confidence: Floats) -> Counts:
    """Places of the `MOST_DISPUTED` objects with the lowest confidence (N,), lowest first; ties in their order."""
    if confidence.size <= MOST_DISPUTED:
        return np.argsort(confidence, kind="stable")
    limit = np.partition(confidence, MOST_DISPUTED)[MOST_DISPUTED]
    near = np.flatnonzero(confidence <= limit)  # sorting these alone spares sorting all
    return near[np.argsort(confidence[near], kind="stable")][:MOST_DISPUTED]
