"""Verification and adjustment: judging and correcting labels made earlier.

A verification's verdict is a class like any other (`live.py`); here its comments are gathered as well. An adjustment is
consolidated as the original kind of label is; here it is found whether anybody changed anything.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Self

import numpy as np

from groundswell.consolidation.answers import Answers, Consolidated, StructuredConsolidator
from groundswell.consolidation.columns import sort_ids
from groundswell.consolidation.estimates import Answer, Estimate
from groundswell.consolidation.live import LiveClassification
from groundswell.consolidation.recalibration import Recalibration

_DIGITS = 6  # places coordinates are compared at


class LiveVerification:
    """Live consolidation of verdicts with comments: a verdict's label, or {"label", "comment"}.

    `details["worker_feedback"]` lists the comments, workers in order, empty ones left out.
    """

    def __init__(self, classification: LiveClassification) -> None:
        self.classification = classification
        self._comments: dict[int, dict[str, str]] = {}

    def absorb(self, annotations: Sequence[Answer]) -> None:
        """See `LiveConsolidation.absorb`. Raises: InvalidVotes, for an unknown verdict; nothing counts then."""
        self.classification.absorb([Answer(a.object, a.worker, verdict_of(a.value)) for a in annotations])
        for a in annotations:
            comment = a.value.get("comment") if isinstance(a.value, Mapping) else None
            self._comments.setdefault(a.object, {})[a.worker] = str(comment or "").strip()

    def estimate(self, objects: Iterable[int]) -> list[Estimate]:
        """See `LiveConsolidation.estimate`."""
        return [
            Estimate(e.object, e.value, e.confidence, {**e.details, "worker_feedback": self._feedback(e.object)})
            for e in self.classification.estimate(objects)
        ]

    def refit(self) -> None:
        """See `LiveConsolidation.refit`."""
        self.classification.refit()

    def begin_fit(self) -> Callable[[], Any]:
        """See `FitsApart.begin_fit`."""
        return self.classification.begin_fit()

    def take_fit(self, fitted: Any) -> None:
        """See `FitsApart.take_fit`."""
        self.classification.take_fit(fitted)

    def know(self, gold: Mapping[int, Any]) -> None:
        """See `TakesGold.know`: known verdicts."""
        self.classification.know({n: verdict_of(value) for n, value in gold.items()})

    def recalibration(self) -> Recalibration | None:
        """See `TakesGold.recalibration`."""
        return self.classification.recalibration()

    def worker_skill(self) -> dict[str, float]:
        """See `LiveConsolidation.worker_skill`."""
        return self.classification.worker_skill()

    def _feedback(self, n: int) -> list[str]:
        comments = self._comments.get(n, {})
        return [comments[worker] for worker in sort_ids(comments) if comments[worker]]


def verdict_of(value: Any) -> Any:
    """The verdict of an answer with or without a comment."""
    return value.get("label") if isinstance(value, Mapping) else value


class AdjustmentConsolidator:
    """Any consolidator, with `details["adjustment_status"]` against the labels the workers were shown.

    consolidator : of the original kind of label.       originals : object n to the value shown; the order of
        `consolidate_all` is the numbering. An object without original is adjusted when anyone answered.
    """

    def __init__(self, consolidator: StructuredConsolidator, originals: Mapping[int, Any]) -> None:
        self.consolidator = consolidator
        self.originals = originals

    def check(self, value: Any, *, where: str) -> None:
        """Raises: InvalidVotes, as the original kind does."""
        self.consolidator.check(value, where=where)

    def fit(self, objects: Sequence[Answers]) -> Self:
        """Estimate the workers. Raises: InvalidVotes."""
        self.consolidator.fit(objects)
        self.workers_, self.skill_ = self.consolidator.workers_, self.consolidator.skill_
        return self

    def consolidate(self, answers: Answers) -> Consolidated:
        """Object 0. Raises: InvalidVotes."""
        return self.consolidate_all([answers])[0]

    def consolidate_all(self, objects: Sequence[Answers]) -> list[Consolidated]:
        """Every object's label, in the order given. Raises: InvalidVotes."""
        return [
            Consolidated(
                r.value,
                r.confidence,
                {**r.details, "adjustment_status": adjustment_status(self.originals.get(n), answers)},
            )
            for n, (answers, r) in enumerate(zip(objects, self.consolidator.consolidate_all(objects), strict=True))
        ]


def adjustment_status(original: Any, answers: Answers) -> str:
    """ "adjusted" when at least one worker's answer differs from what was shown, else "unadjusted".

    The order of shapes does not count, nor do differences in coordinates below a millionth of a pixel.
    """
    shown = _canonical(original)
    return "adjusted" if any(_canonical(value) != shown for value in answers.values()) else "unadjusted"


def _canonical(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.shape, value.tobytes()
    if isinstance(value, tuple):
        return tuple(_canonical(item) for item in value)
    if isinstance(value, list):
        return sorted(json.dumps(_rounded(item), sort_keys=True, default=str) for item in value)
    return _rounded(value)


def _rounded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return round(float(value), _DIGITS)
    return value
