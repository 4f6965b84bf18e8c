"""The mask elements' exact answers, by real pointers, keys and fingers, and their accessibility."""

from __future__ import annotations

import base64
import datetime
import io
import json
from typing import Any

import pytest
from PIL import Image, ImageDraw

from browser.elements.canvas import HEIGHT, MARK_BOX, SIZE, WIDTH, OpenPage, marked_image, open_canvas, task
from groundswell.tasktypes import instance_segmentation, planes, semantic_segmentation
from groundswell.tasktypes.base import DecodeContext

SEMANTIC, INSTANCE = "crowd-semantic-segmentation", "crowd-instance-segmentation"
TAGS = [SEMANTIC, INSTANCE]
GREEN, BLUE, ORANGE = "#2ca02c", "#1f77b4", "#ff7f0e"


@pytest.fixture(autouse=True)
def image(site: Any) -> None:
    site.add("/marked.png", marked_image(WIDTH, HEIGHT, MARK_BOX), "image/png")
    mask = Image.new("RGB", (WIDTH, HEIGHT), "white")
    ImageDraw.Draw(mask).rectangle((50, 60, 149, 159), fill=BLUE)
    body = io.BytesIO()
    mask.save(body, "PNG")
    site.add("/mask.png", body.getvalue(), "image/png")


def mask_of(answer: Any) -> Image.Image:
    """The picture of an answer, as it is stored."""
    return Image.open(io.BytesIO(base64.b64decode(answer["labeledImage"]["pngImageData"])))


def indexes(mask: Image.Image) -> Image.Image:
    """The palette's indexes as grey values."""
    return Image.frombytes("L", mask.size, mask.tobytes())


def palette_of(mask: Image.Image, count: int) -> list[str]:
    """The first colours of a picture's palette."""
    levels = mask.getpalette() or []
    return ["#" + bytes(levels[3 * i : 3 * i + 3]).hex() for i in range(count)]


def outline(canvas: Any, corners: list[tuple[float, float]]) -> None:
    """Fills an outline, corner by corner."""
    canvas.page.keyboard.press("q")
    for x, y in corners:
        canvas.click(x, y)
    canvas.page.keyboard.press("Enter")


def rectangle(left: int, top: int, right: int, bottom: int) -> list[tuple[float, float]]:
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def initial(value: Any) -> str:
    return "initial-value='" + json.dumps(value) + "'"


def test_semantic_answer(elements_page: OpenPage) -> None:
    opened, canvas = open_canvas(elements_page, SEMANTIC)
    outline(canvas, rectangle(20, 30, 120, 90))
    opened.page.keyboard.press("2")
    outline(canvas, rectangle(300, 250, 400, 300))
    answer = opened.submit()
    picture = answer["it"].pop("labeledImage")
    assert answer == {
        "it": {"labelMappings": {"Dog": {"color": GREEN}, "Cat": {"color": BLUE}}, "inputImageProperties": SIZE}
    }
    mask = mask_of({"labeledImage": picture})
    assert (mask.mode, mask.size) == ("P", (WIDTH, HEIGHT))
    assert palette_of(mask, 3) == ["#ffffff", GREEN, BLUE]
    expected = Image.new("P", (WIDTH, HEIGHT), 0)
    for index, box in enumerate([(20, 30, 119, 89), (300, 250, 399, 299)], start=1):
        ImageDraw.Draw(expected).rectangle(box, fill=index)
    assert mask.tobytes() == expected.tobytes()


def test_instance_answer(elements_page: OpenPage) -> None:
    opened, canvas = open_canvas(elements_page, INSTANCE)
    outline(canvas, rectangle(20, 30, 120, 90))
    opened.page.keyboard.press("Shift+N")
    outline(canvas, rectangle(200, 30, 220, 90))
    opened.page.keyboard.press("2")
    outline(canvas, rectangle(300, 250, 400, 300))
    answer = opened.submit()["it"]
    assert set(answer) == {"labeledImage", "instances", "inputImageProperties"}
    assert answer["instances"] == [
        {"color": GREEN, "label": "Dog"},
        {"color": BLUE, "label": "Dog"},
        {"color": ORANGE, "label": "Cat"},
    ]
    mask = mask_of(answer)
    assert [mask.getpixel(place) for place in [(20, 30), (119, 89), (210, 50), (399, 299), (150, 50)]] == [
        1,
        1,
        2,
        3,
        0,
    ]
    assert palette_of(mask, 4) == ["#ffffff", GREEN, BLUE, ORANGE]


@pytest.mark.parametrize("tag", TAGS)
def test_the_task_types_read_the_answers(elements_page: OpenPage, tag: str) -> None:
    opened, canvas = open_canvas(elements_page, tag)
    opened.page.keyboard.press("2")
    outline(canvas, rectangle(20, 30, 120, 90))
    opened.page.keyboard.press("1")
    outline(canvas, rectangle(300, 250, 400, 300))
    context = DecodeContext(["Dog", "Cat"])
    if tag == SEMANTIC:
        plane = semantic_segmentation.decode({tag: canvas.value()}, context)
        assert (plane[30:90, 20:120] == 2).all()
        assert (plane[250:300, 300:400] == 1).all()
        stored = Image.open(io.BytesIO(planes.palette_png(plane, 2)))
        assert palette_of(stored, 3) == ["#ffffff", GREEN, BLUE]
        assert stored.getpixel((20, 30)) == mask_of(canvas.value()).getpixel((20, 30)) == 2
    else:
        plane, labels = instance_segmentation.decode({tag: canvas.value()}, context)
        assert labels == ["Cat", "Dog"]
        assert (plane[30:90, 20:120] == 1).all()
    assert (plane > 0).sum() == 100 * 60 + 100 * 50


@pytest.mark.parametrize(("ratio", "steps"), [(1, 0), (2, 0), (1.5, 6), (1, 12), (1, -3)])
def test_tools_land_on_the_right_pixels_at_any_zoom(elements_page: OpenPage, ratio: float, steps: int) -> None:
    _opened, canvas = open_canvas(elements_page, SEMANTIC, device_scale_factor=ratio)
    page = canvas.page
    page.mouse.move(*canvas.at(220, 155))
    for _ in range(abs(steps)):
        page.mouse.wheel(0, -100 if steps > 0 else 100)
    canvas.settle()
    page.keyboard.press("w")
    canvas.click(220, 155)  # the wand takes the marked rectangle whole, and nothing else
    mask = mask_of(canvas.value())
    assert indexes(mask).getbbox() == MARK_BOX
    assert mask.histogram()[1] == 140 * 110
    page.keyboard.press("e")
    canvas.click(220.5, 155.5)
    hole = indexes(mask_of(canvas.value())).crop(MARK_BOX).point(lambda index: 1 - index).getbbox()
    assert hole is not None
    slack = 1 / canvas.view()["scale"] + 1  # mouse positions are whole pixels of the screen
    assert hole == pytest.approx((59, 44, 83, 68), abs=slack)


def test_flood_fills_what_a_stroke_encloses(elements_page: OpenPage) -> None:
    opened, canvas = open_canvas(elements_page, SEMANTIC)
    outline(canvas, rectangle(100, 100, 200, 200))
    opened.page.keyboard.press("2")
    opened.page.keyboard.press("g")
    canvas.click(150, 150)
    assert mask_of(canvas.value()).histogram()[1:3] == [0, 100 * 100]
    assert canvas.value()["labelMappings"] == {"Cat": {"color": BLUE}}


def test_undo_of_corners_strokes_and_everything(elements_page: OpenPage) -> None:
    opened, canvas = open_canvas(elements_page, SEMANTIC)
    page = opened.page
    empty = canvas.value()
    canvas.drag(50, 50, 150, 50)
    stroke = canvas.value()
    page.keyboard.press("q")
    for x, y in rectangle(200, 200, 300, 300):
        canvas.click(x, y)
    for _ in range(4):
        page.keyboard.press("Control+z")
    assert canvas.value() == stroke
    page.keyboard.press("Control+z")
    assert canvas.value() == empty
    page.keyboard.press("Control+Shift+z")
    assert canvas.value() == stroke


def test_pan_and_zoom_in_mid_stroke_and_looking_change_nothing(elements_page: OpenPage) -> None:
    opened, canvas = open_canvas(elements_page, SEMANTIC)
    page = opened.page
    page.mouse.move(*canvas.at(100, 200))
    page.mouse.down()
    page.mouse.move(*canvas.at(200, 200), steps=4)
    page.mouse.wheel(0, -300)
    page.keyboard.down("Space")
    x, y = canvas.at(200, 200)
    page.mouse.move(x + 40, y + 30, steps=3)
    page.keyboard.up("Space")
    page.mouse.move(*canvas.at(300, 200), steps=4)
    page.mouse.up()
    mask = mask_of(canvas.value())
    assert [mask.getpixel((x, 200)) for x in (92, 100, 200, 250, 300, 308)] == [1] * 6
    assert mask.getpixel((250, 216)) == mask.getpixel((250, 184)) == 0
    before = canvas.value()
    for key in ["h", "+", "ArrowLeft", "f", "o", "d", "h", "Shift+F"]:
        page.keyboard.press(key)
    assert canvas.value() == before


@pytest.mark.parametrize("tag", TAGS)
def test_initial_value_and_whether_it_was_modified(elements_page: OpenPage, tag: str) -> None:
    given = (
        {"labelMappings": {"Cat": {"color": BLUE}}, "src": "/mask.png"}
        if tag == SEMANTIC
        else {"instances": [{"color": BLUE, "label": "Cat"}], "src": "/mask.png"}
    )
    opened, canvas = open_canvas(elements_page, tag, task(tag, initial(given)))
    opened.page.wait_for_function("tag => !document.querySelector(tag).reading", arg=tag)
    answer = canvas.value()
    assert answer["initialValueModified"] is False
    assert (answer.get("labelMappings") or answer["instances"]) in (
        {"Cat": {"color": BLUE}},
        [{"color": BLUE, "label": "Cat"}],
    )
    box = (50, 60, 150, 160)
    assert mask_of(answer).convert("RGB").getpixel((50, 60)) == (0x1F, 0x77, 0xB4)
    assert indexes(mask_of(answer)).getbbox() == box
    canvas.drag(300, 300, 350, 300)
    assert canvas.value()["initialValueModified"] is True
    opened.page.keyboard.press("Control+z")
    assert canvas.value() == answer
    assert opened.submit()["it"]["initialValueModified"] is False


def test_labels_set_by_script_keep_what_is_painted(elements_page: OpenPage) -> None:
    opened, canvas = open_canvas(elements_page, SEMANTIC, task(SEMANTIC, 'id="annotator"'))
    outline(canvas, rectangle(20, 30, 120, 90))
    opened.page.evaluate("() => { annotator.labels = [...annotator.labels, 'Bird'] }")
    opened.page.keyboard.press("3")
    outline(canvas, rectangle(200, 30, 220, 90))
    answer = opened.submit()["it"]
    assert answer["labelMappings"] == {"Dog": {"color": GREEN}, "Bird": {"color": ORANGE}}
    assert [mask_of(answer).getpixel(place) for place in [(20, 30), (210, 50)]] == [1, 3]


def test_instances_in_the_list(elements_page: OpenPage) -> None:
    opened, canvas = open_canvas(elements_page, INSTANCE)
    page = opened.page
    outline(canvas, rectangle(20, 30, 120, 90))
    page.keyboard.press("Shift+N")
    outline(canvas, rectangle(300, 30, 320, 90))
    page.get_by_role("button", name="Dog 1").first.focus()
    page.keyboard.press("2")
    page.keyboard.press("l")
    assert [entry["label"] for entry in canvas.value()["instances"]] == ["Cat", "Dog"]
    page.keyboard.press("Control+d")
    mask = mask_of(canvas.value())
    assert mask.histogram()[1:4] == [6000, 1200, 6000]
    assert "Copied: Cat 2" in page.locator(f"{INSTANCE} [role=status]").inner_text()
    page.keyboard.press("Delete")
    assert len(canvas.value()["instances"]) == 2
    for _ in range(3):
        page.keyboard.press("Control+z")
    assert [entry["label"] for entry in canvas.value()["instances"]] == ["Dog", "Dog"]


@pytest.mark.parametrize("tag", TAGS)
def test_keyboard_only(elements_page: OpenPage, tag: str) -> None:
    opened, canvas = open_canvas(elements_page, tag)
    page = opened.page
    for key in ["2", "n", "Shift+Enter", "Shift+ArrowLeft", "Shift+ArrowLeft", "Escape"]:
        page.keyboard.press(key)
    mask = mask_of(canvas.value())
    box = indexes(mask).getbbox()
    assert box is not None
    assert (box[2] - box[0], box[3] - box[1]) == (24 + 48 + 1, 25)
    page.keyboard.press("Enter")
    page.wait_for_function("answers.length === 1")
    assert opened.answers()[0]["it"] == canvas.value()


def test_an_outline_by_keys(elements_page: OpenPage) -> None:
    opened, canvas = open_canvas(elements_page, SEMANTIC)
    page = opened.page
    moves = ["q", "n", "Enter", "Shift+ArrowRight", "Enter", "Shift+ArrowDown", "Enter", "Shift+ArrowLeft", "Enter"]
    for key in [*moves, "Shift+Enter"]:
        page.keyboard.press(key)
    assert mask_of(canvas.value()).histogram()[1] == 24 * 24


def test_fingers_paint_and_two_pan(elements_page: OpenPage) -> None:
    _opened, canvas = open_canvas(elements_page, SEMANTIC, has_touch=True, viewport={"width": 390, "height": 780})
    start, end = canvas.at(100, 100), canvas.at(200, 100)
    canvas.touch("touchStart", [start])
    canvas.touch("touchMove", [((start[0] + end[0]) / 2, start[1])])
    canvas.touch("touchMove", [end])
    canvas.touch("touchEnd", [])
    painted = canvas.value()
    assert [mask_of(painted).getpixel((x, 100)) for x in (80, 100, 150, 200, 220)] == [0, 1, 1, 1, 0]
    x, y = canvas.at(400, 250)
    canvas.touch("touchStart", [(x - 20, y)])
    canvas.touch("touchMove", [(x - 24, y)])
    canvas.touch("touchStart", [(x - 24, y), (x + 20, y)])
    canvas.touch("touchMove", [(x - 60, y), (x + 60, y)])
    canvas.touch("touchEnd", [])
    assert canvas.value() == painted


@pytest.mark.parametrize("tag", TAGS)
def test_nothing_to_label(elements_page: OpenPage, tag: str) -> None:
    opened, canvas = open_canvas(elements_page, tag)
    page = opened.page
    page.get_by_role("button", name="Submit").click()
    assert opened.answers() == []
    page.keyboard.press("0")
    answer = opened.submit()["it"]
    assert answer.get("labelMappings", answer.get("instances")) in ({}, [])
    assert mask_of(answer).getcolors() == [(WIDTH * HEIGHT, 0)]
    assert canvas.value() == answer


@pytest.mark.parametrize("tag", TAGS)
def test_a_draft_brings_everything_back(elements_page: OpenPage, tag: str) -> None:
    _opened, canvas = open_canvas(elements_page, tag)
    outline(canvas, rectangle(20, 30, 120, 90))
    canvas.page.keyboard.press("2")
    canvas.drag(300, 300, 350, 320)
    before = canvas.value()
    draft = canvas.page.eval_on_selector(tag, "element => JSON.parse(JSON.stringify(element.draft))")
    _again, other = open_canvas(elements_page, tag)
    other.page.eval_on_selector(tag, "(element, draft) => element.restore(draft)", draft)
    other.page.wait_for_function("tag => !document.querySelector(tag).reading", arg=tag)
    assert other.value() == before


@pytest.mark.parametrize(("tag", "scheme"), [(tag, scheme) for tag in TAGS for scheme in ("light", "dark")])
def test_axe_finds_nothing(elements_page: OpenPage, tag: str, scheme: str) -> None:
    opened, canvas = open_canvas(elements_page, tag, color_scheme=scheme)
    outline(canvas, rectangle(20, 30, 120, 90))
    opened.page.keyboard.press("w")
    canvas.settle()
    assert opened.axe() == []
