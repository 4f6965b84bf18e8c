"""What a simulated worker answers: the truth, or a mistake of the kind people make.

Each takes the truth as the task type's `read_label` gives it, the job's labels, the worker's accuracy and a random
generator, and gives an `answerContent`. Elsewhere: who works over HTTP with them (`groundswell.testing`).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Answer = dict[str, Any]
Answerer = Callable[[Any, Sequence[str], float, random.Random], Answer]
"""(truth, labels, accuracy from 0 to 1, -) -> an answerContent."""

JITTER = 0.04  # of a thing's extent: how far careful people's edges and points are from each other
LONE_POINT_PX = 2.0  # how far single points are, which have no extent


def category(element: str) -> Answerer:
    """One label; a mistake is another one, any of them."""

    def answer(truth: Any, labels: Sequence[str], accuracy: float, rng: random.Random) -> Answer:
        return {element: {"label": _mistaken(truth, labels, accuracy, rng)}}

    return answer


def categories(element: str) -> Answerer:
    """Several labels, each rightly chosen or left out by itself; never none."""

    def answer(truth: Any, labels: Sequence[str], accuracy: float, rng: random.Random) -> Answer:
        chosen = [label for label in labels if (label in truth) == (rng.random() < accuracy)]
        return {element: {"labels": chosen or [rng.choice(list(labels))]}}

    return answer


def _mistaken(truth: Any, labels: Sequence[str], accuracy: float, rng: random.Random) -> Any:
    others = [label for label in labels if label != truth]
    return truth if rng.random() < accuracy or not others else rng.choice(others)


def boxes(truth: Any, labels: Sequence[str], accuracy: float, rng: random.Random) -> Answer:
    """The boxes not missed, a little off, some under another label."""
    drawn = []
    for box in _seen(truth, accuracy, rng):
        width, height = max(2, box["width"]), max(2, box["height"])
        drawn.append(
            {
                "label": _mistaken(box["label"], labels, accuracy, rng),
                "left": max(0, round(box["left"] + rng.gauss(0, JITTER * width))),
                "top": max(0, round(box["top"] + rng.gauss(0, JITTER * height))),
                "width": max(1, round(width * (1 + rng.gauss(0, JITTER)))),
                "height": max(1, round(height * (1 + rng.gauss(0, JITTER)))),
            }
        )
    corners = [(box["left"] + box["width"], box["top"] + box["height"]) for box in [*truth, *drawn]]
    return {"boundingBox": {"boundingBoxes": drawn, "inputImageProperties": _extent(corners)}}


def outlines(element: str, member: str) -> Answerer:
    """Shapes with vertices, as boxes."""

    def answer(truth: Any, labels: Sequence[str], accuracy: float, rng: random.Random) -> Answer:
        drawn = [
            {
                "label": _mistaken(shape["label"], labels, accuracy, rng),
                "vertices": _jittered(shape["vertices"], rng),
            }
            for shape in _seen(truth, accuracy, rng)
        ]
        points = [(point["x"], point["y"]) for shape in [*truth, *drawn] for point in shape["vertices"]]
        return {element: {member: drawn, "inputImageProperties": _extent(points)}}

    return answer


def keypoints(truth: Any, labels: Sequence[str], accuracy: float, rng: random.Random) -> Answer:
    """Points, as boxes."""
    drawn = [
        {"label": _mistaken(point["label"], labels, accuracy, rng), **_jittered([point], rng)[0]}
        for point in _seen(truth, accuracy, rng)
    ]
    points = [(point["x"], point["y"]) for point in [*truth, *drawn]]
    return {"crowd-keypoint": {"keypoints": drawn, "inputImageProperties": _extent(points)}}


def entities(truth: Any, labels: Sequence[str], accuracy: float, rng: random.Random) -> Answer:
    """Spans, some missed, some one character short."""
    marked = []
    for span in _seen(truth, accuracy, rng):
        start, end = span["startOffset"], span["endOffset"]
        if rng.random() > accuracy and end - start > 1:
            end -= 1  # one character short
        label = _mistaken(span["label"], labels, accuracy, rng)
        marked.append({"label": label, "startOffset": start, "endOffset": end})
    return {"crowd-entity-annotation": {"entities": marked}}


def transcription(truth: Any, _labels: Sequence[str], accuracy: float, rng: random.Random) -> Answer:
    """A text with some words wrong."""
    words = [word if rng.random() < accuracy else word[1:] or "?" for word in str(truth).split(" ")]
    return {"transcription": " ".join(words)}


def rankings(truth: Any, labels: Sequence[str], accuracy: float, rng: random.Random) -> Answer:
    """Ranks of each dimension, some of them with two neighbours changed."""
    dimensions = []
    for name, ranks in truth.items():
        given = list(ranks)
        if rng.random() > accuracy and len(given) > 1:
            at = rng.randrange(len(given) - 1)
            given[at], given[at + 1] = given[at + 1], given[at]
        dimensions.append({"name": name, "allowTie": True, "responseRankings": given})
    return {"ordinalRankingDimensions": dimensions}


def _seen(truth: Sequence[Mapping[str, Any]], accuracy: float, rng: random.Random) -> list[Mapping[str, Any]]:
    """The things this worker does not miss."""
    return [thing for thing in truth if rng.random() < accuracy]


def _jittered(points: Sequence[Mapping[str, Any]], rng: random.Random) -> list[dict[str, int]]:
    """The points, each a little off, by the size of what they outline."""
    extents = [max(point[axis] for point in points) - min(point[axis] for point in points) for axis in ("x", "y")]
    off = JITTER * max(extents) or LONE_POINT_PX
    return [{axis: max(0, round(point[axis] + rng.gauss(0, off))) for axis in ("x", "y")} for point in points]


def _extent(points: Sequence[tuple[float, float]]) -> dict[str, int]:
    """An image large enough for the points: the crowd does not look at the real one."""
    sides = enumerate(("width", "height"))
    return {side: int(max((point[at] for point in points), default=0)) + 1 for at, side in sides}
