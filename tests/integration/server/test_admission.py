"""What a request may bring: sizes by who sends it, JSON that can be kept; half requests end."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import create_connection
from types import SimpleNamespace

import pytest
import uvicorn
from starlette.testclient import TestClient

import own_loop
from groundswell.domain.people import Role
from groundswell.server import protocol
from groundswell.server.admission import MAX_BODY_BYTES, MAX_STRANGERS_BYTES, BoundedBody, UnderWay
from integration.server.serving import Served, serve, shapes_spec


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Served:
    return serve(tmp_path_factory.mktemp("admission"))


def test_a_stranger_may_send_little(served: Served) -> None:
    body = b'{"email": "' + b"a" * MAX_STRANGERS_BYTES + b'"}'
    answer = served.client().post("/api/v1/sessions", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413 and "64 KiB before signing in" in answer.json()["error"]["message"]
    assert served.app.state.under_way.held == 0


def test_who_is_signed_in_may_send_more_but_not_without_end(served: Served) -> None:
    rita = served.requester()
    notes = "n" * (MAX_STRANGERS_BYTES * 4)
    assert rita.post("/api/v1/manifests/check", json={"input": notes}).status_code != 413
    answer = rita.post(
        "/api/v1/jobs", content=b" " * (MAX_BODY_BYTES + 1), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 413 and "32 MiB" in answer.json()["error"]["message"]


def test_a_stranger_learns_the_limit_on_every_way_in(served: Served) -> None:
    stranger = served.client()
    large = b"x" * (MAX_STRANGERS_BYTES + 1)
    form = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
    assert stranger.post("/signin", content=large, headers=form).status_code == 413
    assert stranger.put("/api/v1/assignments/x/annotation", content=large).status_code in (401, 413)
    assert served.app.state.under_way.held == 0


@pytest.mark.parametrize(
    ("body", "said"),
    [
        pytest.param(b'{"email": "a\\u0000b", "password": "x"}', "NUL", id="NUL"),
        pytest.param(b'{"email": "\\ud800", "password": "x"}', "JSON", id="a lone surrogate"),
        pytest.param(b'{"email": NaN, "password": "x"}', "JSON", id="NaN"),
        pytest.param(b'{"email": "\xff", "password": "x"}', "JSON", id="not UTF-8"),
        pytest.param(b'{"email": ' + b"[" * 500 + b"]" * 500 + b"}", "100 levels", id="deep"),
        pytest.param(b"{" + b",".join(b'"%d":1' % n for n in range(10_001)) + b"}", "10,000 members", id="wide"),
        pytest.param(b'{"email": ', "JSON", id="broken off"),
    ],
)
def test_json_that_could_not_be_kept_is_refused_at_the_door(served: Served, body: bytes, said: str) -> None:
    client = served.client() if len(body) < MAX_STRANGERS_BYTES else served.requester()
    answer = client.post("/api/v1/sessions", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422 and said in answer.json()["error"]["message"]


def test_the_field_with_the_nul_is_named(served: Served) -> None:
    spec = {**shapes_spec("nul"), "instructions": {"header": "a\x00"}}
    answer = served.requester().post("/api/v1/jobs", json=spec)
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "instructions.header")


def test_at_most_a_hundred_problems_are_listed(served: Served) -> None:
    body = {f"unknown{n}": 1 for n in range(5_000)}
    error = served.requester().post("/api/v1/sessions", json=body).json()["error"]
    assert len(error["problems"]) == 100 and error["problem_count"] >= 5_000


def test_a_specification_of_unknown_fields_is_refused_in_no_time(served: Served) -> None:
    client = served.requester()
    spec = {"name": "many", "task_type": "text-classification", "input": "s3://texts/", "labels": ["a", "b"]}
    began = time.process_time()
    for unknown in ({f"unknown{n}": 1 for n in range(9_000)}, {"workers": {f"unknown{n}": 1 for n in range(9_000)}}):
        error = client.post("/api/v1/jobs", json={**spec, **unknown}).json()["error"]
        assert len(error["problems"]) == 100 and error["problem_count"] == 9_000
    answer = client.post("/api/v1/jobs", json={**spec, "x" * 1_000_000: 1, "." * 1_000_000: 1})
    assert answer.status_code == 422 and len(answer.content) < 2_000
    assert time.process_time() - began < 5  # they were compared each with each: half a minute


@pytest.mark.parametrize("address", ["/api/v1/jobs/a%00b", "/api/v1/jobs?name=%00", "/work/%ff", "/api/v1/jobs?q=%ff"])
def test_addresses_that_no_name_can_have(served: Served, address: str) -> None:
    assert served.requester().get(address).status_code in (404, 422)


def test_a_form_with_a_nul_is_refused_by_field(served: Served) -> None:
    answer = served.client().post(
        "/signin", data={"email": "a\x00", "password": "x"}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert answer.status_code == 422


def test_a_cookie_counts_as_one_whatever_authorization_comes_along(served: Served) -> None:
    token = served.token("rita", Role.REQUESTER, Role.WORKER)
    foreign = TestClient(served.app, cookies={"groundswell_session": token}, headers={"Sec-Fetch-Site": "cross-site"})
    change = {"preferences": {"theme": "dark"}}
    for given in ("Basic abc", "Digest x", ""):
        assert foreign.patch("/api/v1/me", json=change, headers={"Authorization": given}).status_code == 403


def test_all_requests_together_hold_no_more_than_there_is_room_for() -> None:
    under_way = UnderWay(limit=100)

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"x" * 60, "more_body": True}

    async def nobody(scope: object) -> bool:
        return False

    first = BoundedBody({}, receive, under_way, nobody)
    second = BoundedBody({}, receive, under_way, nobody)
    own_loop.run(first())
    with pytest.raises(Exception, match="as many large requests"):
        own_loop.run(second())
    first.done()
    own_loop.run(second())
    assert under_way.held == 60


@contextmanager
def listening(served: Served) -> Iterator[int]:
    """The app on a real port, over the protocol with limits."""
    server = uvicorn.Server(
        uvicorn.Config(served.app, port=0, http=protocol.BoundedProtocol, ws="none", log_level="error")
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits of time that a test can wait for."""
    monkeypatch.setattr(protocol, "HEAD_S", 0.3)
    monkeypatch.setattr(protocol, "BODY_S", 0.3)


SENT = SimpleNamespace(
    nothing=b"",
    half_a_head=b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ",
    half_a_body=b"POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    b"Content-Length: 5000\r\n\r\n{",
)


@pytest.mark.parametrize("part", ["nothing", "half_a_head", "half_a_body"])
def test_half_a_request_is_not_waited_for(tmp_path: Path, short: None, part: str) -> None:
    served = serve(tmp_path)
    with listening(served) as port, create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(getattr(SENT, part))
        while connection.recv(4096):
            pass  # until the server closes
        end = time.monotonic() + 10
        while served.app.state.under_way.held and time.monotonic() < end:
            time.sleep(0.01)
        assert served.app.state.under_way.held == 0


def test_a_slow_but_steady_body_is_taken(tmp_path: Path, short: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "LEAST_BYTES", 100)
    served = serve(tmp_path)
    body = b'{"email": "' + b"a" * 2_000 + b'", "password": "x"}'
    head = "POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    head += f"Content-Length: {len(body)}\r\n"
    with listening(served) as port, create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(head.encode() + b"\r\n")
        for start in range(0, len(body), 200):
            connection.sendall(body[start : start + 200])
            time.sleep(0.06)  # all of it takes twice the time that one part has
        assert b" 422 " in connection.recv(4096) or b" 401 " in connection.recv(4096)


def test_a_head_without_end_is_refused(tmp_path: Path) -> None:
    with listening(serve(tmp_path)) as port, create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
        answer = b""
        for _ in range(100):
            try:
                connection.sendall(b"X-More: " + b"y" * 4_000 + b"\r\n")
            except OSError:
                break
        try:
            answer = connection.recv(4096)
        except ConnectionResetError:
            pass
        assert answer.startswith(b"HTTP/1.1 431") or answer == b""


def test_answers_written_at_once_are_those_of_every_other_server(tmp_path: Path) -> None:
    served = serve(tmp_path)
    headers = {"Authorization": f"Bearer {served.token('nora', Role.WORKER)}"}
    asked = [  # no job of that name; nobody signed in; a body that is no JSON; the same before the connection closes
        ("POST", "/api/v1/jobs/none/assignments", headers, b""),
        ("POST", "/api/v1/jobs/none/assignments", {}, b""),
        ("PUT", "/api/v1/assignments/x/annotation", headers, b"{"),
        ("PUT", "/api/v1/assignments/x/annotation", {**headers, "Connection": "close"}, b"{"),
    ]
    wanted = [served.client().request(method, path, headers=given, content=body) for method, path, given, body in asked]
    pipelined = b"".join(_raw(*one) for one in asked)
    with listening(served) as port, create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(pipelined)
        answered = b""
        while part := connection.recv(65_536):
            answered += part
    for response in wanted:
        head, _, answered = answered.partition(b"\r\n\r\n")
        lines = head.decode().lower().split("\r\n")
        assert lines[0].startswith(f"http/1.1 {response.status_code} ")
        assert {f"{name}: {value}".lower() for name, value in response.headers.items()} <= set(lines)
        assert lines[1].startswith("date: ")
        assert answered[: len(response.content)] == response.content
        answered = answered[len(response.content) :]
    assert not answered and "connection: close" in lines


def _raw(method: str, path: str, headers: dict[str, str], body: bytes) -> bytes:
    given = {"Host": "x", "Content-Length": str(len(body)), **headers}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in given.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body
