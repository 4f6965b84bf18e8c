"""Disputed objects drawn: every worker has a mark and a line in the key, and no mark lies outside."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from groundswell.offline.answer_pictures import picture_of

BOX = {"label": "cat", "left": 900.0, "top": 10.0, "width": 40.0, "height": 4000.0}
LINE = {"label": "road", "vertices": [{"x": 1.0, "y": 2.0}, {"x": 1e6, "y": -50.0}]}
POINT = {"label": "nose", "x": 5.0, "y": 5.0}
SPAN = {"label": "name", "startOffset": 5, "endOffset": 9}
PLANE = np.eye(400, dtype=np.uint8)


@pytest.mark.parametrize(
    ("live", "value"),
    [
        ("boxes", [BOX]),
        ("polylines", [LINE]),
        ("polygons", [LINE]),
        ("keypoints", [POINT]),
        ("spans", [SPAN]),
        ("numeric", 3.5),
        ("semantic-masks", PLANE),
        ("instance-masks", (PLANE.astype(np.uint16), ["cat"])),
    ],
)
def test_pictures_name_every_worker(live: str, value: Any) -> None:
    picture = picture_of(live, {"<ann>": value, "bob": value}, value, ["cat"])
    assert picture is not None
    assert "&lt;ann&gt;:" in picture and "bob:" in picture and "<ann>" not in picture
    assert "nan" not in picture.lower().replace("&", "").split("base64")[0]
    for points in re.findall(r'points="([^"]*)"', picture):
        for x, y in (point.split(",") for point in points.split()):
            assert 0 <= float(x) <= 300 and 0 <= float(y) <= 220


def test_nothing_is_drawn_where_nothing_was_marked_or_nothing_can_be() -> None:
    assert picture_of("boxes", {"ann": []}, [], []) is None
    assert picture_of("spans", {"ann": []}, [], []) is None
    assert picture_of("transcription", {"ann": "a"}, "a", []) is None
    assert picture_of("numeric", {}, None, []) is None


def test_masks_of_another_size_are_left_out() -> None:
    picture = picture_of("semantic-masks", {"ann": PLANE, "bob": PLANE[:10]}, PLANE, ["cat"])
    assert picture is not None and "ann: 0.0%" in picture and "bob" not in picture


def test_a_key_of_many_workers_is_short() -> None:
    picture = picture_of("numeric", {f"w{i}": float(i) for i in range(30)}, 15.0, [])
    assert picture is not None and "and 18 more" in picture
