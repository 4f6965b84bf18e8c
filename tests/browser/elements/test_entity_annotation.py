"""crowd-entity-annotation: spans by mouse, keyboard and touch, across lines and overlapping, in exact characters."""

from __future__ import annotations

import json
from html import escape
from typing import Any

import pytest

TEXT = "Ann 😀 went home.\nThen Bob Smith, too.\n\nשלום דן and مرحبا."
LABELS = (
    "[{'label': 'person', 'shortDisplayName': 'per', 'fullDisplayName': 'Person'},"
    " {'label': 'place', 'shortDisplayName': 'plc', 'fullDisplayName': 'Place'},]"
)


def element(text: str = TEXT, extra: str = "") -> str:
    return (
        f'<crowd-entity-annotation name="crowd-entity-annotation" header="Mark people and places" labels="{LABELS}" '
        f'text="{escape(text)}" {extra}>'
        '<full-instructions header="How">Mark every person.</full-instructions>'
        "<short-instructions>People and places</short-instructions></crowd-entity-annotation>"
    )


def select(page: Any, start: int, end: int) -> None:
    """Drag with the mouse from one UTF-16 position of the text to another."""
    points = page.evaluate(
        """([start, end]) => [start, end].map((at, side) => {
            const root = document.querySelector('crowd-entity-annotation').shadowRoot;
            const segment = [...root.querySelectorAll('.segment')]
                .find((one) => +one.dataset.start <= at && (side ? at <= +one.dataset.end : at < +one.dataset.end));
            const node = [...segment.childNodes].find((child) => child.nodeType === 3);
            const range = document.createRange();
            range.setStart(node, at - segment.dataset.start);
            const box = range.getBoundingClientRect();
            return [box.left, box.top + box.height / 2];
        })""",
        [start, end],
    )
    page.mouse.move(*points[0])
    page.mouse.down()
    page.mouse.move(*points[1], steps=5)
    page.mouse.up()


def spans(answer: Any) -> list[tuple[str, str]]:
    entities = answer["crowd-entity-annotation"]["entities"]
    return [(one["label"], TEXT[one["startOffset"] : one["endOffset"]]) for one in entities]


def click_text(page: Any, at: int) -> None:
    """Click in the text at a UTF-16 position."""
    box = page.evaluate(
        """(at) => {
            const root = document.querySelector('crowd-entity-annotation').shadowRoot;
            const found = (one) => +one.dataset.start <= at && at < +one.dataset.end;
            const segment = [...root.querySelectorAll('.segment')].find(found);
            const node = [...segment.childNodes].find((child) => child.nodeType === 3);
            const range = document.createRange();
            range.setStart(node, at - segment.dataset.start);
            range.setEnd(node, at - segment.dataset.start + 1);
            const box = range.getBoundingClientRect();
            return [box.left + box.width / 2, box.top + box.height / 2];
        }""",
        at,
    )
    page.mouse.click(*box)


def test_a_marked_span_is_chosen_by_a_click_relabeled_and_removed_by_keys(elements_page: Any) -> None:
    opened = elements_page(element())
    select(opened.page, 0, 3)
    opened.page.keyboard.press("1")
    select(opened.page, 23, 32)
    opened.page.keyboard.press("1")
    click_text(opened.page, 1)
    opened.page.keyboard.press("2")
    click_text(opened.page, 25)
    opened.page.keyboard.press("Delete")
    assert spans(opened.submit()) == [("place", "Ann")]


def test_label_first_then_drag(elements_page: Any) -> None:
    opened = elements_page(element())
    opened.page.get_by_role("button", name="Person").click()
    select(opened.page, 0, 3)
    select(opened.page, 23, 32)
    answer = opened.submit()
    assert answer == {
        "crowd-entity-annotation": {
            "entities": [
                {"label": "person", "startOffset": 0, "endOffset": 3},
                {"label": "person", "startOffset": 22, "endOffset": 31},
            ]
        }
    }
    assert spans(answer) == [("person", "Ann"), ("person", "Bob Smith")]


def test_select_first_then_key_and_overlap_across_lines(elements_page: Any) -> None:
    opened = elements_page(element())
    select(opened.page, 0, 22)
    opened.page.keyboard.press("2")
    select(opened.page, 12, 26)
    opened.page.keyboard.press("1")
    assert spans(opened.submit()) == [("place", "Ann 😀 went home.\nThen"), ("person", "home.\nThen Bob")]


def test_keyboard_alone(elements_page: Any) -> None:
    opened = elements_page(element())
    page = opened.page
    page.get_by_role("textbox", name="Text to mark").focus()
    page.keyboard.press("Control+Home")
    for _ in range(3):
        page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("1")
    page.keyboard.press("End")
    page.keyboard.press("Control+Shift+ArrowLeft")
    page.keyboard.press("Control+Shift+ArrowLeft")
    page.keyboard.press("2")
    page.keyboard.type("xyz, xyz.")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+Shift+z")
    page.keyboard.press("Enter")
    page.wait_for_function("window.answers.length > 0")
    assert spans(opened.answers()[-1]) == [("person", "Ann"), ("place", "home.")]


def test_chosen_span_is_relabeled_resized_and_removed(elements_page: Any) -> None:
    initial = escape(json.dumps([{"label": "person", "startOffset": 0, "endOffset": 3}]))
    opened = elements_page(element(extra=f'initial-value="{initial}"'))
    page = opened.page
    assert opened.value("crowd-entity-annotation")["initialValueModified"] is False
    page.locator(".entity .go").first.click()
    page.keyboard.press("]")
    page.keyboard.press("]")
    page.keyboard.press("2")
    value = opened.value("crowd-entity-annotation")
    assert value == {
        "entities": [{"label": "place", "startOffset": 0, "endOffset": 5}],
        "initialValueModified": True,
    }
    page.keyboard.press("Delete")
    assert opened.value("crowd-entity-annotation")["entities"] == []
    for _ in range(4):
        page.keyboard.press("Control+z")
    assert opened.submit()["crowd-entity-annotation"]["initialValueModified"] is False


def test_right_to_left_text_keeps_its_characters(elements_page: Any) -> None:
    opened = elements_page(element())
    at = TEXT.encode("utf-16-le").index("דן".encode("utf-16-le")) // 2
    page = opened.page
    page.evaluate(
        """([from, to]) => {
            const root = document.querySelector('crowd-entity-annotation').shadowRoot;
            root.querySelector('.text').focus();
            const segment = [...root.querySelectorAll('.segment')].find((one) => +one.dataset.end >= to);
            const node = [...segment.childNodes].find((child) => child.nodeType === 3);
            getSelection().setBaseAndExtent(node, from - segment.dataset.start, node, to - segment.dataset.start);
        }""",
        [at, at + 2],
    )
    page.get_by_role("button", name="Person").click()
    assert spans(opened.submit()) == [("person", "דן")]


def test_inner_form_takes_questions_of_a_script(elements_page: Any) -> None:
    script = """<crowd-radio-group id="more">
      <crowd-radio-button name="yes" value="y">Yes</crowd-radio-button></crowd-radio-group>
    <script>document.addEventListener('all-crowd-elements-ready', () => {
      document.querySelector('crowd-entity-annotation').shadowRoot.querySelector('crowd-form').form
        .appendChild(document.getElementById('more'));
    });</script>"""
    opened = elements_page(element() + script)
    opened.page.get_by_role("radio", name="Yes").click()
    assert opened.submit() == {"yes": {"y": True}, "crowd-entity-annotation": {"entities": []}}


def test_submit_can_be_prevented(elements_page: Any) -> None:
    script = """<script>document.querySelector('crowd-entity-annotation').onsubmit = (event) => event.preventDefault();
    </script>"""
    opened = elements_page(element() + script)
    opened.page.get_by_role("button", name="Submit").click()
    opened.page.wait_for_timeout(200)
    assert opened.answers() == []


def test_touch_selects_then_presses_the_label(elements_page: Any) -> None:
    opened = elements_page(element(), viewport={"width": 390, "height": 780}, has_touch=True, is_mobile=True)
    page = opened.page
    page.evaluate(
        """() => {
            const root = document.querySelector('crowd-entity-annotation').shadowRoot;
            root.querySelector('.text').focus();
            const node = [...root.querySelector('.segment').childNodes].find((child) => child.nodeType === 3);
            getSelection().setBaseAndExtent(node, 0, node, 3);
        }"""
    )
    page.get_by_role("button", name="Person").tap()
    assert spans({"crowd-entity-annotation": opened.value("crowd-entity-annotation")}) == [("person", "Ann")]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(elements_page: Any, scheme: str) -> None:
    initial = escape(json.dumps([{"label": "person", "startOffset": 0, "endOffset": 3}]))
    opened = elements_page(element(extra=f'initial-value="{initial}"'), color_scheme=scheme)
    assert opened.axe() == []


def test_a_hundred_thousand_characters_stay_quick(elements_page: Any) -> None:
    text = "\n".join("Some words about Ann and other people in a place far away." for _ in range(1_700))
    opened = elements_page(element(text))
    took = opened.page.evaluate(
        """async () => {
            const element = document.querySelector('crowd-entity-annotation');
            element.restore(Array.from({length: 500},
                (_, n) => ({label: 'person', startOffset: n * 59 + 17, endOffset: n * 59 + 20})));
            await element.updateComplete;
            const times = [];
            for (let n = 600; n < 620; n++) {
                const before = performance.now();
                element.mark('place', {start: n * 59, end: n * 59 + 4});
                await element.updateComplete;
                times.push(performance.now() - before);
            }
            return times.sort((a, b) => a - b)[10];
        }"""
    )
    assert len(opened.value("crowd-entity-annotation")["entities"]) == 520
    assert took < 100, f"marking took {took:.0f} ms in the middle"
