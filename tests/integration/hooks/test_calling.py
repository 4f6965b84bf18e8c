"""Users' functions really called: in processes of their own and over HTTP."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from groundswell.domain.errors import InvalidInput, InvalidSpec, Unavailable
from groundswell.hooks.targets import open_hook
from groundswell.net.networks import Networks

HANDLER = """
import sys, time, os
calls = 0
def lambda_handler(event, context):
    global calls
    calls += 1
    print("printing is no answer")
    if event.get("fail"):
        raise ValueError("bad \\u05e9")
    if event.get("sleep"):
        time.sleep(event["sleep"])
    if event.get("exit"):
        print("last words", file=sys.stderr, flush=True)
        os._exit(3)
    if event.get("strange"):
        return {1, 2}
    return {"event": event, "calls": calls, "left": context.get_remaining_time_in_millis() > 0}
def alone(event):
    return [event, os.environ.get("GROUNDSWELL_SECRET_KEY")]
"""


@pytest.fixture
def handler(tmp_path: Path) -> Path:
    path = tmp_path / "handler.py"
    path.write_text(HANDLER)
    return path


def test_a_handler_file(handler: Path) -> None:
    hook = open_hook(str(handler), timeout_s=20)
    try:
        event = {"text": "שלום 😀\n"}
        assert hook.call(event) == {"event": event, "calls": 1, "left": True}
        with pytest.raises(InvalidInput, match="ValueError: bad ש"):
            hook.call({"fail": True})
        with pytest.raises(InvalidInput, match="no JSON"):
            hook.call({"strange": True})
        assert hook.call({})["calls"] == 4
        with pytest.raises(InvalidInput, match="ended before it answered"):
            hook.call({"exit": True})
        assert hook.call({})["calls"] == 1  # a fresh process
    finally:
        hook.close()


def test_a_handler_that_hangs_is_stopped(handler: Path) -> None:
    hook = open_hook(str(handler), timeout_s=1.0)
    try:
        with pytest.raises(Unavailable, match="no answer within 1 s"):
            hook.call({"sleep": 60})
    finally:
        hook.close()


def test_a_function_that_takes_the_event_alone(handler: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROUNDSWELL_SECRET_KEY", "secret")
    hook = open_hook("handler.py:alone", folder=handler.parent, timeout_s=20)
    assert hook.call({"a": 1}) == [{"a": 1}, None]
    hook.close()


def test_what_cannot_be_loaded(tmp_path: Path) -> None:
    with pytest.raises(InvalidSpec, match="handler file at"):
        open_hook("missing.py", folder=tmp_path)
    hook = open_hook("no_such_module:function", timeout_s=20)
    with pytest.raises(InvalidInput, match="cannot be loaded: ModuleNotFoundError"):
        hook.call({})
    hook.close()


@pytest.fixture
def endpoint() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = int(self.path[1:] or 200)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps({"got": json.loads(body)}).encode() if status == 200 else b"oh no")

        def log_message(self, *args: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


LOOPBACK = Networks(["127.0.0.0/8"])


def test_an_endpoint(endpoint: str) -> None:
    hook = open_hook(f"{endpoint}/200", networks=LOOPBACK)
    assert hook.call({"a": "é"}) == {"got": {"a": "é"}}
    hook.close()
    for status, kind in (("500", InvalidInput), ("503", Unavailable)):
        hook = open_hook(f"{endpoint}/{status}", networks=LOOPBACK)
        with pytest.raises(kind, match=status) as raised:
            hook.call({})
        assert "oh no" not in raised.value.message  # what the other side says may be a secret of its network
        hook.close()
    hook = open_hook("http://127.0.0.1:9", networks=LOOPBACK)
    with pytest.raises(Unavailable, match="does not answer"):
        hook.call({})
    hook.close()


def test_an_endpoint_of_this_machine_is_refused_unless_allowed(endpoint: str) -> None:
    hook = open_hook(f"{endpoint}/200")
    with pytest.raises(InvalidInput, match="GROUNDSWELL_ALLOWED_NETWORKS"):
        hook.call({})
    hook.close()
