"""Users' functions really called: in processes of their own and over HTTP."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from groundswell.domain.errors import InvalidInput, InvalidSpec, Unavailable
from groundswell.domain.hooks import HookCaller
from groundswell.hooks.targets import Hook, HookRules, Hooks
from groundswell.net.networks import Networks
from groundswell.sdk.webhooks import is_genuine
from integration.hooks.conftest import CALLER, LOOPBACK, Shelf, registered

HANDLER = """
import sys, time, os
calls = 0
def handler(event, context):
    global calls
    calls += 1
    print("printing is no answer")
    if event.get("fail"):
        raise ValueError("bad \\u05e9")
    if event.get("exit"):
        print("last words", file=sys.stderr, flush=True)
        os._exit(3)
    if event.get("strange"):
        return {1, 2}
    if event.get("leave"):
        sys.exit("bye")
    if "payload" in event:
        return open(event["payload"]["path"], encoding="utf-8").read()
    return {"event": event, "calls": calls, "left": context.get_remaining_time_in_millis() > 0}
"""


def test_a_registered_function(opened: Callable[..., Hook]) -> None:
    hook = opened(HANDLER)
    event = {"text": "שלום 😀\n"}
    assert hook.call(event) == {"event": event, "calls": 1, "left": True}
    with pytest.raises(InvalidInput, match="ValueError: bad ש"):
        hook.call({"fail": True})
    with pytest.raises(InvalidInput, match="no JSON"):
        hook.call({"strange": True})
    assert hook.call({"payload": {"s3Uri": "s3://x/y"}}, payload='["ü"]') == '["ü"]'
    assert hook.call({})["calls"] == 5
    with pytest.raises(InvalidInput, match=r"ended before it answered.*last words"):
        hook.call({"exit": True})
    assert hook.call({})["calls"] == 1  # a fresh process


def test_a_function_that_takes_the_event_alone_and_a_builtin(opened: Callable[..., Hook]) -> None:
    assert opened("def handler(event):\n    return [event]").call({"a": 1}) == [{"a": 1}]
    assert opened("handler = len").call({"a": 1}) == 1


def test_a_new_version_is_used_by_the_next_call(hooks: Hooks, shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("groundswell.hooks.targets._KEPT_S", 0.0)
    shelf["f"] = registered("f", "def handler(event): return 1")
    hook = hooks.open("f", CALLER)
    assert hook.call({}) == 1
    shelf["f"] = registered("f", "def handler(event): return 2", version=2)
    assert hook.call({}) == 2
    hook.close()


def test_a_lambda_function_is_the_registered_one_of_its_name(hooks: Hooks, shelf: Shelf) -> None:
    shelf["prepare"] = registered("prepare", "def handler(event, context): return context.invoked_function_arn")
    arn = "arn:aws:lambda:eu-west-1:123456789012:function:prepare:live"
    hook = hooks.open(arn, CALLER)
    assert hook.call({}) == arn
    hook.close()
    with pytest.raises(InvalidSpec, match=r"no registered function 'other'.*hook add other"):
        hooks.check("arn:aws:lambda:eu-west-1:123456789012:function:other", caller=CALLER, field="hooks.pre_annotation")


def test_a_job_of_before_that_names_a_file_goes_on_with_the_function_of_its_name(hooks: Hooks, shelf: Shelf) -> None:
    shelf["around"] = registered("around", "def before(event): return 'b'\ndef handler(event): return 'h'")
    hook = hooks.open("around.py:before", CALLER)
    assert hook.call({}) == "b"
    hook.close()


@pytest.mark.parametrize(
    "target", ["/srv/data/s3/uploads/x.py", "/srv/x.py:lambda_handler", "../x.py:f", "handler.py", "s3/uploads/x.py:f"]
)
def test_files_are_refused(hooks: Hooks, target: str) -> None:
    with pytest.raises(InvalidSpec, match="registers the function") as raised:
        hooks.check(target, caller=CALLER, field="hooks.pre_annotation")
    assert raised.value.field == "hooks.pre_annotation"


@pytest.mark.parametrize("target", ["os:system", "subprocess:run", "jsonx:f", "x.json:f"])
def test_modules_that_no_setting_allows_are_refused(hooks: Hooks, target: str) -> None:
    with pytest.raises(InvalidSpec, match="GROUNDSWELL_HOOK_MODULES"):
        hooks.check(target, caller=CALLER, field="hooks.pre_annotation")


def test_a_module_that_a_setting_allows(hooks: Hooks) -> None:
    hooks.check("json:dumps", caller=CALLER, field="hooks.pre_annotation")
    hook = hooks.open("json:dumps", CALLER)
    assert hook.call({}) == "{}"
    hook.close()


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import boto33", "ModuleNotFoundError: No module named 'boto33'"),
        ("def other(event): pass", "has no function handler"),
        ("handler = 3", "has no function handler"),
        ("def handler(event)\n  return", "SyntaxError"),
        ("raise SystemExit('no')", "SystemExit: no"),
        ("import os\nos._exit(1)", "ended before it answered"),
        ("while True: pass", "no answer within 1 s"),
    ],
)
def test_what_cannot_run_is_found_when_a_job_is_created(sandbox: Any, shelf: Shelf, source: str, said: str) -> None:
    shelf["f"] = registered("f", source)
    hooks = Hooks(shelf.get_hook, lambda: sandbox, HookRules(LOOPBACK, timeout_s=1 if "while" in source else 10))
    with pytest.raises(InvalidSpec, match=said):
        hooks.check("f", caller=CALLER, field="hooks.pre_annotation")


def test_a_module_that_is_not_there(hooks: Hooks) -> None:
    with pytest.raises(InvalidSpec, match="ModuleNotFoundError"):
        hooks.check("no_such_module:function", caller=CALLER, field="hooks.pre_annotation")


@pytest.fixture
def endpoint() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = int(self.path[1:] or 200)
            self.send_response(status)
            self.end_headers()
            genuine = is_genuine("of this workspace", dict(self.headers.items()), body)
            answer = {"got": json.loads(body), "genuine": genuine}
            self.wfile.write(json.dumps(answer).encode() if status == 200 else b"oh no")

        def log_message(self, *args: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


SECRETS = {"main": "this workspace", "other": "another"}


def no_sandbox() -> Any:
    raise Unavailable("no sandbox")


def http_hooks(shelf: Shelf, networks: Networks) -> Hooks:
    rules = HookRules(networks, timeout_s=5, secret=lambda workspace_id, url: f"of {SECRETS[workspace_id]}")
    return Hooks(shelf.get_hook, no_sandbox, rules)


def test_an_endpoint(endpoint: str, shelf: Shelf) -> None:
    hooks = http_hooks(shelf, LOOPBACK)
    hook = hooks.open(f"{endpoint}/200", CALLER)
    assert hook.call({"a": "é"}) == {"got": {"a": "é"}, "genuine": True}
    hook.close()
    elsewhere = hooks.open(f"{endpoint}/200", HookCaller("other", "olaf"))
    assert elsewhere.call({})["genuine"] is False
    elsewhere.close()
    for status, kind in (("500", InvalidInput), ("503", Unavailable)):
        hook = hooks.open(f"{endpoint}/{status}", CALLER)
        with pytest.raises(kind, match=status) as raised:
            hook.call({})
        assert "oh no" not in raised.value.message  # what the other side says may be a secret of its network
        hook.close()
    hook = hooks.open("http://127.0.0.1:9", CALLER)
    with pytest.raises(Unavailable, match="does not answer"):
        hook.call({})
    hook.close()


def test_an_endpoint_of_this_machine_is_refused_unless_allowed(endpoint: str, shelf: Shelf) -> None:
    hooks = http_hooks(shelf, Networks())
    hook = hooks.open(f"{endpoint}/200", CALLER)
    with pytest.raises(InvalidInput, match="GROUNDSWELL_ALLOWED_NETWORKS"):
        hook.call({})
    hook.close()
    with pytest.raises(InvalidSpec, match="GROUNDSWELL_ALLOWED_NETWORKS"):
        hooks.check(f"{endpoint}/200", caller=CALLER, field="hooks.pre_annotation")
    http_hooks(shelf, LOOPBACK).check(f"{endpoint}/200", caller=CALLER, field="hooks.pre_annotation")
