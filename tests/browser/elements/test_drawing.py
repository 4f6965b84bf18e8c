"""The drawing elements' exact answers, by real pointers, keys, fingers and pens, and their accessibility."""

from __future__ import annotations

from typing import Any

import pytest

from browser.elements.canvas import (
    HEIGHT,
    MARK_BOX,
    SIZE,
    TAGS,
    WIDTH,
    OpenPage,
    marked_image,
    open_canvas,
    task,
)


@pytest.fixture(autouse=True)
def image(site: Any) -> None:
    site.add("/marked.png", marked_image(WIDTH, HEIGHT, MARK_BOX), "image/png")


def test_box_answer(elements_page: OpenPage) -> None:
    opened, canvas = open_canvas(elements_page, "crowd-bounding-box")
    canvas.drag(20, 30, 120, 90)
    opened.page.keyboard.press("2")
    canvas.drag(400, 300, 300, 250)
    assert opened.submit() == {
        "it": {
            "boundingBoxes": [
                {"height": 60, "label": "Dog", "left": 20, "top": 30, "width": 100},
                {"height": 50, "label": "Cat", "left": 300, "top": 250, "width": 100},
            ],
            "inputImageProperties": SIZE,
        }
    }


def test_a_digit_relabels_the_box_that_was_picked_but_not_one_just_drawn(elements_page: OpenPage) -> None:
    opened, canvas = open_canvas(elements_page, "crowd-bounding-box")
    canvas.drag(20, 30, 120, 90)
    opened.page.keyboard.press("2")
    canvas.drag(200, 200, 300, 280)
    assert [box["label"] for box in canvas.value()["boundingBoxes"]] == ["Dog", "Cat"]
    opened.page.keyboard.press("1")
    canvas.click(20, 60)  # on its outline
    opened.page.keyboard.press("2")
    assert [box["label"] for box in canvas.value()["boundingBoxes"]] == ["Cat", "Cat"]


def test_box_moves_resizes_copies_and_deletes(elements_page: OpenPage) -> None:
    opened, canvas = open_canvas(elements_page, "crowd-bounding-box")
    canvas.drag(20, 30, 120, 90)
    canvas.drag(70, 60, 170, 160)  # by its middle
    canvas.drag(220, 190, 240, 200)  # by its corner
    assert canvas.value()["boundingBoxes"] == [{"height": 70, "label": "Dog", "left": 120, "top": 130, "width": 120}]
    opened.page.keyboard.press("Control+c")
    opened.page.keyboard.press("Control+v")
    assert [box["left"] for box in canvas.value()["boundingBoxes"]] == [120, 132]
    opened.page.keyboard.press("Delete")
    assert len(canvas.value()["boundingBoxes"]) == 1


@pytest.mark.parametrize("finish", ["first point", "Enter", "double click"])
def test_polygon_answer(elements_page: OpenPage, finish: str) -> None:
    opened, canvas = open_canvas(elements_page, "crowd-polygon")
    for x, y in [(50, 50), (250, 60), (200, 250)]:
        canvas.click(x, y)
    if finish == "first point":
        canvas.click(51, 51)
    elif finish == "Enter":
        opened.page.keyboard.press("Enter")
    else:
        canvas.click(200, 250)
    assert canvas.value() == {
        "polygons": [{"label": "Dog", "vertices": [{"x": 50, "y": 50}, {"x": 250, "y": 60}, {"x": 200, "y": 250}]}],
        "inputImageProperties": SIZE,
    }
    assert opened.submit() == {"it": canvas.value()}


def test_polygon_refuses_to_cross_itself(elements_page: OpenPage) -> None:
    opened, canvas = open_canvas(elements_page, "crowd-polygon")
    for x, y in [(50, 50), (250, 50), (250, 250), (150, 10)]:
        canvas.click(x, y)
    assert "would cross" in opened.page.locator("crowd-polygon .refusal").inner_text()
    canvas.click(60, 240)
    opened.page.keyboard.press("Enter")
    assert len(canvas.value()["polygons"][0]["vertices"]) == 4


def test_polyline_answer_and_label_colors(elements_page: OpenPage) -> None:
    html = task("crowd-polyline", """label-colors="['#d62728','#0000FF']" """)
    opened, canvas = open_canvas(elements_page, "crowd-polyline", html)
    for x, y in [(50, 50), (250, 60), (60, 200)]:
        canvas.click(x, y)
    canvas.click(60, 200)  # the last point again ends it
    assert opened.submit()["it"]["polylines"] == [
        {"label": "Dog", "vertices": [{"x": 50, "y": 50}, {"x": 250, "y": 60}, {"x": 60, "y": 200}]}
    ]
    swatch = opened.page.locator("crowd-polyline .labels .swatch rect").nth(1)
    assert swatch.get_attribute("fill") == "#0000FF"


def test_line_answer(elements_page: OpenPage) -> None:
    opened, canvas = open_canvas(elements_page, "crowd-line")
    canvas.click(50, 50)
    canvas.click(250, 60)
    canvas.drag(300, 300, 400, 200)
    assert opened.submit()["it"] == {
        "lines": [
            {"label": "Dog", "vertices": [{"x": 50, "y": 50}, {"x": 250, "y": 60}]},
            {"label": "Dog", "vertices": [{"x": 300, "y": 300}, {"x": 400, "y": 200}]},
        ],
        "inputImageProperties": SIZE,
    }


def test_keypoint_answer(elements_page: OpenPage) -> None:
    opened, canvas = open_canvas(elements_page, "crowd-keypoint")
    canvas.click(50.5, 60.5)
    opened.page.locator("crowd-keypoint").get_by_text("Cat", exact=True).click()
    canvas.click(599.9, 399.9)
    assert opened.submit()["it"] == {
        "keypoints": [{"label": "Dog", "x": 50, "y": 60}, {"label": "Cat", "x": 599, "y": 399}],
        "inputImageProperties": SIZE,
    }


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("crowd-bounding-box", {"height": 90, "label": "Cat", "left": 224, "top": 140, "width": 151}),
        ("crowd-keypoint", {"label": "Cat", "x": 299, "y": 190}),
        ("crowd-line", {"label": "Cat", "vertices": [{"x": 249, "y": 190}, {"x": 350, "y": 190}]}),
    ],
)
def test_keyboard_only(elements_page: OpenPage, tag: str, expected: dict[str, Any]) -> None:
    opened, canvas = open_canvas(elements_page, tag)
    page = opened.page
    for key in ["2", "n", "ArrowLeft", "Shift+ArrowUp", "Control+ArrowRight", "Control+Shift+ArrowUp"]:
        page.keyboard.press(key)
    (drawn,) = next(iter(canvas.value().values()))
    assert drawn == expected
    page.keyboard.press("Enter")
    page.wait_for_function("answers.length === 1")
    assert opened.answers()[0]["it"] == canvas.value()


def test_tab_goes_from_shape_to_shape(elements_page: OpenPage) -> None:
    opened, canvas = open_canvas(elements_page, "crowd-bounding-box")
    page = opened.page
    canvas.drag(20, 30, 120, 90)
    canvas.drag(200, 30, 300, 90)
    canvas.drag(400, 30, 500, 90)
    page.get_by_role("button", name="Dog 1 box").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Delete")
    assert [(box["left"], box["top"]) for box in canvas.value()["boundingBoxes"]] == [(20, 30), (200, 31)]
    focused = page.evaluate("document.querySelector('crowd-bounding-box').shadowRoot.activeElement.textContent")
    assert "Dog 2 box, left 200, top 31" in " ".join(focused.split())
    assert "Deleted: Dog box" in page.locator("crowd-bounding-box [role=status]").inner_text()


def test_labels_beyond_the_ninth_have_a_way_by_keys(elements_page: OpenPage) -> None:
    labels = str([f"Label {i + 1}" for i in range(11)])
    opened, canvas = open_canvas(elements_page, "crowd-keypoint", task("crowd-keypoint", labels=labels))
    for key in ["9", "PageDown", "PageDown", "n", "PageDown", "n", "PageUp", "n"]:
        opened.page.keyboard.press(key)
    assert [point["label"] for point in canvas.value()["keypoints"]] == ["Label 11", "Label 1", "Label 11"]


def test_polygon_vertices_by_keys(elements_page: OpenPage) -> None:
    opened, canvas = open_canvas(elements_page, "crowd-polygon")
    for key in ["n", "]", "Shift+ArrowLeft", "]", "]", "Delete", "]", "Insert"]:
        opened.page.keyboard.press(key)
    vertices = canvas.value()["polygons"][0]["vertices"]
    assert vertices[0] == {"x": 240, "y": 150}
    assert len(vertices) == 4


def test_fingers_draw_and_pinch(elements_page: OpenPage) -> None:
    _opened, canvas = open_canvas(
        elements_page, "crowd-bounding-box", has_touch=True, viewport={"width": 390, "height": 780}
    )
    start, end = canvas.at(100, 100), canvas.at(300, 250)
    canvas.touch("touchStart", [start])
    canvas.touch("touchMove", [((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)])
    canvas.touch("touchMove", [end])
    canvas.touch("touchEnd", [])
    assert canvas.value()["boundingBoxes"] == [{"height": 150, "label": "Dog", "left": 100, "top": 100, "width": 200}]
    scale = canvas.view()["scale"]
    x, y = canvas.at(450, 60)
    canvas.touch("touchStart", [(x - 20, y)])
    canvas.touch("touchStart", [(x - 20, y), (x + 20, y)])
    canvas.touch("touchMove", [(x - 40, y), (x + 40, y)])
    canvas.touch("touchEnd", [])
    assert canvas.view()["scale"] == pytest.approx(scale * 2, rel=0.05)
    assert len(canvas.value()["boundingBoxes"]) == 1


def test_a_pen_draws_and_fingers_then_pan(elements_page: OpenPage) -> None:
    opened, canvas = open_canvas(elements_page, "crowd-keypoint", has_touch=True)
    send = """([type, pointerType, clientX, clientY, pointerId]) => {
      const surface = document.querySelector('crowd-keypoint').shadowRoot.querySelector('.surface');
      const [button, buttons] = { pointerdown: [0, 1], pointermove: [-1, 1], pointerup: [0, 0] }[type];
      const place = { pointerType, pointerId, clientX, clientY, button, buttons, pressure: 0.4, isPrimary: true };
      surface.dispatchEvent(new PointerEvent(type, { ...place, bubbles: true })) }"""
    x, y = canvas.at(100.5, 100.5)
    for kind in ["pointerdown", "pointerup"]:
        opened.page.evaluate(send, [kind, "pen", x, y, 7])
    assert canvas.value()["keypoints"] == [{"label": "Dog", "x": 100, "y": 100}]
    before = canvas.view()
    opened.page.evaluate(send, ["pointerdown", "touch", x + 90, y, 8])
    opened.page.evaluate(send, ["pointermove", "touch", x + 120, y, 8])
    opened.page.evaluate(send, ["pointerup", "touch", x + 120, y, 8])
    assert len(canvas.value()["keypoints"]) == 1
    assert canvas.view()["x"] == pytest.approx(before["x"] + 30, abs=1)


@pytest.mark.parametrize(("tag", "scheme"), [*((tag, "light") for tag in TAGS), ("crowd-polygon", "dark")])
def test_axe_finds_nothing(elements_page: OpenPage, tag: str, scheme: str) -> None:
    opened, canvas = open_canvas(elements_page, tag, color_scheme=scheme)
    opened.page.keyboard.press("n")
    opened.page.keyboard.press("a")
    canvas.settle()
    assert opened.axe() == []


def test_one_of_many_labels_is_found_by_typing_and_the_shapes_stay_in_sight(elements_page: OpenPage) -> None:
    names = [f"Species number {index}" for index in range(1, 201)]
    opened, canvas = open_canvas(elements_page, "crowd-bounding-box", task("crowd-bounding-box", labels=str(names)))
    opened.page.keyboard.press("/")
    opened.page.keyboard.type("number 15")
    opened.page.keyboard.press("Enter")
    canvas.drag(50, 50, 120, 120)
    opened.page.keyboard.type("33")
    canvas.drag(150, 150, 220, 220)
    assert [one["label"] for one in canvas.value()["boundingBoxes"]] == ["Species number 15", "Species number 33"]
    shapes = opened.page.locator(".shapes").bounding_box()
    assert shapes is not None and shapes["y"] < opened.page.viewport_size["height"]
    assert opened.axe() == []
