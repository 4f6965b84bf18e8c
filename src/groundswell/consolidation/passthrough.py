"""Answers that are not consolidated: the answer most workers gave exactly, and all of them beside it.

For kinds of task whose answers one worker gives (video frames, point clouds) and custom tasks without a rule.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from groundswell.consolidation.answers import Answers, Consolidated, sorted_workers
from groundswell.consolidation.columns import sort_ids


class PassthroughConsolidator:
    """The most frequent answer, compared as JSON; of equals, the first in the order of their JSON.

    Confidence is the share of workers who gave it. `details["answers"]` maps every worker to their answer. Workers are
    not judged: `skill_` is their share of such answers.
    """

    def check(self, value: Any, *, where: str) -> None:
        """Any value will do."""

    def fit(self, objects: Sequence[Answers]) -> Self:
        """Count how often each worker gave the most frequent answer."""
        self.workers_ = sorted_workers(objects)
        position = {worker: w for w, worker in enumerate(self.workers_)}
        hits, seen = np.zeros(len(position)), np.zeros(len(position))
        for answers in objects:
            best = _canonical(self.consolidate(answers).value)
            for worker, value in answers.items():
                hits[position[worker]] += _canonical(value) == best
                seen[position[worker]] += 1.0
        self.skill_ = hits / np.maximum(seen, 1.0)
        return self

    def consolidate(self, answers: Answers) -> Consolidated:
        """One object's most frequent answer; None when nobody answered."""
        if not answers:
            return Consolidated(None, 0.0, {"answers": {}})
        texts = {worker: _canonical(answers[worker]) for worker in sort_ids(answers)}
        given = list(texts.values())
        best = min(set(given), key=lambda text: (-given.count(text), text))
        winner = next(worker for worker, text in texts.items() if text == best)
        return Consolidated(answers[winner], given.count(best) / len(given), {"answers": dict(answers)})

    def consolidate_all(self, objects: Sequence[Answers]) -> list[Consolidated]:
        """Every object's answer, in the order given."""
        return [self.consolidate(answers) for answers in objects]


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=repr)
