"""What the scripts of public templates rely on, contract by contract, in templates written in their manner.

Source of the contracts: an inventory of 162 public Ground Truth templates ("JavaScript contracts").
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from browser.elements.images import png

OpenPage = Callable[..., Any]
SCRIPT = '<script src="https://assets.crowd.aws/crowd-html-elements.js"></script>'


@pytest.fixture(autouse=True)
def photo(site: Any) -> None:
    site.add("/photo.png", png(), "image/png")


def drag(opened: Any, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Drags over the drawing stage, in fractions of its size."""
    stage = opened.page.locator("canvas.upper-canvas").bounding_box()
    points = [(stage["x"] + stage["width"] * x, stage["y"] + stage["height"] * y) for x, y in (start, end)]
    opened.page.mouse.move(*points[0])
    opened.page.mouse.down()
    opened.page.mouse.move(*points[1], steps=4)
    opened.page.mouse.up()


def test_workers_add_labels_of_their_own(elements_page: OpenPage) -> None:
    opened = elements_page(
        f"""{SCRIPT}<crowd-form>
        <crowd-bounding-box id="annotator" name="annotatedResult" src="/photo.png" header="Box it" labels="['Cat']">
          <full-instructions header="How">x</full-instructions><short-instructions>y
            <crowd-input id="addLabel" label="A new label"></crowd-input>
            <crowd-button id="add">Add</crowd-button></short-instructions>
        </crowd-bounding-box></crowd-form>
        <script>
          document.addEventListener('all-crowd-elements-ready', () => {{
            document.querySelector('#add').addEventListener('click', () => {{
              annotator.labels = annotator.labels.concat([addLabel.value]);
              addLabel.value = null;
            }});
          }});
        </script>"""
    )
    opened.page.get_by_label("A new label").fill("Wing 2")
    opened.page.get_by_role("button", name="Add", exact=True).click()
    assert opened.page.evaluate("[annotator.labels, addLabel.value]") == [["Cat", "Wing 2"], ""]
    opened.page.locator("body").click(position={"x": 640, "y": 6})
    opened.page.keyboard.press("2")
    drag(opened, (0.4, 0.4), (0.6, 0.6))
    answer = opened.submit()["annotatedResult"]
    assert [box["label"] for box in answer["boundingBoxes"]] == ["Wing 2"]
    assert answer["inputImageProperties"] == {"height": 300, "width": 400}


def test_submit_is_held_until_keypoints_are_right(elements_page: OpenPage) -> None:
    opened = elements_page(
        f"""{SCRIPT}<div id="errorBox"></div><crowd-form>
        <crowd-keypoint name="annotatedResult" src="/photo.png" header="Mark" labels="['Left eye', 'Right eye']">
        </crowd-keypoint></crowd-form>
        <script>
          document.querySelector('crowd-form').onsubmit = function (e) {{
            const keypoints = document.querySelector('crowd-keypoint')._submittableValue.keypoints;
            if (keypoints.length !== 2) {{
              e.preventDefault();
              errorBox.innerHTML = '<crowd-alert type="error" dismissible>Mark both eyes.</crowd-alert>';
              errorBox.scrollIntoView();
            }}
          }};
        </script>"""
    )
    drag(opened, (0.4, 0.5), (0.4, 0.5))
    opened.page.get_by_role("button", name="Submit").click()
    opened.page.get_by_text("Mark both eyes.").wait_for()
    assert opened.answers() == []
    opened.page.keyboard.press("2")
    drag(opened, (0.6, 0.5), (0.6, 0.5))
    points = opened.submit()["annotatedResult"]["keypoints"]
    assert [point["label"] for point in points] == ["Left eye", "Right eye"]


def test_answer_made_by_a_script_from_boxes(elements_page: OpenPage) -> None:
    opened = elements_page(
        f"""{SCRIPT}<crowd-form>
        <crowd-bounding-box id="annotator" name="boxes" src="/photo.png" labels="['Car']"></crowd-bounding-box>
        <input type="hidden" name="hierarchy" id="hierarchy"></crowd-form>
        <script>
          document.querySelector('crowd-form').onsubmit = () => {{
            const boxes = annotator.value.boundingBoxes;
            hierarchy.value = JSON.stringify(boxes.map((box, id) => ({{ id, label: box.label }})));
          }};
        </script>"""
    )
    drag(opened, (0.4, 0.4), (0.5, 0.5))
    assert opened.submit()["hierarchy"] == '[{"id":0,"label":"Car"}]'


def test_page_without_any_element_but_the_form(elements_page: OpenPage) -> None:
    opened = elements_page(
        """<body><style>.zone { min-height: 40px }</style><crowd-form>
        <div class="zone"><img src="/photo.png" id="one" width="20" alt="one"></div><div class="zone" id="target"></div>
        <input type="hidden" id="result" name="result"></crowd-form><div id="note"></div>
        <script src="https://assets.crowd.aws/crowd-html-elements-v2s.js"></script>
        <script>
          document.querySelector('crowd-form').onsubmit = (event) => {
            const images = [...document.querySelectorAll('#target img')];
            if (!images.length) {
              event.preventDefault();
              note.innerHTML = '<crowd-alert type="error" dismissible>Drag an image</crowd-alert>';
            }
            result.value = images.map((image) => new URL(image.src).pathname).join();
          };
        </script></body>""".replace("-v2s.js", "-v2.js")  # the server mends the known misspelling
    )
    opened.page.get_by_role("button", name="Submit").click()
    assert opened.page.get_by_text("Drag an image").is_visible()
    opened.page.evaluate("target.append(one)")
    assert opened.submit() == {"result": "/photo.png"}


def test_own_button_calls_submit(elements_page: OpenPage) -> None:
    opened = elements_page(
        f"""{SCRIPT}<crowd-form><input type="hidden" name="ranges" id="ranges"></crowd-form>
        <button id="done">Done</button>
        <script>
          done.addEventListener('click', (event) => {{
            event.preventDefault();
            ranges.value = JSON.stringify([[1, 2]]);
            document.querySelector('crowd-form').submit();
          }});
        </script>"""
    )
    opened.page.get_by_role("button", name="Done").click()
    assert opened.answers() == [{"ranges": "[[1,2]]"}]


def test_checkboxes_switched_off_by_a_script(elements_page: OpenPage) -> None:
    opened = elements_page(
        f"""{SCRIPT}<crowd-form><crowd-card><div class="card">
        <crowd-checkbox name="none" id="none">Nothing wrong</crowd-checkbox>
        <crowd-checkbox name="issue" value="rude" class="issue">Rude</crowd-checkbox></div></crowd-card></crowd-form>
        <script>
          none.addEventListener('change', () => {{
            for (const box of document.querySelectorAll('.issue')) {{
              box.disabled = none.checked;
              box.checked = false;
            }}
          }});
        </script>"""
    )
    opened.page.get_by_label("Rude").check()
    opened.page.get_by_label("Nothing wrong").check()
    assert opened.page.get_by_label("Rude").is_disabled()
    assert opened.submit() == {"none": {"on": True}}
    opened.page.get_by_label("Nothing wrong").uncheck()
    assert opened.submit() == {"none": {"on": False}, "issue": {"rude": False}}


def test_slider_changes_the_look_of_the_drawing(elements_page: OpenPage) -> None:
    opened = elements_page(
        f"""{SCRIPT}<crowd-form><crowd-bounding-box name="b" src="/photo.png" labels="['Wrong']">
        <short-instructions>Strength
          <crowd-slider id="strength" name="strength" min="0" max="100" step="10" value="50" pin></crowd-slider>
        </short-instructions></crowd-bounding-box></crowd-form>
        <script>
          document.addEventListener('all-crowd-elements-ready', () => {{
            strength.onchange = () => {{
              const root = document.querySelector('crowd-bounding-box').shadowRoot;
              root.querySelector('canvas.upper-canvas').style.opacity = strength.value / 100;
            }};
          }});
        </script>"""
    )
    opened.page.get_by_role("slider", name="strength").press("ArrowRight")
    assert opened.page.locator("canvas.upper-canvas").evaluate("canvas => canvas.style.opacity") == "0.6"


def test_questions_are_added_to_the_form_of_an_entity_annotation(elements_page: OpenPage) -> None:
    opened = elements_page(
        f"""{SCRIPT}<crowd-entity-annotation name="entities" header="Mark" text="Ada met Bob"
          labels="[{{'label': 'person', 'shortDisplayName': 'per', 'fullDisplayName': 'Person'}}]"
          initial-value="[{{label: 'person', startOffset: 0, endOffset: 3}},]">
          <crowd-radio-group id="more"><crowd-radio-button name="tense" value="past">Past</crowd-radio-button>
            <crowd-radio-button name="present" value="present">Present</crowd-radio-button></crowd-radio-group>
        </crowd-entity-annotation>
        <script>
          document.addEventListener('all-crowd-elements-ready', () => {{
            const root = document.querySelector('crowd-entity-annotation').shadowRoot;
            root.querySelector('crowd-form').form.appendChild(document.querySelector('#more'));
          }});
        </script>"""
    )
    opened.page.get_by_label("Past").check()
    answer = opened.submit()
    assert answer["entities"]["entities"] == [{"label": "person", "startOffset": 0, "endOffset": 3}]
    assert (answer["tense"], answer["present"]) == ({"past": True}, {"present": False})


def test_second_question_depends_on_the_first(elements_page: OpenPage) -> None:
    opened = elements_page(
        f"""{SCRIPT}<crowd-form><crowd-classifier name="first" categories="['Animal', 'Plant']" header="Which kingdom?">
          <classification-target><img src="/photo.png" width="80" alt="what it is"></classification-target>
        </crowd-classifier>
        <crowd-card id="card"><crowd-classifier name="second" header="Which one?" categories="[]"></crowd-classifier>
        </crowd-card></crowd-form>
        <script>
          const kinds = {{ Animal: ['Cat', 'Dog'], Plant: ['Fern', 'Moss'] }};
          document.addEventListener('all-crowd-elements-ready', () => {{
            const [first, second] = document.querySelectorAll('crowd-classifier');
            const picker = first.shadowRoot.querySelector('.annotation-area .category-picker-wrapper');
            picker.addEventListener('click', () => {{ second.categories = kinds[first.value]; }});
          }});
        </script>"""
    )
    opened.page.get_by_role("radio", name="Plant").click()
    opened.page.get_by_role("radio", name="Moss").click()
    assert opened.submit() == {"first": {"label": "Plant"}, "second": {"label": "Moss"}}
    opened.page.get_by_role("radio", name="Animal").click()
    opened.page.get_by_role("button", name="Submit").click()
    assert opened.page.get_by_role("alert").first.inner_text() == "Choose a category."


def test_custom_elements_and_nested_tabs_of_the_template(elements_page: OpenPage) -> None:
    opened = elements_page(
        f"""{SCRIPT}<script>
          customElements.define('my-stars', class extends HTMLElement {{
            connectedCallback() {{ this.innerHTML = '<input type="hidden" name="stars" value="4">'; }}
          }});
        </script>
        <crowd-form><crowd-tabs><crowd-tab header="Rate"><my-stars></my-stars></crowd-tab>
          <crowd-tab header="Say"><textarea name="why" aria-label="Why"></textarea></crowd-tab></crowd-tabs>
        <crowd-button variant="primary" form-action="submit" style="float: right">Submit</crowd-button></crowd-form>"""
    )
    opened.page.get_by_role("tab", name="Say").click()
    opened.page.get_by_label("Why").fill("good")
    assert opened.submit() == {"stars": "4", "why": "good"}


def test_sound_plays_inside_a_classification(elements_page: OpenPage, site: Any) -> None:
    silence = b"RIFF$\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0@\x1f\0\0@\x1f\0\0\x01\0\x08\0data\0\0\0\0"
    site.add("/sound.wav", silence, "audio/wav")
    opened = elements_page(
        f"""{SCRIPT}<crowd-form><crowd-classifier name="mood" categories="['calm', 'angry']" header="How is it?">
        <classification-target><audio controls><source src="/sound.wav" type="audio/wav"></audio>
        </classification-target>
        <short-instructions>Listen</short-instructions></crowd-classifier></crowd-form>"""
    )
    assert opened.page.locator("audio").evaluate("audio => audio.getBoundingClientRect().width") > 100
    opened.page.get_by_role("radio", name="calm").click()
    assert opened.submit() == {"mood": {"label": "calm"}}
