"""What a simulated crowd draws lies on the picture, and says no size that it does not know."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from groundswell.tasktypes.base import DecodeContext
from groundswell.tasktypes.picture_facts import Picture
from groundswell.tasktypes.registry import get
from groundswell.tasktypes.simulated import on_picture
from groundswell.testing.truth import Truth

SIZE = (40, 30)
DRAWN: dict[str, Any] = {
    "object-detection": {"class_id": 0, "left": 2, "top": 1, "width": 38, "height": 29},
    "polygons": {"class_id": 0, "vertices": [{"x": 0, "y": 0}, {"x": 40, "y": 0}, {"x": 40, "y": 30}]},
    "keypoints": {"class_id": 0, "x": 40, "y": 30},
}


@pytest.mark.parametrize("kind", DRAWN)
def test_drawings_lie_on_the_picture(kind: str) -> None:
    task_type = get(kind)
    line = {
        "source-ref": "s3://in/a%20b#1.png",
        "truth": {"image_size": [{"width": 40, "height": 30, "depth": 3}], "annotations": [DRAWN[kind]]},
        "truth-metadata": {"class-map": {"0": "owl"}},
    }
    truth = Truth([json.dumps(line).encode()], task_type, ["owl"], attribute="truth")
    shown = {"source-ref": "/media/token/a%2520b%231.png"}
    assert truth.size_of(shown) == SIZE
    assert task_type.simulate is not None
    context = DecodeContext(["owl"], picture=Picture(*SIZE, 3))
    for seed in range(50):
        answer = task_type.simulate(truth.of(0, shown), ["owl"], 0.9, random.Random(seed))
        assert "inputImageProperties" not in json.dumps(answer)
        fitted = on_picture(answer, SIZE)
        (value,) = fitted.values()
        assert value["inputImageProperties"] == {"width": 40, "height": 30}
        drawn = task_type.decode(fitted, context)
        assert drawn == task_type.decode(fitted, DecodeContext(["owl"]))  # nothing had to be cut
