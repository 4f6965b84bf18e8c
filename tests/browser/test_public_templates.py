"""Templates in the manner of Ground Truth's public ones are answered by hand and submit what is documented.

Each file of `public/` uses another combination of elements, attribute grammar, Liquid and scripts. They stand in a
frame of an opaque origin as tasks do, and nothing outside can be reached: other sites' scripts fail to load.
Source: an inventory of 162 public templates (elements, scripts, attribute values, Liquid).
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from mimetypes import guess_type
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, Route, expect

from browser.drive import Hands
from browser.elements.conftest import BUILT
from groundswell.server.frames import FRAME_HEADERS
from groundswell.templates.check import check
from groundswell.templates.render import render

pytestmark = pytest.mark.browser
PUBLIC = Path(__file__).parent / "public"
HOST = "https://task.test"
SIZE = {"height": 400, "width": 600}
PARENT = f"""<!doctype html><title>Work</title>
<style>body{{margin:0}}iframe{{width:100vw;height:100vh;border:0}}</style>
<script>window.messages = []; addEventListener('message', (event) => messages.push(event.data));</script>
<iframe src="{HOST}/frame"></iframe>"""
BIRD = "s3://in/photo.png"
BOX = {"height": 110, "label": "Fox", "left": 150, "top": 100, "width": 140}
LINE: dict[str, Any] = {
    "source-ref": BIRD,
    "prior-job": {
        "image_size": [{"width": 600, "height": 400, "depth": 3}],
        "annotations": [{"class_id": 0, "left": 150, "top": 100, "width": 140, "height": 110}],
    },
    "prior-job-metadata": {"class-map": {"0": "Fox"}, "type": "groundtruth/object-detection"},
    "prior-job-ref": "s3://in/mask.png",
    "prior-job-ref-metadata": {
        "internal-color-map": {
            "0": {"class-name": "BACKGROUND", "hex-color": "#ffffff", "confidence": 0.8},
            "1": {"class-name": "Fox's", "hex-color": "#2ca02c", "confidence": 0.8},
        }
    },
}


def png(mask: bool = False) -> bytes:
    image = Image.new("P", (600, 400), 0) if mask else Image.new("RGB", (600, 400), (190, 205, 215))
    if mask:
        image.putpalette([255, 255, 255, 0x2C, 0xA0, 0x2C])
    ImageDraw.Draw(image).rectangle((150, 100, 289, 209), fill=1 if mask else (40, 90, 120))
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


MEDIA = {"/media/photo.png": png(), "/media/mask.png": png(mask=True)}


def granted(uri: str) -> str:
    """A link to what is in storage; other addresses stay as they are."""
    for prefix in ("s3://in/", "http://s3.amazonaws.com/in/"):
        if uri.startswith(prefix):
            return f"{HOST}/media/{uri.removeprefix(prefix)}"
    return uri


@dataclass
class Task:
    """One rendered template in its frame."""

    hands: Hands
    errors: list[str] = field(default_factory=list)

    @property
    def frame(self) -> Any:
        return self.hands.frame

    def answers(self) -> list[Any]:
        """What was submitted so far."""
        found: list[Any] = self.hands.page.evaluate(
            "messages.filter((one) => one.type === 'groundswell:submit').map((one) => one.answer)"
        )
        return found

    def submit(self) -> Any:
        """Presses Submit; the answer."""
        before = len(self.answers())
        self.hands.submit()
        return self.wait(before + 1)

    def wait(self, count: int = 1) -> Any:
        for _ in range(100):
            if len(self.answers()) >= count:
                return self.answers()[-1]
            self.hands.page.wait_for_timeout(20)
        raise AssertionError(f"nothing was submitted; {self.errors}")

    def refused(self) -> None:
        """Presses Submit, and nothing is submitted."""
        before = len(self.answers())
        self.hands.submit()
        self.hands.page.wait_for_timeout(150)
        assert len(self.answers()) == before


OpenTask = Callable[..., Task]


@pytest.fixture(scope="module")
def stage(browser: Browser) -> Iterator[tuple[Page, dict[str, str]]]:
    """One page whose network ends at `HOST`, and the HTML of the task it serves."""
    served = {"html": ""}

    def answer(route: Route) -> None:
        url = route.request.url
        path = url.removeprefix(HOST).partition("?")[0]
        if not url.startswith(HOST):
            route.abort()
        elif path == "/":
            route.fulfill(body=PARENT, content_type="text/html")
        elif path == "/frame":
            route.fulfill(body=served["html"], headers={**FRAME_HEADERS, "Content-Type": "text/html; charset=utf-8"})
        elif path in MEDIA:
            headers = {"Access-Control-Allow-Origin": "*", "Content-Type": "image/png"}
            route.fulfill(body=MEDIA[path], headers=headers)
        elif (file := BUILT / path.removeprefix("/static/elements/")).is_file():
            headers = {"Access-Control-Allow-Origin": "*", "Content-Type": guess_type(file.name)[0] or "text/plain"}
            route.fulfill(body=file.read_bytes(), headers=headers)
        else:
            route.fulfill(status=404, body="not found")

    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(8_000)
    page = context.new_page()
    page.route("**/*", answer)
    yield page, served
    context.close()


@pytest.fixture
def open_task(stage: tuple[Page, dict[str, str]]) -> Iterator[OpenTask]:
    """Opens a template of `public/` with a `task.input`, as workers see it."""
    page, served = stage
    errors: list[str] = []
    note = lambda error: errors.append(str(error))  # noqa: E731
    page.on("pageerror", note)

    def open_one(name: str, given: Mapping[str, Any], **replaced: str) -> Task:
        html = template(name, **replaced)
        served["html"] = render(html, given, grant_read_access=granted, assets=f"{HOST}/static/elements")
        page.goto(HOST)
        page.wait_for_function("messages.some((one) => one.type === 'groundswell:ready')")
        page.locator("iframe").focus()  # as the portal does
        return Task(Hands(page, "iframe"), errors)

    yield open_one
    page.remove_listener("pageerror", note)


def template(name: str, **replaced: str) -> str:
    text = (PUBLIC / f"{name}.liquid.html").read_text()
    for word, by in replaced.items():
        text = text.replace(word, by)
    return text


Do = Callable[[Task], object]


@dataclass(frozen=True)
class Case:
    """A template, what it is given, what a worker does before Submit, and the answer."""

    name: str
    given: Mapping[str, Any]
    do: Do
    answer: Any
    errors: tuple[str, ...] = ()  # what its own scripts throw because other sites cannot be reached


def choose(*labels: str, role: str = "radio") -> Do:
    def do(task: Task) -> None:
        for label in labels:
            task.frame.get_by_role(role, name=label, exact=False).first.click()

    return do


def check_boxes(*labels: str) -> Do:
    def do(task: Task) -> None:
        for label in labels:
            task.frame.get_by_label(label, exact=True).check()

    return do


def fill(**texts: str) -> Do:
    """Types into fields, by the label with spaces for underscores."""

    def do(task: Task) -> None:
        for label, text in texts.items():
            task.frame.get_by_label(label.replace("_", " ")).first.click()
            task.hands.type(text)

    return do


def both(*steps: Do) -> Do:
    def do(task: Task) -> None:
        for step in steps:
            step(task)

    return do


def drag(tag: str, *points: tuple[float, float]) -> Do:
    def do(task: Task) -> None:
        task.hands.wait_for_stage(tag)
        task.hands.drag(tag, *points)

    return do


def click(tag: str, *points: tuple[float, float]) -> Do:
    def do(task: Task) -> None:
        task.hands.wait_for_stage(tag)
        task.hands.click(tag, *points)

    return do


def slide(*presses: tuple[str, int, str]) -> Do:
    """Moves sliders, by their number, with a key pressed so many times."""

    def do(task: Task) -> None:
        for key, times, slider in presses:
            for _ in range(times):
                task.frame.locator(f"crowd-slider[name={slider}]").get_by_role("slider").press(key)

    return do


def select(name: str, *options: str) -> Do:
    return lambda task: task.frame.locator(f"select[name={name}]").select_option(list(options))


def mark(start: int, end: int, *keys: str) -> Do:
    def do(task: Task) -> None:
        task.hands.mark_text(start, end)
        task.hands.keys(*keys)

    return do


def press(*keys: str) -> Do:
    return lambda task: task.hands.keys(*keys)


def nothing(task: Task) -> None:
    return None


def write_pair(task: Task) -> None:
    task.frame.get_by_role("textbox", name="Question").first.fill("Who went home?")
    task.frame.get_by_role("textbox", name="Answer").first.fill("Ann")
    task.frame.get_by_role("button", name="Who", exact=True).first.click()


TEXT = {"taskObject": 'It\'s "so" <b>good</b> & cheap', "source": 'Ann\'s <dog> went "home"'}
PHOTO = {"taskObject": BIRD, "source-ref": BIRD, "labels": ["Fox", "Owl"], "manifestLine": LINE}
TRIANGLE = [{"x": 50, "y": 50}, {"x": 250, "y": 60}, {"x": 200, "y": 250}]

CASES = [
    Case("audio-choice", {"taskObject": "s3://in/a.wav"}, choose("Can't tell"), {"mood": {"label": "Can't tell"}}),
    Case("audio-text", {"taskObject": "s3://in/a.wav"}, fill(What_is_said="Hi 1\n2"), {"words": "Hi 1\n2"}),
    Case(
        "responses-with-flaws",
        {**TEXT, "modelResponses": [{"text": "Yes"}, {"text": "No"}]},
        lambda task: (
            task.frame.get_by_label("Rude").first.check(),
            task.frame.get_by_label("Nothing is wrong").nth(1).check(),
            expect(task.frame.get_by_label("Wrong", exact=True).nth(1)).to_be_disabled(),
        ),
        {"fine-1": {"yes": False}, "flaw-1": {"rude": True, "wrong": False}, "fine-2": {"yes": True}},
    ),
    Case(
        "sliders-on-a-card",
        {**TEXT, "image": BIRD, "modelResponse": "Yes"},
        slide(("ArrowRight", 3, "truth"), ("ArrowLeft", 1, "kindness")),
        {"truth": 4, "kindness": 2},
    ),
    Case(
        "question-answer-pair",
        TEXT,
        write_pair,
        {"pairs": {"questionAnswerPairs": [{"question": "Who went home?", "answer": "Ann", "tags": ["Who"]}]}},
    ),
    Case(
        "text-ranking",
        {**TEXT, "responses": ["It's", 'a "b"', "<c>"]},
        press(*"112213"),
        {
            "ordinalRankingDimensions": [
                {"name": "Clarity", "allowTie": True, "responseRankings": [1, 1, 2]},
                {"name": "Truth", "allowTie": False, "responseRankings": [2, 1, 3]},
            ]
        },
    ),
    Case(
        "boxes",
        PHOTO,
        drag("crowd-bounding-box", (150, 100), (290, 210)),
        {"annotatedResult": {"boundingBoxes": [BOX], "inputImageProperties": SIZE}},
    ),
    Case(
        "boxes-in-a-tree",
        PHOTO,
        both(
            drag("crowd-bounding-box", (20, 20), (320, 220)),
            lambda task: task.frame.get_by_role("button", name="Next level").click(),
            drag("crowd-bounding-box", (400, 300), (500, 320)),
        ),
        {
            "boxes": {
                "boundingBoxes": [
                    {"height": 200, "label": "Page", "left": 20, "top": 20, "width": 300},
                    {"height": 20, "label": "Line", "left": 400, "top": 300, "width": 100},
                ],
                "inputImageProperties": SIZE,
            },
            "tree": '["Page","Line"]',
        },
        errors=("uuid is not defined",),
    ),
    Case(
        "two-tiers",
        PHOTO,
        choose("Plant", "Moss"),
        {"first": {"label": "Plant"}, "second": {"label": "Moss"}},
    ),
    Case(
        "image-choice",
        PHOTO,
        both(
            choose("No"),
            lambda task: task.frame.get_by_text("Say more").first.click(),
            lambda task: task.frame.get_by_role("textbox", name="Say more").fill("a hand?"),
        ),
        {"crowd-image-classifier": {"label": "No", "workerComment": "a hand?"}},
    ),
    Case("image-choices", {}, choose("Roof", "Window", role="checkbox"), {"parts": {"labels": ["Roof", "Window"]}}),
    Case(
        "dropdowns",
        PHOTO,
        both(select("kind", "dog"), select("colours", "black", "white")),
        {"kind": "dog", "colours": ["black", "white"]},
    ),
    Case(
        "subcategories",
        TEXT,
        both(
            check_boxes("Food", "Bad"),
            fill(Why="cold"),
            lambda task: task.frame.get_by_label("Day").fill("2026-11-20"),
        ),
        {"food": {"food": True}, "taste": "bad", "service": {"service": False}, "why": "cold", "day": "2026-11-20"},
    ),
    Case(
        "two-images",
        {"item1": {"image": BIRD, "title": "A & b"}, "item2": {"image": BIRD, "title": "c"}},
        choose("Different"),
        {"same": {"label": "Different"}},
    ),
    Case(
        "tags-with-instructions",
        PHOTO,
        both(fill(First_tag="red 1", Second_tag="door")),
        {"tag1": "red 1", "tag2": "door"},
    ),
    Case(
        "keypoints-checked",
        PHOTO,
        both(
            click("crowd-keypoint", (50.5, 60.5)),
            Task.refused,
            lambda task: expect(task.frame.get_by_text("Mark Right once.")).to_be_visible(),
            press("2"),
            click("crowd-keypoint", (500.5, 60.5)),
        ),
        {
            "annotatedResult": {
                "keypoints": [{"label": "Left", "x": 50, "y": 60}, {"label": "Right", "x": 500, "y": 60}],
                "inputImageProperties": SIZE,
            }
        },
    ),
    Case(
        "lines",
        PHOTO,
        drag("crowd-line", (50, 50), (250, 60)),
        {"crowdLine": {"lines": [{"label": "Beam", "vertices": TRIANGLE[:2]}], "inputImageProperties": SIZE}},
    ),
    Case(
        "polylines",
        PHOTO,
        click("crowd-polyline", (50, 50), (250, 60), (200, 250), (200, 250)),
        {
            "crowdPolyline": {
                "polylines": [
                    {"label": "River", "vertices": [{"x": 10, "y": 20}, {"x": 30, "y": 40}]},
                    {"label": "Road", "vertices": TRIANGLE},
                ],
                "inputImageProperties": SIZE,
                "initialValueModified": True,
            }
        },
    ),
    Case(
        "read-the-receipt",
        PHOTO,
        both(
            fill(Text_in_the_outline="12.50 n"),
            lambda task: task.frame.get_by_role("button", name="Add", exact=True).click(),
            lambda task: task.frame.locator("crowd-polygon").get_by_text("12.50 n").first.click(),
            click("crowd-polygon", (50, 50), (250, 60), (200, 250), (50, 50)),
        ),
        {
            "labels": "Total|12.50 n",
            "polygons": {
                "polygons": [{"label": "12.50 n", "vertices": TRIANGLE}],
                "inputImageProperties": SIZE,
            },
        },
    ),
    Case(
        "drag-images",
        {"image1": BIRD, "image2": "s3://in/mask.png"},
        nothing,
        {"result": "/media/photo.png,/media/mask.png"},
        errors=("Draggable is not defined",),
    ),
    Case(
        "person",
        PHOTO,
        lambda task: task.frame.get_by_role("button", name="I do not know").click(),
        {"who": "unknown"},
    ),
    Case(
        "mask-under-boxes",
        {**PHOTO, "pngString": base64.b64encode(png(mask=True)).decode()},
        both(slide(("ArrowRight", 1, "strength")), drag("crowd-bounding-box", (150, 100), (290, 210))),
        {
            "wrong": {"boundingBoxes": [{**BOX, "label": "Wrong"}], "inputImageProperties": SIZE},
            "strength": 60,
        },
    ),
    Case("blank", {}, nothing, {}),
    Case(
        "with-jquery",
        TEXT,
        both(check_boxes("Poor"), fill(Detail="dull")),
        {"quality": "poor", "detail": "dull"},
        errors=("$ is not defined",),
    ),
    Case("wider-instructions", PHOTO, choose("None", role="checkbox"), {"seen": {"labels": ["None"]}}),
    Case(
        "side-by-side",
        {},
        both(check_boxes("The second"), fill(Why="shorter\nand 1 better")),
        {"first": {"1": False}, "second": {"2": True}, "reason": "shorter\nand 1 better"},
    ),
    Case(
        "survey",
        {"surveyLink": "https://example.com/?a=1&b=2"},
        both(fill(Code_at="A1B2"), lambda task: task.frame.get_by_label("When").fill("2026-11-20")),
        {"code": "A1B2", "when": "2026-11-20"},
    ),
    Case(
        "table",
        {"Pairs": [{"source": "Hund", "target": "dog's"}, {"source": "Katze", "target": 'a "cat"'}]},
        lambda task: task.frame.get_by_role("textbox").nth(1).fill("cat"),
        {"text-1": "dog's", "text-2": "cat"},
    ),
    Case(
        "website",
        {"taskObject": "https://example.com/?a=1&b=2", "labels": ['a "b"', "it's", "<c>"]},
        choose("it's"),
        {"kind": {"label": "it's"}},
    ),
    Case(
        "fill-in",
        {"textBeginning": "It's a", "textEnd": "& more"},
        both(lambda task: task.frame.get_by_role("textbox").click(), lambda task: task.hands.type("n 1")),
        {"blank": "n 1"},
    ),
    Case(
        "highlights",
        {"taskObject": "It's good and cheap", "highlightParts": [{"text": "It's"}, {"text": "cheap"}]},
        check_boxes("Clear"),
        {"clear": "yes", "parts": "2"},
    ),
    Case(
        "taxonomy",
        TEXT,
        both(select("tier1", "Sports"), select("tier2", "Tennis")),
        {"tier1": "Sports", "tier2": "Tennis"},
    ),
    Case(
        "phrases",
        {"taskObject": "A 😀 good day's work"},
        both(mark(5, 15, "1"), mark(16, 20, "2")),
        {
            "crowd-entity-annotation": {
                "entities": [
                    {"label": "phrase", "startOffset": 4, "endOffset": 14},
                    {"label": "verb", "startOffset": 15, "endOffset": 19},
                ]
            }
        },
    ),
    Case(
        "entities-and-more",
        {},
        both(mark(8, 11, "1"), check_boxes("Other")),
        {
            "entities": {
                "entities": [
                    {"label": "person", "startOffset": 0, "endOffset": 3},
                    {"label": "person", "startOffset": 8, "endOffset": 11},
                ],
                "initialValueModified": True,
            },
            "news": {"news": False},
            "other": {"other": True},
        },
    ),
    Case(
        "several-texts",
        {},
        check_boxes("Negative one", "Positive two"),
        {"one": "negative", "two": "positive"},
    ),
    Case("tweet", TEXT, choose("N/A"), {"sentiment": {"label": "N/A"}}, errors=("twttr is not defined",)),
    Case(
        "translations",
        {"original": {"language": "de", "text": "Hund"}, "translation": {"language": "en", "text": "dog"}},
        slide(("End", 1, "quality")),
        {"quality": 10},
    ),
    Case("film", {"taskObject": "s3://in/a.mp4"}, choose("Foul", role="checkbox"), {"events": {"labels": ["Foul"]}}),
    Case("film-elsewhere", {"taskObject": "abc"}, choose("News"), {"film": {"label": "News"}}),
    Case(
        "adjust-boxes",
        PHOTO,
        drag("crowd-bounding-box", (400, 300), (500, 350)),
        {
            "annotatedResult": {
                "boundingBoxes": [BOX, {"height": 50, "label": "Fox", "left": 400, "top": 300, "width": 100}],
                "inputImageProperties": SIZE,
                "initialValueModified": True,
            }
        },
    ),
    Case(
        "verify-boxes",
        PHOTO,
        both(
            lambda task: expect(task.frame.locator("crowd-image-classifier")).to_be_visible(),
            choose("bad"),
        ),
        {"crowd-image-classifier": {"label": "bad"}},
    ),
    Case(
        "all-the-rest",
        {"bucket": "in", "name": "photo.png"},
        both(
            choose("b"),
            lambda task: task.frame.get_by_role("tab", name="Say").click(),
            lambda task: task.frame.get_by_text("Sure").click(),
        ),
        {"what": {"label": "b"}, "sure": {"yes": True}, "terms": {"agreed": True}},
    ),
    Case(
        "own-elements",
        {},
        both(
            lambda task: task.frame.get_by_role("button", name="★★★").click(),
            lambda task: task.frame.get_by_label("Count").fill("7"),
        ),
        {"stars": "3", "upload": "", "count": "7", "range": "4"},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_template_is_answered_by_hand(open_task: OpenTask, case: Case) -> None:
    task = open_task(case.name, case.given)
    case.do(task)
    assert task.submit() == case.answer
    assert sorted(set(task.errors)) == sorted(case.errors)


@pytest.mark.parametrize(
    ("tag", "draw", "drawn"),
    [
        ("crowd-bounding-box", drag("crowd-bounding-box", (150, 100), (290, 210)), {"boundingBoxes": [BOX]}),
        (
            "crowd-polygon",
            click("crowd-polygon", (50, 50), (250, 60), (200, 250), (50, 50)),
            {"polygons": [{"label": "Fox", "vertices": TRIANGLE}]},
        ),
        ("crowd-keypoint", click("crowd-keypoint", (50.5, 60.5)), {"keypoints": [{"label": "Fox", "x": 50, "y": 60}]}),
        (
            "crowd-semantic-segmentation",
            drag("crowd-semantic-segmentation", (100.5, 100.5), (200.5, 100.5)),
            {"labelMappings": {"Fox": {"color": "#2ca02c"}}},
        ),
        (
            "crowd-instance-segmentation",
            drag("crowd-instance-segmentation", (100.5, 100.5), (200.5, 100.5)),
            {"instances": [{"color": "#2ca02c", "label": "Fox"}]},
        ),
    ],
)
def test_labels_of_ones_own(open_task: OpenTask, tag: str, draw: Do, drawn: Mapping[str, Any]) -> None:
    """Workers type a label; a script adds it to `.labels` of the element, found by its id as a global."""
    task = open_task("own-labels", PHOTO, ELEMENT=tag)
    fill(New_label="Fox")(task)
    task.frame.get_by_role("button", name="Add label").click()
    draw(task)
    answer = task.submit()["annotatedResult"]
    picture = answer.pop("labeledImage", None)
    assert answer == {**drawn, "inputImageProperties": SIZE}
    if picture is not None:
        assert painted(picture) > 500
    assert task.errors == []


def painted(picture: Mapping[str, str]) -> int:
    """How many pixels of a submitted mask are not background."""
    image = Image.open(io.BytesIO(base64.b64decode(picture["pngImageData"])))
    assert image.size == (600, 400)
    return sum(count for count, color in image.convert("RGB").getcolors() or [] if color != (255, 255, 255))


def test_masks(open_task: OpenTask) -> None:
    task = open_task("masks", PHOTO)
    both(drag("crowd-semantic-segmentation", (100.5, 100.5), (200.5, 100.5)), press("2"))(task)
    drag("crowd-semantic-segmentation", (100.5, 300.5), (200.5, 300.5))(task)
    answer = task.submit()["crowd-semantic-segmentation"]
    assert set(answer) == {"labeledImage", "labelMappings", "inputImageProperties"}
    assert answer["labelMappings"] == {"Sky": {"color": "#2ca02c"}, "Sea": {"color": "#1f77b4"}}
    assert painted(answer["labeledImage"]) > 1000


def test_instances_where_a_bracket_is_missing(open_task: OpenTask) -> None:
    """One public template opens full-instructions inside the element's tag: browsers read it as attributes."""
    task = open_task("instances", PHOTO)
    drag("crowd-instance-segmentation", (100.5, 100.5), (200.5, 100.5))(task)
    answer = task.submit()["annotatedResult"]
    assert set(answer) == {"labeledImage", "instances", "inputImageProperties"}
    assert answer["instances"] == [{"color": "#2ca02c", "label": "Car"}]


def test_mask_is_adjusted(open_task: OpenTask) -> None:
    task = open_task("adjust-mask", {**PHOTO, "labels": ["Fox's", "Owl"]})
    task.hands.wait_for_stage("crowd-semantic-segmentation")
    expect(task.frame.get_by_text("Painted · 1")).to_be_visible()
    answer = task.submit()["seg"]
    assert answer["labelMappings"] == {"Fox's": {"color": "#2ca02c"}}
    assert answer["initialValueModified"] is False
    assert painted(answer["labeledImage"]) == 140 * 110


def test_form_submitted_by_a_script(open_task: OpenTask) -> None:
    """Its own button calls `.submit()`, though the chart's library is not there."""
    task = open_task("chart", {"taskObject": [1, 2, 3]})
    task.frame.locator("#brush").click()
    task.frame.get_by_role("button", name="Finish").click()
    assert task.wait() == {"ranges": "[3]"}
    assert task.errors == ["d3 is not defined"]


@pytest.mark.parametrize("path", sorted(PUBLIC.glob("*.liquid.html")), ids=lambda path: path.name.partition(".")[0])
def test_checking_finds_no_error(path: Path) -> None:
    found = [one for one in check(path.read_text().replace("ELEMENT", "crowd-polygon")) if one.severity == "error"]
    assert found == []


def test_every_template_is_tested_here() -> None:
    elsewhere = {"adjust-mask", "chart", "instances", "masks", "own-labels"}
    assert {path.name.partition(".")[0] for path in PUBLIC.glob("*.html")} == {c.name for c in CASES} | elsewhere
