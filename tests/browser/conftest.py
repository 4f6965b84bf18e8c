"""One Chromium for all browser tests, and a server with a runner for those of the pages."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from groundswell.bootstrap import open_hooks, utc_now
from groundswell.domain.people import Role
from groundswell.domain.records import LabelingJob
from groundswell.runner.desk import Tools
from groundswell.runner.loop import Runner
from integration.server.serving import PASSWORD, Served, serve

CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AXE = Path(__file__).parents[2] / "elements/node_modules/axe-core/axe.min.js"


def chromium_path() -> str | None:
    """The machine's Chromium, from CHROMIUM_PATH or the usual names; None where there is none."""
    names = [os.environ.get("CHROMIUM_PATH", ""), "chromium", "chromium-browser", "google-chrome"]
    return next((found for name in names if name and (found := shutil.which(name))), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A browser test that fails is tried twice more: on a busy machine a frame can come later than a test waits."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.flaky(reruns=2))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium_path()
    if path is None:
        pytest.skip("no Chromium on this machine (set CHROMIUM_PATH)")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGS)
        yield chromium
        chromium.close()


@dataclass
class Site:
    """A running server and runner, and browsers signed in to it."""

    served: Served
    url: str
    browser: Browser
    contexts: list[BrowserContext]
    errors: list[str]  # uncaught errors and refused scripts of any page

    def page(self, name: str | None = None, *roles: Role, **options: object) -> Page:
        """A page of a browser of its own, signed in as this person."""
        context = self.browser.new_context(base_url=self.url, **options)  # type: ignore[arg-type]
        context.set_default_timeout(15_000)
        self.contexts.append(context)
        if name is not None:
            self.served.person(name, *roles)
            body = {"email": f"{name}@example.com", "password": PASSWORD}
            assert context.request.post("/api/v1/sessions", data=body).ok
        page = context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda said: self.errors.append(said.text) if "Content Security" in said.text else None)
        return page


@pytest.fixture(scope="module")
def running(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server and a runner in threads of this process, for the tests of one file."""
    served = serve(tmp_path_factory.mktemp("site"), standing=False)
    server = uvicorn.Server(uvicorn.Config(served.app, host="127.0.0.1", port=0, log_level="error", ws="none"))
    stopping = threading.Event()
    threads = [threading.Thread(target=server.run), threading.Thread(target=_run_runner, args=(served, stopping))]
    for thread in threads:
        thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield Site(served, f"http://127.0.0.1:{port}", browser, [], [])
    server.should_exit = True
    stopping.set()
    for thread in threads:
        thread.join()
    served.store.close()


@pytest.fixture
def site(running: Site) -> Iterator[Site]:
    """The server of this file; a test ends without an uncaught error on any of its pages."""
    yield running
    for context in running.contexts:
        context.close()
    running.contexts.clear()
    errors, running.errors[:] = list(running.errors), []
    assert errors == []


def released(site: Site, name: str) -> LabelingJob:
    """The job of this name, once its tasks can be taken."""
    for _ in range(400):
        job = site.served.store.read(lambda tx: tx.jobs.by_name(name))
        if job.counters.open:
            return job
        time.sleep(0.05)
    raise AssertionError(f"{name} was not released: {job.state} {job.failure_reason}")


def axe(page: Page) -> list[str]:
    """What axe-core finds wrong on a page, one line each: `rule: html of the first node`."""
    if not AXE.exists():
        pytest.skip("axe-core is not installed (npm ci in elements/)")
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document)")
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found["violations"]]


def _run_runner(served: Served, stopping: threading.Event) -> None:
    with ThreadPoolExecutor(2) as pool:
        runner = Runner(
            Tools(
                store=served.store,
                storage=served.storage,
                clock=utc_now,
                monotonic=time.monotonic,
                pool=pool,
                open_hook=open_hooks(served.settings, served.store).open,
                issuer="groundswell",
            ),
            "browser-tests",
        )
        while not stopping.is_set():
            if not runner.tick():
                stopping.wait(0.1)
        runner.close()
