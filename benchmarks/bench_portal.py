"""How soon a worker can work: navigation to a task that takes keys, one task to the next, the scripts' size.

Issue figures: interactive within 300 ms of navigation, under 150 kB of JavaScript compressed. Label Studio 1.23.2 on
the same kind of machine, 2026-11-23: 1.6 to 3.1 s to the first canvas, 6 MB of JavaScript.
"""

from __future__ import annotations

import io
import json
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from benchmarks.chromium_page import ARGUMENTS
from groundswell.sdk import Client

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))  # the processes that tests start, too
from integration.processes import EMAIL, PASSWORD, Processes

RESULTS = Path(__file__).parent / "results"
VISITS, TASKS = 8, 20


def photo() -> bytes:
    """A JPEG of 1600 x 1200 pixels with something in it."""
    image = Image.effect_noise((1600, 1200), 60).convert("RGB")
    file = io.BytesIO()
    image.save(file, "JPEG", quality=85)
    return file.getvalue()


def make_job(client: Client, folder: Path) -> str:
    """A job of many copies of the photo."""
    pictures = folder / "photos"
    pictures.mkdir()
    for n in range(VISITS + TASKS + 10):
        (pictures / f"{n:03d}.jpg").write_bytes(photo())
    spec = {"name": "bench", "task_type": "image-classification", "input": str(pictures), "labels": ["cat", "dog"]}
    client.jobs.create({**spec, "workers": {"per_object": 1}})
    return "bench"


def ready(page: Page) -> None:
    """Return once the task on screen is drawn and takes keys."""
    shown = page.wait_for_selector("iframe.shown")
    frame = shown.content_frame() if shown else None
    assert frame is not None
    frame.get_by_role("radio", name="cat").wait_for()
    frame.wait_for_function("document.hasFocus()")


def visit(page: Page, job: str) -> float:
    """Milliseconds from navigation until the task is there and takes keys."""
    page.goto(f"/work/{job}", wait_until="commit")
    ready(page)
    spent: float = page.evaluate("performance.now()")
    return spent


def next_task(page: Page, done: int) -> float:
    """Milliseconds from Enter until the next task takes keys."""
    page.keyboard.press("1")
    before: float = page.evaluate("performance.now()")
    page.keyboard.press("Enter")
    page.wait_for_function("n => document.querySelector('#about').textContent.startsWith(`${n} done`)", arg=done)
    ready(page)
    after: float = page.evaluate("performance.now()")
    return after - before


def script_bytes(page: Page) -> int:
    """Compressed bytes of every script that page and frame loaded."""
    scripts = "performance.getEntriesByType('resource').filter((one) => one.name.includes('.js'))"
    sizes = f"{scripts}.map((one) => one.transferSize)"
    found = [page.evaluate(sizes), *(frame.evaluate(sizes) for frame in page.frames[1:2])]
    return sum(size for group in found for size in group)


def measure(page: Page, job: str) -> dict[str, Any]:
    """All figures of one worker's session."""
    first = visit(page, job)
    scripts = script_bytes(page)
    visits = [visit(page, job) for _ in range(VISITS)]
    tasks = [next_task(page, n + 1) for n in range(TASKS)]
    return {
        "first_visit_ms": round(first),
        "interactive_ms_median": round(statistics.median(visits)),
        "next_task_ms_median": round(statistics.median(tasks)),
        "javascript_kb_compressed": round(scripts / 1_000, 1),
    }


def main() -> None:
    """Measure and print."""
    path = shutil.which("chromium")
    if path is None:
        print("no Chromium on this machine")
        return
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        processes = Processes(folder)
        processes.start("server")
        processes.start("runner")
        try:
            with Client(processes.url) as client:
                client.sign_in(EMAIL, PASSWORD)
                job = make_job(client, folder)
            browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
            context = browser.new_context(base_url=processes.url)
            assert context.request.post("/api/v1/sessions", data={"email": EMAIL, "password": PASSWORD}).ok
            page = context.new_page()
            page.wait_for_timeout(3_000)
            figures = measure(page, job)
            browser.close()
        finally:
            processes.close()
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "portal.json").write_text(json.dumps(figures, indent=2))
    for what, value in figures.items():
        print(f"{what:28} {value}")


if __name__ == "__main__":
    main()
