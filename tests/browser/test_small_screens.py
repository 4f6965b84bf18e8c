"""Workers' pages fit every screen, whatever a job is called."""

from __future__ import annotations

import json
import time

import pytest

from browser.conftest import Site
from groundswell.domain.people import Role

pytestmark = pytest.mark.browser
WIDTHS = (360, 390, 430, 768, 1366)
TITLES = {
    30: "Is a dog to be seen in it now?",
    43: "Is a dog to be seen in this holiday picture",
    85: "Is a dog to be seen in this holiday picture, or perhaps a cat that looks like one dog",
    128: ("Which of these photographs from the holidays in the mountains show a dog " * 2)[:128],
    126: "Donaudampfschifffahrtsgesellschaftskapitaen" * 3,
}


@pytest.mark.parametrize("length", TITLES)
def test_the_task_page_and_the_list_are_as_wide_as_the_screen(site: Site, length: int) -> None:
    name = f"titled-{length}"
    manifest = f"s3://texts/{name}.manifest"
    site.served.storage.write(manifest, (json.dumps({"source": "A text."}) + "\n").encode())
    spec = {
        "name": name,
        "title": TITLES[length],
        "task_type": "text-classification",
        "input": manifest,
        "labels": ["yes", "no"],
        "workers": {"per_object": 1},
    }
    assert site.served.requester().post("/api/v1/jobs", json=spec).status_code == 201
    for _ in range(400):
        if site.served.store.read(lambda tx: tx.jobs.by_name(name)).counters.open:
            break
        time.sleep(0.05)
    page = site.page(f"phone{length}")
    for address in (f"/work/{name}", "/work"):
        page.goto(address)
        page.wait_for_selector("iframe.shown[data-ready]" if address != "/work" else f"a[href='/work/{name}']")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 740})
            found = page.evaluate("document.documentElement.scrollWidth")
            assert found == width, (address, width)
            if address != "/work":
                bar = page.evaluate(
                    "document.querySelector('#bar').scrollWidth - document.querySelector('#bar').clientWidth"
                )
                assert bar == 0, (address, width)


CONSOLE = ("", "/people", "/workforce", "/teams/everyone", "/audit", "/functions", "/keys", "/webhooks", "/new")


def test_the_console_fits_a_phone_and_keeps_its_menu_in_sight(site: Site) -> None:
    page = site.page("ada", Role.ADMINISTRATOR, Role.REQUESTER, Role.WORKER)
    page.set_viewport_size({"width": 360, "height": 740})
    for address in CONSOLE:
        page.goto(f"/console{address}")
        assert page.evaluate("document.documentElement.scrollWidth") == 360, address
    page.locator(".menu summary").click()
    page.get_by_role("link", name="Account and keys").click(trial=True)
