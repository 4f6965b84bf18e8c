"""Every built-in task type as a whole job: workers label in Chromium, the runner writes what Ground Truth writes.

Expected files follow Ground Truth's formats: output manifest, worker-response, consolidation-request and -response.
"""

from __future__ import annotations

import io
import json
import re
import time
import wave
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from browser.conftest import Site
from browser.drive import Hands
from groundswell.bootstrap import utc_now
from groundswell.domain.hooks import RegisteredHook
from groundswell.domain.records import LabelingJob
from groundswell.domain.states import ENDED, JobState
from groundswell.hooks.packing import pack
from groundswell.service.ports import Transaction
from groundswell.tasktypes import registry

pytestmark = pytest.mark.browser
NUMBERS = count()
WIDTH, HEIGHT = 600, 400
SIZE = {"height": HEIGHT, "width": WIDTH}
IMAGE_SIZE = [{"width": WIDTH, "height": HEIGHT, "depth": 3}]
CREATED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}")
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
FILE_TIME = r"\d{4}-\d\d-\d\d_\d\d:\d\d:\d\d\.json"
TEXT = "Ann 😀 met Bob Smith.\nThey went to Rome."
Line = dict[str, Any]
Do = Callable[[Hands], None]


def photo() -> bytes:
    image = Image.new("RGB", (WIDTH, HEIGHT), (196, 210, 220))
    draw = ImageDraw.Draw(image)
    draw.rectangle((150, 100, 289, 209), fill=(40, 90, 120))
    draw.ellipse((380, 180, 480, 280), fill=(190, 90, 60))
    return saved(image)


def saved(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def sound() -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(1)
        out.setframerate(8000)
        out.writeframes(b"\x80" * 800)
    return file.getvalue()


@pytest.fixture(scope="module", autouse=True)
def data(running: Site) -> None:
    running.served.storage.write("s3://in/photo.png", photo(), content_type="image/png")
    running.served.storage.write("s3://in/sound.wav", sound(), content_type="audio/wav")


def made(site: Site, lines: Sequence[Line] | str, **spec: Any) -> LabelingJob:
    """A job in progress over these lines, or over the manifest of this address."""
    number = next(NUMBERS)
    name = spec.pop("name", f"Job-{number}")
    uri = lines if isinstance(lines, str) else f"s3://in/{number}.manifest"
    if not isinstance(lines, str):
        site.served.storage.write(uri, "".join(json.dumps(line) + "\n" for line in lines).encode())
    asked = {
        "name": name,
        "input": uri,
        "output": "s3://out/",
        "title": f"Task of {name}",
        "instructions": {"header": "What is it?", "short": "Look closely.", "full": "<p>Take your time.</p>"},
        "workers": {"per_object": 1},
        **spec,
    }
    answer = site.served.requester().post("/api/v1/jobs", json=asked)
    assert answer.status_code == 201, answer.text
    return until(site, name, lambda job: job.counters.open > 0 or job.state in ENDED)


def until(site: Site, name: str, condition: Callable[[LabelingJob], bool]) -> LabelingJob:
    for _ in range(400):
        job = site.served.store.read(lambda tx: tx.jobs.by_name(name))
        if condition(job):
            return job
        time.sleep(0.05)
    raise AssertionError(f"{name} stays {job.state}: {job.counters} {job.failure_reason}")


def work(site: Site, job: LabelingJob, worker: str, does: Sequence[Do], **options: object) -> None:
    """A worker does the tasks of a job, one after another, in the portal."""
    page = site.page(worker, **options)
    page.goto(f"/work/{job.name}")
    done = site.served.store.read(lambda tx: len(tx.annotations.all(job.id)))
    page.locator("#about").get_by_text("done today").wait_for()
    before = int(page.locator("#about").inner_text().split()[0])
    for number, do in enumerate(does, before):
        page.wait_for_function("n => document.querySelector('#about').textContent.startsWith(`${n} done`)", arg=number)
        hands = Hands(page, "iframe.shown")
        hands.frame.get_by_role("button", name="Submit", exact=True).last.wait_for()
        do(hands)
    for _ in range(300):
        if site.served.store.read(lambda tx: len(tx.annotations.all(job.id))) >= done + len(does):
            break
        page.wait_for_timeout(30)
    else:
        raise AssertionError(f"not all {len(does)} answers of {worker} arrived")


def output(site: Site, job: LabelingJob) -> list[Line]:
    """The output manifest of a job that must end well."""
    ended = until(site, job.name, lambda job: job.state in ENDED)
    assert (ended.state, ended.counters.failed) == (JobState.COMPLETED, 0), ended
    return lines_of(site, f"{root_of(job)}/manifests/output/output.manifest")


def root_of(job: LabelingJob) -> str:
    return f"s3://out/{job.name}"


def lines_of(site: Site, uri: str) -> list[Line]:
    return [json.loads(line) for line in site.served.storage.read(uri).decode().splitlines()]


def files(site: Site, job: LabelingJob, folder: str) -> dict[str, bytes]:
    """Files of a job's output by their path under it."""
    root = root_of(job)
    found = (uri for uri, _ in site.served.storage.entries(f"{root}/{folder}"))
    return {uri.removeprefix(f"{root}/"): site.served.storage.read(uri) for uri in found}


def check_metadata(given: Mapping[str, Any], expected: Mapping[str, Any], *, kind: str, job: LabelingJob) -> None:
    common = {"type": kind, "job-name": f"labeling-job/{job.name.lower()}", "human-annotated": "yes"}
    assert CREATED.fullmatch(given["creation-date"])
    assert {key: value for key, value in given.items() if key != "creation-date"} == {**expected, **common}


def check_answers(site: Site, job: LabelingJob, n: int, contents: Sequence[Any]) -> str:
    """The worker-response file of an object says what its workers submitted; its address."""
    folder = f"annotations/worker-response/iteration-1/{n}/"
    ((path, body),) = files(site, job, folder).items()
    assert re.fullmatch(re.escape(folder) + FILE_TIME, path)
    answers = json.loads(body)["answers"]
    assert [answer["answerContent"] for answer in answers] == list(contents)
    for answer in answers:
        assert set(answer) == {
            "acceptanceTime",
            "submissionTime",
            "timeSpentInSeconds",
            "answerContent",
            "workerId",
            "workerMetadata",
        }
        assert STAMP.fullmatch(answer["acceptanceTime"]) and STAMP.fullmatch(answer["submissionTime"])
        assert answer["acceptanceTime"] < answer["submissionTime"]
        assert 0 < answer["timeSpentInSeconds"] < 60
        assert answer["workerId"].split(".")[0] == "private"
        identity = answer["workerMetadata"]["identityData"]
        assert set(identity) == {"identityProviderType", "issuer", "sub"}
        assert identity["identityProviderType"] in ("Cognito", "Oidc")
    return f"{root_of(job)}/{path}"


def check_consolidation(
    site: Site,
    job: LabelingJob,
    lines: Sequence[Line],
    contents: Sequence[Sequence[Any]],
    *,
    of_response: Sequence[str] | None = None,
) -> None:
    """The consolidation files: one pair a batch, a request's answers as JSON texts, a response's content as written.

    of_response: members of the metadata that responses must have as manifests do, where not all.
    """
    folder = "annotations/consolidated-annotation/consolidation"
    requests, responses = (files(site, job, f"{folder}-{what}/") for what in ("request", "response"))
    assert all(re.fullmatch(rf"{folder}-request/iteration-1/{FILE_TIME}", path) for path in requests)
    assert {path.replace("-request", "-response") for path in requests} == set(responses)
    asked = {one["datasetObjectId"]: one for body in requests.values() for one in json.loads(body)}
    said = {one["datasetObjectId"]: one for body in responses.values() for one in json.loads(body)}
    assert set(asked) == set(said) == {str(n) for n in range(len(lines))}
    attribute = job.spec["label_attribute"] or job.name
    for n, line in enumerate(lines):
        one = asked[str(n)]
        assert set(one) == {"datasetObjectId", "dataObject", "annotations"}
        source = {"s3Uri": line["source-ref"]} if "source-ref" in line else {"content": line["source"]}
        assert one["dataObject"] == source
        assert all(set(given) == {"workerId", "annotationData"} for given in one["annotations"])
        given = [json.loads(given["annotationData"]["content"]) for given in one["annotations"]]
        assert given == list(contents[n])
        about = f"{attribute}-metadata"
        content = said[str(n)]["consolidatedAnnotation"]["content"]
        assert set(content) == {attribute, about}
        assert content[attribute] == line[attribute]
        compared = line[about] if of_response is None else of_response
        assert {name: content[about].get(name) for name in compared} == {name: line[about][name] for name in compared}


@dataclass(frozen=True)
class Case:
    """One task type's job: what is labeled, what the worker does, what each file must say."""

    kind: str
    lines: Sequence[Line]
    labels: Sequence[str]
    does: Sequence[Do]  # one a task, in order of the objects
    answers: Sequence[Any]  # answerContent, one a task
    manifest_type: str
    values: Sequence[Any]  # `<attr>`
    said: Sequence[Mapping[str, Any]]  # `<attr>-metadata` without what every type says
    spec: Mapping[str, Any] = field(default_factory=dict)


IMAGES = ({"source-ref": "s3://in/photo.png", "camera": "north"}, {"source-ref": "s3://in/photo.png", "id": 7})
TEXTS = ({"source": TEXT, "id": "t-1"}, {"source": "Nobody is here."})
BOX = {"left": 150, "top": 100, "width": 140, "height": 110}
TRIANGLE = [{"x": 50, "y": 50}, {"x": 250, "y": 60}, {"x": 200, "y": 250}]


def press(*keys: str) -> Do:
    """Keys, the last of which is Enter."""
    return lambda hands: hands.keys(*keys, "Enter")


def drawing(tag: str, draw: Do) -> Do:
    """Draws when the image is there, then submits."""

    def do(hands: Hands) -> None:
        hands.wait_for_stage(tag)
        draw(hands)
        hands.submit()

    return do


def nothing(tag: str) -> Do:
    return drawing(tag, lambda hands: hands.frame.get_by_label("Nothing to label").check())


def typed(text: str) -> Do:
    def do(hands: Hands) -> None:
        hands.frame.get_by_role("textbox").click()
        hands.type(text)
        hands.submit()

    return do


def spans(hands: Hands) -> None:
    hands.mark_text(0, 3)
    hands.keys("1")
    hands.mark_text(11, 20)
    hands.keys("1")
    hands.mark_text(35, 39)
    hands.keys("2")
    hands.submit()


def no_spans(hands: Hands) -> None:
    hands.frame.locator(".segment").first.wait_for()
    hands.submit()


def question(hands: Hands) -> None:
    hands.frame.get_by_role("textbox", name="Question").first.fill("Who met Bob?")
    hands.frame.get_by_role("textbox", name="Answer").first.fill("Ann did.")
    hands.submit()


def shapes(tag: str, member: str, draw: Do, drawn: Mapping[str, Any], **fields: Any) -> Case:
    """A drawing task: one shape of the second label, then nothing to label."""
    name = fields.pop("name", tag)

    def second_label(hands: Hands) -> None:
        hands.keys("2")
        draw(hands)

    item = {"label": "dog", **drawn}
    return Case(
        lines=IMAGES,
        labels=["cat", "dog"],
        does=[drawing(tag, second_label), nothing(tag)],
        answers=[
            {name: {member: [item], "inputImageProperties": SIZE}},
            {name: {member: [], "inputImageProperties": SIZE}},
        ],
        values=[
            {"image_size": IMAGE_SIZE, "annotations": [{"class_id": 1, **drawn}]},
            {"image_size": IMAGE_SIZE, "annotations": []},
        ],
        said=[{"objects": [{"confidence": 0}], "class-map": {"1": "dog"}}, {"objects": [], "class-map": {}}],
        **fields,
    )


def transcription(kind: str, line: Line) -> Case:
    def nobody(hands: Hands) -> None:
        hands.frame.get_by_label("There is nothing to write down").check()
        hands.submit()

    return Case(
        kind=kind,
        lines=[line, line],
        labels=[],
        does=[typed("Guten Tag, 1 2 n"), nobody],
        answers=[{"transcription": "Guten Tag, 1 2 n"}, {}],
        manifest_type=f"groundtruth/{kind}",
        values=["Guten Tag, 1 2 n", ""],
        said=[{"confidence": 0}] * 2,
    )


def classes(kind: str, element: str, lines: Sequence[Line]) -> Case:
    return Case(
        kind=kind,
        lines=lines,
        labels=["cat", "dog"],
        does=[press("2"), press("1")],
        answers=[{element: {"label": "dog"}}, {element: {"label": "cat"}}],
        manifest_type=f"groundtruth/{kind}",
        values=[1, 0],
        said=[{"class-name": "dog", "confidence": 0}, {"class-name": "cat", "confidence": 0}],
    )


def label_sets(kind: str, element: str, lines: Sequence[Line]) -> Case:
    return Case(
        kind=kind,
        lines=lines,
        labels=["cat", "dog", "tree"],
        does=[press("3", "1"), press("2")],
        answers=[{element: {"labels": ["cat", "tree"]}}, {element: {"labels": ["dog"]}}],
        manifest_type=f"groundtruth/{kind}",
        values=[[0, 2], [1]],
        said=[
            {"class-map": {"0": "cat", "2": "tree"}, "confidence-map": {"0": 0, "2": 0}},
            {"class-map": {"1": "dog"}, "confidence-map": {"1": 0}},
        ],
    )


def ranking() -> Case:
    ranks = [
        {"name": "Clarity", "allowTie": True, "responseRankings": [1, 2, 1]},
        {"name": "Truth", "allowTie": True, "responseRankings": [3, 2, 1]},
    ]
    sure = [{"name": "Clarity", "confidence": 0}, {"name": "Truth", "confidence": 0}]
    return Case(
        kind="text-ranking",
        lines=[{"source": "Who is there?", "responses": ["It's me", 'A "friend"', "Nobody"]}],
        labels=["Clarity", "Truth"],
        does=[press(*"121321")],
        answers=[{"ordinalRankingDimensions": ranks}],
        manifest_type="groundtruth/text-ranking",
        values=[{"ordinalRankingDimensions": ranks}],
        said=[{"dimensions": sure}],
    )


def entities() -> Case:
    found: list[dict[str, Any]] = [
        {"label": "person", "startOffset": 0, "endOffset": 3},
        {"label": "person", "startOffset": 10, "endOffset": 19},
        {"label": "place", "startOffset": 34, "endOffset": 38},
    ]
    assert [TEXT[one["startOffset"] : one["endOffset"]] for one in found] == ["Ann", "Bob Smith", "Rome"]
    labels = [{"label": label, "shortDisplayName": label} for label in ("person", "place")]
    return Case(
        kind="named-entity-recognition",
        lines=TEXTS,
        labels=["person", "place"],
        does=[spans, no_spans],
        answers=[{"crowd-entity-annotation": {"entities": found}}, {"crowd-entity-annotation": {"entities": []}}],
        manifest_type="groundtruth/text-span",
        values=[
            {"annotations": {"labels": labels, "entities": found}},
            {"annotations": {"labels": labels, "entities": []}},
        ],
        said=[{"entities": [{"confidence": 0}] * 3}, {"entities": []}],
    )


CASES = [
    classes("image-classification", "crowd-image-classifier", IMAGES),
    classes("text-classification", "crowd-classifier", TEXTS),
    label_sets("image-classification-multilabel", "crowd-image-classifier-multi-select", IMAGES),
    label_sets("text-classification-multilabel", "crowd-classifier-multi-select", TEXTS),
    shapes(
        "crowd-bounding-box",
        "boundingBoxes",
        lambda hands: hands.drag("crowd-bounding-box", (150, 100), (290, 210)),
        BOX,
        kind="object-detection",
        name="boundingBox",
        manifest_type="groundtruth/object-detection",
    ),
    shapes(
        "crowd-polygon",
        "polygons",
        lambda hands: hands.click("crowd-polygon", (50, 50), (250, 60), (200, 250), (50, 50)),
        {"vertices": TRIANGLE},
        kind="polygons",
        manifest_type="groundtruth/polygon",
    ),
    shapes(
        "crowd-polyline",
        "polylines",
        lambda hands: hands.click("crowd-polyline", (50, 50), (250, 60), (200, 250), (200, 250)),
        {"vertices": TRIANGLE},
        kind="polylines",
        manifest_type="groundtruth/polyline",
    ),
    shapes(
        "crowd-line",
        "lines",
        lambda hands: hands.click("crowd-line", (50, 50), (250, 60)),
        {"vertices": TRIANGLE[:2]},
        kind="lines",
        manifest_type="groundtruth/line",
    ),
    shapes(
        "crowd-keypoint",
        "keypoints",
        lambda hands: hands.click("crowd-keypoint", (50.5, 60.5)),
        {"x": 50, "y": 60},
        kind="keypoints",
        manifest_type="groundtruth/keypoint",
    ),
    entities(),
    ranking(),
    Case(
        kind="question-answer",
        lines=TEXTS[:1],
        labels=[],
        does=[question],
        answers=[
            {
                "crowd-question-answer-generation": {
                    "questionAnswerPairs": [{"question": "Who met Bob?", "answer": "Ann did."}]
                }
            }
        ],
        manifest_type="groundtruth/question-answer",
        values=[{"questionAnswerPairs": [{"question": "Who met Bob?", "answer": "Ann did."}]}],
        said=[{"pairs": 1, "workers": 1}],
    ),
    transcription("audio-transcription", {"source-ref": "s3://in/sound.wav"}),
    transcription("image-transcription", {"source-ref": "s3://in/photo.png"}),
]
OTHERWISE = {
    "custom",
    "instance-segmentation",
    "label-adjustment-boxes",
    "label-adjustment-masks",
    "label-verification",
    "semantic-segmentation",
}
"""Task types with tests of their own below."""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.kind)
def test_one_worker_labels_a_whole_job(site: Site, case: Case) -> None:
    job = made(site, case.lines, task_type=case.kind, labels=list(case.labels), **case.spec)
    work(site, job, "wilma", case.does)
    lines = output(site, job)
    attribute = case.spec.get("label_attribute", job.name)
    for n, (before, after) in enumerate(zip(case.lines, lines, strict=True)):
        assert list(after) == [*before, attribute, f"{attribute}-metadata"]
        assert {name: after[name] for name in before} == before
        assert after[attribute] == case.values[n]
        assert type(after[attribute]) is type(case.values[n])
        check_metadata(after[f"{attribute}-metadata"], case.said[n], kind=case.manifest_type, job=job)
        check_answers(site, job, n, [case.answers[n]])
    check_consolidation(site, job, lines, [[answer] for answer in case.answers])


def test_every_task_type_is_tested_here() -> None:
    assert {case.kind for case in CASES} | OTHERWISE == set(registry.every())


def test_two_workers_agree_and_differ(site: Site) -> None:
    """Confidence is of the label, both answers are kept in order, each worker has a name of his own."""
    job = made(site, IMAGES, task_type="image-classification", labels=["cat", "dog"], workers={"per_object": 2})
    work(site, job, "wilma", [press("2"), press("1")])
    work(site, job, "walter", [press("2"), press("2")])
    agreed, disputed = output(site, job)
    assert (agreed[job.name], disputed[job.name]) in ((1, 0), (1, 1))
    assert 0.5 < agreed[f"{job.name}-metadata"]["confidence"] <= 1
    assert disputed[f"{job.name}-metadata"]["confidence"] < agreed[f"{job.name}-metadata"]["confidence"]
    said = [[{"crowd-image-classifier": {"label": one}} for one in both] for both in (["dog", "dog"], ["cat", "dog"])]
    for n, contents in enumerate(said):
        check_answers(site, job, n, contents)
    # What is learned of workers later makes the manifest's confidence another than the first response's.
    check_consolidation(site, job, [agreed, disputed], said, of_response=["type", "job-name"])


def test_two_workers_choose_different_labels(site: Site) -> None:
    """Every label that at least one worker chose is listed, with its confidence."""
    labels = ["cat", "dog", "tree"]
    job = made(site, TEXTS[:1], task_type="text-classification-multilabel", labels=labels, workers={"per_object": 2})
    work(site, job, "wilma", [press("3", "1")])
    work(site, job, "walter", [press("1")])
    (line,) = output(site, job)
    said = line[f"{job.name}-metadata"]
    assert line[job.name] == [0, 2]
    assert said["class-map"] == {"0": "cat", "2": "tree"}
    assert said["confidence-map"]["0"] > said["confidence-map"]["2"]


def test_two_workers_draw_the_same_box(site: Site) -> None:
    job = made(site, IMAGES[:1], task_type="object-detection", labels=["cat", "dog"], workers={"per_object": 2})
    draw = drawing("crowd-bounding-box", lambda hands: hands.drag("crowd-bounding-box", (150, 100), (290, 210)))
    for worker in ("wilma", "walter"):
        work(site, job, worker, [draw])
    (line,) = output(site, job)
    assert line[job.name] == {"image_size": IMAGE_SIZE, "annotations": [{"class_id": 0, **BOX}]}
    (confidence,) = line[f"{job.name}-metadata"]["objects"]
    assert 0.5 < confidence["confidence"] <= 1


PALETTE = {"0": ("BACKGROUND", "#ffffff"), "2": ("dog", "#1f77b4")}


def plane_of(data: bytes) -> tuple[np.ndarray[Any, Any], Image.Image]:
    image = Image.open(io.BytesIO(data))
    assert (image.mode, image.size) == ("P", (WIDTH, HEIGHT))
    return np.asarray(image), image


def painted(tag: str, *strokes: Sequence[tuple[float, float]]) -> Do:
    """Strokes of the brush with the second label, then Submit."""

    def draw(hands: Hands) -> None:
        hands.keys("2")
        for stroke in strokes:
            hands.drag(tag, *stroke)

    return drawing(tag, draw)


STROKE = ((100.5, 100.5), (200.5, 100.5))


def test_masks_of_classes(site: Site) -> None:
    """The mask is a palette PNG: index 0 white, the second class 2, in the colours the metadata names."""
    tag = "crowd-semantic-segmentation"
    job = made(site, IMAGES[:1], task_type="semantic-segmentation", labels=["cat", "dog"], label_attribute="seg-ref")
    work(site, job, "wilma", [painted(tag, STROKE)])
    (line,) = output(site, job)
    uri, said = line["seg-ref"], line["seg-ref-metadata"]
    folder = f"{root_of(job)}/annotations/consolidated-annotation/output"
    assert re.fullmatch(rf"{folder}/0_{CREATED.pattern}\.png", uri)
    color_map = {k: {"class-name": name, "hex-color": color, "confidence": 0} for k, (name, color) in PALETTE.items()}
    check_metadata(said, {"internal-color-map": color_map}, kind="groundtruth/semantic-segmentation", job=job)
    plane, image = plane_of(site.served.storage.read(uri))
    assert sorted(set(plane.ravel().tolist())) == [0, 2]
    assert [int(plane[y, 150]) for y in (80, 95, 105, 120)] == [0, 2, 2, 0]
    colors = image.getpalette()
    assert colors is not None
    assert [tuple(colors[3 * k : 3 * k + 3]) for k in (0, 1, 2)] == [(255, 255, 255), (44, 160, 44), (31, 119, 180)]
    (answer,) = json.loads(next(iter(files(site, job, "annotations/worker-response/iteration-1/0/").values())))[
        "answers"
    ]
    content = answer["answerContent"][tag]
    assert set(content) == {"labeledImage", "labelMappings", "inputImageProperties"}
    assert content["labelMappings"] == {"dog": {"color": "#1f77b4"}}
    assert content["inputImageProperties"] == SIZE


def test_masks_of_instances(site: Site) -> None:
    """Two objects of one class and one of another: pixel values number them."""
    tag = "crowd-instance-segmentation"
    job = made(site, IMAGES[:1], task_type="instance-segmentation", labels=["cat", "dog"], label_attribute="things-ref")

    def draw(hands: Hands) -> None:
        hands.keys("2")
        hands.drag(tag, *STROKE)
        hands.frame.get_by_role("button", name="New instance").click()
        hands.drag(tag, (400.5, 230.5), (450.5, 230.5))
        hands.keys("1")
        hands.drag(tag, (100.5, 330.5), (150.5, 330.5))

    work(site, job, "wilma", [drawing(tag, draw)])
    (line,) = output(site, job)
    plane, _ = plane_of(site.served.storage.read(line["things-ref"]))
    dogs, cat = [int(plane[100, 150]), int(plane[230, 425])], int(plane[330, 125])
    assert sorted([*dogs, cat]) == [1, 2, 3]
    assert int(plane[300, 300]) == 0
    instances = [{"index": k, "class-id": int(k in dogs), "confidence": 0} for k in (1, 2, 3)]
    said = {"instances": instances, "class-map": {"0": "cat", "1": "dog"}}
    check_metadata(line["things-ref-metadata"], said, kind="groundtruth/instance-segmentation", job=job)


def test_boxes_are_verified_and_adjusted(site: Site) -> None:
    """Chaining: the output manifest of a job is the input of jobs that look at its labels."""
    tag = "crowd-bounding-box"
    labels = ["cat", "dog"]
    job = made(site, IMAGES, task_type="object-detection", labels=labels, label_attribute="boxes")
    box = painted(tag, ((150, 100), (290, 210)))
    work(site, job, "wilma", [box, box])
    first = output(site, job)
    manifest = f"{root_of(job)}/manifests/output/output.manifest"

    verified = made(
        site,
        manifest,
        task_type="label-verification",
        labels=["good", "bad"],
        label_attribute="verdict",
        audit_attribute="boxes",
    )

    def reject(hands: Hands) -> None:
        hands.keys("2")
        hands.frame.get_by_text("Add a comment").first.click()
        hands.frame.get_by_role("textbox").fill("Too wide")
        hands.submit()

    work(site, verified, "walter", [press("1"), reject])
    lines = output(site, verified)
    assert [list(line) for line in lines] == [[*line, "verdict", "verdict-metadata"] for line in first]
    assert [line["verdict"] for line in lines] == [0, 1]
    kind = "groundtruth/label-verification"
    check_metadata(lines[0]["verdict-metadata"], {"class-name": "good", "confidence": 0}, kind=kind, job=verified)
    bad = {"class-name": "bad", "confidence": 0, "worker-feedback": [{"comment": "Too wide"}]}
    check_metadata(lines[1]["verdict-metadata"], bad, kind=kind, job=verified)
    check_answers(site, verified, 1, [{"crowd-image-classifier": {"label": "bad", "workerComment": "Too wide"}}])

    adjusted = made(
        site,
        f"{root_of(verified)}/manifests/output/output.manifest",
        task_type="label-adjustment-boxes",
        labels=labels,
        label_attribute="better",
        audit_attribute="boxes",
    )

    def move(hands: Hands) -> None:
        hands.click(tag, (220, 155))
        hands.drag(tag, (220, 155), (230, 165))

    work(site, adjusted, "walter", [drawing(tag, lambda hands: None), drawing(tag, move)])
    after = output(site, adjusted)
    assert [list(line) for line in after] == [[*line, "better", "better-metadata"] for line in lines]
    assert after[0]["better"] == first[0]["boxes"]
    moved = {"class_id": 1, **BOX, "left": 160, "top": 110}
    assert after[1]["better"] == {"image_size": IMAGE_SIZE, "annotations": [moved]}
    for line, status in zip(after, ("unadjusted", "adjusted"), strict=True):
        said = {"objects": [{"confidence": 0}], "class-map": {"1": "dog"}, "adjustment-status": status}
        check_metadata(line["better-metadata"], said, kind="groundtruth/object-detection", job=adjusted)
    ((_, body),) = files(site, adjusted, "annotations/worker-response/iteration-1/1/").items()
    assert json.loads(body)["answers"][0]["answerContent"]["boundingBox"]["initialValueModified"] is True


def test_masks_are_verified_and_adjusted(site: Site) -> None:
    tag = "crowd-semantic-segmentation"
    labels = ["cat", "dog"]
    job = made(site, IMAGES, task_type="semantic-segmentation", labels=labels, label_attribute="seg-ref")
    work(site, job, "wilma", [painted(tag, STROKE)] * 2)
    first = output(site, job)
    manifest = f"{root_of(job)}/manifests/output/output.manifest"

    verified = made(
        site,
        manifest,
        task_type="label-verification",
        labels=["good", "bad"],
        label_attribute="verdict",
        audit_attribute="seg-ref",
    )
    work(site, verified, "walter", [press("1"), press("2")])
    assert [line["verdict"] for line in output(site, verified)] == [0, 1]

    adjusted = made(
        site,
        manifest,
        task_type="label-adjustment-masks",
        labels=labels,
        label_attribute="better-ref",
        audit_attribute="seg-ref",
    )
    more = painted(tag, ((300.5, 300.5), (400.5, 300.5)))
    work(site, adjusted, "walter", [drawing(tag, lambda hands: hands.page.wait_for_timeout(300)), more])
    lines = output(site, adjusted)
    color_map = {k: {"class-name": name, "hex-color": color, "confidence": 0} for k, (name, color) in PALETTE.items()}
    for line, status in zip(lines, ("unadjusted", "adjusted"), strict=True):
        said = {"internal-color-map": color_map, "adjustment-status": status}
        check_metadata(line["better-ref-metadata"], said, kind="groundtruth/semantic-segmentation", job=adjusted)
    before, same, grown = (
        plane_of(site.served.storage.read(uri))[0]
        for uri in (first[0]["seg-ref"], lines[0]["better-ref"], lines[1]["better-ref"])
    )
    assert np.array_equal(before, same)
    assert (int(grown[100, 150]), int(grown[300, 350]), int(before[300, 350])) == (2, 2, 0)


TEMPLATE = """<script src="https://assets.crowd.aws/crowd-html-elements.js"></script>
<crowd-form>
  <p id="shown">{{ task.input.QUESTION }}</p>
  <crowd-input name="remark" label="A remark"></crowd-input>
  <label>Colour <select name="colour"><option>red</option><option>blue</option></select></label>
</crowd-form>"""

HOOKS = '''"""Functions around a task, as requesters write them."""

import json


def before(event, context):
    text = event["dataObject"]["source"]
    return {"taskInput": {"asked": text.upper()}, "isHumanAnnotationRequired": text != "skip me"}


def after(event, context):
    with open(event["payload"]["path"]) as file:
        objects = json.load(file)
    name, found = event["labelAttributeName"], []
    for one in objects:
        remarks = [json.loads(each["annotationData"]["content"])["remark"] for each in one["annotations"]]
        content = {name: {"remarks": remarks}, name + "-metadata": {"confidence": 0.9}}
        found.append({"datasetObjectId": one["datasetObjectId"], "consolidatedAnnotation": {"content": content}})
    return found
'''


def remark(text: str, shown: str) -> Do:
    def do(hands: Hands) -> None:
        assert hands.frame.locator("#shown").inner_text() == shown
        hands.frame.get_by_label("A remark").click()
        hands.type(text)
        hands.frame.get_by_label("Colour").select_option("blue")
        hands.submit()

    return do


def test_template_of_ones_own(site: Site) -> None:
    """Without functions: an empty label, and where the answers are. An empty form is an answer too."""
    template = TEMPLATE.replace("QUESTION", "source")
    lines = [{"source": "It's a <b> & c"}, {"source": "two"}]
    job = made(site, lines, task_type="custom", template=template)
    work(site, job, "wilma", [remark("fine", "It's a <b> & c"), lambda hands: hands.submit()])
    found = output(site, job)
    contents = [{"remark": "fine", "colour": "blue"}, {"colour": "red"}]
    for n, line in enumerate(found):
        assert line[job.name] == {}
        uri = check_answers(site, job, n, [contents[n]])
        check_metadata(line[f"{job.name}-metadata"], {"worker-response-ref": uri}, kind="groundtruth/custom", job=job)
    check_consolidation(site, job, found, [[content] for content in contents])


def test_template_that_asks_nothing(site: Site) -> None:
    template = "<crowd-form><p>Press the button.</p></crowd-form>"
    job = made(site, TEXTS[:1], task_type="custom", template=template)
    work(site, job, "wilma", [lambda hands: hands.submit()])
    (line,) = output(site, job)
    assert check_answers(site, job, 0, [{}]) == line[f"{job.name}-metadata"]["worker-response-ref"]


def put_hook(hook: RegisteredHook, tx: Transaction) -> None:
    tx.hooks.put(hook)


def test_functions_around_a_template_of_ones_own(site: Site) -> None:
    code = pack({"around.py": HOOKS.encode()})
    for name in ("before", "after"):
        hook = RegisteredHook(name, 1, "around", name, code, "", {}, utc_now(), "admin")
        site.served.store.write(partial(put_hook, hook)).result()
    lines = [{"source": "first"}, {"source": "skip me"}]
    job = made(
        site,
        lines,
        task_type="custom",
        template=TEMPLATE.replace("QUESTION", "asked"),
        hooks={"pre_annotation": "before", "post_annotation": "arn:aws:lambda:us-east-1:123456789012:function:after"},
        workers={"per_object": 2},
    )
    work(site, job, "wilma", [remark("one", "FIRST")])
    work(site, job, "walter", [remark("two", "FIRST")])
    first, skipped = output(site, job)
    assert skipped == lines[1]
    assert first[job.name] == {"remarks": ["one", "two"]}
    check_metadata(first[f"{job.name}-metadata"], {"confidence": 0.9}, kind="groundtruth/custom", job=job)
    contents = [{"remark": text, "colour": "blue"} for text in ("one", "two")]
    check_answers(site, job, 0, contents)
    check_consolidation(site, job, [first], [contents], of_response=["confidence"])
