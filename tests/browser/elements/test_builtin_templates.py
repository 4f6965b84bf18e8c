"""Each built-in template, rendered and opened as workers see it: it shows, can be answered, and axe finds nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from browser.elements.images import palette_mask, png
from groundswell.templates.loader import builtin_names, builtin_template
from groundswell.templates.render import render

OpenPage = Callable[..., Any]
ELEMENTS = Path(__file__).parents[3] / "elements/src/elements"
BOXES = {
    "image_size": [{"width": 400, "height": 300, "depth": 3}],
    "annotations": [{"class_id": 0, "left": 100, "top": 75, "width": 101, "height": 76}],
}
MASKS = {
    "0": {"class-name": "BACKGROUND", "hex-color": "#ffffff", "confidence": 0.8},
    "1": {"class-name": "Cat", "hex-color": "#2ca02c", "confidence": 0.8},
}
TEXT = "The first line\r\nand \"a\" 'second' <one>"


def task_input(name: str) -> dict[str, Any]:
    text = name.startswith(("text-", "named-", "question-"))
    line: dict[str, Any] = {"source": TEXT} if text else {"source-ref": "/photo.png"}
    if name in ("label-verification", "label-adjustment-boxes"):
        line |= {"prior": BOXES, "prior-metadata": {"class-map": {"0": "Cat"}, "type": "groundtruth/object-detection"}}
    if name == "label-adjustment-masks":
        line |= {"prior-ref": "/mask.png", "prior-ref-metadata": {"internal-color-map": MASKS}}
    return {
        **line,
        "taskObject": TEXT if text else "/photo.png",
        "responses": ["One", "Two"],
        "labels": ["Cat", 'It\'s a "dog"'],
        "header": "What is it?",
        "shortInstructions": "<p>In short.</p>",
        "fullInstructions": "<p>At length.</p>",
        "goodExample": "/photo.png",
        "manifestLine": line,
    }


def opened_task(open_page: OpenPage, name: str, **options: Any) -> Any:
    page = render(builtin_template(name), task_input(name), grant_read_access=lambda uri: uri)
    return open_page(page, **options)


@pytest.fixture(autouse=True)
def photo(site: Any) -> None:
    site.add("/photo.png", png(), "image/png")
    site.add("/mask.png", palette_mask(), "image/png")


@pytest.mark.parametrize("name", builtin_names())
def test_built_in_template_shows_its_task_and_is_accessible(elements_page: OpenPage, name: str) -> None:
    opened = opened_task(elements_page, name)
    missing = opened.page.evaluate(
        "[...document.querySelectorAll('*')].map((one) => one.localName)"
        ".filter((tag) => tag.startsWith('crowd-') && !customElements.get(tag))"
    )
    if missing and not (ELEMENTS / missing[0]).is_dir():
        pytest.skip(f"<{missing[0]}> is not built yet")
    assert missing == []
    assert opened.page.get_by_text("What is it?").first.is_visible()
    assert opened.page.get_by_text("In short.").first.is_visible()
    assert opened.page.get_by_role("button", name="Submit").is_visible()
    assert opened.axe() == []


@pytest.mark.parametrize(
    ("name", "keys", "answer"),
    [
        ("image-classification", "2", {"crowd-image-classifier": {"label": 'It\'s a "dog"'}}),
        ("text-classification", "1", {"crowd-classifier": {"label": "Cat"}}),
        (
            "image-classification-multilabel",
            "12",
            {"crowd-image-classifier-multi-select": {"labels": ["Cat", 'It\'s a "dog"']}},
        ),
        ("text-classification-multilabel", "1", {"crowd-classifier-multi-select": {"labels": ["Cat"]}}),
        ("label-verification", "1", {"crowd-image-classifier": {"label": "Cat"}}),
        (
            "text-ranking",
            "1221",
            {
                "ordinalRankingDimensions": [
                    {"name": "Cat", "allowTie": True, "responseRankings": [1, 2]},
                    {"name": 'It\'s a "dog"', "allowTie": True, "responseRankings": [2, 1]},
                ]
            },
        ),
    ],
)
def test_built_in_task_is_answered_by_keys_alone(
    elements_page: OpenPage, name: str, keys: str, answer: dict[str, Any]
) -> None:
    opened = opened_task(elements_page, name)
    for key in keys:
        opened.page.keyboard.press(key)
    opened.page.keyboard.press("Enter")
    assert opened.answers() == [answer]


@pytest.mark.parametrize("name", ["audio-transcription", "image-transcription"])
def test_transcription_is_typed(elements_page: OpenPage, name: str) -> None:
    opened = opened_task(elements_page, name)
    opened.page.keyboard.type("Guten Tag\n1, 2")  # the field has the focus
    assert opened.submit() == {"transcription": "Guten Tag\n1, 2"}


def test_nothing_to_transcribe_is_an_answer(elements_page: OpenPage) -> None:
    opened = opened_task(elements_page, "audio-transcription")
    opened.page.get_by_role("button", name="Submit").click()
    assert opened.answers() == []
    opened.page.get_by_label("There is nothing to write down").check()
    assert opened.submit() == {}


def test_text_arrives_unchanged(elements_page: OpenPage) -> None:
    opened = opened_task(elements_page, "text-classification")
    shown = opened.page.locator("classification-target").evaluate("element => element.textContent")
    assert shown == TEXT


def test_earlier_boxes_can_be_adjusted(elements_page: OpenPage) -> None:
    opened = opened_task(elements_page, "label-adjustment-boxes")
    opened.page.wait_for_function("document.querySelector('crowd-bounding-box').value?.boundingBoxes?.length === 1")
    answer = opened.submit()["boundingBox"]
    assert answer["initialValueModified"] is False
    assert answer["boundingBoxes"] == [{"label": "Cat", "left": 100, "top": 75, "width": 101, "height": 76}]


def test_verification_shows_what_the_job_names(elements_page: OpenPage) -> None:
    given = task_input("label-verification")
    given["manifestLine"] |= {"later": {"annotations": []}, "later-metadata": {"class-map": {}}}
    given["auditLabelAttributeName"] = "prior"
    page = render(builtin_template("label-verification"), given, grant_read_access=lambda uri: uri)
    opened = elements_page(page)
    overlay = opened.page.eval_on_selector("crowd-image-classifier", "element => element.overlay")
    assert json.loads(json.dumps(overlay))["boundingBox"]["value"][0]["label"] == "Cat"
