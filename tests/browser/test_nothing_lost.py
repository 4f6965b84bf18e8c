"""What a worker does is never lost: reload, Back, a killed browser; and keys reach the task from everywhere."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

import psutil
import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, FrameLocator, Page

from browser.conftest import CHROMIUM_ARGS, Site, chromium_path
from groundswell.domain.records import LabelingJob
from groundswell.service.ports import EventFilter
from groundswell.service.ports import Page as EventsPage
from integration.server.serving import PASSWORD

pytestmark = pytest.mark.browser
NAMES = count()
MakeJob = Callable[..., LabelingJob]
BOXES = "crowd-bounding-box"


@pytest.fixture
def make_job(site: Site) -> MakeJob:
    """A released job over white pictures."""

    def make(task_type: str, labels: list[str], objects: int = 1, **workers: object) -> LabelingJob:
        name, file = f"kept-{next(NAMES)}", io.BytesIO()
        Image.new("RGB", (600, 400), "white").save(file, "PNG")
        lines = []
        for n in range(objects):
            site.served.storage.write(f"s3://white/{name}/{n}.png", file.getvalue())
            lines.append(json.dumps({"source-ref": f"s3://white/{name}/{n}.png"}) + "\n")
        manifest = f"s3://white/{name}.manifest"
        site.served.storage.write(manifest, "".join(lines).encode())
        spec = {
            "name": name,
            "task_type": task_type,
            "input": manifest,
            "labels": labels,
            "title": "What is to be seen?",
            "workers": {"per_object": 1, **workers},
        }
        assert site.served.requester().post("/api/v1/jobs", json=spec).status_code == 201
        for _ in range(400):
            job = site.served.store.read(lambda tx: tx.jobs.by_name(name))
            if job.counters.open:
                return job
            time.sleep(0.05)
        raise AssertionError(f"{name} was not released: {job.state} {job.failure_reason}")

    return make


def task(page: Page, element: str) -> FrameLocator:
    page.wait_for_selector("iframe.shown[data-ready]")
    frame = page.frame_locator("iframe.shown")
    frame.locator(element).wait_for()
    return frame


def draw(page: Page, frame: FrameLocator, start: int, boxes: int, *, pause_s: float = 0.0) -> None:
    """Boxes one beside the other, as fast as a mouse can."""
    canvas = frame.locator(f"{BOXES} canvas").first.bounding_box()
    assert canvas is not None
    left, top = canvas["x"] + canvas["width"] / 2 - 200, canvas["y"] + canvas["height"] / 2 - 100
    for n in range(start, start + boxes):
        x, y = left + 40 * (n % 10), top + 30 * (n // 10)
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 14, y + 9)
        page.mouse.move(x + 25, y + 18)
        page.mouse.up()
        if pause_s:
            page.wait_for_timeout(pause_s * 1_000)


def drawn(frame: FrameLocator) -> int:
    return int(frame.locator(BOXES).evaluate("element => element.value.boundingBoxes.length"))


def until_drawn(page: Page, frame: FrameLocator, least: int) -> int:
    for _ in range(100):
        if (found := drawn(frame)) >= least:
            return found
        page.wait_for_timeout(50)
    return drawn(frame)


@pytest.mark.parametrize("leave", ["reload", "back"])
def test_boxes_drawn_just_before_the_page_is_left_are_there_again(site: Site, make_job: MakeJob, leave: str) -> None:
    job = make_job("object-detection", ["Dog", "Cat"])
    page = site.page(f"rosa-{leave}")
    page.goto("/work")
    page.goto(f"/work/{job.name}")
    frame = task(page, BOXES)
    draw(page, frame, 0, 5)
    assert drawn(frame) == 5
    if leave == "reload":
        page.reload()
    else:
        page.go_back()
        page.goto(f"/work/{job.name}")
    assert until_drawn(page, task(page, BOXES), 5) == 5


def test_drafts_reach_the_server_while_somebody_never_pauses(site: Site, make_job: MakeJob) -> None:
    job = make_job("object-detection", ["Dog"])
    page = site.page("sven")
    page.goto(f"/work/{job.name}")
    frame = task(page, BOXES)
    draw(page, frame, 0, 12, pause_s=0.4)
    [held] = [one.id for one in site.served.store.read(lambda tx: tx.assignments.of_object(job.id, 0))]
    kept = site.served.store.read(lambda tx: tx.assignments.draft(held))
    assert kept is not None and len(json.loads(kept)["answer"]["boundingBox"]["boundingBoxes"]) >= 6


def persistent(site: Site, folder: Path) -> BrowserContext:
    return site.browser.browser_type.launch_persistent_context(
        folder, executable_path=chromium_path(), args=CHROMIUM_ARGS, base_url=site.url
    )


@pytest.mark.slow
def test_a_killed_browser_loses_the_last_second_at_most(site: Site, make_job: MakeJob, tmp_path: Path) -> None:
    job = make_job("object-detection", ["Dog"])
    site.served.person("tilda")
    profile = tmp_path / "profile"
    context = persistent(site, profile)
    body = {"email": "tilda@example.com", "password": PASSWORD}
    assert context.request.post("/api/v1/sessions", data=body).ok
    cookies = context.cookies()
    context.route("**/draft", lambda route: route.abort())  # the server gets none: only this browser's disk is left
    page = context.new_page()
    page.goto(f"/work/{job.name}")
    frame = task(page, BOXES)
    draw(page, frame, 0, 20, pause_s=0.25)
    before = drawn(frame)
    page.wait_for_timeout(1_000)
    draw(page, frame, 20, 2)
    for process in psutil.process_iter(["cmdline"]):
        if any(str(profile) in part for part in process.info["cmdline"] or []):
            process.kill()
    try:
        context.close()
    except Exception:
        pass  # it is gone
    again = persistent(site, profile)
    try:
        again.add_cookies(cookies)  # type: ignore[arg-type]  # the sign-in itself is not what is looked at
        page = again.new_page()
        page.goto(f"/work/{job.name}")
        assert until_drawn(page, task(page, BOXES), before) >= before == 20
    finally:
        again.close()


def chosen(frame: FrameLocator) -> str | None:
    found = frame.locator("crowd-image-classifier").evaluate("element => element.draft.chosen[0] ?? null")
    return None if found is None else str(found)


def until_chosen(page: Page, frame: FrameLocator, wanted: str) -> None:
    for _ in range(100):
        if chosen(frame) == wanted:
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"expected {wanted}, got {chosen(frame)}")


def test_keys_reach_the_task_from_the_bar_and_after_the_menu(site: Site, make_job: MakeJob) -> None:
    job = make_job("image-classification", ["one", "two", "three", "four"])
    page = site.page("ugo")
    page.goto(f"/work/{job.name}")
    frame = task(page, "crowd-image-classifier")
    page.get_by_role("button", name="More").click()
    page.keyboard.press("Escape")
    page.keyboard.press("4")
    until_chosen(page, frame, "four")
    page.locator("#title").click()
    page.keyboard.press("2")
    until_chosen(page, frame, "two")
    page.get_by_role("button", name="More").focus()
    page.keyboard.press("3")
    until_chosen(page, frame, "three")


def test_keys_pressed_between_two_tasks_count_for_the_next(site: Site, make_job: MakeJob) -> None:
    job = make_job("image-classification", ["one", "two", "three"], objects=12)
    page = site.page("vera")
    page.goto(f"/work/{job.name}")
    task(page, "crowd-image-classifier")
    page.wait_for_function("() => document.querySelector('#live').textContent.includes('Task 1 is')")
    for n in range(12):
        page.keyboard.press(str(n % 3 + 1))  # as soon as the counter has moved: the next task need not be there yet
        page.wait_for_function(
            "n => document.querySelector('#live').textContent.includes(`Task ${n} is`)",
            arg=n + 1,
        )
        until_chosen(page, task(page, "crowd-image-classifier"), ["one", "two", "three"][n % 3])
        page.keyboard.press("Enter")
        page.wait_for_function("n => document.querySelector('#about').textContent.startsWith(`${n} done`)", arg=n + 1)
    page.get_by_role("heading", name="Nothing left for you right now").wait_for()
    for _ in range(100):
        found = site.served.store.read(lambda tx: tx.annotations.all(job.id))
        if len(found) == 12:
            break
        page.wait_for_timeout(100)
    said = {one.n: one.content["crowd-image-classifier"]["label"] for one in found}
    assert said == {n: ["one", "two", "three"][n % 3] for n in range(12)}


def test_what_was_drawn_when_the_time_ran_out_comes_back_with_the_task(site: Site, make_job: MakeJob) -> None:
    job = make_job("object-detection", ["Dog"], task_time_limit="30s")
    page = site.page("wanda")
    page.goto(f"/work/{job.name}")
    frame = task(page, BOXES)
    draw(page, frame, 0, 2)
    assert drawn(frame) == 2
    page.wait_for_timeout(1_000)
    [first] = site.served.store.read(lambda tx: tx.assignments.of_object(job.id, 0))
    site.served.clock.turn(seconds=40)
    page.clock.install()
    page.clock.fast_forward(40_000)
    for _ in range(200):
        found = [one for one in site.served.store.read(lambda tx: tx.assignments.of_object(job.id, 0))]
        if len(found) == 2:
            break
        page.wait_for_timeout(100)
    assert found[-1].id != first.id
    assert until_drawn(page, task(page, BOXES), 2) == 2


@pytest.mark.parametrize("task_type", ["object-detection", "image-classification"])
@pytest.mark.parametrize("content", [b"", b"<html>not found</html>"])
def test_a_picture_that_is_none_is_reported_and_skipped(
    site: Site, make_job: MakeJob, task_type: str, content: bytes
) -> None:
    job = make_job(task_type, ["one", "two"], objects=2)
    site.served.storage.write(f"s3://white/{job.name}/0.png", content)
    page = site.page(f"rita-{job.name}")
    page.goto(f"/work/{job.name}")
    page.wait_for_selector("iframe.shown[data-ready]")
    frame = page.frame_locator("iframe.shown")
    alert = frame.get_by_role("alert")
    alert.get_by_text("could not be loaded").wait_for()
    alert.get_by_role("button", name="Report and skip").click()
    page.wait_for_function("() => document.querySelector('#live').textContent.includes('Task 2 is')")
    told = site.served.store.read(
        lambda tx: tx.events.page(EventFilter(kind="object.reported", job_id=job.id), EventsPage())
    )
    assert [one.data["reason"] for one in told] == ["The image could not be loaded."]
