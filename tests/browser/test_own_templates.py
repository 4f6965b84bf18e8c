"""Templates that people bring along, as whole jobs without a function: what they rely on is there for workers."""

from __future__ import annotations

import io
import json
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import FrameLocator, Page, expect

from browser.conftest import Site
from groundswell.domain.records import LabelingJob

pytestmark = pytest.mark.browser
NAMES = count()
ELEMENTS = '<script src="https://assets.crowd.aws/crowd-html-elements.js"></script>'
TEXT = '<crowd-text-input name="word"></crowd-text-input>'
PDF = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R 5 0 R]/Count 2>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 400]/Contents 4 0 R/Resources<</Font<</F 7 0 R>>>>>>endobj
4 0 obj<</Length 41>>stream
BT /F 24 Tf 40 300 Td (Dear customer) Tj ET
endstream endobj
5 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 400]/Contents 6 0 R/Resources<</Font<</F 7 0 R>>>>>>endobj
6 0 obj<</Length 39>>stream
BT /F 24 Tf 40 300 Td (Second page) Tj ET
endstream endobj
7 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj
trailer<</Root 1 0 R>>
"""
Start = Callable[..., tuple[LabelingJob, Page, FrameLocator]]


def picture(width: int = 600, height: int = 400) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def start(site: Site) -> Start:
    """A custom job of one object, and its first task on screen."""

    def begin(template: str, line: Mapping[str, Any], **spec: Any) -> tuple[LabelingJob, Page, FrameLocator]:
        name = f"own-{next(NAMES)}"
        site.served.storage.write(f"s3://own/{name}.manifest", json.dumps(line).encode() + b"\n")
        body = {
            "name": name,
            "task_type": "custom",
            "template": template,
            "input": f"s3://own/{name}.manifest",
            "workers": {"per_object": 1},
            **spec,
        }
        made = site.served.requester().post("/api/v1/jobs", json=body)
        assert made.status_code == 201, made.text
        for _ in range(400):
            job = site.served.store.read(lambda tx: tx.jobs.by_name(name))
            if job.counters.open:
                break
            time.sleep(0.05)
        page = site.page(f"w{name}", viewport={"width": 1000, "height": 700})
        page.goto(f"/work/{name}")
        return job, page, page.frame_locator("iframe.shown")

    return begin


def answer(site: Site, page: Page, job: LabelingJob) -> Any:
    """What Submit hands over."""
    page.frame_locator("iframe.shown").get_by_role("button", name="Submit").click()
    for _ in range(200):
        found = site.served.store.read(lambda tx: tx.annotations.all(job.id))
        if found:
            return found[0].content
        page.wait_for_timeout(50)
    raise AssertionError("nothing was submitted")


@pytest.mark.parametrize("labels", ["['Nose', 'Left ear']", "{{ task.input.names | to_json }}"])
def test_names_can_be_cut_out_of_the_attribute(site: Site, start: Start, labels: str) -> None:
    template = ELEMENTS + (
        f'<crowd-form><crowd-keypoint name="p" src="{{{{ task.input.source-ref | grant_read_access }}}}"'
        f' labels="{labels}" header="Points"></crowd-keypoint></crowd-form>'
    )
    site.served.storage.write("s3://own/a.png", picture())
    _, _, frame = start(template, {"source-ref": "s3://own/a.png", "names": ["Nose", "Left ear"]})
    expect(frame.locator("crowd-keypoint")).to_have_attribute("labels", '["Nose","Left ear"]')


def test_the_value_of_a_classifier_is_the_category_and_of_a_box_its_text(site: Site, start: Start) -> None:
    template = (
        ELEMENTS
        + """<crowd-form>
      <crowd-classifier name="mood" categories="['Good', 'Bad']" header="How is it?">
        <classification-target>{{ task.input.source }}</classification-target></crowd-classifier>
      <crowd-checkbox name="sure" value="yes">Sure</crowd-checkbox><div id="more"></div></crowd-form>
    <script>
      const why = { Good: ["fast", "kind"], Bad: ["slow", "rude"] };
      document.querySelector("crowd-classifier").addEventListener("change", (event) => {
        const options = why[event.target.value].map((word) => `<option>${word}</option>`).join("");
        document.querySelector("#more").innerHTML = `<select name="why">${options}</select>`;
      });
      const box = document.querySelector("crowd-checkbox");
      box.addEventListener("change", (event) => (document.title = event.target.value));
    </script>"""
    )
    job, page, frame = start(template, {"source": "It purrs."})
    frame.get_by_role("radio", name="Bad").click()
    expect(frame.locator("select[name=why]")).to_have_value("slow")
    frame.get_by_text("Sure").click()
    assert frame.locator("body").evaluate("() => document.title") == "yes"
    assert answer(site, page, job) == {"mood": {"label": "Bad"}, "why": "slow", "sure": {"yes": True}}


def test_the_line_is_the_input_of_a_template_of_ones_own(site: Site, start: Start) -> None:
    template = (
        ELEMENTS
        + """<crowd-form>
      <crowd-classifier name="animal" categories="{{ task.input.labels | to_json | escape }}"
        header="{{ task.input.header }}">
        <classification-target>{{ task.input.source }}</classification-target></crowd-classifier></crowd-form>"""
    )
    line = {"source": "It purrs.", "labels": ["Cat", "Dog"], "header": "Which animal?"}
    job, page, frame = start(template, line, title="Another title", labels=["Fish"])
    expect(frame.get_by_role("heading", name="Which animal?")).to_be_visible()
    assert frame.get_by_role("radio").count() == 2
    frame.get_by_role("radio", name="Cat").click()
    assert answer(site, page, job) == {"animal": {"label": "Cat"}}


def test_labels_of_a_job_may_be_objects(site: Site, start: Start) -> None:
    template = (
        ELEMENTS
        + """<crowd-entity-annotation name="names" header="Mark" text="{{ task.input.source }}"
      labels="{{ task.input.labels | to_json | escape }}"></crowd-entity-annotation>"""
    )
    labels = [{"label": "person", "shortDisplayName": "per", "fullDisplayName": "A person"}, "place"]
    _, _, frame = start(template, {"source": "Ada went home."}, labels=labels)
    expect(frame.get_by_text("A person")).to_be_visible()


def test_storage_and_cookies_are_there_as_long_as_the_task(site: Site, start: Start) -> None:
    template = (
        ELEMENTS
        + f"""<script>
      localStorage.setItem("size", "12"); localStorage.colour = "red"; sessionStorage.seen = 1;
      document.cookie = "a=b; path=/"; document.cookie = "c=d"; document.cookie = "c=; max-age=0";
    </script><crowd-form>{TEXT}<input type="hidden" name="kept"></crowd-form>
    <script>
      const asked = indexedDB.open("notes", 1);
      asked.onupgradeneeded = () => asked.result.createObjectStore("words");
      asked.onsuccess = () => {{
        const done = asked.result.transaction("words", "readwrite");
        done.objectStore("words").put("blue", "sky");
        done.oncomplete = () => (document.querySelector("[name=kept]").value =
          [localStorage.getItem("size"), localStorage.getItem("colour"), localStorage.length,
           sessionStorage.getItem("seen"), localStorage.getItem("none"), Object.keys(localStorage).join("+"),
           document.cookie].join());
      }};
    </script>"""
    )
    job, page, frame = start(template, {"source": "x"})
    expect(frame.locator("[name=kept]")).to_have_value("12,red,2,1,,size+colour,a=b")
    assert frame.locator("body").evaluate("() => window.origin") == "null"
    assert answer(site, page, job)["kept"].startswith("12,red")


def test_tabs_show_one_page_and_fields_of_one_name_make_a_list(site: Site, start: Start) -> None:
    template = (
        "<style>.page { display: grid !important; }</style>"
        + ELEMENTS
        + """<crowd-form><crowd-tabs>
      <crowd-tab header="One" class="page"><crowd-text-area name="note"></crowd-text-area></crowd-tab>
      <crowd-tab header="Two" class="page"><crowd-text-area name="note"></crowd-text-area></crowd-tab>
    </crowd-tabs></crowd-form>"""
    )
    job, page, frame = start(template, {"source": "x"})
    fields = frame.locator("crowd-text-area textarea")
    expect(fields.first).to_be_visible()
    expect(fields.nth(1)).to_be_hidden()
    fields.first.fill("first")
    frame.get_by_role("tab", name="Two").click()
    expect(fields.first).to_be_hidden()
    fields.nth(1).fill("second")
    assert answer(site, page, job) == {"note": ["first", "second"]}


@pytest.mark.parametrize(
    "tag", ['<iframe src="{}" width="100%" height="500"></iframe>', '<embed src="{}" width="600" height="500">']
)
def test_a_document_can_be_read_in_the_task(site: Site, start: Start, tag: str) -> None:
    site.served.storage.write("s3://own/letter.pdf", PDF)
    template = (
        ELEMENTS
        + "<crowd-form>"
        + tag.format("{{ task.input.source-ref | grant_read_access }}")
        + TEXT
        + "</crowd-form>"
    )
    _, page, _ = start(template, {"source-ref": "s3://own/letter.pdf"})
    for _ in range(200):
        found = next((one for one in page.frames if "/media/" in one.url), None)
        if found:
            break
        page.wait_for_timeout(50)
    assert found is not None
    found.get_by_text("Dear customer").wait_for()
    assert found.locator("#count").inner_text() == "of 2"
    before = found.locator(".sheet").first.bounding_box()
    found.get_by_role("button", name="Zoom in").click()
    found.wait_for_function(f"document.querySelector('.sheet').getBoundingClientRect().width > {before['width'] + 1}")  # type: ignore[index]
    found.get_by_role("button", name="Next page").click()
    expect(found.get_by_role("textbox", name="Page")).to_have_value("2")


@pytest.mark.parametrize("size", [(2_000, 500), (500, 2_000)])
def test_the_address_of_a_picture_says_which_it_is(site: Site, start: Start, size: tuple[int, int]) -> None:
    site.served.storage.write("s3://own/shots/odd name%20#1.png", picture(*size))
    template = (
        ELEMENTS
        + """<crowd-form><img id="picture" src="{{ task.input.source-ref | grant_read_access }}" style="height: 300px">
      <input type="hidden" name="key"><crowd-checkbox name="blurred" value="blur">Blurred</crowd-checkbox></crowd-form>
      <script>
        const path = new URL(picture.src).pathname.slice(1);
        document.querySelector("[name=key]").value = decodeURIComponent(path);
      </script>"""
    )
    job, page, frame = start(template, {"source-ref": "s3://own/shots/odd name%20#1.png"})
    image = frame.locator("#picture")
    image.evaluate("image => image.decode()")
    shown = image.evaluate("image => [getComputedStyle(image).objectFit, image.clientWidth / image.clientHeight]")
    assert shown[0] == "contain" or abs(shown[1] - size[0] / size[1]) < 0.02
    assert answer(site, page, job)["key"].endswith("own/shots/odd name%20#1.png")


@pytest.fixture
def silent() -> Iterator[str]:
    """An address that accepts and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.mark.parametrize(
    "tag", ['<script src="{}/lib.js?a=1&amp;b=2"></script>', '<link rel="stylesheet" href="{}/page.css">']
)
def test_what_never_answers_is_reported_and_left_out(site: Site, start: Start, silent: str, tag: str) -> None:
    template = (
        tag.format(silent)
        + ELEMENTS
        + "<crowd-form><crowd-input name='word' label='A word'></crowd-input></crowd-form>"
    )
    job, page, frame = start(template, {"source": "x"})
    expect(frame.get_by_role("alert").first).to_contain_text("did not answer", timeout=9_000)
    frame.locator("crowd-input input").fill("hello")
    assert answer(site, page, job) == {"word": "hello"}


def test_labels_of_a_slider_stand_at_their_values(site: Site, start: Start) -> None:
    template = (
        ELEMENTS
        + """<crowd-form><crowd-slider name="n" min="1" max="9" value="3">
      <crowd-slider-label position="3">Three</crowd-slider-label></crowd-slider></crowd-form>"""
    )
    _, _, frame = start(template, {"source": "x"})
    label, track = frame.locator("crowd-slider-label"), frame.locator("crowd-slider input")
    expect(label).to_be_visible()
    middle = label.evaluate("one => { const box = one.getBoundingClientRect(); return box.left + box.width / 2; }")
    place = track.evaluate(
        "one => { const box = one.getBoundingClientRect(); return box.left + 8 + (box.width - 16) / 4; }"
    )
    assert abs(middle - place) < 2
