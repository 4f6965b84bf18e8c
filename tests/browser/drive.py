"""Doing tasks as people do: real keys and a real pointer inside a task's frame, at places of the image."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from playwright.sync_api import FrameLocator, Page

Point = tuple[float, float]

_PLACES_OF_TEXT = """(element, [start, end]) => [start, end].map((at, side) => {
    const segment = [...element.shadowRoot.querySelectorAll('.segment')]
        .find((one) => +one.dataset.start <= at && (side ? at <= +one.dataset.end : at < +one.dataset.end));
    const node = [...segment.childNodes].find((child) => child.nodeType === 3);
    const range = document.createRange();
    range.setStart(node, at - segment.dataset.start);
    const box = range.getBoundingClientRect();
    return [box.left, box.top + box.height / 2];
})"""


class Hands:
    """A worker's hands on one page; `frame` names the iframe the task is in."""

    def __init__(self, page: Page, frame: str) -> None:
        self.page = page
        self.frame: FrameLocator = page.frame_locator(frame)
        self._frame = frame

    def keys(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)

    def submit(self) -> None:
        """By the Submit button of the form."""
        self.frame.get_by_role("button", name="Submit", exact=True).last.click()

    def wait_for_stage(self, tag: str) -> None:
        """Until a drawing element shows its image."""
        self.frame.locator(f"{tag} .surface").wait_for()
        self._settled(tag, "(el) => el.loading === 'ready' && el.stage.size.width > 0")
        self.page.wait_for_timeout(60)

    def at(self, tag: str, x: float, y: float) -> Point:
        """The place on the page of a point of the image."""
        surface = self.frame.locator(f"{tag} .surface").bounding_box()
        assert surface is not None
        place: list[float] = self.frame.locator(tag).evaluate(
            "(el, [x, y]) => { const v = el.stage.view; return [x * v.scale + v.x, y * v.scale + v.y] }", [x, y]
        )
        return surface["x"] + place[0], surface["y"] + place[1]

    def click(self, tag: str, *points: Point) -> None:
        """Clicks on points of the image."""
        for x, y in points:
            self.page.mouse.click(*self.at(tag, x, y))

    def drag(self, tag: str, *points: Point) -> None:
        """One stroke through points of the image."""
        first, *rest = (self.at(tag, x, y) for x, y in points)
        self.stroke([first, *rest])

    def stroke(self, places: Sequence[Point]) -> None:
        """One stroke through places of the page."""
        self.page.mouse.move(*places[0])
        self.page.mouse.down()
        for place in places[1:]:
            self.page.mouse.move(*place, steps=6)
        self.page.mouse.up()

    def mark_text(self, start: int, end: int, tag: str = "crowd-entity-annotation") -> None:
        """Drags over a part of the text, in UTF-16 units."""
        text = self.frame.locator(tag)
        text.locator(".segment").first.wait_for()
        places: list[list[float]] = text.evaluate(_PLACES_OF_TEXT, [start, end])
        frame = self.page.locator(self._frame).bounding_box()
        assert frame is not None
        self.stroke([(frame["x"] + x, frame["y"] + y) for x, y in places])

    def _settled(self, tag: str, condition: str) -> None:
        element: Any = self.frame.locator(tag)
        for _ in range(200):
            if element.evaluate(condition):
                return
            self.page.wait_for_timeout(25)
        raise AssertionError(f"<{tag}> did not show its image")
