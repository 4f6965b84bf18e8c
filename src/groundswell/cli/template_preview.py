"""A server on 127.0.0.1 that shows one template in the same sandboxed frame in which workers see it."""

from __future__ import annotations

import html
import mimetypes
from collections.abc import Callable, Collection, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

from groundswell.domain.errors import GroundswellError, Unavailable
from groundswell.templates.render import leave_out, render

ASSETS = "/static/elements"
_ELEMENTS = files("groundswell.server") / "static" / "elements"
_PAGE = Path(__file__).with_name("template_preview.html")
# The frame has an opaque origin, as on the server: it may run scripts, and reach nothing of this page.
_SANDBOX = "sandbox allow-scripts allow-forms allow-popups allow-modals allow-downloads"

Answer = tuple[int, str, bytes]  # status, content type, body


class PreviewServer:
    """Serves the template, its sample's local files and the built elements until it is interrupted."""

    def __init__(
        self,
        template: Callable[[], str],
        sample: Callable[[], Mapping[str, Any] | None],
        folder: Path,
        *,
        port: int = 0,
    ) -> None:
        if not (_ELEMENTS / "crowd-html-elements.js").is_file():
            raise Unavailable("the elements are not built yet: run `make setup` in the checkout, then preview again")
        self._template, self._sample, self._folder = template, sample, folder
        self._http = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._http.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}/"

    def serve(self) -> None:
        """Blocks until Ctrl C."""
        try:
            self._http.serve_forever()
        except KeyboardInterrupt:
            return

    def stop(self) -> None:
        self._http.shutdown()

    def __enter__(self) -> PreviewServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.server_close()

    def answer(self, path: str, without: Collection[str] = ()) -> Answer:
        """What stands under a path; `without` these scripts and styles where it is the task."""
        if path == "/":
            return 200, "text/html; charset=utf-8", _PAGE.read_bytes()
        if path == "/task":
            return self._task(without)
        if path.startswith(f"{ASSETS}/"):
            return _file(Path(str(_ELEMENTS)), path.removeprefix(f"{ASSETS}/"))
        if path.startswith("/file/"):
            return _file(self._folder, path.removeprefix("/file/"))
        return 404, "text/plain", b"not found"

    def _task(self, without: Collection[str]) -> Answer:
        try:
            text = render(self._template(), self._sample() or {}, grant_read_access=_grant, assets=ASSETS)
            text = leave_out(text, without)
        except GroundswellError as error:
            text = f'<!doctype html><title>Problem</title><pre role="alert">{html.escape(error.message)}</pre>'
        return 200, "text/html; charset=utf-8", text.encode()


def _grant(reference: str) -> str:
    """Local files of the sample through this server; everything else as it is."""
    if not reference or urlsplit(reference).scheme:
        return reference
    return f"/file/{quote(reference)}"


def _file(folder: Path, name: str) -> Answer:
    path = (folder / unquote(name)).resolve()
    if not path.is_relative_to(folder.resolve()) or not path.is_file():
        return 404, "text/plain", b"not found"
    return 200, mimetypes.guess_type(path.name)[0] or "application/octet-stream", path.read_bytes()


def _handler(server: PreviewServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, query = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
            status, content_type, body = server.answer(path, query.get("without", []))
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.send_header("Access-Control-Allow-Origin", "*")
            if path == "/task":
                self.send_header("Content-Security-Policy", _SANDBOX)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            return

    return Handler
