"""Functions on AWS Lambda, invoked over its REST API: a server of this test that speaks it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

import pytest

from groundswell.domain.errors import InvalidInput, InvalidSpec, Unavailable
from groundswell.hooks.targets import Hook, HookRules, Hooks
from groundswell.net.networks import Networks
from integration.hooks.conftest import CALLER, Shelf, registered, sandbox_of

ARN = "arn:aws:lambda:eu-west-1:123456789012:function:"


class Lambda(BaseHTTPRequestHandler):
    """`POST /2015-03-31/functions/{name}/invocations`."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        name = unquote(self.path).split("/")[3].rpartition(":")[2]
        if self.headers.get("X-Amz-Invocation-Type") == "DryRun":
            return (
                self._say(404, {"Message": "Function not found"}, "ResourceNotFoundException")
                if (name == "gone")
                else self._say(204, None)
            )
        if name == "busy":
            return self._say(429, {"Message": "Rate exceeded"}, "TooManyRequestsException")
        if name == "broken":
            error = {"errorMessage": "bad \u05e9", "errorType": "ValueError", "stackTrace": []}
            return self._say(200, error, **{"X-Amz-Function-Error": "Unhandled"})
        if name == "odd":
            return self._say(200, b"no json")
        signed = "/eu-west-1/lambda/aws4_request" in self.headers.get("Authorization", "")
        return self._say(200, {"got": json.loads(body), "signed": signed})

    def _say(self, status: int, body: Any, kind: str = "", **headers: str) -> None:
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {**headers, **({"x-amzn-errortype": kind} if kind else {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: object) -> None:
        return


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Lambda)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    yield
    server.shutdown()
    server.server_close()


def hooks_with(*lambdas: str, **shelf: Any) -> Hooks:
    def no_sandbox() -> Any:
        raise Unavailable("no sandbox")

    return Hooks(Shelf(shelf).get_hook, no_sandbox, HookRules(Networks(), lambdas=lambdas, timeout_s=5))


def opened(name: str) -> Hook:
    return hooks_with(f"{ARN}*").open(ARN + name, CALLER)


def test_a_function_on_lambda_is_invoked(aws: None) -> None:
    hook = opened("consolidate")
    assert hook.call({"a": "\u00e9"}) == {"got": {"a": "\u00e9"}, "signed": True}
    hooks_with(f"{ARN}*").check(ARN + "consolidate", caller=CALLER, field="hooks.post_annotation")
    hook.close()


@pytest.mark.parametrize(
    ("name", "kind", "said"),
    [
        ("busy", Unavailable, "TooManyRequests"),
        ("broken", InvalidInput, "ValueError: bad ש"),
        ("odd", InvalidInput, "JSON"),
    ],
)
def test_what_lambda_says_is_told(aws: None, name: str, kind: type[Exception], said: str) -> None:
    with pytest.raises(kind, match=said):
        opened(name).call({})


def test_a_function_that_is_not_there_is_found_when_the_job_is_created(aws: None) -> None:
    with pytest.raises(InvalidSpec, match="ResourceNotFound") as raised:
        hooks_with(f"{ARN}*").check(ARN + "gone", caller=CALLER, field="hooks.post_annotation")
    assert raised.value.field == "hooks.post_annotation"


def test_only_functions_that_the_setting_names_are_called(aws: None) -> None:
    """Whoever writes a specification must not use the server's credentials for any function."""
    with pytest.raises(InvalidSpec, match="no registered function 'other'"):
        hooks_with(f"{ARN}consolidate").check(f"{ARN}other", caller=CALLER, field="hooks.pre_annotation")


def test_a_registered_function_of_the_name_comes_first(aws: None, data_dir: Any) -> None:
    shelf = Shelf(consolidate=registered("consolidate", "def handler(event): return 'here'"))
    rules = HookRules(Networks(), lambdas=[f"{ARN}*"], timeout_s=10)
    hook = Hooks(shelf.get_hook, lambda: sandbox_of("none", data_dir), rules).open(f"{ARN}consolidate", CALLER)
    assert hook.call({}) == "here"
    hook.close()


def test_without_credentials_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    with pytest.raises(InvalidSpec, match="no AWS credentials"):
        hooks_with(f"{ARN}*").check(f"{ARN}x", caller=CALLER, field="hooks.pre_annotation")
