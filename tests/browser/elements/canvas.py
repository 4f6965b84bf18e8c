"""Drawing on an element's stage by real pointer events, at places found by looking at the pixels on the screen."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageDraw

MARK = (214, 40, 57)  # the colour of the marked rectangle; nothing of the chrome has it
Box = tuple[int, int, int, int]  # left, top, right, bottom, exclusive
OpenPage = Callable[..., Any]

WIDTH, HEIGHT = 600, 400
SIZE = {"height": HEIGHT, "width": WIDTH}
MARK_BOX: Box = (150, 100, 290, 210)
TAGS = ["crowd-bounding-box", "crowd-polygon", "crowd-polyline", "crowd-line", "crowd-keypoint"]


def marked_image(
    width: int, height: int, mark: Box, *, exif_orientation: int | None = None, noise: bool = False
) -> bytes:
    """An image with one rectangle of the mark's colour; as a JPEG with that EXIF orientation where one is given."""
    image = Image.new("RGB", (width, height), (120, 160, 190))
    draw = ImageDraw.Draw(image)
    if noise:
        for x in range(0, width, 50):
            draw.line((x, 0, width - x, height), fill=(90, 140, 120), width=3)
    left, top, right, bottom = mark
    draw.rectangle((left, top, right - 1, bottom - 1), fill=MARK)
    body = io.BytesIO()
    if exif_orientation is None:
        image.save(body, "PNG")
    else:
        exif = image.getexif()
        exif[0x0112] = exif_orientation
        image.save(body, "JPEG", quality=97, subsampling=0, exif=exif)
    return body.getvalue()


@dataclass
class Canvas:
    """The stage of one drawing element on a page."""

    page: Any
    tag: str
    session: Any = None

    def wait(self) -> Canvas:
        """Until the image is shown and fitted."""
        self.page.wait_for_function(
            """tag => { const el = document.querySelector(tag);
                        return el.loading === 'ready' && el.stage.size.width > 0 }""",
            arg=self.tag,
        )
        self.settle()
        return self

    def settle(self) -> None:
        """Two frames, so that what was asked for is on the screen."""
        self.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def surface(self) -> dict[str, float]:
        box: dict[str, float] = self.page.eval_on_selector(
            self.tag,
            """el => { const r = el.shadowRoot.querySelector('.surface').getBoundingClientRect();
                       return { x: r.x, y: r.y, width: r.width, height: r.height } }""",
        )
        return box

    def look(self) -> Image.Image:
        """What is on the screen over the stage, in device pixels, without the minimap: it shows the image once more."""
        hide = "(el, to) => { el.shadowRoot.querySelector('.minimap').style.visibility = to }"
        self.page.eval_on_selector(self.tag, hide, "hidden")
        shot = self.page.screenshot(clip=self.surface())
        self.page.eval_on_selector(self.tag, hide, "")
        return Image.open(io.BytesIO(shot)).convert("RGB")

    def find_mark(self, tolerance: int = 60) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of the marked rectangle on the page, in CSS pixels, found by its colour."""
        image = self.look()
        surface = self.surface()
        ratio = image.width / surface["width"]
        red, green, blue = (
            band.point(lambda value, at=at: 255 if abs(value - at) < tolerance else 0)
            for band, at in zip(image.split(), MARK, strict=True)
        )
        matches = Image.composite(red, Image.new("L", red.size), green)
        matches = Image.composite(matches, Image.new("L", red.size), blue)
        found = matches.getbbox()
        assert found is not None, "the marked rectangle is not on the screen"
        left, top, right, bottom = (edge / ratio for edge in found)
        return surface["x"] + left, surface["y"] + top, surface["x"] + right, surface["y"] + bottom

    def at(self, x: float, y: float) -> tuple[float, float]:
        """The place on the page of a point of the image, as the element sees it."""
        place: list[float] = self.page.eval_on_selector(
            self.tag,
            "(el, [x, y]) => { const v = el.stage.view; return [x * v.scale + v.x, y * v.scale + v.y] }",
            [x, y],
        )
        surface = self.surface()
        return surface["x"] + place[0], surface["y"] + place[1]

    def click(self, x: float, y: float, **options: Any) -> None:
        self.page.mouse.click(*self.at(x, y), **options)

    def drag(self, x0: float, y0: float, x1: float, y1: float, steps: int = 6) -> None:
        start, end = self.at(x0, y0), self.at(x1, y1)
        self.page.mouse.move(*start)
        self.page.mouse.down()
        self.page.mouse.move(*end, steps=steps)
        self.page.mouse.up()

    def value(self) -> Any:
        return self.page.eval_on_selector(self.tag, "element => element.value")

    def view(self) -> dict[str, float]:
        view: dict[str, float] = self.page.eval_on_selector(self.tag, "element => element.stage.view")
        return view

    def touch(self, kind: str, points: list[tuple[float, float]]) -> None:
        """One touch event with these fingers down, on the page."""
        self.session = self.session or self.page.context.new_cdp_session(self.page)
        touches = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(points)]
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})


def task(tag: str, attributes: str = "", inner: str = "", labels: str = "['Dog', 'Cat']") -> str:
    """A form with one drawing element named `it` over `/marked.png`."""
    return f"""<crowd-form><{tag} name="it" src="/marked.png" header="Draw what you see" labels="{labels}" {attributes}>
      <full-instructions header="How"><p>All of it.</p></full-instructions>
      <short-instructions><p>In short.</p></short-instructions>{inner}</{tag}></crowd-form>"""


def open_canvas(elements_page: OpenPage, tag: str, html: str = "", **options: Any) -> tuple[Any, Canvas]:
    """The page of a task (by default `task(tag)`) and its stage, with the image shown."""
    opened = elements_page(html or task(tag), **options)
    return opened, Canvas(opened.page, tag).wait()


def drag_on_page(page: Any, start: tuple[float, float], end: tuple[float, float]) -> None:
    """A drag between two places of the page, in CSS pixels."""
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=5)
    page.mouse.up()
