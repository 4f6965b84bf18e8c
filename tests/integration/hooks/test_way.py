"""A function in a closed sandbox reaches this server and nothing else."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from groundswell.domain.errors import Unavailable
from groundswell.hooks.finding import find_sandbox
from groundswell.hooks.sandbox import Sandbox, SandboxOptions
from groundswell.hooks.surroundings import Access, Surroundings
from groundswell.hooks.targets import HookRules, Hooks
from groundswell.net.networks import Networks
from integration.hooks.conftest import CALLER, Shelf, registered, sandbox_of

LOOK = """
import os, socket, urllib.request
def got(url):
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return len(answer.read())
    except Exception as error:
        return type(error).__name__
def handler(event):
    here = os.environ["AWS_ENDPOINT_URL"]
    return {
        "server": [got(here + "/" + str(size)) for size in event["sizes"]],
        "others": [got(url) for url in event["others"]],
        "interfaces": [name for _, name in socket.if_nameindex()],
        "region": os.environ["AWS_REGION"],
        "token": os.environ["AWS_SESSION_TOKEN"],
    }
"""


class Server(BaseHTTPRequestHandler):
    """Answers as many bytes as the path says."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        size = int(self.path[1:])
        self.send_response(200)
        self.send_header("Content-Length", str(size))
        self.end_headers()
        self.wfile.write(b"x" * size)

    def log_message(self, *args: object) -> None:
        return


@pytest.fixture(scope="module")
def servers() -> Iterator[list[str]]:
    """This server, and another of the same machine."""
    running = [ThreadingHTTPServer(("127.0.0.1", 0), Server) for _ in range(2)]
    for one in running:
        one.daemon_threads = True
        threading.Thread(target=one.serve_forever, daemon=True).start()
    yield [f"http://127.0.0.1:{one.server_port}" for one in running]
    for one in running:
        one.shutdown()
        one.server_close()


@pytest.fixture(params=[None, False])
def closed(request: pytest.FixtureRequest, data_dir: Path) -> Sandbox:
    sandbox_of("bubblewrap", data_dir)  # skips where there is none
    try:
        found = find_sandbox(SandboxOptions(mode="bubblewrap", network=request.param))
    except Unavailable as error:
        pytest.skip(f"no network of one's own here: {error.message}")
    if not found.closed:
        pytest.skip("no network of one's own here")
    return found


def hooks_of(shelf: Shelf, sandbox: Sandbox, server: str) -> Hooks:
    surroundings = Surroundings(server, lambda caller: Access("eu-west-1", "ASIA1", "secret", f"token of {caller.job}"))
    rules = HookRules(Networks(), timeout_s=20, surroundings=surroundings.of, way=surroundings.way)
    return Hooks(shelf.get_hook, lambda: sandbox, rules)


def test_only_this_server_is_reached(closed: Sandbox, servers: list[str]) -> None:
    hook = hooks_of(Shelf(f=registered("f", LOOK)), closed, servers[0]).open("f", CALLER)
    seen = hook.call({"sizes": [3, 0, 5_000_000], "others": [*servers, "http://169.254.169.254/", "http://1.1.1.1/"]})
    assert seen["server"] == [3, 0, 5_000_000]
    assert seen["others"] == ["URLError"] * 4
    assert (seen["interfaces"], seen["region"], seen["token"]) == (["lo"], "eu-west-1", "token of birds")
    hook.close()


def test_a_server_that_is_gone_is_an_error_in_the_function(closed: Sandbox) -> None:
    hook = hooks_of(Shelf(f=registered("f", LOOK)), closed, "http://127.0.0.1:9").open("f", CALLER)
    answered = hook.call({"sizes": [3], "others": []})["server"]
    assert answered in (["RemoteDisconnected"], ["ConnectionResetError"], ["URLError"])
    hook.close()


def test_an_open_sandbox_has_the_servers_own_address(servers: list[str], data_dir: Path) -> None:
    sandbox = sandbox_of("none", data_dir)
    hook = hooks_of(Shelf(f=registered("f", LOOK)), sandbox, servers[0]).open("f", CALLER)
    assert hook.call({"sizes": [7], "others": []})["server"] == [7]
    hook.close()


@pytest.mark.parametrize("name", ["AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_ENDPOINT_URL"])
def test_who_brings_access_of_their_own_is_given_none(name: str, data_dir: Path, servers: list[str]) -> None:
    source = "import os\ndef handler(event): return sorted(key for key in os.environ if key.startswith('AWS_'))"
    shelf = Shelf(f=registered("f", source, environment={name: "mine"}))
    hook: Any = hooks_of(shelf, sandbox_of("none", data_dir), servers[0]).open("f", CALLER)
    assert hook.call({}) == [name]
    hook.close()
