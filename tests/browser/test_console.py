"""The console in Chromium: a job made, labeled with the keyboard alone and downloaded; pages that move; axe."""

from __future__ import annotations

import json
import re
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from browser.conftest import Site, axe, released
from groundswell.domain.people import Role
from integration.server.serving import SHAPES, picture, picture_lines, shapes_spec, store_pictures

# The first consolidation of a fresh checkout compiles its kernels.
expect.set_options(timeout=45_000)

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("console")]

REQUESTER = (Role.REQUESTER, Role.WORKER)
NAMES = count()  # a second try of a test finds what the first has left
CREW = {"nora": 0.95, "omar": 0.9, "lin": 0.9, "max": 0.5}


@pytest.fixture(scope="module")
def answered(running: Site) -> str:
    """A job with answers, labels and one failed object."""
    served = running.served
    truth = store_pictures(served.storage, 30)
    job = served.job(shapes_spec("shapes-with-answers"), picture_lines(30))
    served.answer_all(job, truth, CREW, objects=20)
    served.store.write(lambda tx: tx.jobs.set_state(job.id, "pause", at=served.clock())).result()
    served.store.write(lambda tx: tx.objects.move(job.id, [29], "fail", reason="the image cannot be read")).result()
    return job.name


def test_a_person_makes_a_job_labels_with_the_keyboard_alone_and_downloads(site: Site, tmp_path: Path) -> None:
    name, files = f"keyboard-shapes-{next(NAMES)}", []
    for n, shape in enumerate(("circle", "square", "triangle")):
        files.append(tmp_path / f"{n}-{shape}.png")
        files[-1].write_bytes(picture(shape, n))
    site.served.person("rita", *REQUESTER)
    page = site.page()

    page.goto("/console")  # not signed in: to the form and back
    page.get_by_label("E-mail address").fill("rita@example.com")
    page.get_by_label("Password").fill("correct horse")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="New labeling job").click()

    page.get_by_label("Name of the job").fill(name)
    page.locator("input[data-pick]").first.set_input_files(files)
    expect(page.get_by_text("3 files sent")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Next")).last.click()

    page.get_by_label("Workers per object").fill("1")
    page.get_by_role("button", name=re.compile("^Next")).last.click()

    page.get_by_label("One label a line").fill("\n".join(SHAPES))
    page.get_by_label("The question").fill("Which shape is it?")
    preview = page.frame_locator("iframe[title='Preview of the task']")
    expect(preview.get_by_text("triangle").first).to_be_visible()
    page.get_by_role("button", name=re.compile("^Next")).last.click()

    page.get_by_role("button", name="Start the labeling job").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    expect(page.locator("#job-state")).to_have_text("In progress")  # by itself, once the runner has read the input

    _label_with_the_keyboard(page, name, ["1", "2", "3"])

    page.goto(f"/console/jobs/{name}")
    expect(page.locator("#job-state")).to_have_text("Completed")
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Download manifest").click()
    lines = [json.loads(line) for line in Path(downloading.value.path()).read_text().splitlines()]
    assert [line[name] for line in lines] == [0, 1, 2]
    assert [line[f"{name}-metadata"]["class-name"] for line in lines] == list(SHAPES)


def _label_with_the_keyboard(page: Page, name: str, keys: list[str]) -> None:
    """From the worker's list to the end of the job, without the mouse."""
    page.goto("/work")
    page.locator(f"a[href='/work/{name}']").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/work/{name}")
    for key in keys:
        image = page.frame_locator("iframe >> visible=true").locator("crowd-image-classifier")
        expect(image).to_be_visible()
        page.wait_for_timeout(300)
        page.keyboard.press(key)
        page.keyboard.press("Enter")
        page.wait_for_timeout(300)
    expect(page.get_by_text("Nothing left for you right now")).to_be_visible()


def test_errors_stand_beside_their_field_and_the_draft_is_kept(site: Site) -> None:
    page = site.page("rita", *REQUESTER)
    page.goto("/console/new")
    page.get_by_role("button", name=re.compile("^Next")).last.click()  # any title would do, none does not
    name = page.get_by_label("Name of the job")
    expect(name).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#name-error")).to_contain_text("is needed")
    name.fill("two-words")
    page.get_by_label("or where the data is").fill("s3://nothing/here/")
    page.get_by_role("button", name=re.compile("^Next")).last.click()
    expect(page.locator("#input-error")).to_contain_text("found none")
    page.get_by_role("link", name="Finish later").click()
    page.get_by_role("link", name="two-words").click()
    expect(page.get_by_label("Name of the job")).to_have_value("two-words")
    expect(page.get_by_label("or where the data is")).to_have_value("s3://nothing/here/")


def test_public_work_needs_its_declarations(site: Site) -> None:
    page = site.page("rita", *REQUESTER)
    page.goto("/console/new")
    page.get_by_role("button", name="Step 2 Workers").click()  # step 1 is not right yet
    expect(page.locator("#name-error")).to_be_visible()
    store_pictures(site.served.storage, 3)
    page.get_by_label("Name of the job").fill("for-everybody")
    page.get_by_label("or where the data is").fill("s3://pictures/shapes/")
    page.get_by_role("button", name=re.compile("^Next")).last.click()
    page.get_by_role("radio", name=re.compile("^public")).check()
    page.get_by_label("Reward per annotation").fill("0.036")
    page.get_by_label("Time one takes").fill("12")
    expect(page.get_by_text("About $10.80 an hour")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Next")).last.click()
    expect(page.get_by_text("declare that the data is free of adult content").first).to_be_visible()
    page.get_by_label("The data is free of adult content.").check()
    page.get_by_label("The data is free of personally identifiable information.").check()
    page.get_by_role("button", name=re.compile("^Next")).last.click()
    expect(page.get_by_label("One label a line")).to_be_visible()


def test_the_jobs_page_moves_by_itself(site: Site) -> None:
    served = site.served
    truth = store_pictures(served.storage, 4)
    name = f"moving-{next(NAMES)}"
    job = served.job(shapes_spec(name, workers={"per_object": 1}), picture_lines(4))
    page = site.page("rita", *REQUESTER)
    listed = site.page("rita", *REQUESTER)
    listed.goto(f"/console?q={name}")
    expect(listed.get_by_text("0 of 4 labeled")).to_be_visible()
    page.goto(f"/console/jobs/{name}")
    expect(page.get_by_text("0 of 4 labeled")).to_be_visible()
    served.answer_all(job, truth, {"nora": 1.0})
    expect(page.get_by_text("4 of 4 labeled")).to_be_visible()
    expect(page.locator("#job-state")).to_have_text("Completed")
    expect(page.get_by_role("link", name="Download manifest")).to_be_visible()
    expect(page.get_by_role("button", name="Pause")).to_have_count(0)
    expect(listed.get_by_text("4 of 4 labeled")).to_be_visible()
    expect(listed).to_have_url(re.compile(f"q={name}"))


def test_objects_are_filtered_and_one_tells_its_story(site: Site, answered: str) -> None:
    page = site.page("rita", *REQUESTER)
    page.goto(f"/console/jobs/{answered}")
    expect(page.locator(".object")).to_have_count(24)
    page.get_by_role("button", name="Show more").click()
    expect(page.locator(".object")).to_have_count(30)
    page.get_by_role("link", name="Failed", exact=True).click()
    expect(page.locator(".object")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"filter=failed"))
    page.locator(".object").click()
    expect(page.get_by_text("the image cannot be read").first).to_be_visible()
    page.get_by_role("button", name="Put back").click()
    page.goto(f"/console/jobs/{answered}?category=circle")
    page.locator(".object").first.click()
    expect(page.get_by_role("heading", name="3 annotations")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile(r"objects/\d+\?category=circle"))


def test_a_job_is_deleted_once_its_name_is_typed(site: Site) -> None:
    name = f"to-delete-{next(NAMES)}"
    truth = store_pictures(site.served.storage, 2)
    manifest = f"s3://console/{name}.manifest"  # of its own: other tests store more pictures beside these
    lines = "".join(json.dumps(line) + "\n" for line in picture_lines(2))
    site.served.storage.write(manifest, lines.encode())
    spec = shapes_spec(name, input=manifest, workers={"per_object": 1})
    assert site.served.requester().post("/api/v1/jobs", json=spec).status_code == 201
    job = released(site, name)
    page = site.page("rita", *REQUESTER)
    page.goto(f"/console/jobs/{name}")
    expect(page.get_by_role("button", name="Delete")).to_have_count(0)
    site.served.answer_all(job, truth, {"nora": 1.0})
    expect(page.locator("#job-state")).to_have_text("Completed")
    page.get_by_role("button", name="Delete", exact=True).click()
    dialog = page.get_by_role("dialog", name=f"Delete {name}?")
    expect(dialog.get_by_text("2 data objects")).to_be_visible()
    expect(dialog.get_by_text("2 annotations")).to_be_visible()
    assert axe(page) == []
    typed = dialog.get_by_label("Type the job's name")
    typed.fill("another-name")
    dialog.get_by_role("button", name="Delete the job").click()
    expect(dialog).to_be_visible()  # nothing was sent
    assert not typed.evaluate("field => field.validity.valid")
    typed.fill(name)
    dialog.get_by_role("button", name="Delete the job").click()
    expect(page.get_by_role("status").get_by_text(f"{name} was deleted")).to_be_visible()
    expect(page.get_by_role("link", name=name)).to_have_count(0)


def test_an_account_is_deleted_once_its_address_is_typed(site: Site) -> None:
    who = f"leaver{next(NAMES)}"
    site.served.person(who, Role.WORKER)
    page = site.page("ada", Role.ADMINISTRATOR)
    page.goto("/console/people")
    page.get_by_label(f"Change {who.capitalize()}").click()
    page.locator(".menu[open]").get_by_role("link", name="Delete the account").click()
    expect(page.get_by_role("radio", name=re.compile("former worker"))).to_be_checked()
    assert axe(page) == []
    page.get_by_role("radio", name=re.compile("under the person's name")).check()
    page.get_by_label("Type the e-mail address").fill(f"{who}@example.com")
    page.get_by_role("button", name="Delete the account").click()
    expect(page.get_by_text(f"The account of {who}@example.com was deleted")).to_be_visible()
    expect(page.get_by_label(f"Change {who.capitalize()}")).to_have_count(0)


def test_pause_and_stop_and_clone(site: Site) -> None:
    name = f"to-stop-{next(NAMES)}"
    store_pictures(site.served.storage, 2)
    site.served.job(shapes_spec(name), picture_lines(2))
    page = site.page("rita", *REQUESTER)
    page.goto(f"/console/jobs/{name}")
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("#job-state")).to_have_text("Paused")
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_role("button", name="Stop the job").click()
    expect(page.locator("#job-state")).to_have_text("Stopped")
    page.get_by_role("link", name="Clone").click()
    expect(page.get_by_label("Name of the job")).to_have_value(f"{name}-copy")
    page.get_by_role("button", name=re.compile("^Next")).last.click()
    expect(page.get_by_label("Workers per object")).to_have_value("3")


def test_a_team_is_made_and_a_person_joins_by_link(site: Site) -> None:
    page = site.page("rita", *REQUESTER)
    page.goto("/console/workforce")
    team = f"park-rangers-{next(NAMES)}"
    page.get_by_label("Name").fill(team)
    page.get_by_role("button", name="Make the team").click()
    page.get_by_role("button", name="Make an invitation link").click()
    link = page.get_by_label("Invitation link").input_value()
    assert link.startswith(site.url)
    guest = site.page()
    guest.goto(link)
    guest.get_by_label("Name").fill("Guest")
    guest.get_by_label("E-mail address").fill(f"{team}@example.com")
    guest.get_by_label("Password").fill("long enough")
    guest.get_by_role("button", name="Join").click()
    guest.wait_for_url("**/work")
    page.goto(f"/console/teams/{team}")
    expect(page.get_by_text(f"{team}@example.com")).to_be_visible()


PAGES = (
    "/console",
    "/console?state=ended&q=none",
    "/console/new",
    "/console/drafts/{draft}/2",
    "/console/drafts/{draft}/3",
    "/console/drafts/{draft}/4",
    "/console/jobs/shapes-with-answers",
    "/console/jobs/shapes-with-answers/objects/3",
    "/console/workforce",
    "/console/teams/everyone",
    "/console/people",
    "/console/functions",
    "/account",
    "/nowhere",
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_accessible_and_fits_a_phone(site: Site, answered: str, scheme: str) -> None:
    wide = site.page("ada", Role.ADMINISTRATOR, *REQUESTER, color_scheme=scheme)
    wide.goto("/console/new")
    draft = wide.url.split("/")[-2]
    found = {}
    for path in PAGES:
        wide.set_viewport_size({"width": 1280, "height": 900})
        wide.goto(path.format(draft=draft))
        found[path] = axe(wide)
        wide.set_viewport_size({"width": 390, "height": 844})
        if wide.evaluate("document.documentElement.scrollWidth") > 390:
            found[path].append("wider than a phone")
    stranger = site.page(color_scheme=scheme)
    for path in ("/signin", "/register"):
        stranger.goto(path)
        found[path] = axe(stranger)
    assert {path: problems for path, problems in found.items() if problems} == {}
