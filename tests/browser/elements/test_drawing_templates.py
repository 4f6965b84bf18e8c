"""What templates do with the drawing elements: live labels, initial values, drafts, canvases they reach for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from browser.elements.canvas import (
    HEIGHT,
    MARK_BOX,
    SIZE,
    TAGS,
    WIDTH,
    Canvas,
    OpenPage,
    drag_on_page,
    marked_image,
    open_canvas,
    task,
)


@pytest.fixture(autouse=True)
def image(site: Any) -> None:
    site.add("/marked.png", marked_image(WIDTH, HEIGHT, MARK_BOX), "image/png")


def test_labels_are_set_live_by_scripts(elements_page: OpenPage) -> None:
    inner = '<div slot="x"></div><crowd-input id="labelName" label="New label"></crowd-input>'
    html = task("crowd-bounding-box", 'id="annotator"', inner, labels="[]")
    opened, canvas = open_canvas(elements_page, "crowd-bounding-box", html)
    canvas.drag(20, 30, 120, 90)
    assert canvas.value()["boundingBoxes"] == []
    assert "Choose a label first" in opened.page.locator("crowd-bounding-box .refusal").inner_text()
    opened.page.evaluate("annotator.labels = [...annotator.labels, 'Fox']; annotator.labels.push('ignored')")
    opened.page.evaluate("let list = annotator.labels; list.push('Owl'); annotator.labels = list")
    canvas.settle()
    assert opened.page.evaluate("annotator.labels") == ["Fox", "Owl"]
    assert opened.page.locator("crowd-bounding-box .labels li").count() == 2
    canvas.drag(20, 30, 120, 90)
    assert opened.page.evaluate("annotator._submittableValue") == canvas.value()
    assert canvas.value()["boundingBoxes"][0]["label"] == "Fox"


def test_digits_in_a_field_choose_no_label(elements_page: OpenPage) -> None:
    html = task("crowd-bounding-box", inner='<input id="year" aria-label="Year">')
    opened, canvas = open_canvas(elements_page, "crowd-bounding-box", html)
    opened.page.locator("#year").click()
    opened.page.keyboard.type("2024n0")
    assert opened.page.locator("#year").input_value() == "2024n0"
    assert opened.page.evaluate("document.querySelector('crowd-bounding-box').editor.label") == "Dog"
    assert canvas.value()["boundingBoxes"] == []


def test_initial_value_is_lenient_and_modifications_are_told(elements_page: OpenPage) -> None:
    birds = "{ label: 'Bird', left: 1, top: 2, width: 30, height: 40 }"
    initial = f"[{birds}, {{'label': 'Dog', left: '5', top: 6, width: 7, height: 8,}},]"
    html = task("crowd-bounding-box", f'initial-value="{initial}"')
    opened, canvas = open_canvas(elements_page, "crowd-bounding-box", html)
    assert canvas.value() == {
        "boundingBoxes": [
            {"height": 40, "label": "Bird", "left": 1, "top": 2, "width": 30},
            {"height": 8, "label": "Dog", "left": 5, "top": 6, "width": 7},
        ],
        "inputImageProperties": SIZE,
        "initialValueModified": False,
    }
    canvas.drag(200, 200, 300, 300)
    assert canvas.value()["initialValueModified"] is True
    opened.page.keyboard.press("Control+z")
    assert opened.submit()["it"]["initialValueModified"] is False


@pytest.mark.parametrize(
    ("tag", "initial", "expected"),
    [
        (
            "crowd-polygon",
            "[{label:'Dog',vertices:[{x:1,y:2},{x:50,y:2},{x:20,y:60}]}]",
            {"polygons": [{"label": "Dog", "vertices": [{"x": 1, "y": 2}, {"x": 50, "y": 2}, {"x": 20, "y": 60}]}]},
        ),
        (
            "crowd-polyline",
            "{polylines:[{label:'Dog',vertices:[{x:1,y:2},{x:50,y:2}]}]}",
            {"polylines": [{"label": "Dog", "vertices": [{"x": 1, "y": 2}, {"x": 50, "y": 2}]}]},
        ),
        (
            "crowd-line",
            "{lines:[{label:'Dog',vertices:[{x:1,y:2},{x:50,y:2}]}]}",
            {"lines": [{"label": "Dog", "vertices": [{"x": 1, "y": 2}, {"x": 50, "y": 2}]}]},
        ),
        # keypoints of unknown labels are not drawn
        (
            "crowd-keypoint",
            "[{label:'Dog',x:4,y:5},{label:'Nobody',x:6,y:7}]",
            {"keypoints": [{"label": "Dog", "x": 4, "y": 5}]},
        ),
    ],
)
def test_initial_values(elements_page: OpenPage, tag: str, initial: str, expected: dict[str, Any]) -> None:
    _, canvas = open_canvas(elements_page, tag, task(tag, f'initial-value="{initial}"'))
    assert canvas.value() == {**expected, "inputImageProperties": SIZE, "initialValueModified": False}


@pytest.mark.parametrize("tag", TAGS)
def test_nothing_to_label(elements_page: OpenPage, tag: str) -> None:
    opened, canvas = open_canvas(elements_page, tag)
    opened.page.get_by_role("button", name="Submit").click()
    canvas.settle()
    assert opened.answers() == []
    assert opened.page.get_by_text("If there is nothing to label").count() > 0
    opened.page.get_by_label("Nothing to label").check()
    (drawn, *_) = opened.submit()["it"].values()
    assert drawn == []


def test_a_drawing_takes_back_nothing_to_label(elements_page: OpenPage) -> None:
    opened, canvas = open_canvas(elements_page, "crowd-bounding-box")
    opened.page.keyboard.press("0")
    assert opened.page.get_by_label("Nothing to label").is_checked()
    canvas.drag(20, 30, 120, 90)
    assert not opened.page.get_by_label("Nothing to label").is_checked()


def test_the_canvas_that_templates_reach_for(elements_page: OpenPage) -> None:
    opened, _ = open_canvas(elements_page, "crowd-bounding-box")
    find = "el => el.shadowRoot.querySelector('canvas.upper-canvas') instanceof HTMLCanvasElement"
    assert opened.page.eval_on_selector("crowd-bounding-box", find)


def test_a_click_on_that_canvas_draws(elements_page: OpenPage) -> None:
    opened, canvas = open_canvas(elements_page, "crowd-keypoint")
    opened.page.locator("crowd-keypoint canvas.upper-canvas").click()
    assert len(canvas.value()["keypoints"]) == 1


def test_a_template_checks_the_answer_and_stops_the_submit(elements_page: OpenPage) -> None:
    script = """<script>document.addEventListener('all-crowd-elements-ready', () => {
      document.querySelector('crowd-form').onsubmit = (event) => {
        const found = document.querySelector('crowd-keypoint').value.keypoints || [];
        if (new Set(found.map((point) => point.label)).size < 2) {
          event.preventDefault();
          document.title = 'Both, please';
        }
      };
    });</script>"""
    opened, canvas = open_canvas(elements_page, "crowd-keypoint", task("crowd-keypoint") + script)
    canvas.click(100.5, 100.5)
    opened.page.get_by_role("button", name="Submit").click()
    opened.page.wait_for_function("document.title === 'Both, please'")
    assert opened.answers() == []
    opened.page.keyboard.press("2")
    canvas.click(200.5, 100.5)
    assert len(opened.submit()["it"]["keypoints"]) == 2


def test_in_a_frame_of_an_opaque_origin(framed_page: Callable[..., Any], site: Any) -> None:
    frame = framed_page(task("crowd-bounding-box").replace("/marked.png", site.url + "/marked.png"))
    frame.locator(".count").get_by_text("0 boxes").wait_for()
    box = frame.locator(".surface").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    frame.page.wait_for_timeout(500)
    drag_on_page(frame.page, (x, y), (x + 40, y + 30))
    frame.get_by_role("button", name="Submit").click()
    answer = frame.wait_for("submit")["answer"]["it"]
    assert len(answer["boundingBoxes"]) == 1
    assert answer["inputImageProperties"] == SIZE


def test_a_missing_image_is_told_and_can_be_tried_again(elements_page: OpenPage, site: Any) -> None:
    opened = elements_page(task("crowd-bounding-box").replace("/marked.png", "/late-boxes.png"))
    alert = opened.page.locator("crowd-bounding-box .notice")
    alert.get_by_text("could not be loaded").wait_for()
    site.add("/late-boxes.png", marked_image(WIDTH, HEIGHT, MARK_BOX), "image/png")
    opened.page.get_by_role("button", name="Try again").click()
    Canvas(opened.page, "crowd-bounding-box").wait()


def test_a_draft_comes_back(elements_page: OpenPage) -> None:
    opened, canvas = open_canvas(elements_page, "crowd-polygon")
    for x, y in [(50, 50), (250, 60), (200, 250)]:
        canvas.click(x, y)
    opened.page.keyboard.press("Enter")
    draft = opened.page.eval_on_selector("crowd-polygon", "el => el.draft")
    again, restored = open_canvas(elements_page, "crowd-polygon")
    again.page.eval_on_selector("crowd-polygon", "(el, draft) => el.restore(draft)", draft)
    assert restored.value() == canvas.value()
