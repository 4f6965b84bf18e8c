"""Every built-in task fits the screen it is on: any title, any number of labels, from a phone to a laptop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from browser.elements.images import palette_mask, png
from browser.elements.test_builtin_templates import task_input
from groundswell.templates.loader import builtin_names, builtin_template
from groundswell.templates.render import render

OpenPage = Callable[..., Any]
WIDTHS = (360, 390, 768, 1366)
WORDS = "Which of these photographs from the holidays in the mountains show a dog or a cat " * 2
TITLES = {
    "words": WORDS[:128],
    "one word": "Donaudampfschifffahrtsgesellschaft" * 4,
}
LABELS = [f"Label number {n} with a name of some length" for n in range(1, 41)]


@pytest.fixture(autouse=True)
def photo(site: Any) -> None:
    site.add("/photo.png", png(), "image/png")
    site.add("/mask.png", palette_mask(), "image/png")


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("name", builtin_names())
def test_a_task_is_never_wider_than_its_screen(elements_page: OpenPage, name: str, title: str) -> None:
    given = task_input(name) | {"header": TITLES[title], "labels": ["Cat", *LABELS]}
    page = render(builtin_template(name), given, grant_read_access=lambda uri: uri)
    opened = elements_page(page)
    wide = {}
    for width in WIDTHS:
        opened.page.set_viewport_size({"width": width, "height": 720})
        opened.page.wait_for_timeout(60)  # the layout follows at the next frame
        found = opened.page.evaluate("document.documentElement.scrollWidth")
        if found > width:
            wide[width] = found
    assert wide == {}
