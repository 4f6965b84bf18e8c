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
    return {"boundingBox": {"boundingBoxes": drawn}}


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
        return {element: {member: drawn}}

    return answer


def keypoints(truth: Any, labels: Sequence[str], accuracy: float, rng: random.Random) -> Answer:
    """Points, as boxes."""
    drawn = [
        {"label": _mistaken(point["label"], labels, accuracy, rng), **_jittered([point], rng)[0]}
        for point in _seen(truth, accuracy, rng)
    ]
    return {"crowd-keypoint": {"keypoints": drawn}}


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


def on_picture(answer: Answer, size: tuple[int, int]) -> Answer:
    """The answer as of people who draw on a picture of this width and height: nothing reaches beyond it."""
    kept: Answer = {}
    for element, value in answer.items():
        drawn = {member: [_inside(item, size) for item in items] for member, items in value.items()}
        kept[element] = {**drawn, "inputImageProperties": {"width": size[0], "height": size[1]}}
    return kept


def _inside(item: Mapping[str, Any], size: tuple[int, int]) -> dict[str, Any]:
    width, height = size
    if "vertices" in item:
        return {**item, "vertices": [_inside(point, size) for point in item["vertices"]]}
    if "x" in item:
        return {**item, "x": min(item["x"], width), "y": min(item["y"], height)}
    left, top = min(item["left"], width - 1), min(item["top"], height - 1)
    across, down = min(item["width"], width - left), min(item["height"], height - top)
    return {**item, "left": left, "top": top, "width": across, "height": down}
