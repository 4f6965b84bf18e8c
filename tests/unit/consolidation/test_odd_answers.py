"""Legal answers nobody expects: shapes without area, coincident things, huge coordinates, empty lists, lone workers.

Whatever comes, results are finite, probabilities are probabilities, no warning is raised, and objectives never fall.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from groundswell.consolidation.registry import create_live

Rng = np.random.Generator
EDGES = (0, 0, 1, 5, 5.5, 10, 100, 1e7, -1e7)


def number(rng: Rng) -> float:
    return float(rng.choice(EDGES))


def some(make: Callable[[Rng], dict[str, Any]]) -> Callable[[Rng], list[dict[str, Any]]]:
    return lambda rng: [{"label": str(rng.choice(["a", "b"])), **make(rng)} for _ in range(rng.integers(0, 5))]


def box(rng: Rng) -> dict[str, Any]:
    return {"left": number(rng), "top": number(rng), "width": abs(number(rng)), "height": abs(number(rng))}


def outline(least: int) -> Callable[[Rng], dict[str, Any]]:
    return lambda rng: {"vertices": [{"x": number(rng), "y": number(rng)} for _ in range(rng.integers(least, 7))]}


def span(rng: Rng) -> dict[str, Any]:
    start = int(rng.choice([0, 0, 1, 5, 10_000]))
    return {"startOffset": start, "endOffset": start + int(rng.choice([1, 1, 5, 10_000]))}


def plane(rng: Rng) -> Any:
    return rng.integers(0, 3, (6, 7)).astype(np.uint8)


ODD: dict[str, Callable[[Rng], Any]] = {
    "boxes": some(box),
    "polygons": some(outline(3)),
    "polylines": some(outline(2)),
    "keypoints": some(lambda rng: {"x": number(rng), "y": number(rng)}),
    "spans": some(span),
    "numeric": lambda rng: float(rng.choice([0, 0, 1, 1e15, -1e15, 1e-9])),
    "ranking": lambda rng: {"x": rng.integers(1, 4, 3).tolist()},
    "pairwise": lambda rng: {"left": "x", "right": "y", "winner": str(rng.choice(["left", "right", "tie"]))},
    "transcription": lambda rng: " ".join(rng.choice(["a", "b", "", "c d", "\n"], rng.integers(0, 6))),
    "instance-masks": lambda rng: (plane(rng).astype(np.uint16), ["a", "b"]),
    "semantic-masks": plane,
    "multi-label": lambda rng: [str(name) for name in rng.choice(["a", "b", "c"], rng.integers(0, 4))],
    "question-answers": lambda rng: {"q": (1, 2.5, True, "x", None, ["a"])[rng.integers(6)]},
}


def assert_finite(value: Any) -> None:
    if isinstance(value, float):
        assert math.isfinite(value)
    elif isinstance(value, dict):
        assert_finite(list(value.values()))
    elif isinstance(value, list | tuple):
        for item in value:
            assert_finite(item)


@pytest.mark.parametrize("kind", ODD)
def test_odd_answers_have_stated_results(kind: str) -> None:
    for seed in range(6):
        rng = np.random.default_rng(seed)
        objects = [
            {str(w): ODD[kind](rng) for w in rng.choice(list("abcdef"), rng.integers(0, 6), replace=False)}
            for _ in range(rng.integers(0, 6))
        ]
        labels = ["a", "b"] if kind == "semantic-masks" else None
        model = create_live(kind, labels=labels).consolidator  # type: ignore[attr-defined]
        for result in model.fit(objects).consolidate_all(objects):
            assert_finite([result.value, result.confidence, result.details])
            assert 0.0 <= result.confidence <= 1.0
        assert ((model.skill_ >= 0.0) & (model.skill_ <= 1.0)).all()
        assert (np.diff(getattr(model, "objective_", [])) > -1e-6).all()
