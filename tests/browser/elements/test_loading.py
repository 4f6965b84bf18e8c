"""The script that templates load: readiness, late listeners, both versions on one page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def test_ready_event_comes_once_and_again_for_late_listeners(elements_page: Callable[..., Any]) -> None:
    opened = elements_page(
        "<script>window.calls = 0; document.addEventListener('all-crowd-elements-ready', () => calls++)</script>"
    )
    assert opened.page.evaluate("calls") == 1
    opened.page.evaluate("document.addEventListener('all-crowd-elements-ready', () => calls++)")
    assert opened.page.evaluate("calls") == 2


def test_both_versions_of_the_script_may_be_loaded(elements_page: Callable[..., Any]) -> None:
    opened = elements_page(
        '<script src="https://assets.crowd.aws/crowd-html-elements.js"></script>'
        '<script src="https://assets.crowd.aws/crowd-html-elements-v2.js"></script>'
        '<link rel="stylesheet" href="https://assets.crowd.aws/css/crowd-html-elements-v2.css">'
    )
    assert opened.page.evaluate("[...document.querySelectorAll('style')].length") == 1


def test_ready_in_a_frame_of_an_opaque_origin(framed_page: Callable[..., Any]) -> None:
    frame = framed_page("<p>Hello</p>")
    assert frame.messages()[0]["type"] == "groundswell:ready"
