"""Jobs of other kinds: drawn shapes, masks, custom templates, users' functions before and after."""

from __future__ import annotations

import base64
import io
import json
import threading
import time
from typing import Any

import numpy as np
import pytest
from PIL import Image

from groundswell.domain.errors import InvalidInput, Unavailable
from groundswell.domain.hooks import HookCaller
from groundswell.domain.states import ENDED, JobState
from integration.runner_house import House

TEXTS = [{"source": f"bird {n}"} for n in range(6)]


def png(mode: str = "RGB", pixels: Any = None) -> bytes:
    file = io.BytesIO()
    image = Image.new(mode, (8, 4)) if pixels is None else Image.fromarray(pixels)
    image.save(file, "PNG")
    return file.getvalue()


def run(house: House, content: Any, *, workers: int = 3, ticks: int = 40) -> Any:
    """Everyone answers `content` (a value, or a function of worker and object) until the job has ended."""
    names = house.add_workers(workers)
    for _ in range(ticks):
        house.tick()
        job = house.job()
        if job.state in ENDED:
            return job
        for worker in names if job.state is JobState.IN_PROGRESS else ():
            while (held := house.take(worker)) is not None:
                house.submit(held, content(worker, held.n) if callable(content) else content)
    raise AssertionError(f"the job has not ended: {house.job()}")


@pytest.mark.parametrize(("mode", "depth"), [("RGB", 3), ("L", 1), ("I;16", 1), ("RGBA", 4)])
@pytest.mark.parametrize(
    "said",
    [
        {"inputImageProperties": {"width": 9_999, "height": 1}},
        {"inputImageProperties": {"width": 0, "height": 0}},
        {"inputImageProperties": "as shown"},
        {},
    ],
)
def test_boxes_know_their_image_whatever_workers_say(house: House, mode: str, depth: int, said: dict[str, Any]) -> None:
    house.storage.write("s3://in/a.png", png(mode))
    house.create([{"source-ref": "a.png"}], task_type="object-detection", labels=["owl"])
    drawn = [
        {"label": "owl", "left": -2, "top": 1, "width": 6, "height": 2},  # from beyond the left edge
        {"label": "owl", "left": 5, "top": 0.5, "width": 30, "height": 2},  # to beyond the right one
    ]
    run(house, {"boundingBox": {"boundingBoxes": drawn, **said}})
    (line,) = house.output()
    assert line["Birds-1"]["image_size"] == [{"width": 8, "height": 4, "depth": depth}]
    boxes = sorted(line["Birds-1"]["annotations"], key=lambda one: one["left"])
    assert boxes == [
        {"class_id": 0, "left": 0, "top": 1, "width": 4, "height": 2},
        {"class_id": 0, "left": 5, "top": 0, "width": 3, "height": 2},
    ]


@pytest.mark.parametrize("said", [{"width": 9_999, "height": 1}, {"width": 0, "height": 0}, "as shown", [8, 4]])
@pytest.mark.parametrize("kind", ["semantic-segmentation", "instance-segmentation"])
def test_masks_are_read_whatever_workers_say_of_the_picture(house: House, kind: str, said: Any) -> None:
    house.storage.write("s3://in/a.png", png())
    house.create([{"source-ref": "s3://in/a.png"}], task_type=kind, labels=["owl"])
    painted = np.full((4, 8, 3), 255, np.uint8)
    painted[:, :4] = (230, 159, 0)
    drawn = {"pngImageData": base64.b64encode(png(pixels=painted)).decode()}
    contents: dict[str, dict[str, Any]] = {
        "semantic-segmentation": {"labeledImage": drawn, "labelMappings": {"owl": {"color": "#E69F00"}}},
        "instance-segmentation": {"labeledImage": drawn, "instances": [{"label": "owl", "color": "#E69F00"}]},
    }
    job = run(house, {f"crowd-{kind}": {**contents[kind], "inputImageProperties": said}})
    assert (job.counters.human_labeled, job.counters.failed) == (1, 0)
    folder = "annotations/consolidated-annotation/output/"
    name, *_ = house.files(folder)
    mask = Image.open(io.BytesIO(house.storage.read(f"{job.output_uri}/{folder}{name}")))
    assert np.asarray(mask).astype(bool).sum() == 16


def test_an_object_whose_answers_cannot_be_read_holds_up_no_other(house: House) -> None:
    house.storage.write("s3://in/a.png", png())
    house.create([{"source-ref": "s3://in/a.png"}] * 3, task_type="object-detection", labels=["owl"])
    box = {"label": "owl", "left": 1, "top": 1, "width": 4, "height": 2}
    bad = {"boundingBox": {"boundingBoxes": [{**box, "label": "a label of before"}]}}
    job = run(house, lambda worker, n: bad if n == 1 else {"boundingBox": {"boundingBoxes": [box]}})
    assert (job.state, job.counters.human_labeled, job.counters.failed) == (JobState.COMPLETED, 2, 1)
    assert "can be read" in (house.read(lambda tx: tx.objects.get(job.id, 1)).failure_reason or "")


def test_pictures_on_the_web_have_the_size_most_pages_saw(house: House) -> None:
    line = {"source-ref": "https://example.org/a.png"}
    house.create([line], task_type="object-detection", labels=["owl"], workers={"per_object": 3})
    box = {"label": "owl", "left": 1, "top": 1, "width": 4, "height": 2}

    def answer(worker: str, n: int) -> Any:
        width = 9_999 if worker == "w0" else 8
        return {"boundingBox": {"boundingBoxes": [box], "inputImageProperties": {"width": width, "height": 4}}}

    run(house, answer)
    assert house.output()[0]["Birds-1"]["image_size"] == [{"width": 8, "height": 4, "depth": 3}]


def test_masks_are_files_beside_the_manifest(house: House) -> None:
    house.storage.write("s3://in/a.png", png())
    fields = {"task_type": "semantic-segmentation", "labels": ["owl"], "label_attribute": "seg-ref"}
    house.create([{"source-ref": "s3://in/a.png"}], **fields)
    pixels = np.full((4, 8, 3), 255, np.uint8)
    pixels[:, :3] = (10, 20, 30)
    mask = {
        "labeledImage": {"pngImageData": base64.b64encode(png(pixels=pixels)).decode()},
        "labelMappings": {"owl": {"color": "#0a141e"}},
        "inputImageProperties": {"width": 8, "height": 4},
    }
    run(house, {"crowd-semantic-segmentation": mask})
    (line,) = house.output()
    assert line["seg-ref"].startswith("s3://out/Birds-1/annotations/consolidated-annotation/output/0_2026-11-20T08:")
    image = Image.open(io.BytesIO(house.storage.read(line["seg-ref"])))
    assert np.asarray(image)[0].tolist() == [1, 1, 1, 0, 0, 0, 0, 0]


def test_custom_jobs_point_at_the_answers(house: House) -> None:
    house.create(TEXTS, task_type="custom", labels=[], workers={"per_object": 2})
    job = run(house, lambda worker, n: {"mood": worker, "n": {"value": n}})
    assert (job.state, job.counters.human_labeled) == (JobState.COMPLETED, 6)
    for n, line in enumerate(house.output()):
        assert line["Birds-1"] == {}
        answers = json.loads(house.storage.read(line["Birds-1-metadata"]["worker-response-ref"]))["answers"]
        assert [answer["answerContent"]["n"]["value"] for answer in answers] == [n, n]


def test_users_functions_before_and_after(house: House) -> None:
    seen: list[Any] = []

    def before(event: Any) -> Any:
        seen.append(event)
        n = int(event["dataObject"]["source"].removeprefix("bird "))
        if n == 4:
            raise InvalidInput("no such bird")
        return {"taskInput": {"shown": n}, "humanAnnotationRequired": "false" if n == 5 else "true"}

    def after(event: Any) -> Any:
        objects = json.loads(house.storage.read(event["payload"]["s3Uri"]))
        assert event["labelAttributeName"] == "Birds-1"
        found = []
        for one in objects:
            moods = [json.loads(each["annotationData"]["content"])["mood"] for each in one["annotations"]]
            content = {"Birds-1": {"moods": sorted(moods)}, "Birds-1-metadata": {"confidence": 0.5}}
            if one["datasetObjectId"] != "3":
                found.append(
                    {"datasetObjectId": one["datasetObjectId"], "consolidatedAnnotation": {"content": content}}
                )
        return found

    house.hooks = {"hooks:before": before, "hooks:after": after}
    hooks = {"pre_annotation": "hooks:before", "post_annotation": "hooks:after"}
    house.create(TEXTS, task_type="custom", labels=[], workers={"per_object": 2}, hooks=hooks)
    job = run(house, lambda worker, n: {"mood": worker})
    assert (job.counters.human_labeled, job.counters.failed, job.counters.skipped) == (3, 2, 1)
    assert seen[0]["dataObject"] == {"source": "bird 0"}
    assert house.read(lambda tx: tx.objects.task_input(job.id, 2)) == {"shown": 2}
    output = house.output()
    assert len(output[0]["Birds-1"]["moods"]) == 2
    assert output[0]["Birds-1-metadata"]["confidence"] == 0.5
    assert output[0]["Birds-1-metadata"]["type"] == "groundtruth/custom"
    assert "returned no label" in output[3]["Birds-1-metadata"]["failure-reason"]
    assert "no such bird" in output[4]["Birds-1-metadata"]["failure-reason"]
    assert output[5] == {"source": "bird 5"}
    assert house.files("annotations/consolidated-annotation/consolidation-response/")


def test_users_functions_get_addresses_that_hold_anywhere(house: House) -> None:
    seen: list[Any] = []

    def before(event: Any) -> Any:
        seen.append(event["dataObject"]["source-ref"])
        return {"taskInput": {"shown": 1}}

    house.storage.write("s3://in/images/7.png", png())
    house.hooks = {"hooks:before": before}
    fields: dict[str, Any] = {"hooks": {"pre_annotation": "hooks:before"}, "workers": {"per_object": 1}}
    line = {"source-ref": "../images/7.png"}
    house.create([line], input="s3://in/set/x.manifest", task_type="custom", labels=[], **fields)
    run(house, {"mood": "good"})
    assert seen == ["s3://in/images/7.png"]
    folder = "annotations/consolidated-annotation/consolidation-request/iteration-1/"
    (request,) = house.files(folder)
    entries = json.loads(house.storage.read(f"s3://out/Birds-1/{folder}{request}"))
    assert entries[0]["dataObject"] == {"s3Uri": "s3://in/images/7.png"}
    assert house.output()[0]["source-ref"] == "s3://in/images/7.png"


def test_functions_that_do_not_answer_are_asked_again(house: House) -> None:
    calls = {"before": 0, "after": 0}

    def before(event: Any) -> Any:
        calls["before"] += 1
        if calls["before"] < 3:
            raise Unavailable("busy")
        return {"taskInput": {}}

    def after(event: Any) -> Any:
        calls["after"] += 1
        raise Unavailable("away")

    house.hooks = {"hooks:before": before, "hooks:after": after}
    hooks = {"pre_annotation": "hooks:before", "post_annotation": "hooks:after"}
    house.create(TEXTS[:1], task_type="custom", labels=[], workers={"per_object": 1}, hooks=hooks)
    job = run(house, {"mood": "x"})
    assert (job.state, job.counters.failed, calls) == (JobState.COMPLETED, 1, {"before": 3, "after": 3})
    assert "post-annotation function failed: away" in house.output()[0]["Birds-1-metadata"]["failure-reason"]
    told = job.progress["hooks"]
    assert (told["pre_annotation"]["failures"], told["pre_annotation"]["retries"]) == (2, 2)
    assert (told["post_annotation"]["failures"], told["post_annotation"]["retries"]) == (3, 2)
    assert told["post_annotation"]["last_error"] == "away"


def consolidated(event: Any, payload: Any) -> list[dict[str, Any]]:
    return [
        {"datasetObjectId": one["datasetObjectId"], "consolidatedAnnotation": {"content": {"mood": "glad"}}}
        for one in payload
    ]


def test_one_object_at_fault_fails_alone(house: House) -> None:
    asked: list[int] = []

    def after(event: Any) -> Any:
        payload = json.loads(house.storage.read(event["payload"]["s3Uri"]))
        asked.append(len(payload))
        if any(one["datasetObjectId"] == "5" for one in payload):
            raise InvalidInput("the function after failed: KeyError: 'mood'")
        return consolidated(event, payload)

    house.hooks = {"hooks:after": after}
    hooks = {"post_annotation": "hooks:after"}
    house.create([*TEXTS, *TEXTS[:3]], task_type="custom", labels=[], workers={"per_object": 1}, hooks=hooks)
    job = run(house, {"mood": "x"}, ticks=1_000)
    assert (job.state, job.counters.failed, job.counters.human_labeled) == (JobState.COMPLETED, 1, 8)
    reasons = [line["Birds-1-metadata"].get("failure-reason") for line in house.output()]
    assert [n for n, reason in enumerate(reasons) if reason] == [5] and "KeyError" in str(reasons[5])
    assert max(asked) == 9 and asked.count(1) >= 1


def test_a_function_that_fails_always_is_not_asked_without_end(house: House) -> None:
    calls = 0

    def after(event: Any) -> Any:
        nonlocal calls
        calls += 1
        raise InvalidInput("the function after failed: NameError")

    house.hooks = {"hooks:after": after}
    hooks = {"post_annotation": "hooks:after"}
    house.create(TEXTS * 20, task_type="custom", labels=[], workers={"per_object": 1}, hooks=hooks)
    job = run(house, {"mood": "x"}, ticks=1_000)
    assert (job.state, job.counters.failed) == (JobState.COMPLETED, 120)
    assert calls < 60


def test_calls_that_take_long_are_under_way_together(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that hangs does not keep the others' labels."""
    monkeypatch.setattr("groundswell.runner.post_annotation._OBJECTS", 3)
    going, together, most = threading.Event(), 0, 0
    lock = threading.Lock()

    def after(event: Any) -> Any:
        nonlocal together, most
        payload = json.loads(house.storage.read(event["payload"]["s3Uri"]))
        with lock:
            together += 1
            most = max(most, together)
        if any(one["datasetObjectId"] == "0" for one in payload):
            going.wait(30)
        with lock:
            together -= 1
        return consolidated(event, payload)

    house.hooks = {"hooks:after": after}
    hooks = {"post_annotation": "hooks:after"}
    house.create(TEXTS * 2, task_type="custom", labels=[], workers={"per_object": 1}, hooks=hooks)
    (worker,) = house.add_workers(1)
    deadline = time.monotonic() + 20
    while house.job().counters.human_labeled < 9:
        assert time.monotonic() < deadline, house.job()
        house.tick()
        while house.job().state is JobState.IN_PROGRESS and (held := house.take(worker)) is not None:
            house.submit(held, {"mood": "x"})
    assert most > 1
    going.set()
    while house.job().state is JobState.IN_PROGRESS:
        assert time.monotonic() < deadline, house.job()
        house.tick()
    assert (house.job().state, house.job().counters.human_labeled) == (JobState.COMPLETED, 12)


def test_a_call_under_way_is_told_and_delays_nothing_else(house: House) -> None:
    going = threading.Event()

    def before(event: Any) -> Any:
        going.wait(30)
        return {"taskInput": {}}

    house.hooks = {"hooks:before": before}
    house.create(TEXTS[:3], task_type="custom", labels=[], hooks={"pre_annotation": "hooks:before"})
    try:
        for _ in range(10):
            house.tick()
            if house.job().progress.get("hooks"):
                break
        told = house.job().progress["hooks"]["pre_annotation"]
        assert told["running"] == 3 and told["since"] is not None
        house.write(lambda tx: tx.jobs.set_state(house.job().id, "stop", at=house.now))
        begun = time.monotonic()
        house.tick(5)
        assert house.job().state is JobState.STOPPED
        assert time.monotonic() - begun < 5
    finally:
        going.set()


def test_a_job_whose_function_is_gone_waits_and_still_stops(house: House) -> None:
    def before(event: Any) -> Any:
        return {"taskInput": {}}

    house.hooks = {"hooks:before": before}
    hooks = {"pre_annotation": "hooks:before", "post_annotation": "hooks:gone"}
    opened = house._open_hook

    def open_hook(target: str, caller: HookCaller) -> Any:
        if target == "hooks:gone":
            raise Unavailable("there is no registered function 'gone'")
        return opened(target, caller)

    house._open_hook = open_hook  # type: ignore[method-assign]
    house.new_runner()
    house.create(TEXTS[:1], task_type="custom", labels=[], workers={"per_object": 1}, hooks=hooks)
    (worker,) = house.add_workers(1)
    for _ in range(50):
        house.tick()
        held = house.take(worker) if house.job().state is JobState.IN_PROGRESS else None
        if held is not None:
            house.submit(held, {"mood": "x"})
        if "gone" in house.job().progress.get("trouble", ""):
            break
    assert house.job().state is JobState.IN_PROGRESS and "gone" in house.job().progress["trouble"]
    house.write(lambda tx: tx.jobs.set_state(house.job().id, "stop", at=house.now))
    house.tick(40)
    assert house.job().state is JobState.STOPPED


def test_adjustments_compare_with_the_earlier_label(house: House) -> None:
    house.storage.write("s3://in/a.png", png())
    box = {"class_id": 0, "left": 1, "top": 1, "width": 4, "height": 2}
    line = {
        "source-ref": "s3://in/a.png",
        "first": {"annotations": [box]},
        "first-metadata": {"class-map": {"0": "owl"}},
    }
    fields = {"task_type": "label-adjustment-boxes", "labels": ["owl"], "audit_attribute": "first"}
    house.create([line], **fields)
    drawn = {"label": "owl", "left": 1, "top": 1, "width": 4, "height": 2}
    run(house, {"boundingBox": {"boundingBoxes": [drawn], "inputImageProperties": {"width": 8, "height": 4}}})
    (labeled,) = house.output()
    assert labeled["first"] == line["first"]
    assert labeled["Birds-1-metadata"]["adjustment-status"] == "unadjusted"
