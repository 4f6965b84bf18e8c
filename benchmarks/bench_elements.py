"""The drawing elements under load: 10,000 boxes, or 2,000 polygons of 50 vertices, on a 4000 x 3000 image.

Each gesture is 60 real mouse events in headless Chromium with software rendering (no GPU), as Label Studio's were.
`frame` is the time between frames as the browser shows them, `work` what the page computes in a frame.
Run: python -m benchmarks elements
"""

from __future__ import annotations

import io
import json
import math
import os
import platform
import random
import time
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw
from playwright.sync_api import Page

from benchmarks.chromium_page import built_elements, chromium_page, serve, timed

RESULTS = Path(__file__).parent / "results"
WIDTH, HEIGHT = 4000, 3000
LABELS = [f"Label {i + 1}" for i in range(8)]
STEPS = 60

# Label Studio, measured on the same kind of machine on 2026-11-23, 1,000 boxes, same gestures of 60 moves:
# frame p95 while drawing, while dragging, and heap after. It has no way to load 10,000.
LABEL_STUDIO = {
    "boxes": 1000,
    "draw_p95_ms": 66.8,
    "drag_p95_ms": 66.7,
    "draw_fps": 21.3,
    "drag_fps": 22.6,
    "heap_mb": 168,
}


def photograph() -> bytes:
    """A 4000 x 3000 JPEG with enough detail to cost what a photograph costs."""
    image = Image.effect_noise((WIDTH // 8, HEIGHT // 8), 60).resize((WIDTH, HEIGHT)).convert("RGB")
    ImageDraw.Draw(image).ellipse((900, 700, 2400, 2100), fill=(90, 120, 80))
    body = io.BytesIO()
    image.save(body, "JPEG", quality=85)
    return body.getvalue()


def boxes(count: int) -> list[dict[str, Any]]:
    """Boxes of 12 to 80 pixels all over the image."""
    dice = random.Random(1)
    return [
        {
            "label": dice.choice(LABELS),
            "left": dice.randrange(WIDTH - 80),
            "top": dice.randrange(HEIGHT - 80),
            "width": dice.randrange(12, 80),
            "height": dice.randrange(12, 80),
        }
        for _ in range(count)
    ]


def polygons(count: int, vertices: int) -> list[dict[str, Any]]:
    """Wavy rings of 20 to 60 pixels radius all over the image."""
    dice = random.Random(2)
    made = []
    for _ in range(count):
        x, y, radius = dice.uniform(70, WIDTH - 70), dice.uniform(70, HEIGHT - 70), dice.uniform(20, 60)
        ring = []
        for i in range(vertices):
            turn = 2 * math.pi * i / vertices
            reach = radius * (1 + 0.1 * math.sin(5 * turn))
            ring.append({"x": round(x + reach * math.cos(turn)), "y": round(y + reach * math.sin(turn))})
        made.append({"label": dice.choice(LABELS), "vertices": ring})
    return made


def task(tag: str, shapes: list[dict[str, Any]]) -> bytes:
    """A page with one element and its shapes as initial value; it notes when the image was decoded."""
    value = json.dumps(shapes).replace('"', "&quot;")
    labels = json.dumps(LABELS).replace('"', "&quot;")
    return f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Benchmark</title>
    <script src="/static/elements/crowd-html-elements.js"></script>
    <script>document.addEventListener('gs-image-loaded', () => {{ window.decoded = performance.now() }}, true)</script>
    <crowd-form><{tag} name="it" header="Draw" src="/photo.jpg" labels="{labels}" initial-value="{value}"></{tag}>
    </crowd-form>
    """.encode()


# First: the image is on the screen, with as many shapes as fit into the first frame. All: every shape is.
WATCH_PAINT = """tag => new Promise((done) => {
  const el = document.querySelector(tag);
  let first = 0;
  const look = () => {
    const since = performance.now() - window.decoded;
    if (window.decoded && el.stage.painted && !first) first = since;
    const end = () => done({ first, all: performance.now() - window.decoded });
    if (first && el.stage.complete) requestAnimationFrame(end);
    else requestAnimationFrame(look);
  };
  look();
})"""

HIT_TEST = """tag => {
  const { editor } = document.querySelector(tag);
  const times = [];
  for (let i = 0; i < 2000; i++) {
    const at = { x: (i * 7919) % 4000, y: (i * 104729) % 3000 };
    const start = performance.now();
    editor.hits(at, 28);
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  return { p50: times[1000], p95: times[1900], max: times[1999] };
}"""

UNDO = """async tag => {
  const { editor } = document.querySelector(tag);
  const time = (run) => { const start = performance.now(); run(); return performance.now() - start };
  const settle = () => new Promise((done) => setTimeout(done, 300));
  const found = {};
  editor.select(editor.document.shapes.all[5].id);
  editor.nudge(3, 3);
  await settle();
  found.move = time(() => editor.undo());
  editor.deleteSelected();
  await settle();
  found.delete_one = time(() => editor.undo());
  editor.clear();
  await settle();
  found.delete_all = time(() => editor.undo());
  await settle();
  return found;
}"""


def measure(page: Page, url: str, tag: str, shapes: int) -> dict[str, Any]:
    """All gestures on one page; milliseconds."""
    page.goto(url)
    page.wait_for_function("tag => document.querySelector(tag)?.stage !== undefined", arg=tag)
    painted = page.evaluate(WATCH_PAINT, tag)
    found: dict[str, Any] = {"element": tag, "shapes": shapes}
    found |= {"first_paint_ms": painted["first"], "all_painted_ms": painted["all"]}
    page.wait_for_timeout(1500)
    at = Places(page, tag)
    if tag == "crowd-bounding-box":
        found["draw"] = timed(page, lambda: at.drag((1000, 800), (1900, 1500)))
        found["drag"] = timed(page, lambda: at.drag((1450, 1150), (2400, 1700)))
    else:
        found["draw"] = timed(page, lambda: at.draw_polygon((1000, 800), (1900, 1500)))
        found["drag"] = timed(page, lambda: at.drag((1900, 1500), (2400, 1700)))
    found["zoom"] = timed(page, lambda: at.wheel((1700, 1300), STEPS // 2, -40))
    page.wait_for_timeout(500)
    found["pan"] = timed(page, lambda: at.pan(STEPS))
    page.keyboard.press("f")
    page.wait_for_timeout(500)
    found["pan_all"] = timed(page, lambda: at.pan(STEPS))
    found["hit_test_ms"] = page.evaluate(HIT_TEST, tag)
    found["undo_ms"] = page.evaluate(UNDO, tag)
    page.context.new_cdp_session(page).send("HeapProfiler.collectGarbage")
    found["heap_mb"] = page.evaluate("performance.memory.usedJSHeapSize / 1e6")
    return found


class Places:
    """Gestures at points of the image."""

    def __init__(self, page: Page, tag: str) -> None:
        self.page, self.tag = page, tag

    def on_page(self, at: tuple[float, float]) -> tuple[float, float]:
        x, y = self.page.eval_on_selector(
            self.tag,
            """(el, [x, y]) => { const { scale, ...v } = el.stage.view, r = el.stage.surface.getBoundingClientRect();
                                 return [r.x + x * scale + v.x, r.y + y * scale + v.y] }""",
            list(at),
        )
        return x, y

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        from_, to = self.on_page(start), self.on_page(end)
        self.page.mouse.move(*from_)
        self.page.mouse.down()
        self.slide(from_, to)
        self.page.mouse.up()

    def slide(self, from_: tuple[float, float], to: tuple[float, float]) -> None:
        for i in range(1, STEPS + 1):
            share = i / STEPS
            self.page.mouse.move(from_[0] + (to[0] - from_[0]) * share, from_[1] + (to[1] - from_[1]) * share)

    def draw_polygon(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        (x0, y0), (x1, y1) = start, end
        before = self.on_page(start)
        self.page.keyboard.down("Shift")
        for corner in [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]:
            place = self.on_page(corner)
            self.slide(before, place)
            self.page.mouse.click(*place)
            before = place
        self.page.keyboard.up("Shift")
        self.page.keyboard.press("Enter")

    def wheel(self, at: tuple[float, float], count: int, delta: float) -> None:
        self.page.mouse.move(*self.on_page(at))
        for _ in range(count):
            self.page.mouse.wheel(0, delta)

    def pan(self, count: int) -> None:
        self.page.mouse.move(700, 400)
        self.page.mouse.down(button="middle")
        for i in range(count):
            self.page.mouse.move(700 + 3 * i, 400 + 2 * i)
        self.page.mouse.up(button="middle")


GESTURES = ["draw", "drag", "pan", "pan_all", "zoom"]


def report(rows: list[dict[str, Any]]) -> None:
    print("frame p95 (work p95), in ms")
    print(f"{'':24}" + "".join(f"{row['shapes']:>10} {row['element'].removeprefix('crowd-'):<13}" for row in rows))
    for gesture in GESTURES:
        cells = (f"{row[gesture]['frame_p95_ms']:.1f} ({row[gesture]['work_p95_ms']:.1f})" for row in rows)
        print(f"{gesture:24}" + "".join(f"{cell:>24}" for cell in cells))
    for name in ["first_paint_ms", "all_painted_ms", "heap_mb"]:
        print(f"{name:24}" + "".join(f"{row[name]:>24.1f}" for row in rows))
    print(f"{'hit test p95 ms':24}" + "".join(f"{row['hit_test_ms']['p95']:>24.3f}" for row in rows))
    print(f"{'undo, the slowest ms':24}" + "".join(f"{max(row['undo_ms'].values()):>24.2f}" for row in rows))
    print(f"Label Studio at {LABEL_STUDIO['boxes']} boxes: draw p95 {LABEL_STUDIO['draw_p95_ms']} ms,", end=" ")
    print(f"drag p95 {LABEL_STUDIO['drag_p95_ms']} ms, heap {LABEL_STUDIO['heap_mb']} MB")


def main() -> None:
    """Measure both loads, print the table, write results/elements.json."""
    loads = [
        ("crowd-bounding-box", boxes(10)),  # what the machine gives at this moment
        ("crowd-bounding-box", boxes(1000)),
        ("crowd-bounding-box", boxes(10_000)),
        ("crowd-polygon", polygons(2000, 50)),
    ]
    files = {"/photo.jpg": (photograph(), "image/jpeg")}
    for i, (tag, shapes) in enumerate(loads):
        files[f"/{i}.html"] = (task(tag, shapes), "text/html")
    rows = []
    with built_elements() as built, serve(built, files) as url:
        for i, (tag, shapes) in enumerate(loads):
            with chromium_page() as page:
                rows.append(measure(page, f"{url}/{i}.html", tag, len(shapes)))
    report(rows)
    RESULTS.mkdir(exist_ok=True)
    machine = {"system": platform.platform(), "cores": os.cpu_count(), "load": os.getloadavg()[0]}
    summary = {"date": time.strftime("%Y-%m-%d"), "machine": machine, "label_studio": LABEL_STUDIO, "rows": rows}
    (RESULTS / "elements.json").write_text(json.dumps(summary, indent=1))


if __name__ == "__main__":
    main()
