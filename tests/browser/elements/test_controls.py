"""The form and layout elements: exact answers by pointer and keys, scripts' properties, accessibility."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

OpenPage = Callable[..., Any]


def form(inner: str) -> str:
    return f"<crowd-form>{inner}</crowd-form>"


EVERY_CONTROL = form("""
<crowd-alert type="info" dismissible>Read carefully</crowd-alert><crowd-alert type="error">Wrong</crowd-alert>
<crowd-alert type="success">Right</crowd-alert><crowd-alert type="warning">Careful</crowd-alert>
<crowd-card heading="Card" image="data:image/gif;base64,R0lGODlhAQABAAAAACw=">Content
  <crowd-instructions link-text="View instructions" link-type="button"><short-summary>Summed up</short-summary>
    <detailed-instructions>Every detail</detailed-instructions><positive-example>Do so</positive-example>
    <negative-example>Not so</negative-example></crowd-instructions>
  <crowd-modal link-text="Open it">Inside</crowd-modal></crowd-card>
<crowd-input name="line" label="Line" placeholder="Type"></crowd-input>
<crowd-text-area name="area" label="Area" rows="3" char-counter max-length="20"></crowd-text-area>
<crowd-checkbox name="box" value="blurry">Blurry</crowd-checkbox>
<crowd-checkbox name="box" value="dim" checked>Dim</crowd-checkbox>
<crowd-radio-group><crowd-radio-button name="yes" value="yes">Yes</crowd-radio-button>
  <crowd-radio-button name="no" value="no">No</crowd-radio-button></crowd-radio-group>
<crowd-toggle-button name="switch">Switch</crowd-toggle-button>
<crowd-slider name="scale" min="1" max="5" step="1" pin aria-label="Scale"><crowd-slider-label position="1">Bad
  </crowd-slider-label><crowd-slider-label position="5">Good</crowd-slider-label></crowd-slider>
<crowd-tabs><crowd-tab header="One">First</crowd-tab><crowd-tab header="Two">Second</crowd-tab></crowd-tabs>
<crowd-fab id="fab" icon="add" title="Add"></crowd-fab><crowd-badge for="fab" label="3"></crowd-badge>
<crowd-icon-button icon="search"></crowd-icon-button><crowd-button icon="star">Plain</crowd-button>
<crowd-button variant="icon" icon="close"></crowd-button><crowd-button href="#x" variant="link">Away</crowd-button>
<crowd-toast text="Saved" opened duration="0"></crowd-toast>""")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_control(elements_page: OpenPage, scheme: str) -> None:
    opened = elements_page(EVERY_CONTROL, color_scheme=scheme)
    assert opened.axe() == []


def test_untouched_and_filled_answers(elements_page: OpenPage) -> None:
    opened = elements_page(EVERY_CONTROL)
    untouched = {
        "box": {"blurry": False, "dim": True},
        "yes": {"yes": False},
        "no": {"no": False},
        "switch": {"on": False},
        "scale": 1,
    }
    assert opened.submit() == untouched
    page = opened.page
    page.get_by_label("Line").fill("word")
    page.get_by_label("Area").fill("one\ntwo")
    page.get_by_label("Blurry").check()
    page.get_by_label("No", exact=True).check()
    page.get_by_label("Switch").check()
    page.get_by_role("slider").press("ArrowRight")
    assert opened.submit() == {
        "line": "word",
        "area": "one\ntwo",
        "box": {"blurry": True, "dim": True},
        "yes": {"yes": False},
        "no": {"no": True},
        "switch": {"on": True},
        "scale": 2,
    }


def test_keyboard_alone(elements_page: OpenPage) -> None:
    opened = elements_page(
        form("""<crowd-input name="a" label="A" auto-focus></crowd-input>
        <crowd-radio-group><crowd-radio-button name="x" value="x">X</crowd-radio-button>
        <crowd-radio-button name="y" value="y">Y</crowd-radio-button></crowd-radio-group>
        <crowd-checkbox name="b">B</crowd-checkbox><crowd-toggle-button name="t">T</crowd-toggle-button>""")
    )
    keyboard = opened.page.keyboard
    keyboard.type("12?")  # digits and signs typed into a field stay there
    keyboard.press("Tab")
    keyboard.press("ArrowDown")
    keyboard.press("Tab")
    keyboard.press("Space")
    keyboard.press("Tab")
    keyboard.press("Space")
    keyboard.press("Enter")
    assert opened.answers() == [{"a": "12?", "x": {"x": False}, "y": {"y": True}, "b": {"on": True}, "t": {"on": True}}]


def test_radio_buttons_of_one_name_exclude_each_other_without_a_group(elements_page: OpenPage) -> None:
    opened = elements_page(
        form("""<crowd-radio-button name="q" value="a" checked>A</crowd-radio-button>
        <crowd-radio-button name="q" value="b">B</crowd-radio-button>""")
    )
    opened.page.get_by_label("B").check()
    assert opened.submit() == {"q": {"a": False, "b": True}}


def test_input_value_is_read_and_set_by_scripts(elements_page: OpenPage) -> None:
    opened = elements_page(
        form("""<crowd-input id="newLabel" name="n" label="New"></crowd-input>
        <crowd-button id="addLabel">Add</crowd-button>""")
        + """<script>window.added = [];
        addLabel.addEventListener('click', () => { added.push(newLabel.value); newLabel.value = null; })</script>"""
    )
    opened.page.get_by_label("New").fill("wing")
    opened.page.get_by_role("button", name="Add").click()
    assert opened.page.evaluate("[added, newLabel.value]") == [["wing"], ""]
    assert opened.page.get_by_label("New").input_value() == ""
    opened.page.evaluate("newLabel.value = 'tail'")
    assert opened.submit() == {"n": "tail"}


@pytest.mark.parametrize(
    ("attributes", "typed", "message"),
    [
        ("required", "", "Word: this is needed."),
        ("required error-message='Say it'", " ", "Say it"),
        ("min-length=3", "ab", "Word: at least 3 characters are needed."),
        ("type=email", "nobody", "Word: Please include an '@'"),
    ],
)
def test_checks_of_a_line(elements_page: OpenPage, attributes: str, typed: str, message: str) -> None:
    opened = elements_page(form(f'<crowd-input name="w" label="Word" {attributes}></crowd-input>'))
    opened.page.get_by_label("Word").fill(typed)
    opened.page.get_by_role("button", name="Submit").click()
    assert opened.page.get_by_role("alert").inner_text().startswith(message)
    assert opened.answers() == []


def test_allowed_pattern_leaves_other_characters_out(elements_page: OpenPage) -> None:
    opened = elements_page(form('<crowd-input name="n" label="N" allowed-pattern="[0-9]" auto-validate></crowd-input>'))
    opened.page.get_by_label("N").press_sequentially("a1b2")
    assert opened.submit() == {"n": "12"}


def test_slider_follows_pointer_and_scripts(elements_page: OpenPage) -> None:
    opened = elements_page(
        form('<crowd-slider id="s" name="s" min="0" max="10" value="3" required></crowd-slider>')
        + "<script>window.heard = []; s.onchange = () => heard.push(s.value)</script>"
    )
    assert opened.value("#s") == 3
    box = opened.page.locator("#s input").bounding_box()
    opened.page.mouse.click(box["x"] + box["width"] - 2, box["y"] + box["height"] / 2)
    assert opened.page.evaluate("heard") == [10]
    opened.page.evaluate("s.value = 7")
    assert opened.submit() == {"s": 7}


def test_required_slider_wants_to_be_moved(elements_page: OpenPage) -> None:
    opened = elements_page(form('<crowd-slider name="s" min="1" max="5" required></crowd-slider>'))
    opened.page.get_by_role("button", name="Submit").click()
    assert "choose a value" in opened.page.get_by_role("alert").inner_text()
    opened.page.get_by_role("slider").click()
    assert opened.submit() == {"s": 3}


def test_alert_made_by_a_script_is_dismissed(elements_page: OpenPage) -> None:
    opened = elements_page("<crowd-form><div id='messages'></div></crowd-form>")
    opened.page.evaluate(
        "document.querySelector('#messages').innerHTML = '<crowd-alert type=\"error\" dismissible>Wrong</crowd-alert>'"
    )
    assert opened.page.get_by_role("alert").is_visible() and opened.page.get_by_text("Wrong").is_visible()
    opened.page.get_by_role("button", name="Dismiss").click()
    assert not opened.page.get_by_text("Wrong").is_visible()


def test_instructions_show_their_parts_in_tabs(elements_page: OpenPage) -> None:
    opened = elements_page(EVERY_CONTROL)
    page = opened.page
    page.get_by_role("button", name="View instructions").click()
    assert page.get_by_text("Summed up").is_visible()
    page.get_by_role("tab", name="Summary").press("ArrowRight")
    assert page.get_by_text("Every detail").is_visible()
    page.get_by_role("tab", name="Examples").click()
    assert page.get_by_text("Do so").is_visible() and page.get_by_text("Not so").is_visible()
    assert opened.axe() == []
    page.keyboard.press("Enter")
    assert opened.answers() == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Open it").click()
    assert page.get_by_text("Inside").is_visible()


def test_tabs_show_one_page_at_a_time_and_all_answers_count(elements_page: OpenPage) -> None:
    opened = elements_page(
        form("""<crowd-tabs><crowd-tab header="One"><crowd-input name="a" label="A"></crowd-input></crowd-tab>
        <crowd-tab header="Two"><crowd-input name="b" label="B"></crowd-input></crowd-tab></crowd-tabs>""")
    )
    opened.page.get_by_label("A").fill("1")
    opened.page.get_by_role("tab", name="Two").click()
    assert not opened.page.get_by_label("A").is_visible()
    opened.page.get_by_label("B").fill("2")
    assert opened.submit() == {"a": "1", "b": "2"}


def test_one_toast_at_a_time_and_it_goes_away(elements_page: OpenPage) -> None:
    opened = elements_page("""<crowd-toast id="one" opened duration="0" text="First"></crowd-toast>
        <crowd-toast id="two" duration="150" text="Second"></crowd-toast>""")
    assert opened.page.get_by_text("First").is_visible()
    opened.page.evaluate("two.open()")
    opened.page.get_by_text("Second").wait_for(state="visible")
    assert not opened.page.get_by_text("First").is_visible()
    opened.page.get_by_text("Second").wait_for(state="hidden")


def test_badge_sits_on_the_corner_of_its_element(elements_page: OpenPage) -> None:
    opened = elements_page(
        "<div style='padding:50px'><crowd-fab id='f' label='A'></crowd-fab></div>"
        "<crowd-badge for='f' label='7'></crowd-badge>"
    )
    opened.page.wait_for_timeout(100)
    fab = opened.page.locator("#f").bounding_box()
    badge = opened.page.locator("crowd-badge").bounding_box()
    assert badge["x"] + badge["width"] / 2 == pytest.approx(fab["x"] + fab["width"], abs=2)
    assert badge["y"] + badge["height"] / 2 == pytest.approx(fab["y"], abs=2)


def test_buttons_disabled_loading_and_linking(elements_page: OpenPage) -> None:
    opened = elements_page(
        form("""<input type="hidden" name="a" value="1"><crowd-button form-action="submit" disabled>Send</crowd-button>
        <crowd-button href="#there">Go</crowd-button>""")
    )
    opened.page.get_by_role("button", name="Send").click(force=True)
    opened.page.wait_for_timeout(50)
    assert opened.answers() == []
    opened.page.evaluate("document.querySelector('crowd-button').disabled = false")
    opened.page.get_by_role("link", name="Go").click()
    assert opened.page.url.endswith("#there")
    opened.page.get_by_role("button", name="Send").click()
    opened.page.wait_for_function("answers.length === 1")


RANKING = form("""<crowd-text-ranking name="rank" text="Which city?"
  responses='["Paris, of course.", "It is Paris.", "Lyon"]'
  ordinal-ranking-dimensions='[{"name": "Clarity", "allowTie": true}, {"name": "Accuracy", "allowTie": false}]'>
  <short-instructions>Rank them</short-instructions></crowd-text-ranking>""")


def test_text_ranking_by_keys_and_pointer(elements_page: OpenPage) -> None:
    opened = elements_page(RANKING)
    for key in "1122":
        opened.page.keyboard.press(key)
    opened.page.get_by_role("button", name="Submit").click()
    assert opened.page.get_by_role("alert").inner_text() == "Accuracy: give every response a rank."
    opened.page.get_by_label("Accuracy, response 2: rank 3").click()
    opened.page.get_by_label("Accuracy, response 3: rank 1").click()
    assert opened.submit() == {
        "ordinalRankingDimensions": [
            {"name": "Clarity", "allowTie": True, "responseRankings": [1, 1, 2]},
            {"name": "Accuracy", "allowTie": False, "responseRankings": [2, 3, 1]},
        ]
    }
    # Without ties, taking a rank hands the old one to the response that had it.
    opened.page.get_by_label("Accuracy, response 1: rank 1").click()
    assert opened.value("crowd-text-ranking")["ordinalRankingDimensions"][1]["responseRankings"] == [1, 3, 2]
    assert opened.axe() == []


PAIRS = form("""<crowd-question-answer-generation name="qa" text="Wale \U0001f40b sind Tiere. They breathe air."
  min-questions=2 max-questions=3 question-min-words=2 answer-max-words=3 question-tags='["Fact", "Why"]'
  allow-custom-question-tags></crowd-question-answer-generation>""")


def test_question_answer_pairs(elements_page: OpenPage) -> None:
    opened = elements_page(PAIRS)
    page = opened.page
    page.get_by_role("textbox", name="Question 1", exact=True).fill("What breathes?")
    page.get_by_role("textbox", name="Answer 1").fill("Whales")
    page.get_by_role("button", name="Fact").click()
    page.get_by_label("New tag for question 1").fill("Biology")
    page.get_by_label("New tag for question 1").press("Enter")
    page.evaluate(
        """() => {
          const root = document.querySelector('crowd-question-answer-generation').shadowRoot;
          const text = root.querySelector('.source').firstChild;
          getSelection().setBaseAndExtent(text, 8, text, 12);
        }"""
    )
    page.get_by_role("button", name="Refer question 1").click()
    page.get_by_role("button", name="Submit").click()
    assert page.get_by_role("alert").first.inner_text() == "Write at least 2 questions."
    page.keyboard.press("Alt+n")
    page.keyboard.type("Why so?")
    page.get_by_role("textbox", name="Answer 2").fill("one two three four")
    page.get_by_role("button", name="Submit").click()
    assert "at most 3 words; it has 4" in page.get_by_role("alert").first.inner_text()
    assert opened.axe() == []
    page.get_by_role("textbox", name="Answer 2").fill("Lungs")
    assert opened.submit() == {
        "qa": {
            "questionAnswerPairs": [
                {
                    "question": "What breathes?",
                    "answer": "Whales",
                    "tags": ["Fact", "Biology"],
                    "references": [{"text": "sind", "startOffset": 7, "endOffset": 11}],
                },
                {"question": "Why so?", "answer": "Lungs"},
            ]
        }
    }
