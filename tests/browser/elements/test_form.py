"""crowd-form: what it collects, when it submits, what scripts may do, and the protocol with the page around a frame."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

OpenPage = Callable[..., Any]
OpenFrame = Callable[..., Any]


def test_plain_html_controls_answer_under_their_names(elements_page: OpenPage) -> None:
    opened = elements_page("""<crowd-form>
      <p><label>Name <input name="who"></label> <input type="hidden" name="kept" value="k"></p>
      <label>When <input type="date" name="when"></label> <label>Note <textarea name="note"></textarea></label>
      <select name="one" aria-label="One"><option>a<option>b</select>
      <select name="many" aria-label="Many" multiple><option>x<option>y<option>z</select>
      <label><input type="radio" name="size" value="small">small</label>
      <label><input type="radio" name="size" value="large">large</label>
      <label><input type="radio" name="none" value="never">never</label>
      <label><input type="checkbox" name="seen" value="cat">cat</label>
      <label><input type="checkbox" name="seen" value="dog">dog</label>
      <input name="off" value="1" disabled aria-label="off"><input value="x" aria-label="without">
    </crowd-form>""")
    page = opened.page
    page.get_by_label("Name").fill("Ada")
    page.get_by_label("When").fill("2026-11-23")
    page.get_by_label("Note").fill("first\nsecond")
    page.get_by_label("One").select_option("b")
    page.get_by_label("Many").select_option(["x", "z"])
    page.get_by_label("large").check()
    page.get_by_label("dog").check()
    assert opened.submit() == {
        "who": "Ada",
        "kept": "k",
        "when": "2026-11-23",
        "note": "first\nsecond",
        "one": "b",
        "many": ["x", "z"],
        "size": "large",
        "seen": {"cat": False, "dog": True},
    }
    assert opened.axe() == []


def test_required_plain_control_keeps_the_form_and_is_named(elements_page: OpenPage) -> None:
    opened = elements_page('<crowd-form><label>Town <input name="town" required></label></crowd-form>')
    opened.page.get_by_role("button", name="Submit").click()
    assert "Town" in opened.page.get_by_role("alert").inner_text()
    opened.page.get_by_label("Town").fill("Bern")
    assert opened.submit() == {"town": "Bern"}


def test_enter_submits_from_a_line_but_not_from_a_text_area(elements_page: OpenPage) -> None:
    opened = elements_page("""<crowd-form><crowd-text-area name="long" label="Long"></crowd-text-area>
      <crowd-input name="line" label="Line"></crowd-input></crowd-form>""")
    opened.page.get_by_label("Long").press_sequentially("a\nb")
    assert opened.answers() == []
    opened.page.get_by_label("Line").fill("c")
    opened.page.get_by_label("Line").press("Enter")
    assert opened.answers() == [{"long": "a\nb", "line": "c"}]


def test_own_submit_button_replaces_the_automatic_one(elements_page: OpenPage) -> None:
    opened = elements_page("""<crowd-form><crowd-input name="a" label="A"></crowd-input>
      <crowd-button form-action="submit">Send it</crowd-button>
      <crowd-button form-action="reset">Start over</crowd-button></crowd-form>""")
    assert opened.page.get_by_role("button", name="Submit").count() == 0
    opened.page.get_by_label("A").fill("x")
    opened.page.get_by_role("button", name="Start over").click()
    opened.page.wait_for_function("document.querySelector('crowd-input').value === ''")
    opened.page.get_by_label("A").fill("y")
    opened.page.get_by_role("button", name="Send it").click()
    opened.page.wait_for_function("answers.length === 1")
    assert opened.answers() == [{"a": "y"}]


HOLD = """<script>
  const form = document.querySelector('crowd-form');
  form.onsubmit = (event) => { if (!window.ok) event.preventDefault(); window.asked = (window.asked || 0) + 1; };
</script>"""


def test_onsubmit_can_hold_the_answer_back(elements_page: OpenPage) -> None:
    opened = elements_page(f'<crowd-form><crowd-input name="a" label="A" value="1"></crowd-input></crowd-form>{HOLD}')
    opened.page.get_by_role("button", name="Submit").click()
    assert (opened.answers(), opened.page.evaluate("asked")) == ([], 1)
    opened.page.evaluate("window.ok = true")
    assert opened.submit() == {"a": "1"}


def test_onsubmit_attribute_and_listener(elements_page: OpenPage) -> None:
    opened = elements_page(
        """<crowd-form onsubmit="window.attribute = event.cancelable"><input name="a" value="1" aria-label="a">
        </crowd-form><script>document.querySelector('crowd-form').addEventListener('submit', (event) => {
          document.querySelector('input').value = '2'; window.heard = event.target.localName; })</script>"""
    )
    assert opened.submit() == {"a": "2"}
    assert opened.page.evaluate("[attribute, heard]") == [True, "crowd-form"]


def test_submit_method_says_submit_and_hands_over(elements_page: OpenPage) -> None:
    opened = elements_page(f'<crowd-form><input name="a" value="1" aria-label="a"></crowd-form>{HOLD}')
    opened.page.evaluate("form.submit()")
    assert (opened.answers(), opened.page.evaluate("asked")) == ([], 1)
    opened.page.evaluate("window.ok = true; form.submit()")
    assert opened.answers() == [{"a": "1"}]


@pytest.mark.parametrize("call", ["form.submit()", "setTimeout(() => form.submit(), 20)"])
def test_a_handler_may_prevent_and_finish_with_the_method(elements_page: OpenPage, call: str) -> None:
    opened = elements_page(
        f"""<crowd-form><input type="hidden" name="a"></crowd-form><script>
        const form = document.querySelector('crowd-form');
        form.addEventListener('submit', (event) => {{
          event.preventDefault(); document.querySelector('input').value = 'made'; {call};
        }});</script>"""
    )
    assert opened.submit() == {"a": "made"}
    opened.page.wait_for_timeout(60)
    assert len(opened.answers()) == 1


def test_inner_form_takes_what_scripts_append(elements_page: OpenPage) -> None:
    opened = elements_page(
        """<crowd-form><input name="a" value="1" aria-label="a"></crowd-form><div id="extra">
        <crowd-input name="b" label="B"></crowd-input></div>
        <script>document.addEventListener('all-crowd-elements-ready', () =>
          document.querySelector('crowd-form').form.appendChild(document.querySelector('#extra')))</script>"""
    )
    opened.page.get_by_label("B").fill("2")
    assert opened.submit() == {"a": "1", "b": "2"}


def test_a_form_inside_the_form_never_leaves_the_page(elements_page: OpenPage) -> None:
    opened = elements_page(
        """<crowd-form><form action="/gone"><input name="a" value="1" aria-label="a"><button>Go</button></form>
        </crowd-form>"""
    )
    opened.page.get_by_role("button", name="Go").click()
    assert opened.answers() == [{"a": "1"}]
    assert "/page/" in opened.page.url


def test_disabled_and_nameless_elements_are_left_out_and_nested_ones_are_in(elements_page: OpenPage) -> None:
    opened = elements_page(
        """<crowd-form><crowd-card><div><crowd-checkbox name="a" value="x" checked>X</crowd-checkbox></div></crowd-card>
        <crowd-checkbox name="b" value="y" checked disabled>Y</crowd-checkbox><crowd-checkbox checked>Z</crowd-checkbox>
        </crowd-form>"""
    )
    assert opened.submit() == {"a": {"x": True}}
    opened.page.evaluate("document.querySelectorAll('crowd-checkbox')[1].disabled = false")
    assert opened.submit() == {"a": {"x": True}, "b": {"y": True}}


def test_action_posts_the_fields(elements_page: OpenPage, site: Any) -> None:
    opened = elements_page(
        """<crowd-form action="/take"><input type="hidden" name="assignmentId" value="A 1">
        <crowd-checkbox name="c" checked>C</crowd-checkbox></crowd-form>"""
    )
    with opened.page.expect_request("**/take"):
        opened.page.get_by_role("button", name="Submit").click()
    opened.page.wait_for_timeout(50)
    assert site.posts[-1] == ("/take", b"assignmentId=A+1&c=%7B%22on%22%3Atrue%7D")


def test_flattened_answers_as_mechanical_turk_has_them(elements_page: OpenPage) -> None:
    opened = elements_page(
        """<crowd-form answer-format="flatten-objects"><crowd-checkbox name="a" value="x" checked>X</crowd-checkbox>
        <crowd-classifier-multi-select name="c" categories="['u', 'v']"></crowd-classifier-multi-select></crowd-form>"""
    )
    opened.page.keyboard.press("2")
    assert opened.submit() == {"a.x": True, "c.labels": ["v"]}


def test_instructions_stand_beside_plain_content(elements_page: OpenPage) -> None:
    opened = elements_page(
        """<crowd-form><short-instructions>In short</short-instructions>
        <full-instructions header="More">At length</full-instructions>
        <classification-target>The target</classification-target><input name="a" aria-label="a"></crowd-form>"""
    )
    assert opened.page.get_by_text("In short").is_visible()
    assert opened.page.get_by_text("The target").is_visible()
    opened.page.get_by_role("button", name="View full instructions").click()
    assert opened.page.get_by_text("At length").is_visible()
    assert opened.axe() == []


TASK = """<crowd-form><crowd-image-classifier name="label" src="" header="?" categories="['Cat', 'Dog']">
</crowd-image-classifier></crowd-form>"""
MIXED = """<crowd-form><crowd-classifier name="c" categories="['Cat', 'Dog']"></crowd-classifier>
<crowd-input name="why" label="Why"></crowd-input><label><input type="checkbox" name="sure" value="yes">Sure</label>
</crowd-form>"""


def test_frame_submits_to_its_parent_and_hears_the_outcome(framed_page: OpenFrame) -> None:
    frame = framed_page(TASK)
    frame.get_by_role("radio", name="Dog").click()
    frame.get_by_role("button", name="Submit").click()
    assert frame.wait_for("submit")["answer"] == {"label": {"label": "Dog"}}
    assert frame.locator(".submit").get_attribute("aria-disabled") == "true"
    frame.get_by_role("button", name="Submitting").click(force=True)
    frame.send("refused", message="The task has ended.")
    frame.get_by_role("alert").wait_for()
    assert frame.get_by_role("alert").inner_text() == "The task has ended."
    assert len(frame.messages("submit")) == 1
    frame.send("request-submit")
    frame.wait_for("submit", 2)
    frame.send("submitted")
    frame.get_by_role("button", name="Submit", exact=True).wait_for()


def test_frame_saves_drafts_and_takes_them_back(framed_page: OpenFrame) -> None:
    frame = framed_page(MIXED)
    frame.get_by_role("radio", name="Dog").click()
    frame.page.frame_locator("iframe").get_by_label("Why").fill("barks")
    frame.page.frame_locator("iframe").get_by_label("Sure").check()
    draft = frame.wait_for("draft")
    assert draft["answer"] == {"c": {"label": "Dog"}, "why": "barks", "sure": {"yes": True}}
    again = framed_page(MIXED)
    again.send("init", draft={"answer": draft["answer"], "state": draft["state"]})
    again.send("request-submit")
    assert again.wait_for("submit")["answer"] == draft["answer"]


def test_drafts_that_no_longer_fit_are_passed_over(framed_page: OpenFrame) -> None:
    frame = framed_page(MIXED)
    frame.send("init", draft={"state": {"c": {"chosen": ["Horse"]}, "why": 7, "gone": 1, "sure": {"a": 1}}})
    frame.get_by_role("radio", name="Cat").click()
    frame.get_by_role("button", name="Submit").click()
    assert frame.wait_for("submit")["answer"] == {"c": {"label": "Cat"}, "sure": {"yes": False}}


def test_frame_tells_its_keys_takes_a_keymap_and_passes_portal_keys_on(framed_page: OpenFrame) -> None:
    frame = framed_page(TASK)
    actions = {action["id"]: action for action in frame.wait_for("keys")["actions"]}
    assert actions["choose.1"] == {"id": "choose.1", "title": "Cat", "group": "Choose", "keys": ["1"]}
    assert actions["form.submit"]["keys"][0] == "Enter"
    frame.send("init", keymap={"choose.2": ["x"]}, actions=[{"name": "skip", "title": "Skip", "keys": ["Alt+s"]}])
    frame.page.wait_for_function("messages.some((m) => m.actions?.some((a) => a.id === 'portal.skip'))")
    frame.get_by_role("heading", name="?").click(force=True)  # the frame gets the focus, as the portal gives it
    frame.page.keyboard.press("x")
    frame.page.keyboard.press("Alt+s")
    assert frame.wait_for("action")["name"] == "skip"
    frame.page.keyboard.press("Enter")
    assert frame.wait_for("submit")["answer"] == {"label": {"label": "Dog"}}


def test_frame_reports_its_height_and_follows_the_theme(framed_page: OpenFrame) -> None:
    frame = framed_page('<crowd-form><input name="a" aria-label="a"></crowd-form>')
    assert frame.wait_for("height")["height"] > 40
    frame.send("init", theme="dark")
    frame.page.wait_for_timeout(100)
    assert frame.locator("html").evaluate("root => root.style.colorScheme") == "dark"
