"""Workers label in Chromium: by keyboard, offline, after a sign-in ran out, with drafts, declining and releasing."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from itertools import count

import pyotp
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import FrameLocator, Page, expect

from browser.conftest import Site, axe, released
from groundswell.domain.records import Annotation, LabelingJob
from groundswell.domain.states import AssignmentState
from groundswell.service import two_step
from groundswell.testing.acting import acting
from integration.server.serving import PASSWORD

pytestmark = pytest.mark.browser
NAMES = count()
MakeJob = Callable[..., LabelingJob]


def png(round_shape: bool) -> bytes:
    image = Image.new("RGB", (320, 240), "white")
    draw = ImageDraw.Draw(image)
    (draw.ellipse if round_shape else draw.rectangle)((80, 40, 240, 200), fill="teal")
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def make_job(site: Site) -> MakeJob:
    """A job of pictures, circles and squares in turn, that the runner has released."""

    def make(objects: int = 6, **workers: object) -> LabelingJob:
        name, lines = f"shapes-{next(NAMES)}", []
        for n in range(objects):
            uri = f"s3://shapes/{n}.png"
            site.served.storage.write(uri, png(n % 2 == 0), content_type="image/png")
            lines.append(json.dumps({"source-ref": uri}) + "\n")
        manifest = f"s3://shapes/{name}.manifest"
        site.served.storage.write(manifest, "".join(lines).encode())
        spec = {
            "name": name,
            "task_type": "image-classification",
            "input": manifest,
            "labels": ["circle", "square"],
            "title": "Circle or square?",
            "instructions": {"header": "Which shape is it?", "short": "A circle is round."},
            "workers": {"per_object": 1, "price_usd": "0.036", **workers},
        }
        assert site.served.requester().post("/api/v1/jobs", json=spec).status_code == 201
        return released(site, name)

    return make


def task(page: Page) -> FrameLocator:
    return page.frame_locator("iframe.shown")


def until(page: Page, condition: Callable[[], bool], what: str) -> None:
    """Wait for what the page itself does not show."""
    for _ in range(150):
        if condition():
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"this never came: {what}")


def open_task(page: Page, job: LabelingJob) -> FrameLocator:
    page.goto(f"/work/{job.name}")
    return wait_for_task(page, 0)


def wait_for_task(page: Page, n: int) -> FrameLocator:
    """Until object n is on screen and keys reach it."""
    page.wait_for_function("n => document.querySelector('#live').textContent.includes(`Task ${n + 1} is`)", arg=n)
    frame = task(page)
    frame.get_by_role("radio", name="circle").wait_for()
    page.locator("iframe.shown[data-ready]").wait_for()
    if n == 0:  # the first one takes the focus; a key pressed while it moves is the browser's to lose
        body = frame.locator("body")
        until(page, lambda: bool(body.evaluate("body => body.ownerDocument.hasFocus()")), "the task with the keyboard")
    return frame


def kept(site: Site, job: LabelingJob) -> list[Annotation]:
    return site.served.store.read(lambda tx: tx.annotations.all(job.id))


def wait_for_annotations(page: Page, site: Site, job: LabelingJob, wanted: int) -> list[Annotation]:
    until(page, lambda: len(kept(site, job)) >= wanted, f"{wanted} annotations")
    found = kept(site, job)
    assert len(found) == wanted
    return found


def states(site: Site, job: LabelingJob, n: int = 0) -> list[AssignmentState]:
    return [one.state for one in site.served.store.read(lambda tx: tx.assignments.of_object(job.id, n))]


def test_keyboard_alone(site: Site, make_job: MakeJob) -> None:
    job = make_job(4)
    page = site.page("kim")
    page.goto("/work")
    page.locator(f"a[href='/work/{job.name}']", has_text="Start working").focus()
    page.keyboard.press("Enter")
    for n in range(4):
        wait_for_task(page, n)
        assert page.locator("#about").inner_text().startswith(f"{n} done")
        page.keyboard.press("1" if n % 2 == 0 else "2")
        page.keyboard.press("Enter")
    found = wait_for_annotations(page, site, job, 4)
    given = {one.n: one.content["crowd-image-classifier"]["label"] for one in found}
    assert given == {0: "circle", 1: "square", 2: "circle", 3: "square"}
    page.get_by_role("heading", name="Nothing left for you right now").wait_for()
    assert "$0.144 earned today" in page.locator("#about").inner_text()


def test_offline_answers_are_kept_and_sent_later(site: Site, make_job: MakeJob) -> None:
    job = make_job(6)
    page = site.page("omar")
    open_task(page, job)
    # The next one is fetched ahead.
    page.wait_for_function("() => document.querySelectorAll('iframe.task[data-ready]').length === 2")
    page.context.set_offline(True)
    for n in range(2):
        wait_for_task(page, n)
        page.keyboard.press("1")
        page.keyboard.press("Enter")
    page.get_by_text("2 answers are being sent").wait_for()
    assert kept(site, job) == []
    page.context.set_offline(False)
    wait_for_annotations(page, site, job, 2)


def test_closed_page_sends_what_it_kept_when_it_is_opened_again(site: Site, make_job: MakeJob) -> None:
    job = make_job(3)
    page = site.page("ines")
    open_task(page, job)
    page.context.route("**/annotation", lambda route: route.abort())
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    page.get_by_text("1 answer is being sent").wait_for()
    page.context.unroute("**/annotation")
    page.reload()
    wait_for_annotations(page, site, job, 1)


def test_expired_sign_in_is_asked_for_in_place(site: Site, make_job: MakeJob) -> None:
    job = make_job(3)
    page = site.page("sara")
    open_task(page, job)
    page.context.clear_cookies()
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Sign in to go on")
    dialog.get_by_label("E-mail").fill("sara@example.com")
    dialog.get_by_label("Password").fill("wrong")
    dialog.get_by_role("button", name="Sign in").click()
    dialog.get_by_text("do not belong together").wait_for()
    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Sign in").click()
    found = wait_for_annotations(page, site, job, 1)
    assert found[0].content == {"crowd-image-classifier": {"label": "square"}}


def test_signing_in_again_asks_for_the_code_of_the_second_step(site: Site, make_job: MakeJob) -> None:
    job = make_job(3)
    page = site.page("theo")
    open_task(page, job)
    acts, theo = site.served.acts, acting(site.served.people["theo"])
    totp = pyotp.TOTP(two_step.begin(acts, theo).secret)
    two_step.confirm(acts, theo, totp.at(site.served.clock()))
    page.context.clear_cookies()
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Sign in to go on")
    dialog.get_by_label("E-mail").fill("theo@example.com")
    dialog.get_by_label("Password").fill(PASSWORD)
    code = dialog.get_by_label("Code of your authenticator")
    assert not code.is_visible()
    dialog.get_by_role("button", name="Sign in").click()
    expect(code).to_be_focused()
    code.fill("000000")
    page.keyboard.press("Enter")
    dialog.get_by_text("not good now").wait_for()
    assert axe(page) == []
    code.fill(totp.at(site.served.clock(), counter_offset=1))
    page.keyboard.press("Enter")
    wait_for_annotations(page, site, job, 1)


def test_draft_survives_a_reload(site: Site, make_job: MakeJob) -> None:
    job = make_job(2)
    page = site.page("dora")
    frame = open_task(page, job)
    page.keyboard.press("2")
    page.get_by_text("Saved just now").wait_for()
    page.reload()
    frame.get_by_role("radio", name="square", checked=True).wait_for()
    assert states(site, job) == [AssignmentState.HELD]


def test_stop_and_resume(site: Site, make_job: MakeJob) -> None:
    job = make_job(3)
    page = site.page("stan")
    open_task(page, job)
    page.keyboard.press("Alt+s")
    page.get_by_role("link", name="Resume: Circle or square?").click()
    wait_for_task(page, 0)
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    wait_for_annotations(page, site, job, 1)


def test_decline_and_release(site: Site, make_job: MakeJob) -> None:
    job = make_job(2)
    page = site.page("dean")
    open_task(page, job)
    page.get_by_role("button", name="More").click()
    page.get_by_role("button", name="Decline task").click()
    page.get_by_role("dialog").get_by_role("button", name="Decline task").click()
    page.wait_for_function("() => document.querySelector('#live').textContent.includes('Task 2')")
    until(page, lambda: states(site, job) == [AssignmentState.DECLINED], "the declined task")
    page.keyboard.press("Alt+r")
    page.get_by_role("dialog").get_by_role("button", name="Release task").click()
    page.get_by_role("dialog").wait_for(state="hidden")
    until(page, lambda: AssignmentState.RETURNED in states(site, job, 1), "the released task")


def test_buttons_of_the_bar_open_instructions_and_keys(site: Site, make_job: MakeJob) -> None:
    page = site.page("bea")
    frame = open_task(page, make_job(1))
    page.get_by_role("button", name="Instructions").first.click()
    frame.get_by_role("dialog").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Keys").first.click()
    frame.get_by_role("dialog").wait_for()


def test_one_tab_works_on_a_job_at_a_time(site: Site, make_job: MakeJob) -> None:
    job = make_job(2)
    page = site.page("tina")
    open_task(page, job)
    second = page.context.new_page()
    second.goto(f"/work/{job.name}")
    second.get_by_role("heading", name="This job is open in another tab").wait_for()


def test_frame_is_a_stranger_to_the_page(site: Site, make_job: MakeJob) -> None:
    page = site.page("fred")
    open_task(page, make_job(1))
    frame = next(frame for frame in page.frames if "/frame/" in frame.url)
    assert "rel=modulepreload" in page.request.get(frame.url).headers["link"]
    assert frame.evaluate("window.origin") == "null"
    assert page.context.cookies() != [] and frame.evaluate("document.cookie") == ""  # a jar of its own
    assert (
        frame.evaluate("() => { try { return parent.document.title } catch (error) { return 'refused' } }") == "refused"
    )
    assert frame.evaluate("fetch('/api/v1/me').then(() => 'read', () => 'refused')") == "refused"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_pages_are_accessible(site: Site, make_job: MakeJob, scheme: str, width: int) -> None:
    job = make_job(2)
    page = site.page("axel", viewport={"width": width, "height": 780}, color_scheme=scheme)
    page.goto("/work")
    page.get_by_role("link", name="Circle or square?").first.wait_for()
    assert axe(page) == []
    open_task(page, job)
    assert axe(page) == []
    page.get_by_role("button", name="More").click()
    assert axe(page) == []
