"""The four classifiers: exact answers, keys, touch, categories set by scripts, overlays, accessibility."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from browser.elements.images import palette_mask, png

OpenPage = Callable[..., Any]

INSTRUCTIONS = """<full-instructions header="How to decide"><p>All of it.</p></full-instructions>
<short-instructions><p>In short.</p></short-instructions>"""


def text_task(tag: str = "crowd-classifier", attributes: str = "", inner: str = "") -> str:
    return f"""<crowd-form><{tag} name="{tag}" header="Which is it?" categories="['Cat', 'Dog', 'Owl']" {attributes}>
      <classification-target>Something furry</classification-target>{INSTRUCTIONS}{inner}</{tag}></crowd-form>"""


def image_task(tag: str = "crowd-image-classifier", attributes: str = "", inner: str = "") -> str:
    return f"""<crowd-form><{tag} name="{tag}" src="/photo.png" header="Which is it?"
      categories="['Cat', 'Dog', 'Owl']" {attributes}>{INSTRUCTIONS}{inner}</{tag}></crowd-form>"""


@pytest.fixture(autouse=True)
def photo(site: Any) -> None:
    site.add("/photo.png", png(), "image/png")
    site.add("/mask.png", palette_mask(), "image/png")


ALL = [
    ("crowd-classifier", text_task),
    ("crowd-classifier-multi-select", text_task),
    ("crowd-image-classifier", image_task),
    ("crowd-image-classifier-multi-select", image_task),
]


@pytest.mark.parametrize(("tag", "task"), ALL)
def test_pointer_gives_the_documented_answer(elements_page: OpenPage, tag: str, task: Callable[..., str]) -> None:
    opened = elements_page(task(tag))
    if tag.endswith("multi-select"):
        opened.page.get_by_role("checkbox", name="Owl").click()
        opened.page.get_by_role("checkbox", name="Cat").click()
        assert opened.submit() == {tag: {"labels": ["Cat", "Owl"]}}
    else:
        opened.page.get_by_role("radio", name="Cat").click()
        opened.page.get_by_role("radio", name="Owl").click()
        assert opened.submit() == {tag: {"label": "Owl"}}


@pytest.mark.parametrize(("tag", "task"), ALL)
def test_keyboard_alone(elements_page: OpenPage, tag: str, task: Callable[..., str]) -> None:
    opened = elements_page(task(tag))
    opened.page.keyboard.press("2")
    opened.page.keyboard.press("Enter")
    expected = {"labels": ["Dog"]} if tag.endswith("multi-select") else {"label": "Dog"}
    assert opened.answers() == [{tag: expected}]


@pytest.mark.parametrize(("tag", "task"), ALL)
def test_touch(elements_page: OpenPage, tag: str, task: Callable[..., str]) -> None:
    opened = elements_page(task(tag), viewport={"width": 390, "height": 780}, has_touch=True, is_mobile=True)
    opened.page.get_by_role("checkbox" if tag.endswith("multi-select") else "radio", name="Dog").tap()
    opened.page.get_by_role("button", name="Submit").tap()
    expected = {"labels": ["Dog"]} if tag.endswith("multi-select") else {"label": "Dog"}
    assert opened.answers() == [{tag: expected}]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("tag", "task"), ALL)
def test_axe_finds_nothing(elements_page: OpenPage, tag: str, task: Callable[..., str], scheme: str) -> None:
    opened = elements_page(task(tag, inner="<worker-comment></worker-comment>"), color_scheme=scheme)
    assert opened.axe() == []
    opened.page.keyboard.press("1")
    assert opened.axe() == []
    opened.page.get_by_role("button", name="View full instructions").click()
    assert opened.axe() == []


def test_nothing_chosen_is_refused_in_words(elements_page: OpenPage) -> None:
    opened = elements_page(text_task())
    opened.page.get_by_role("button", name="Submit").click()
    assert opened.page.get_by_role("alert").inner_text() == "Choose a category."
    assert opened.answers() == []
    opened.page.keyboard.press("1")
    assert opened.page.get_by_role("alert").count() == 0


def test_exclusion_category_clears_the_others_and_is_cleared_by_them(elements_page: OpenPage) -> None:
    opened = elements_page(
        text_task("crowd-classifier-multi-select", """exclusion-category="{ text: 'None of the above' }" """)
    )
    for key in ("1", "2", "4"):
        opened.page.keyboard.press(key)
    assert opened.value("crowd-classifier-multi-select") == {"labels": ["None of the above"]}
    opened.page.keyboard.press("3")
    assert opened.value("crowd-classifier-multi-select") == {"labels": ["Owl"]}
    opened.page.keyboard.press("3")
    assert opened.value("crowd-classifier-multi-select") is None


def test_worker_comment_joins_the_answer_only_when_typed(elements_page: OpenPage) -> None:
    comment = '<worker-comment link-text="Say more" header="More" placeholder="Why?"></worker-comment>'
    opened = elements_page(image_task(inner=comment))
    opened.page.keyboard.press("3")
    assert opened.submit() == {"crowd-image-classifier": {"label": "Owl"}}
    opened.page.get_by_role("button", name="Say more").click()
    opened.page.get_by_label("More").fill("It has 2 big eyes")
    assert opened.submit() == {"crowd-image-classifier": {"label": "Owl", "workerComment": "It has 2 big eyes"}}


@pytest.mark.parametrize(
    ("initial", "value"),
    [
        ("Dog", {"label": "Dog", "initialValueModified": False}),
        ("{ label: 'Dog', }", {"label": "Dog", "initialValueModified": False}),
        ("['Dog']", {"label": "Dog", "initialValueModified": False}),
        ("Zebra", None),  # a category that is not offered
    ],
)
def test_initial_value(elements_page: OpenPage, initial: str, value: Any) -> None:
    opened = elements_page(text_task(attributes=f'initial-value="{initial}"'))
    assert opened.value("crowd-classifier") == value
    opened.page.keyboard.press("1")
    assert opened.value("crowd-classifier") == {"label": "Cat", "initialValueModified": True}


def test_categories_set_by_a_script_are_shown_and_drop_what_is_gone(elements_page: OpenPage) -> None:
    opened = elements_page(text_task())
    opened.page.keyboard.press("1")
    opened.page.eval_on_selector("crowd-classifier", "element => { element.categories = ['Red', 'Green'] }")
    assert opened.page.get_by_role("radio").all_inner_texts() == ["Red", "Green"]
    assert opened.value("crowd-classifier") is None


def test_picker_wrapper_is_where_templates_look_for_it(elements_page: OpenPage) -> None:
    opened = elements_page(
        """<script>document.addEventListener('all-crowd-elements-ready', () => {
          const first = document.querySelector('crowd-classifier');
          const picker = first.shadowRoot.querySelector('.annotation-area .category-picker-wrapper');
          picker.addEventListener('click', (event) => { window.picked = [first.value, event.target.innerText]; });
        })</script>"""
        + text_task()
    )
    opened.page.get_by_role("radio", name="Dog").click()
    assert opened.page.evaluate("picked") == ["Dog", "Dog"]


def test_instruction_pane_and_dialog_can_be_resized_by_templates(elements_page: OpenPage) -> None:
    opened = elements_page(
        """<script>document.addEventListener('all-crowd-elements-ready', () => {
          const root = document.querySelector('crowd-classifier-multi-select').shadowRoot;
          root.querySelector('.awsui-app-layout__navigation').style.width = '400px';
          root.querySelector('.awsui-modal-dialog').style.width = '90vw';
        })</script>"""
        + text_task("crowd-classifier-multi-select")
    )
    width = opened.page.evaluate(
        "document.querySelector('crowd-classifier-multi-select').shadowRoot"
        ".querySelector('.awsui-app-layout__navigation').getBoundingClientRect().width"
    )
    assert width == 400


def test_full_instructions_open_in_a_dialog_where_keys_rest(elements_page: OpenPage) -> None:
    opened = elements_page(text_task())
    opened.page.keyboard.press("i")
    dialog = opened.page.get_by_role("dialog", name="How to decide")
    assert "All of it." in dialog.locator("slot").first.evaluate(
        "slot => slot.parentElement.getRootNode().host.querySelector('full-instructions').innerText"
    )
    opened.page.keyboard.press("1")
    opened.page.keyboard.press("Enter")
    assert opened.answers() == []
    opened.page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    assert opened.value("crowd-classifier") is None
    opened.page.keyboard.press("1")
    assert opened.value("crowd-classifier") == {"label": "Cat"}


def test_phone_shows_short_instructions_in_the_dialog(elements_page: OpenPage) -> None:
    opened = elements_page(image_task(), viewport={"width": 390, "height": 780})
    assert not opened.page.get_by_text("In short.").is_visible()
    opened.page.get_by_role("button", name="Instructions", exact=True).click()
    assert opened.page.get_by_text("In short.").is_visible()


def scale_of(opened: Any) -> float:
    status: str = opened.page.locator("gs-image-viewer .status span").first.inner_text()
    return float(status.split()[0]) / 100


def test_zoom_keeps_the_point_under_the_cursor_and_fit_and_actual_size_have_keys(elements_page: OpenPage) -> None:
    opened = elements_page(image_task())
    fitted = scale_of(opened)
    image = opened.page.locator("gs-image-viewer img")
    before = image.bounding_box()
    x, y = before["x"] + before["width"] / 4, before["y"] + before["height"] / 4
    opened.page.mouse.move(x, y)
    opened.page.mouse.wheel(0, -300)
    opened.page.wait_for_timeout(100)
    after = image.bounding_box()
    assert after["width"] > before["width"]
    assert (x - after["x"]) / after["width"] == pytest.approx(0.25, abs=0.01)
    opened.page.mouse.down()
    opened.page.mouse.move(x + 40, y + 10)
    opened.page.mouse.up()
    assert image.bounding_box()["x"] == pytest.approx(after["x"] + 40, abs=1)
    opened.page.keyboard.press("Shift+F")
    assert scale_of(opened) == 1
    opened.page.keyboard.press("f")
    assert scale_of(opened) == fitted
    assert opened.value("crowd-image-classifier") is None


def test_two_fingers_zoom_about_the_point_between_them(elements_page: OpenPage) -> None:
    opened = elements_page(image_task(), viewport={"width": 390, "height": 780}, has_touch=True)
    touch = opened.page.context.new_cdp_session(opened.page)
    before = scale_of(opened)

    def fingers(kind: str, *xs: int) -> None:
        points = [{"x": x, "y": 200, "id": index} for index, x in enumerate(xs)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    fingers("touchStart", 150, 240)
    for spread in (10, 20, 30, 45):
        fingers("touchMove", 150 - spread, 240 + spread)
        opened.page.wait_for_timeout(50)  # moves that come faster than frames are put together, with the end too
    fingers("touchEnd")
    opened.page.wait_for_timeout(100)
    assert scale_of(opened) / before == pytest.approx(2, rel=0.1)


def test_image_that_does_not_load_says_so(elements_page: OpenPage, site: Any) -> None:
    opened = elements_page(image_task().replace("/photo.png", "/late.png"))
    assert "could not be loaded" in opened.page.get_by_role("alert").inner_text()
    site.add("/late.png", png(), "image/png")
    opened.page.get_by_role("button", name="Try again").click()
    opened.page.locator("gs-image-viewer img").wait_for(state="visible")


BIRD = "{label: 'bird', left: 100, top: 75, width: 101, height: 76}"
OVERLAYS = {
    "boundingBox": f"{{'boundingBox': {{labels: ['bird'], value: [{BIRD}]}}}}",
    "semanticSegmentation": "{'semanticSegmentation': {labels: ['bird'], "
    "labelMappings: {'bird': {'color': '#2ca02c'}}, src: '/mask.png'}}",
    "instanceSegmentation": "{'instanceSegmentation': {labels: ['bird'], "
    "instances: [{color: '#2ca02c', label: 'bird'}], src: '/mask.png'}}",
}


@pytest.mark.parametrize("kind", OVERLAYS)
def test_overlay_lies_on_the_images_pixels_and_can_be_hidden(elements_page: OpenPage, kind: str) -> None:
    opened = elements_page(image_task(attributes=f'overlay="{OVERLAYS[kind]}"'))
    image = opened.page.locator("gs-image-viewer .sheet > img").first.bounding_box()
    if kind == "boundingBox":
        box = opened.page.locator("gs-image-viewer svg rect").first.bounding_box()
        assert (box["x"] - image["x"]) / image["width"] == pytest.approx(0.25, abs=0.01)
        assert box["height"] / image["height"] == pytest.approx(76 / 300, abs=0.02)
    else:
        # Background pixels of the mask become transparent, those of the label stay.
        opened.page.wait_for_function(
            "document.querySelector('crowd-image-classifier').shadowRoot.querySelector('gs-image-viewer')"
            ".shadowRoot.querySelector('.mask').src.startsWith('data:')"
        )
        mask = opened.page.locator("gs-image-viewer .mask").bounding_box()
        assert mask == image
    assert opened.page.locator(".legend").inner_text() == "bird"
    assert opened.axe() == []
    opened.page.keyboard.press("h")
    assert opened.page.locator("gs-image-viewer .sheet > :is(svg, .mask)").count() == 0


def many(count: int, kind: str = "") -> str:
    names = [f"Species number {index}" for index in range(1, count + 1)]
    tag = f"crowd-classifier{kind}"
    return f"""<crowd-form><{tag} name="c" header="?" categories="{names}"></{tag}></crowd-form>"""


@pytest.mark.parametrize(("typed", "chosen"), [("number 15", 15), ("15", 15), ("/15", 15), ("7", 7), ("SPECIES 19", None)])
def test_one_of_many_categories_is_found_by_typing(elements_page: OpenPage, typed: str, chosen: int | None) -> None:
    opened = elements_page(many(200))
    for key in typed:
        opened.page.keyboard.press("Space" if key == " " else key)
    if chosen is None:
        opened.page.get_by_text("No category has this").wait_for()
        assert opened.value("crowd-classifier") is None
        return
    assert opened.value("crowd-classifier") == {"label": f"Species number {chosen}"}
    assert opened.axe() == []
    opened.page.keyboard.press("Enter")
    assert opened.answers() == [{"c": {"label": f"Species number {chosen}"}}]


def test_digits_after_a_pause_are_another_number(elements_page: OpenPage) -> None:
    opened = elements_page(many(200))
    opened.page.keyboard.press("1")
    opened.page.wait_for_timeout(1_100)
    opened.page.keyboard.press("2")
    assert opened.value("crowd-classifier") == {"label": "Species number 2"}


def test_several_of_many_categories_are_taken_with_enter(elements_page: OpenPage) -> None:
    opened = elements_page(many(40, "-multi-select"))
    for text in ("number 12", "number 4"):
        opened.page.keyboard.type(text)
        opened.page.keyboard.press("Enter")
    labels = ["Species number 4", "Species number 12"]
    assert opened.value("crowd-classifier-multi-select") == {"labels": labels}
    opened.page.keyboard.press("Enter")
    assert opened.answers() == [{"c": {"labels": labels}}]


def test_two_classifiers_answer_the_keys_of_the_one_used_last(elements_page: OpenPage) -> None:
    opened = elements_page(
        """<crowd-form>
        <crowd-classifier name="a" header="First" categories="['x', 'y']">
          <classification-target>A</classification-target></crowd-classifier>
        <crowd-classifier name="b" header="Second" categories="['u', 'v']">
          <classification-target>B</classification-target></crowd-classifier>
        </crowd-form>"""
    )
    opened.page.keyboard.press("2")
    opened.page.get_by_role("radio", name="u").click()
    opened.page.keyboard.press("2")
    assert opened.submit() == {"a": {"label": "y"}, "b": {"label": "v"}}
    assert opened.axe() == []


def test_long_texts_and_instructions_scroll_by_keyboard(elements_page: OpenPage) -> None:
    opened = elements_page(
        text_task().replace("Something furry", "Long text. " * 2000).replace("In short.", "Short. " * 2000)
    )
    assert opened.axe() == []
    for region in (".stage", ".awsui-app-layout__navigation"):
        place = opened.page.locator(f"crowd-classifier {region}")
        place.focus()
        opened.page.keyboard.press("PageDown")
        opened.page.wait_for_timeout(400)
        assert place.evaluate("element => element.scrollTop") > 50
    opened.page.keyboard.press("2")
    assert opened.value("crowd-classifier") == {"label": "Dog"}
