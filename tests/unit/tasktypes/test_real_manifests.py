"""Manifests that Ground Truth itself wrote are read: labels, and as the input of a next job."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from groundswell.manifests.lines import LineRules, check_lines
from groundswell.manifests.members import with_members, without_members
from groundswell.manifests.splitting import split_lines
from groundswell.tasktypes.base import DecodeContext
from groundswell.tasktypes.registry import get

pytestmark = pytest.mark.shared


@pytest.fixture
def production(shared_data: Path) -> list[bytes]:
    """The output manifest of a real image-classification job."""
    return list(split_lines([(shared_data / "acs" / "ic_data" / "output.manifest").read_bytes()]))


def test_production_labels_are_read(production: list[bytes]) -> None:
    attribute = "birds-open-images-clone"
    lines = [json.loads(line) for line in production]
    names = {line[attribute]: line[f"{attribute}-metadata"]["class-name"] for line in lines}
    labels = [names.get(k, f"unused {k}") for k in range(max(names) + 1)]
    read = get("image-classification").read_label
    for line in lines:
        said = line[f"{attribute}-metadata"]
        assert read(line[attribute], said, labels) == said["class-name"] == read(line[attribute], {}, labels)
    assert len(lines) == 302


def test_production_answers_fit(shared_data: Path, production: list[bytes]) -> None:
    labels = sorted({json.loads(line)["birds-open-images-clone-metadata"]["class-name"] for line in production})
    files = list((shared_data / "acs" / "ic_data" / "worker-response").glob("*/*/*.json"))
    answers = [answer for path in files for answer in json.loads(path.read_bytes())["answers"]]
    decoded = [get("image-classification").decode(answer["answerContent"], DecodeContext(labels)) for answer in answers]
    assert len(files) == 302 and len(decoded) == 1_510
    assert set(decoded) <= set(labels)


def test_production_lines_are_good_input_and_splice_without_a_trace(production: list[bytes]) -> None:
    rules = LineRules(label_attribute="birds-open-images-clone", needs="source-ref")
    checker = check_lines(production, rules)
    assert (checker.lines, checker.problem_count) == (302, 0)
    for line in production:
        text = line.decode()
        added = with_members(text, {"next": 1, "next-metadata": {}})
        assert without_members(added, frozenset({"next", "next-metadata"})) == text


def test_real_boxes_are_read(shared_data: Path) -> None:
    folder = shared_data / "auto" / "bccd"
    names = [entry["label"] for entry in json.loads((folder / "labels.json").read_text())["labels"]]
    boxes = 0
    for line in split_lines([(folder / "labeled.manifest").read_bytes()]):
        members = json.loads(line)
        boxes += len(get("object-detection").read_label(members["boxes"], members["boxes-metadata"], names))
    assert boxes == 4_888
