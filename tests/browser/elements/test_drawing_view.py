"""Shapes land on the image's natural pixels at any zoom, pixel ratio and EXIF rotation; looking changes no answer."""

from __future__ import annotations

from typing import Any

import pytest
from PIL import ImageChops

from browser.elements.canvas import (
    HEIGHT,
    MARK_BOX,
    SIZE,
    WIDTH,
    Box,
    OpenPage,
    drag_on_page,
    marked_image,
    open_canvas,
    task,
)


@pytest.fixture(autouse=True)
def image(site: Any) -> None:
    site.add("/marked.png", marked_image(WIDTH, HEIGHT, MARK_BOX), "image/png")


@pytest.mark.parametrize("ratio", [1, 1.5])
@pytest.mark.parametrize("zoom", ["fit", "1:1", "in", "out"])
def test_boxes_land_on_the_natural_pixels(elements_page: OpenPage, ratio: float, zoom: str) -> None:
    opened, canvas = open_canvas(elements_page, "crowd-bounding-box", device_scale_factor=ratio)
    press = {"fit": ["f"], "1:1": ["Shift+F"], "in": ["+", "+"], "out": ["-", "-", "-"]}[zoom]
    canvas.click(10, 10)
    for key in press:
        opened.page.keyboard.press(key)
    canvas.settle()
    left, top, right, bottom = canvas.find_mark()
    drag_on_page(opened.page, (left, top), (right, bottom))
    assert_near(canvas.value()["boundingBoxes"][-1], MARK_BOX, 0 if zoom in ("1:1", "in") else 1)


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_exif_rotation_is_ignored(elements_page: OpenPage, site: Any, orientation: int) -> None:
    site.add("/turned.jpg", marked_image(WIDTH, HEIGHT, MARK_BOX, exif_orientation=orientation), "image/jpeg")
    html = task("crowd-bounding-box").replace("/marked.png", "/turned.jpg")
    opened, canvas = open_canvas(elements_page, "crowd-bounding-box", html)
    left, top, right, bottom = canvas.find_mark()
    drag_on_page(opened.page, (left, top), (right, bottom))
    assert canvas.value()["inputImageProperties"] == SIZE
    assert_near(canvas.value()["boundingBoxes"][0], MARK_BOX, 1)


def test_a_large_image_zoomed_at_the_cursor(elements_page: OpenPage, site: Any) -> None:
    mark = (3011, 2203, 3041, 2233)
    site.add("/large.png", marked_image(4000, 3000, mark), "image/png")
    html = task("crowd-bounding-box").replace("/marked.png", "/large.png")
    opened, canvas = open_canvas(elements_page, "crowd-bounding-box", html)
    opened.page.mouse.move(*canvas.at(3026, 2218))
    for _ in range(9):
        opened.page.mouse.wheel(0, -200)
        canvas.settle()
    assert canvas.view()["scale"] > 2
    assert opened.page.locator("crowd-bounding-box .minimap").is_visible()
    left, top, right, bottom = canvas.find_mark()
    drag_on_page(opened.page, (left, top), (right, bottom))
    assert_near(canvas.value()["boundingBoxes"][0], mark, 0)


def assert_near(box: dict[str, Any], mark: Box, tolerance: float) -> None:
    got = (box["left"], box["top"], box["left"] + box["width"], box["top"] + box["height"])
    assert all(abs(a - b) <= tolerance for a, b in zip(got, mark, strict=True)), (got, mark)


def test_panning_and_zooming_in_the_middle_of_a_polygon(elements_page: OpenPage) -> None:
    opened, canvas = open_canvas(elements_page, "crowd-polygon")
    page = opened.page
    canvas.click(50, 50)
    canvas.click(250, 60)
    before = canvas.view()
    page.keyboard.down("Space")
    drag_on_page(page, canvas.at(300, 200), canvas.at(340, 230))
    page.keyboard.up("Space")
    page.mouse.move(*canvas.at(300, 200))
    page.mouse.down(button="middle")
    page.mouse.move(*canvas.at(280, 180), steps=4)
    page.mouse.up(button="middle")
    page.mouse.wheel(0, -300)
    canvas.settle()
    after = canvas.view()
    assert after["scale"] > before["scale"] and (after["x"], after["y"]) != (before["x"], before["y"])
    canvas.click(200, 250)
    page.keyboard.press("Enter")
    vertices = canvas.value()["polygons"][0]["vertices"]
    assert vertices == [{"x": 50, "y": 50}, {"x": 250, "y": 60}, {"x": 200, "y": 250}]


def test_space_pans_while_a_box_is_being_dragged(elements_page: OpenPage) -> None:
    opened, canvas = open_canvas(elements_page, "crowd-bounding-box")
    page = opened.page
    page.mouse.move(*canvas.at(50, 50))
    page.mouse.down()
    page.mouse.move(*canvas.at(100, 100), steps=3)
    page.keyboard.down("Space")
    page.mouse.move(*canvas.at(140, 120), steps=3)
    page.keyboard.up("Space")
    canvas.settle()
    page.mouse.move(*canvas.at(300, 200), steps=3)
    page.mouse.up()
    assert canvas.value()["boundingBoxes"] == [{"height": 150, "label": "Dog", "left": 50, "top": 50, "width": 250}]


def test_hiding_dimming_and_fitting_leave_the_answer_alone(elements_page: OpenPage) -> None:
    opened, canvas = open_canvas(elements_page, "crowd-bounding-box")
    canvas.drag(20, 30, 120, 90)
    before = canvas.value()
    opened.page.evaluate("window.changes = 0; document.addEventListener('change', () => changes++)")
    for key in ["h", "d", "k", "j", "Shift+F", "f", "h", "a", "+"]:
        opened.page.keyboard.press(key)
    opened.page.locator("crowd-bounding-box .adjust input").first.fill("2")
    assert canvas.value() == before
    assert opened.page.evaluate("changes") == 0


def test_undo_and_redo_by_vertex_and_by_button(elements_page: OpenPage) -> None:
    opened, canvas = open_canvas(elements_page, "crowd-polygon")
    for x, y in [(50, 50), (250, 60), (200, 250)]:
        canvas.click(x, y)
    opened.page.keyboard.press("Control+z")
    canvas.click(220, 200)
    opened.page.keyboard.press("Enter")
    assert canvas.value()["polygons"][0]["vertices"][2] == {"x": 220, "y": 200}
    opened.page.get_by_role("button", name="Undo").click()
    assert canvas.value()["polygons"] == []
    opened.page.get_by_role("button", name="Redo").click()
    assert len(canvas.value()["polygons"]) == 1


def test_hiding_takes_shapes_off_the_screen_and_drawing_shows_them_again(elements_page: OpenPage) -> None:
    opened, canvas = open_canvas(elements_page, "crowd-bounding-box")
    canvas.drag(20, 30, 120, 90)
    opened.page.keyboard.press("Escape")
    place = (21, 60)  # on the box's left side

    def ink() -> tuple[int, ...]:
        canvas.settle()
        canvas.settle()
        x, y = canvas.at(*place)
        surface = canvas.surface()
        pixel = canvas.look().getpixel((round(x - surface["x"]) - 1, round(y - surface["y"])))
        return pixel if isinstance(pixel, tuple) else ()

    opened.page.mouse.move(5, 5)
    shown = ink()
    opened.page.keyboard.press("h")
    hidden = ink()
    assert shown != hidden
    opened.page.keyboard.press("h")
    assert ink() == shown
    opened.page.get_by_role("button", name="Hide Dog").click()
    opened.page.mouse.move(5, 5)
    assert ink() == hidden
    canvas.drag(220, 30, 320, 90)
    opened.page.mouse.move(5, 5)
    assert ink() == shown


@pytest.mark.parametrize("tag", ["crowd-bounding-box", "crowd-polygon"])
@pytest.mark.parametrize("count", [40, 1500])
def test_a_patched_picture_equals_one_drawn_anew(elements_page: OpenPage, tag: str, count: int) -> None:
    opened, canvas = open_canvas(elements_page, tag)
    opened.page.mouse.move(2, 2)
    canvas.page.eval_on_selector(
        tag,
        """async (el, count) => {
          let seed = 7;
          const dice = (n) => (seed = (seed * 48271) % 2147483647) % n;
          const { editor, stage } = el;
          const frame = () => new Promise(requestAnimationFrame);
          const points = () => {
            const [x, y, w, h] = [dice(540), dice(340), 8 + dice(50), 8 + dice(50)];
            const box = [{ x, y }, { x: x + w, y: y + h }];
            return el.localName === 'crowd-bounding-box' ? box : [...box, { x, y: y + h }];
          };
          const kind = editor.tool.kind;
          const shape = () => ({ kind, label: ['Dog', 'Cat'][dice(2)], points: points() });
          editor.load(Array.from({ length: count }, shape));
          for (let i = 0; i < 60; i++) {
            const { all } = editor.document.shapes;
            const act = dice(7);
            if (act === 0) editor.add(kind, points());
            else if (act === 1) editor.select(all[dice(all.length)].id), editor.deleteSelected();
            else if (act === 2) editor.select(all[dice(all.length)].id), editor.nudge(dice(40) - 20, dice(40) - 20);
            else if (act === 3) stage.panBy(dice(60) - 30, dice(60) - 30);
            else if (act === 4 && i < 20) stage.zoomBy(0.8 + dice(5) / 10);
            else if (act === 5) editor.undo();
            else editor.select(null);
            if (dice(3)) await frame();
          }
          editor.select(null);
          while (!stage.complete) await frame();
        }""",
        count,
    )
    canvas.settle()
    patched = canvas.look()
    canvas.page.eval_on_selector(tag, "el => el.stage.redraw()")
    canvas.page.wait_for_function("tag => document.querySelector(tag).stage.complete", arg=tag)
    canvas.settle()
    difference = (
        ImageChops.difference(patched, canvas.look()).convert("L").point(lambda value: 255 if value > 40 else 0)
    )
    assert difference.getbbox() is None
