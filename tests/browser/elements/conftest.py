"""Fixtures of the elements' browser tests: build the bundle, serve pages, open them in Chromium, read the answer."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from mimetypes import guess_type
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

ROOT = Path(__file__).parents[3]
ELEMENTS = ROOT / "elements"
BUILT = ROOT / "src/groundswell/server/static/elements"
SCRIPT = '<script src="/static/elements/crowd-html-elements.js"></script>'
COLLECT_ANSWERS = """
window.answers = [];
document.addEventListener("groundswell-submit", (event) => window.answers.push(event.detail));
window.isReady = new Promise((done) => document.addEventListener("all-crowd-elements-ready", done, { once: true }));
"""


def build_is_stale() -> bool:
    entry = BUILT / "crowd-html-elements.js"
    if not entry.exists():
        return True
    sources = [*ELEMENTS.joinpath("src").rglob("*"), ELEMENTS / "build.mjs"]
    newest = max(path.stat().st_mtime for path in sources if path.is_file() and not path.name.endswith(".test.ts"))
    return newest > entry.stat().st_mtime


@pytest.fixture(scope="session")
def built_elements() -> Path:
    """The folder of the built bundle, built first if it is missing or older than its sources."""
    if not (ELEMENTS / "node_modules").is_dir() or shutil.which("node") is None:
        if not BUILT.exists():
            pytest.skip("the elements' bundle is not built, and there is no Node to build it")
        return BUILT
    BUILT.parent.mkdir(parents=True, exist_ok=True)
    with open(ELEMENTS / "node_modules" / ".build-lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if build_is_stale():
            built = subprocess.run(["node", "build.mjs"], cwd=ELEMENTS, capture_output=True, text=True, timeout=120)
            assert built.returncode == 0, built.stderr
    return BUILT


@dataclass
class Site:
    """A server on 127.0.0.1 of the built bundle and of whatever a test puts on it."""

    url: str
    files: dict[str, tuple[bytes, str]] = field(default_factory=dict)  # path -> body, content type
    posts: list[tuple[str, bytes]] = field(default_factory=list)  # path, body of each POST

    def add(self, path: str, body: bytes | str, content_type: str | None = None) -> str:
        """Serves a body under a path; returns its URL."""
        data = body.encode() if isinstance(body, str) else body
        self.files[path] = (data, content_type or guess_type(path)[0] or "text/html; charset=utf-8")
        return self.url + path


@pytest.fixture(scope="session")
def site(built_elements: Path) -> Iterator[Site]:
    served = Site(url="")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            found = served.files.get(path)
            if found is None and path.startswith("/static/elements/"):
                file = built_elements / path.removeprefix("/static/elements/")
                if file.is_file():
                    found = (file.read_bytes(), guess_type(file.name)[0] or "text/plain")
            body, content_type = found or (b"not found", "text/plain")
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", content_type)
            self.send_header("Access-Control-Allow-Origin", "*")
            if path.startswith("/static/elements/"):
                self.send_header("Cache-Control", "max-age=3600")  # the browser keeps what it has compiled
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            served.posts.append((self.path, self.rfile.read(int(self.headers.get("Content-Length", 0)))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    served.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield served
    server.shutdown()
    server.server_close()


@dataclass
class ElementsPage:
    """A page of elements in Chromium."""

    page: Page
    errors: list[str]  # uncaught errors of the page; a test ends with none

    def submit(self) -> Any:
        """Presses the Submit button and returns the answer the page handed over."""
        before = len(self.answers())
        self.page.get_by_role("button", name="Submit").last.click()
        self.page.wait_for_function(f"window.answers.length > {before}", timeout=5000)
        return self.answers()[-1]

    def answers(self) -> list[Any]:
        """Every answer submitted so far."""
        answers: list[Any] = self.page.evaluate("window.answers")
        return answers

    def value(self, selector: str) -> Any:
        """The live answer of an element."""
        return self.page.eval_on_selector(selector, "element => ('answer' in element ? element.answer : element.value)")

    def axe(self, **options: Any) -> list[str]:
        """What axe-core finds wrong, one line each: `rule: html of the first node`."""
        if not self.page.evaluate("typeof axe === 'object'"):
            self.page.add_script_tag(path=str(ELEMENTS / "node_modules/axe-core/axe.min.js"))
        # A page that shows a single element has no need of landmarks or a level-one heading of its own.
        rules = {rule: {"enabled": False} for rule in ("region", "landmark-one-main", "page-has-heading-one")}
        found = self.page.evaluate("options => axe.run(document, options)", {"rules": rules, **options})
        return [f"{item['id']}: {item['nodes'][0]['html'][:200]}" for item in found["violations"]]


OpenPage = Callable[..., ElementsPage]


@pytest.fixture(scope="session")
def contexts(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Browser contexts by their options, kept for the session: making one takes longer than most tests."""
    made: dict[str, BrowserContext] = {}

    def context(**options: Any) -> BrowserContext:
        key = repr(sorted(options.items()))
        if key not in made:
            made[key] = browser.new_context(**options)
            made[key].set_default_timeout(8000)
        return made[key]

    yield context
    for one in made.values():
        one.close()


@pytest.fixture
def elements_page(site: Site, contexts: Callable[..., BrowserContext]) -> Iterator[OpenPage]:
    """Opens HTML as a page with the elements loaded: `elements_page(html, viewport=..., has_touch=...)`.

    The script is added where the HTML does not load it, and Ground Truth's own script addresses are pointed at the
    built bundle, as the server does. After the test the page must have had no uncaught error.
    """
    pages: list[ElementsPage] = []

    def open_page(html: str, **options: Any) -> ElementsPage:
        options.setdefault("viewport", {"width": 1280, "height": 800})
        text = html.replace("https://assets.crowd.aws/", "/static/elements/")
        if "crowd-html-elements" not in text:
            text = SCRIPT + text
        if "<html" not in text:
            text = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Task</title>{text}</html>'
        page = contexts(**options).new_page()
        opened = ElementsPage(page, [])
        page.on("pageerror", lambda error: opened.errors.append(str(error)))
        page.add_init_script(COLLECT_ANSWERS)
        page.goto(site.add(f"/page/{len(site.files)}.html", text, "text/html; charset=utf-8"))
        page.evaluate("window.isReady")
        pages.append(opened)
        return opened

    yield open_page
    errors = [error for opened in pages for error in opened.errors]
    for opened in pages:
        opened.page.evaluate("localStorage.clear()")  # remapped keys are remembered
        opened.page.close()
    assert errors == []


@dataclass
class Frame:
    """A page of elements in a sandboxed frame of an opaque origin, and its parent's log of messages."""

    page: Page

    def messages(self, kind: str | None = None) -> list[dict[str, Any]]:
        """Messages from the frame so far, all or those of `groundswell:<kind>`."""
        found: list[dict[str, Any]] = self.page.evaluate("window.messages")
        return [item for item in found if kind is None or item["type"] == f"groundswell:{kind}"]

    def wait_for(self, kind: str, count: int = 1) -> dict[str, Any]:
        """The latest message of a kind, once there are `count` of them."""
        self.page.wait_for_function(
            "([type, count]) => window.messages.filter((m) => m.type === type).length >= count",
            arg=[f"groundswell:{kind}", count],
        )
        return self.messages(kind)[-1]

    def send(self, kind: str, **body: Any) -> None:
        """Posts `groundswell:<kind>` into the frame."""
        self.page.evaluate(
            "message => window.frames[0].postMessage(message, '*')", {"type": f"groundswell:{kind}", **body}
        )

    def locator(self, selector: str) -> Any:
        return self.page.frame_locator("iframe").locator(selector)

    def get_by_role(self, role: Any, **options: Any) -> Any:
        return self.page.frame_locator("iframe").get_by_role(role, **options)


@pytest.fixture
def framed_page(site: Site, browser: Browser) -> Iterator[Callable[..., Frame]]:
    """Opens HTML in `<iframe sandbox="allow-scripts allow-forms allow-modals">`, as the worker portal does."""
    contexts: list[BrowserContext] = []

    def open_page(html: str, **options: Any) -> Frame:
        context = browser.new_context(**options)
        context.set_default_timeout(8000)
        contexts.append(context)
        name = f"/frame/{len(site.files)}"
        site.add(f"{name}.task.html", f'<!doctype html><html lang="en"><title>Task</title>{SCRIPT}{html}</html>')
        site.add(
            f"{name}.html",
            "<!doctype html><style>iframe{width:100%;height:90vh;border:0}</style><script>window.messages = [];"
            "addEventListener('message', (event) => messages.push(event.data));</script>"
            f'<iframe sandbox="allow-scripts allow-forms allow-modals" src="{name}.task.html"></iframe>',
        )
        page = context.new_page()
        page.goto(site.url + f"{name}.html")
        frame = Frame(page)
        frame.wait_for("ready")
        return frame

    yield open_page
    for context in contexts:
        context.close()
