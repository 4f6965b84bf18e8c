"""Pages of elements in headless Chromium for benchmarks: the built bundle on 127.0.0.1, frames timed in the page."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from mimetypes import guess_type
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Page, sync_playwright

ELEMENTS = Path(__file__).parents[1] / "elements"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]

# Between `begin` and `end`: the times between frames, and the work of each frame: its input events and its drawing.
TIMING = """
window.timing = { frames: [], work: [] };
{
  let spent = 0, started = 0, last = 0, on = false;
  const ask = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (run) => ask((now) => {
    const at = performance.now();
    run(now);
    spent += performance.now() - at;
  });
  for (const type of ["pointerdown", "pointermove", "pointerup", "wheel"]) {
    addEventListener(type, () => { started = performance.now() }, { capture: true, passive: true });
    addEventListener(type, () => { spent += performance.now() - started }, { passive: true });
  }
  const tick = (now) => {
    if (!on) return;
    if (last) { timing.frames.push(now - last); timing.work.push(spent); }
    last = now;
    spent = 0;
    ask(tick);
  };
  timing.begin = () => { timing.frames = []; timing.work = []; last = 0; spent = 0; on = true; ask(tick) };
  timing.end = () => { on = false; return { frames: timing.frames, work: timing.work } };
}
"""


@contextmanager
def built_elements() -> Iterator[Path]:
    """The bundle, built from the sources into a folder of its own."""
    node = shutil.which("node")
    if node is None or not (ELEMENTS / "node_modules").is_dir():
        raise FileNotFoundError("expected Node and elements/node_modules to build the elements; run `make setup`")
    with TemporaryDirectory() as folder:
        out = Path(folder) / "elements"
        subprocess.run([node, "build.mjs", str(out)], cwd=ELEMENTS, check=True, capture_output=True)
        yield out


@contextmanager
def serve(built: Path, files: dict[str, tuple[bytes, str]]) -> Iterator[str]:
    """Serves the bundle under /static/elements/ and `files` (path to body and type); yields the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            found = files.get(path)
            if found is None and path.startswith("/static/elements/"):
                file = built / path.removeprefix("/static/elements/")
                found = (file.read_bytes(), guess_type(file.name)[0] or "text/plain") if file.is_file() else None
            body, kind = found or (b"", "text/plain")
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def chromium_page(width: int = 1280, height: int = 800) -> Iterator[Page]:
    """A fresh page whose frames `timing.begin()` and `timing.end()` time."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        raise FileNotFoundError("expected a Chromium on the PATH")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": width, "height": height})
        page.add_init_script(TIMING)
        try:
            yield page
        finally:
            browser.close()


def percentile(values: list[float], share: float) -> float:
    """The value below which this share of them lies; 0 for none."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0


def timed(page: Page, act: Any) -> dict[str, float]:
    """Runs a gesture; gives p50 and p95 of the time between frames and of the work in a frame, in milliseconds."""
    page.evaluate("timing.begin()")
    act()
    page.wait_for_timeout(300)
    measured = page.evaluate("timing.end()")
    busy = [work for work in measured["work"] if work > 0]
    return {
        "frame_p50_ms": percentile(measured["frames"], 0.5),
        "frame_p95_ms": percentile(measured["frames"], 0.95),
        "work_p50_ms": percentile(busy, 0.5),
        "work_p95_ms": percentile(busy, 0.95),
        "work_max_ms": max(busy, default=0.0),
        "frames": float(len(measured["frames"])),
    }
