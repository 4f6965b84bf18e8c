"""The mask elements under load: 300 instances painted on a 4096 x 4096 image.

Each stroke is 60 real mouse events in headless Chromium with software rendering (no GPU). `frame` is the time between
frames as the browser shows them, `work` what the page computes in a frame: its input events and its drawing.
Run: python -m benchmarks masks
"""

from __future__ import annotations

import io
import json
import os
import platform
import random
import time
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw
from playwright.sync_api import Page

from benchmarks.bench_elements import Places
from benchmarks.chromium_page import built_elements, chromium_page, serve, timed

RESULTS = Path(__file__).parent / "results"
SIDE = 4096
INSTANCES = 300
TAG = "crowd-instance-segmentation"


def photograph() -> bytes:
    """A JPEG with enough detail to cost what a photograph costs."""
    image = Image.effect_noise((SIDE // 8, SIDE // 8), 60).resize((SIDE, SIDE)).convert("RGB")
    body = io.BytesIO()
    image.save(body, "JPEG", quality=85)
    return body.getvalue()


def painted() -> tuple[bytes, list[dict[str, str]]]:
    """A mask of ellipses and its instances, each with a colour of its own."""
    dice = random.Random(3)
    image = Image.new("RGB", (SIDE, SIDE), "white")
    draw = ImageDraw.Draw(image)
    instances = []
    for i in range(INSTANCES):
        color = f"#{(i * 54_773 + 4_660) % 0xFFFFFF:06x}"
        x, y, w, h = dice.randrange(SIDE), dice.randrange(SIDE), dice.randrange(60, 260), dice.randrange(60, 260)
        draw.ellipse((x - w, y - h, x + w, y + h), fill=color)
        instances.append({"color": color, "label": f"Label {i % 8 + 1}"})
    body = io.BytesIO()
    image.save(body, "PNG")
    return body.getvalue(), instances


def task(instances: list[dict[str, str]]) -> bytes:
    value = json.dumps({"instances": instances, "src": "/mask.png"})
    labels = json.dumps([f"Label {i + 1}" for i in range(8)])
    return f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Benchmark</title>
    <script src="/static/elements/crowd-html-elements.js"></script>
    <crowd-form><{TAG} name="it" header="Paint" src="/photo.jpg" labels='{labels}' initial-value='{value}'></{TAG}>
    </crowd-form>
    """.encode()


TIMES = """async tag => {
  const el = document.querySelector(tag), { editor, mask } = el;
  const time = (run) => { const start = performance.now(); run(); return performance.now() - start };
  const settle = () => new Promise((done) => setTimeout(done, 1500));
  const found = {};
  found.undo_stroke = time(() => editor.undo());
  await settle();
  mask.remove(mask.used[5].value, 'delete');
  await settle();
  found.undo_delete = time(() => editor.undo());
  await settle();
  mask.clear();
  await settle();
  found.undo_clear = time(() => editor.undo());
  found.redo_clear = time(() => editor.redo());
  editor.undo();
  await settle();
  found.value_after_rest = time(() => el.value);
  found.png_kb = el.value.labeledImage.pngImageData.length / 1000;
  mask.plane.versions.fill(0);
  found.encode_all = time(() => el.value);
  return found;
}"""


def page_memory_mb(page: Page) -> float:
    """Resident memory of the page's renderer process, pictures included."""
    session = page.context.browser.new_browser_cdp_session()  # type: ignore[union-attr]
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    renderers = [item["id"] for item in processes if item["type"] == "renderer"]
    return max(_private_kb(pid) for pid in renderers) / 1000


def _private_kb(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith(("Private_Clean", "Private_Dirty")))


def measure(page: Page, url: str) -> dict[str, Any]:
    """Strokes of three widths and zooms, undo, encoding, memory."""
    page.goto(url)
    page.wait_for_function("tag => document.querySelector(tag)?.stage?.loaded", arg=TAG, timeout=60_000)
    page.wait_for_function("tag => !document.querySelector(tag).reading", arg=TAG, timeout=60_000)
    page.wait_for_timeout(4000)
    at = Places(page, TAG)
    found: dict[str, Any] = {}
    for name, zoom, size in [
        ("fit_24px", 0, 24),
        ("fit_200px", 0, 200),
        ("near_24px", 12, 24),
        ("near_200px", 12, 200),
    ]:
        page.keyboard.press("f")
        if zoom:
            at.wheel((2000, 2000), zoom, -120)
        page.evaluate("([tag, size]) => { document.querySelector(tag).paint.size = size }", [TAG, size])
        page.wait_for_timeout(1500)
        reach = 1500 if not zoom else 120
        found[name] = timed(page, lambda r=reach: at.drag((2000 - r, 2000 - r), (2000 + r, 2000 + r)))
        page.wait_for_timeout(1500)
    page.keyboard.press("f")
    page.wait_for_timeout(2000)
    page.context.new_cdp_session(page).send("HeapProfiler.collectGarbage")
    found["page_mb"] = page_memory_mb(page)
    found["times_ms"] = page.evaluate(TIMES, TAG)
    return found


def report(found: dict[str, Any]) -> None:
    print(f"{INSTANCES} instances on {SIDE} x {SIDE}; p95, ms")
    for name in ["fit_24px", "fit_200px", "near_24px", "near_200px"]:
        row = found[name]
        shown = "".join(f"  {key} {row[key]:6.1f}" for key in ("frame_p95_ms", "work_p95_ms", "work_max_ms"))
        print(f"stroke {name:12}{shown}")
    for name, value in found["times_ms"].items():
        print(f"{name:19} {value:8.2f}")
    print(f"{'page, MB':19} {found['page_mb']:8.1f}")


def main() -> None:
    """Measure, print the table, write results/masks.json."""
    mask, instances = painted()
    files = {
        "/photo.jpg": (photograph(), "image/jpeg"),
        "/mask.png": (mask, "image/png"),
        "/task.html": (task(instances), "text/html"),
    }
    with built_elements() as built, serve(built, files) as url, chromium_page() as page:
        found = measure(page, f"{url}/task.html")
    report(found)
    RESULTS.mkdir(exist_ok=True)
    machine = {"system": platform.platform(), "cores": os.cpu_count(), "load": os.getloadavg()[0]}
    summary = {"date": time.strftime("%Y-%m-%d"), "machine": machine, "found": found}
    (RESULTS / "masks.json").write_text(json.dumps(summary, indent=1))


if __name__ == "__main__":
    main()
