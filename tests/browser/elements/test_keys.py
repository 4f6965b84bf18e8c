"""Keys: layouts, fields, conflicts, remapping that is remembered, the dialog that lists them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

OpenPage = Callable[..., Any]
TASK = """<crowd-form><crowd-classifier name="c" header="?" categories="['Cat', 'Dog', 'Owl']"></crowd-classifier>
</crowd-form>"""


def press(opened: Any, **event: Any) -> None:
    opened.page.evaluate(
        "event => document.body.dispatchEvent(new KeyboardEvent('keydown', "
        "{ bubbles: true, composed: true, cancelable: true, ...event }))",
        event,
    )


@pytest.mark.parametrize(
    ("event", "label"),
    [
        ({"key": "&", "code": "Digit1"}, "Cat"),  # AZERTY, the digit row without Shift
        ({"key": "é", "code": "Digit2"}, "Dog"),
        ({"key": "3", "code": "Digit3", "shiftKey": True}, "Owl"),  # AZERTY with Shift
        ({"key": "2", "code": "Numpad2"}, "Dog"),
        ({"key": "١", "code": "Digit1"}, "Cat"),  # Arabic digits
        ({"key": "1", "code": "Digit1", "ctrlKey": True}, None),  # the browser's own
        ({"key": "1", "code": "Digit1", "isComposing": True}, None),  # an input method is at work
    ],
)
def test_digits_choose_on_every_layout(elements_page: OpenPage, event: dict[str, Any], label: str | None) -> None:
    opened = elements_page(TASK)
    press(opened, **event)
    assert opened.value("crowd-classifier") == (None if label is None else {"label": label})


@pytest.mark.parametrize(
    "field",
    [
        '<input id="f">',
        '<input id="f" type="date">',
        '<textarea id="f"></textarea>',
        '<div id="f" contenteditable>x</div>',
        '<crowd-input id="f" name="f"></crowd-input>',
        '<select id="f"><option>1<option>2</select>',
    ],
)
def test_digits_typed_into_a_field_choose_nothing(elements_page: OpenPage, field: str) -> None:
    opened = elements_page(TASK.replace("</crowd-form>", f"{field}</crowd-form>"))
    opened.page.locator("#f").click()
    opened.page.keyboard.press("2")
    assert opened.value("crowd-classifier") is None


def test_key_is_remapped_remembered_and_printed(elements_page: OpenPage) -> None:
    opened = elements_page(TASK)
    page = opened.page
    page.keyboard.press("?")
    page.get_by_role("button", name="Dog: 2. Change").click()
    page.keyboard.press("1")  # taken
    assert "already means “Cat”" in page.get_by_role("status").last.inner_text()
    page.get_by_role("button", name="Dog: 2. Change").click()
    page.keyboard.press("j")
    assert "J now means “Dog”" in page.get_by_role("status").last.inner_text()
    assert opened.axe() == []
    page.keyboard.press("Escape")
    page.keyboard.press("2")
    assert opened.value("crowd-classifier") is None
    page.keyboard.press("j")
    assert opened.value("crowd-classifier") == {"label": "Dog"}
    assert page.get_by_role("radio", name="Dog").get_attribute("data-key") == "J"
    page.reload()
    page.evaluate("window.isReady")
    page.keyboard.press("j")
    assert opened.value("crowd-classifier") == {"label": "Dog"}
    page.keyboard.press("?")
    page.get_by_role("button", name="Reset all").click()
    page.keyboard.press("Escape")
    page.keyboard.press("1")
    page.keyboard.press("2")
    assert opened.value("crowd-classifier") == {"label": "Dog"}


def test_every_action_of_a_task_has_a_key(elements_page: OpenPage, site: Any) -> None:
    opened = elements_page(TASK)
    opened.page.keyboard.press("?")
    rows = opened.page.locator("gs-keys-dialog tr")
    rows.first.wait_for()
    assert [text for text in rows.all_inner_texts() if text.endswith("none")] == []


def test_escape_keeps_the_old_key(elements_page: OpenPage) -> None:
    opened = elements_page(TASK)
    opened.page.keyboard.press("?")
    opened.page.get_by_role("button", name="Dog: 2. Change").click()
    opened.page.keyboard.press("Escape")
    assert opened.page.get_by_role("button", name="Dog: 2. Change").is_visible()
