"""Simulated crowds of every kind of structured answer, and what no answer can be: for the contract suites."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from groundswell.consolidation.live_objects import PerObjectConsolidation
from groundswell.consolidation.registry import create_live

Rng = np.random.Generator
NOISE = {"ann": 0.02, "bob": 0.1, "cid": 0.2, "eve": 0.7}  # how often, or how far, each worker is off
LABELS = ["cat", "dog"]


@dataclass(frozen=True)
class Case:
    """How one kind's answers are simulated."""

    kind: str
    draw: Callable[[Rng, float], Any]  # an answer by a worker with that much noise
    nothing: Any  # the answer of a worker who saw nothing, None where a kind has none
    absurd: tuple[Any, ...]  # values no answer can have
    labels: list[str] | None = None


def jitter(rng: Rng, noise: float, scale: float = 20.0) -> float:
    return float(rng.normal(0, noise * scale))


def label(rng: Rng, noise: float) -> str:
    return "dog" if rng.random() < noise else "cat"


def boxes(rng: Rng, noise: float) -> list[dict[str, Any]]:
    made = [
        {"label": label(rng, noise), "left": x + jitter(rng, noise), "top": 40.0, "width": 80.0, "height": 60.0}
        for x in (10.0, 300.0)
        if rng.random() > noise / 2
    ]
    return made + [{"label": "dog", "left": 600.0 * rng.random(), "top": 500.0, "width": 9, "height": 9}] * int(
        rng.random() < noise
    )


def outlines(rng: Rng, noise: float) -> list[dict[str, Any]]:
    corners = np.array([[20.0, 20.0], [120.0, 30.0], [110.0, 140.0], [10.0, 120.0]])
    return [{"label": "cat", "vertices": points(corners + rng.normal(0, noise * 20, corners.shape))}]


def lines(rng: Rng, noise: float) -> list[dict[str, Any]]:
    corners = np.array([[0.0, 20.0], [120.0, 30.0], [210.0, 140.0]])
    return [{"label": "cat", "vertices": points(corners + rng.normal(0, noise * 20, corners.shape))}]


def points(corners: Any) -> list[dict[str, float]]:
    return [{"x": x, "y": y} for x, y in corners.tolist()]


def keypoints(rng: Rng, noise: float) -> list[dict[str, Any]]:
    return [
        {"label": name, "x": x + jitter(rng, noise), "y": 50 + jitter(rng, noise)}
        for name, x in (("cat", 30.0), ("dog", 200.0))
        if rng.random() > noise / 2
    ]


def spans(rng: Rng, noise: float) -> list[dict[str, Any]]:
    return [
        {"label": label(rng, noise), "startOffset": start + int(rng.random() < noise), "endOffset": start + 9}
        for start in (5, 40)
        if rng.random() > noise / 2
    ]


def plane(rng: Rng, noise: float) -> Any:
    mask = np.zeros((24, 32), np.uint8)
    off = round(noise * 6)
    mask[4 + off : 16 + off, 5 : 20 - off] = 1
    wrong = rng.random(mask.shape) < noise / 4
    mask[wrong] = rng.integers(0, 3, int(wrong.sum()))
    return mask


def instances(rng: Rng, noise: float) -> Any:
    mask = np.zeros((40, 60), np.uint16)
    names = []
    for left in (4, 34):
        if rng.random() > noise / 2:
            names.append("cat")
            off = round(rng.random() * noise * 8)
            mask[5 + off : 30, left : left + 20 - off] = len(names)
    return mask, names


def sets(rng: Rng, noise: float) -> list[str]:
    return [name for name, here in (("cat", True), ("dog", False)) if here != (rng.random() < noise)]


def ranks(rng: Rng, noise: float) -> dict[str, list[int]]:
    order = np.argsort(np.argsort(np.arange(4) + rng.normal(0, noise * 4, 4))) + 1
    return {"helpful": order.tolist()}


def winner(rng: Rng, noise: float) -> str:
    return "right" if rng.random() < noise else "left"


def text(rng: Rng, noise: float) -> str:
    return " ".join(w if rng.random() > noise else f"w{rng.integers(9)}" for w in "a quick brown fox jumps".split())


def number(rng: Rng, noise: float) -> float:
    return 50.0 + jitter(rng, noise, 60.0)


def form(rng: Rng, noise: float) -> dict[str, Any]:
    return {"what": label(rng, noise), "sure": bool(rng.random() > noise), "size": number(rng, noise)}


NAN = math.nan
BAD_SHAPES = (3, "boxes", [3], [{"label": "cat"}])
CASES = [
    Case("boxes", boxes, [], (*BAD_SHAPES, [{"label": "cat", "left": NAN, "top": 0, "width": 1, "height": 1}]), LABELS),
    Case("polygons", outlines, [], (*BAD_SHAPES, [{"label": "cat", "vertices": points(np.ones((2, 2)))}]), LABELS),
    Case("polylines", lines, [], (*BAD_SHAPES, [{"label": "cow", "vertices": points(np.ones((2, 2)))}]), LABELS),
    Case("lines", lines, [], BAD_SHAPES, LABELS),
    Case("keypoints", keypoints, [], (*BAD_SHAPES, [{"label": "cat", "x": 1e300, "y": 0}]), LABELS),
    Case("spans", spans, [], (*BAD_SHAPES, [{"label": "cat", "startOffset": -1, "endOffset": 3}]), LABELS),
    Case("semantic-masks", plane, np.zeros((24, 32), np.uint8), ([[0]], np.full((2, 2), 9), np.zeros((2, 2))), LABELS),
    Case(
        "instance-masks", instances, (np.zeros((40, 60), np.uint16), []), (3, (np.ones((2, 2), np.uint8), [])), LABELS
    ),
    Case("multi-label", sets, [], ("cat", [3], ["cow"]), LABELS),
    Case("ranking", ranks, None, (3, {"helpful": "abc"}, {"helpful": [NAN]}, {"helpful": [0, 1]})),
    Case("pairwise", winner, None, (3, "cat", {"winner": "both"})),
    Case("transcription", text, "", (3, None.__class__, ["a"])),
    Case("numeric", number, None, ("3", NAN, math.inf, True)),
    Case("question-answers", form, None, (3, {"what": NAN}, {"what": {"deep": 1}})),
    Case("passthrough", lambda rng, noise: {"answer": label(rng, noise)}, None, ()),
]


def live(case: Case) -> PerObjectConsolidation:
    made = create_live(case.kind, labels=case.labels)
    assert isinstance(made, PerObjectConsolidation)
    return made


def consolidator(case: Case) -> Any:
    return live(case).consolidator


def crowd(case: Case, *, objects: int = 8, seed: int = 0) -> list[dict[str, Any]]:
    rng = np.random.default_rng(seed)
    return [{worker: case.draw(rng, noise) for worker, noise in NOISE.items()} for _ in range(objects)]


def plain(value: Any) -> Any:
    """Values as nested lists with rounded numbers, to compare."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return round(value, 6) if isinstance(value, float) else value


def outcome(results: list[Any]) -> list[Any]:
    return [[plain(r.value), round(r.confidence, 6)] for r in results]


def fitted_bytes(case: Case) -> str:
    """Every digit of a fit with worker ids of several types, as text."""
    names = dict(zip(NOISE, (1, "1", "b", None), strict=True))
    objects = [{names[worker]: value for worker, value in answers.items()} for answers in crowd(case)]
    model = consolidator(case).fit(objects)
    results = [(plain(r.value), r.confidence, plain(r.details)) for r in model.consolidate_all(objects)]
    return repr((results, model.workers_, model.skill_.tolist()))
