"""Labels that verification and adjustment show, and those that they would not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from groundswell.manifests.lines import LineRules, check_lines
from groundswell.tasktypes.registry import get

BOXES = (
    {"annotations": [{"class_id": 0, "left": 1, "top": 1, "width": 2, "height": 2}]},
    "groundtruth/object-detection",
)
LABELS: dict[str, tuple[Any, dict[str, Any]]] = {
    "boxes": (BOXES[0], {"class-map": {"0": "owl"}, "type": BOXES[1]}),
    "no boxes": ({"annotations": []}, {"type": BOXES[1]}),
    "mask": ("s3://in/0.png", {"internal-color-map": {"0": {}}, "type": "groundtruth/semantic-segmentation"}),
    "class": (1, {"class-name": "owl", "type": "groundtruth/image-classification"}),
    "polygons": ({"annotations": [{"class_id": 0, "vertices": []}]}, {"type": "groundtruth/polygon"}),
    "points": ({"annotations": [{"class_id": 0, "x": 1, "y": 1}]}, {"type": "groundtruth/keypoint"}),
    "instances": ("s3://in/0.png", {"instances": [], "type": "groundtruth/instance-segmentation"}),
    "entities": ({"annotations": {"entities": []}}, {"type": "groundtruth/named-entity-recognition"}),
    "classes": ([0, 1], {"class-map": {"0": "owl"}, "type": "groundtruth/image-classification-multilabel"}),
}


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        ("label-verification", {"boxes", "no boxes", "mask", "class"}),
        ("label-adjustment-boxes", {"boxes", "no boxes"}),
        ("label-adjustment-masks", {"mask"}),
    ],
)
def test_labels_that_would_not_be_shown_are_problems_of_their_lines(kind: str, shown: set[str]) -> None:
    for name, (value, said) in LABELS.items():
        line = json.dumps({"source-ref": "s3://in/a.png", "first": value, "first-metadata": said}).encode()
        rules = LineRules(audit_attribute="first", shows_label=get(kind).shows_label)
        checker = check_lines([line], rules)
        assert (checker.problem_count == 0) == (name in shown), (name, checker.problems)
        if name not in shown:
            (problem,) = checker.problems
            assert (
                problem.key == "first" and said["type"] in problem.message and "template of your own" in problem.message
            )
