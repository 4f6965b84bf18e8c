"""Every other task type: which answers fit, what the manifest says, and that it is read back as it was decoded."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from groundswell.consolidation.estimates import Answer
from groundswell.domain.errors import InvalidAnnotation
from groundswell.tasktypes import planes
from groundswell.tasktypes.base import AuditedLabel, DecodeContext, EncodeContext, EncodedLabel
from groundswell.tasktypes.picture_facts import Picture
from groundswell.tasktypes.registry import get

DecodeFactory = Callable[..., DecodeContext]
EncodeFactory = Callable[..., EncodeContext]
SIZE = {"width": 8, "height": 4}
BOX = {"label": "owl", "left": 1, "top": 0.5, "width": 3, "height": 2}
TRIANGLE = [{"x": 0, "y": 0}, {"x": 5, "y": 0}, {"x": 5, "y": 3}]


def painted(colors: list[tuple[int, int, int, int]]) -> dict[str, str]:
    """A mask of 8 x 4 pixels: each colour fills as many columns as it is there times."""
    pixels = np.tile(np.array(colors, np.uint8)[None], (4, 1, 1))
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return {"pngImageData": base64.b64encode(file.getvalue()).decode()}


GREEN, RED, CLEAR, WHITE = (44, 160, 44, 255), (200, 0, 0, 255), (0, 0, 0, 0), (255, 255, 255, 255)
MASK = {
    "labeledImage": painted([WHITE] * 2 + [GREEN] * 3 + [RED] * 2 + [CLEAR]),
    "labelMappings": {"duck": {"color": "#2ca02c"}, "owl": {"color": "#c80000"}},
    "inputImageProperties": SIZE,
}
INSTANCES = {
    "labeledImage": MASK["labeledImage"],
    "instances": [{"color": "#2ca02c", "label": "owl"}, {"color": "#c80000", "label": "owl"}],
}
RANKING = [{"name": "Clarity", "allowTie": True, "responseRankings": [2, 1, 2]}]
PAIRS = [{"question": "Who?", "answer": "Ann", "references": [{"text": "Ann", "startOffset": 0, "endOffset": 3}]}]
ENTITY = {"label": "owl", "startOffset": 0, "endOffset": 3}

LINE, POLYGON = {"label": "owl", "vertices": TRIANGLE[:2]}, {"label": "owl", "vertices": TRIANGLE}

ANSWERS: dict[str, tuple[dict[str, Any], Any]] = {
    "image-classification-multilabel": (
        {"crowd-classifier-multi-select": {"labels": ["hawk", "owl"]}},
        ["owl", "hawk"],
    ),
    "text-classification-multilabel": ({"tags": {"labels": []}}, []),
    "object-detection": ({"boundingBox": {"boundingBoxes": [BOX], "inputImageProperties": SIZE}}, [BOX]),
    "polygons": ({"crowd-polygon": {"polygons": [POLYGON]}}, [POLYGON]),
    "polylines": ({"p": {"polylines": [LINE]}}, [LINE]),
    "lines": ({"p": {"lines": [LINE]}}, [LINE]),
    "keypoints": ({"k": {"keypoints": [{"label": "duck", "x": 3, "y": 2}]}}, [{"label": "duck", "x": 3, "y": 2}]),
    "named-entity-recognition": ({"crowd-entity-annotation": {"entities": [ENTITY]}}, [ENTITY]),
    "label-verification": (
        {"crowd-image-classifier": {"label": "owl", "workerComment": " dark "}},
        {"label": "owl", "comment": "dark"},
    ),
    "label-adjustment-boxes": ({"boundingBox": {"boundingBoxes": [BOX], "inputImageProperties": SIZE}}, [BOX]),
    "text-ranking": ({"ordinalRankingDimensions": RANKING}, {"Clarity": [2, 1, 2]}),
    "question-answer": ({"qa": {"questionAnswerPairs": PAIRS}}, PAIRS),
    "audio-transcription": ({"transcription": " good morning\n"}, "good morning"),
    "image-transcription": ({"anything": "שלום"}, "שלום"),
    "custom": ({"a": {"on": True}, "b": "x"}, {"a": {"on": True}, "b": "x"}),
}


def consolidated(kind: str, contents: list[dict[str, Any]], context: EncodeContext) -> tuple[EncodedLabel, list[Any]]:
    """The manifest's label of one object with these answers, and the answers decoded."""
    task_type = get(kind)
    values = [task_type.decode(content, DecodeContext(context.labels)) for content in contents]
    live = task_type.consolidation(context.labels, None, {})
    live.absorb([Answer(0, f"w{index}", value) for index, value in enumerate(values)])
    live.refit()
    (estimate,) = live.estimate([0])
    return task_type.encode(estimate, replace(context, answers=contents, values=values)), values


@pytest.mark.parametrize("kind", ANSWERS)
def test_answers_that_fit(shown: DecodeFactory, kind: str) -> None:
    content, value = ANSWERS[kind]
    assert get(kind).decode(content, shown()) == value


@pytest.mark.parametrize("kind", sorted(set(ANSWERS) - {"custom", "text-ranking"}))
def test_unanimous_answers_are_the_label_and_are_read_back(context: EncodeFactory, kind: str) -> None:
    content, value = ANSWERS[kind]
    encoded, _ = consolidated(kind, [content] * 3, context())
    json.dumps([encoded.value, dict(encoded.metadata)])
    assert encoded.metadata["job-name"] == "labeling-job/birds-1"
    back = get(kind).read_label(encoded.value, encoded.metadata, context().labels)
    if kind in ("object-detection", "label-adjustment-boxes"):  # edges are whole pixels in manifests
        value = [{"label": "owl", "left": 1, "top": 0, "width": 3, "height": 2}]
    assert back == (value["label"] if kind == "label-verification" else value)


def confidences(said: Any, *, within: bool = False) -> list[float]:
    """Every number that a label's metadata gives as a confidence."""
    if isinstance(said, dict):
        return [one for key, value in said.items() for one in confidences(value, within=within or "confidence" in key)]
    if isinstance(said, list):
        return [one for value in said for one in confidences(value, within=within)]
    return [said] if within and isinstance(said, float) else []


@pytest.mark.parametrize("kind", ANSWERS)
def test_confidences_have_two_decimals(context: EncodeFactory, kind: str) -> None:
    encoded, _ = consolidated(kind, [ANSWERS[kind][0]] * 3, context())
    found = confidences(dict(encoded.metadata))
    assert found == [round(one, 2) for one in found]
    assert found or kind in ("custom", "question-answer") or not encoded.value, kind


BAD: list[tuple[str, dict[str, Any], str]] = [
    ("image-classification-multilabel", {"x": {"labels": ["owl", "eagle"]}}, "labels[1]"),
    ("object-detection", {"boundingBox": {"boundingBoxes": [BOX | {"width": -1}]}}, "boundingBoxes[0].width"),
    ("object-detection", {"boundingBox": {"boundingBoxes": [{"label": "owl"}]}}, "boundingBoxes[0].left"),
    ("object-detection", {"boundingBox": {"boundingBoxes": [BOX | {"label": "x"}]}}, "boundingBoxes[0].label"),
    ("object-detection", {"boundingBox": {"boundingBoxes": [BOX | {"top": float("nan")}]}}, "boundingBoxes[0].top"),
    ("object-detection", {"boundingBox": {"boundingBoxes": {}}}, "boundingBoxes"),
    ("polygons", {"p": {"polygons": [{"label": "owl", "vertices": TRIANGLE[:2]}]}}, "polygons[0].vertices"),
    ("lines", {"p": {"lines": [{"label": "owl", "vertices": TRIANGLE}]}}, "lines[0].vertices"),
    ("keypoints", {"k": {"keypoints": [{"label": "owl", "x": "1", "y": 1}]}}, "keypoints[0].x"),
    ("named-entity-recognition", {"e": {"entities": [ENTITY | {"endOffset": 0}]}}, "entities[0].endOffset"),
    ("named-entity-recognition", {"e": {"entities": [ENTITY | {"endOffset": 11}]}}, "entities[0].endOffset"),
    ("named-entity-recognition", {"e": {"entities": [ENTITY | {"startOffset": 0.5}]}}, "entities[0].startOffset"),
    ("text-ranking", {"ordinalRankingDimensions": []}, "ordinalRankingDimensions"),
    ("text-ranking", {"ordinalRankingDimensions": [{"name": "a", "responseRankings": [1, 4, 1]}]}, "[1]"),
    ("question-answer", {"q": {"questionAnswerPairs": [{"question": "x"}]}}, "questionAnswerPairs[0].answer"),
    ("audio-transcription", {"a": "x", "b": "y"}, "transcription"),
    ("semantic-segmentation", {"m": MASK | {"labelMappings": {"eagle": {"color": "#2ca02c"}}}}, "labelMappings"),
    ("semantic-segmentation", {"m": MASK | {"labelMappings": {"owl": {"color": "#2ca02c"}}}}, "labeledImage"),
    ("semantic-segmentation", {"m": MASK | {"labeledImage": {"pngImageData": "AAAA"}}}, "labeledImage"),
    ("semantic-segmentation", {"m": MASK | {"inputImageProperties": {"width": 9, "height": 4}}}, "labeledImage"),
    ("instance-segmentation", {"m": INSTANCES | {"instances": [{"color": "red", "label": "owl"}]}}, "instances"),
]


@pytest.mark.parametrize(("kind", "content", "field"), BAD)
def test_answers_that_do_not_fit_name_the_place(
    shown: DecodeFactory, kind: str, content: dict[str, Any], field: str
) -> None:
    line = {"source": "Ann 😀 went", "responses": ["a", "b", "c"]}
    with pytest.raises(InvalidAnnotation) as info:
        get(kind).decode(content, shown(manifest_line=line, handed_in=True))
    assert field in str(info.value.field), info.value


def test_offsets_are_code_points(shown: DecodeFactory) -> None:
    content = {"e": {"entities": [{"label": "owl", "startOffset": 4, "endOffset": 5}]}}
    decoded = get("named-entity-recognition").decode(content, shown(manifest_line={"source": "Ann 😀"}))
    assert decoded == content["e"]["entities"]


def test_label_sets_keep_every_label_some_worker_chose(context: EncodeFactory) -> None:
    contents = [{"x": {"labels": labels}} for labels in (["owl", "duck"], ["owl"], ["owl"])]
    encoded, _ = consolidated("image-classification-multilabel", contents, context())
    assert encoded.value == [0, 1]
    assert encoded.metadata["class-map"] == {"0": "owl", "1": "duck"}
    assert encoded.metadata["confidence-map"]["0"] > 0.5 > encoded.metadata["confidence-map"]["1"]


def test_boxes_have_ground_truths_form(context: EncodeFactory) -> None:
    content, _ = ANSWERS["object-detection"]
    encoded, _ = consolidated("object-detection", [content] * 3, context(picture=Picture(8, 4, 1)))
    assert encoded.value == {
        "image_size": [{"width": 8, "height": 4, "depth": 1}],
        "annotations": [{"class_id": 0, "left": 1, "top": 0, "width": 3, "height": 2}],
    }
    assert encoded.metadata["class-map"] == {"0": "owl"}
    (box,) = encoded.metadata["objects"]
    assert 0.5 < box["confidence"] <= 1
    assert encoded.metadata["type"] == "groundtruth/object-detection"


def test_edges_of_boxes_are_rounded_so_that_neighbours_stay_neighbours(context: EncodeFactory) -> None:
    boxes = [BOX | {"left": 0.4, "width": 1.2}, BOX | {"left": 1.6, "width": 2.2, "top": 1.5, "height": 0.4}]
    content = {"boundingBox": {"boundingBoxes": boxes}}
    encoded, _ = consolidated("object-detection", [content] * 3, context(picture=Picture(8, 4, 1)))
    left, right = sorted(encoded.value["annotations"], key=lambda box: box["left"])
    assert (left["left"], left["width"]) == (0, 2)  # by sides: 1
    assert (right["left"], right["width"]) == (left["left"] + left["width"], 2)
    assert (right["top"], right["height"]) == (1, 1)  # less than a pixel is the pixel it is in


def test_masks_are_palette_pngs_whose_index_is_the_class(context: EncodeFactory, shown: DecodeFactory) -> None:
    kind = get("semantic-segmentation")
    plane = kind.decode({"crowd-semantic-segmentation": MASK}, shown())
    assert plane.tolist() == [[0, 0, 2, 2, 2, 1, 1, 0]] * 4
    encoded, _ = consolidated("semantic-segmentation", [{"m": MASK}] * 3, context(n=7))
    uri = "s3://out/Birds-1/annotations/consolidated-annotation/output/7_2026-11-20T08:01:16.123456.png"
    assert encoded.value == uri
    color_map = encoded.metadata["internal-color-map"]
    assert {index: (entry["class-name"], entry["hex-color"]) for index, entry in color_map.items()} == {
        "0": ("BACKGROUND", "#ffffff"),
        "1": ("owl", "#2ca02c"),
        "2": ("duck", "#1f77b4"),
    }
    image = Image.open(io.BytesIO(encoded.files[uri]))
    assert image.mode == "P"
    assert np.asarray(image).tolist() == plane.tolist()
    palette = image.getpalette()
    assert palette is not None
    assert palette[:12] == [255, 255, 255, 0x2C, 0xA0, 0x2C, 0x1F, 0x77, 0xB4, 0xFF, 0x7F, 0x0E]
    for index, entry in color_map.items():  # what a reader sees is what the map says
        x = int(np.argwhere(plane[0] == int(index))[0][0])
        seen = image.convert("RGB").getpixel((x, 0))
        assert "#{:02x}{:02x}{:02x}".format(*seen) == entry["hex-color"]  # type: ignore[misc]
    back = kind.read_label(encoded.files[uri], encoded.metadata, ["hawk", "duck", "owl"])
    assert back.tolist() == [[0, 0, 2, 2, 2, 3, 3, 0]] * 4


def test_instances_are_numbered(context: EncodeFactory, shown: DecodeFactory) -> None:
    kind = get("instance-segmentation")
    plane, labels = kind.decode({"m": INSTANCES}, shown())
    assert (plane.tolist()[0], labels) == ([0, 0, 1, 1, 1, 2, 2, 0], ["owl", "owl"])
    encoded, _ = consolidated("instance-segmentation", [{"m": INSTANCES}] * 3, context())
    back, names = kind.read_label(encoded.files[encoded.value], encoded.metadata, context().labels)
    assert np.array_equal(back > 0, plane > 0) and names == ["owl", "owl"]
    assert [item["index"] for item in encoded.metadata["instances"]] == [1, 2]


def test_adjustments_say_whether_anything_changed(context: EncodeFactory) -> None:
    content, _ = ANSWERS["object-detection"]
    first, _ = consolidated("object-detection", [content] * 3, context())
    whole = [BOX | {"top": 0}]
    same = {"boundingBox": {"boundingBoxes": whole, "inputImageProperties": SIZE}}
    moved = {"boundingBox": {"boundingBoxes": [BOX | {"left": 2}], "inputImageProperties": SIZE}}
    audit = context(audited=AuditedLabel(first.value, first.metadata))
    for contents, status in (([same] * 3, "unadjusted"), ([same, same, moved], "adjusted")):
        encoded, _ = consolidated("label-adjustment-boxes", contents, audit)
        assert encoded.metadata["adjustment-status"] == status
        assert encoded.metadata["type"] == "groundtruth/object-detection"
    for modified, status in ((False, "unadjusted"), (True, "adjusted")):
        mask = {"m": MASK | {"initialValueModified": modified}}
        encoded, _ = consolidated("label-adjustment-masks", [mask] * 3, context())
        assert encoded.metadata["adjustment-status"] == status


def test_verification_gathers_comments(context: EncodeFactory) -> None:
    comments = ["", "too dark", ""]
    contents = [{"v": {"label": "owl", "workerComment": comment}} for comment in comments]
    encoded, _ = consolidated("label-verification", contents, context())
    assert (encoded.value, encoded.category) == (0, "owl")
    assert encoded.metadata["worker-feedback"] == [{"comment": "too dark"}]
    encoded, _ = consolidated("label-verification", [{"v": {"label": "owl"}}] * 3, context())
    assert "worker-feedback" not in encoded.metadata


def test_rankings_have_the_answers_form(context: EncodeFactory) -> None:
    contents = [{"ordinalRankingDimensions": RANKING}] * 3
    encoded, _ = consolidated("text-ranking", contents, context())
    (dimension,) = encoded.value["ordinalRankingDimensions"]
    assert (dimension["name"], dimension["allowTie"]) == ("Clarity", True)
    ranks = dimension["responseRankings"]
    assert ranks[1] < ranks[0] == ranks[2]


def test_custom_labels_point_at_their_answers(context: EncodeFactory) -> None:
    encoded, _ = consolidated("custom", [{"a": 1}], context(response_uri="s3://out/x.json"))
    assert encoded.value == {}
    assert encoded.metadata["worker-response-ref"] == "s3://out/x.json"
    assert encoded.metadata["type"] == "groundtruth/custom"


def test_there_are_colours_for_every_class() -> None:
    from groundswell.tasktypes.palette import colors

    assert len(set(colors(256))) == 256
    assert colors(256)[:4] == ("#ffffff", "#2ca02c", "#1f77b4", "#ff7f0e")


def test_a_mask_of_hundreds_of_colours_is_read_in_one_pass() -> None:
    colors = [f"#{(i * 54_773 + 4_660) % 0xFFFFFF:06x}" for i in range(300)]
    image = Image.new("RGB", (320, 4), "white")
    for i, color in enumerate(colors):
        image.paste(color, (i, 0, i + 1, 3))
    plane = planes.index_plane(image, colors, "labeledImage")
    assert plane.dtype == np.uint16
    assert plane[0, :300].tolist() == list(range(1, 301))
    assert not plane[3].any()
    assert not plane[:, 300:].any()
