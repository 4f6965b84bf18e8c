"""What a simulated worker answers: the truth, or a mistake of the kind people make.

One function a kind of task, by task type name; each takes the truth as the task type's `read_label` gives it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Answer = dict[str, Any]
Answerer = Callable[[Any, Sequence[str], float, random.Random], Answer]

BOX_JITTER = 0.04  # of a side: how far careful people's edges are from each other


def _category(element: str) -> Answerer:
    def answer(truth: Any, labels: Sequence[str], accuracy: float, rng: random.Random) -> Answer:
        return {element: {"label": _mistaken(truth, labels, accuracy, rng)}}

    return answer


def _categories(element: str) -> Answerer:
    def answer(truth: Any, labels: Sequence[str], accuracy: float, rng: random.Random) -> Answer:
        chosen = [label for label in labels if (label in truth) == (rng.random() < accuracy)]
        return {element: {"labels": chosen or [rng.choice(list(labels))]}}

    return answer


def _mistaken(truth: Any, labels: Sequence[str], accuracy: float, rng: random.Random) -> Any:
    others = [label for label in labels if label != truth]
    return truth if rng.random() < accuracy or not others else rng.choice(others)


def _boxes(truth: Any, labels: Sequence[str], accuracy: float, rng: random.Random) -> Answer:
    drawn = []
    for box in truth:
        if rng.random() > accuracy:
            continue  # missed
        width, height = max(2, box["width"]), max(2, box["height"])
        left = box["left"] + rng.gauss(0, BOX_JITTER * width)
        top = box["top"] + rng.gauss(0, BOX_JITTER * height)
        drawn.append(
            {
                "label": _mistaken(box["label"], labels, accuracy, rng),
                "left": max(0, round(left)),
                "top": max(0, round(top)),
                "width": max(1, round(width * (1 + rng.gauss(0, BOX_JITTER)))),
                "height": max(1, round(height * (1 + rng.gauss(0, BOX_JITTER)))),
            }
        )
    return {"boundingBox": {"boundingBoxes": drawn, "inputImageProperties": _extent(truth, drawn)}}


def _extent(*drawings: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    boxes = [box for drawing in drawings for box in drawing]
    width = max((box["left"] + box["width"] for box in boxes), default=1)
    height = max((box["top"] + box["height"] for box in boxes), default=1)
    return {"width": int(width) + 1, "height": int(height) + 1}


ANSWERERS: dict[str, Answerer] = {
    "image-classification": _category("crowd-image-classifier"),
    "text-classification": _category("crowd-classifier"),
    "image-classification-multilabel": _categories("crowd-image-classifier-multi-select"),
    "text-classification-multilabel": _categories("crowd-classifier-multi-select"),
    "object-detection": _boxes,
}
