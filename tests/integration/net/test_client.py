"""Requests to chosen addresses, over real sockets."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from groundswell.domain.errors import Forbidden, Unavailable
from groundswell.net.client import GuardedClient, check_url
from groundswell.net.networks import Networks

Talk = Callable[[socket.socket], None]
LOOPBACK = Networks(["127.0.0.0/8", "::1"])


def heard(connection: socket.socket) -> bytes:
    """A whole request: its head, then as many bytes as it promises."""
    got = b""
    while b"\r\n\r\n" not in got:
        got += connection.recv(65_536)
    head, _, body = got.partition(b"\r\n\r\n")
    size = int(next(line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")))
    while len(body) < size:
        body += connection.recv(65_536)
    return head + b"\r\n\r\n" + body


class Server:
    """Says to each connection, in turn, what it is told to."""

    def __init__(self, *talks: Talk) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._talks = talks
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        for talk in self._talks:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                try:
                    talk(connection)
                except OSError:
                    continue

    def close(self) -> None:
        self._listener.close()


@pytest.fixture
def serve() -> Iterator[Callable[..., str]]:
    servers: list[Server] = []

    def start(*talks: Talk) -> str:
        servers.append(Server(*talks))
        return f"http://127.0.0.1:{servers[-1].port}"

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def client() -> Iterator[GuardedClient]:
    found = GuardedClient(LOOPBACK)
    yield found
    found.close()


def says(answer: bytes, got: list[bytes] | None = None) -> Talk:
    def talk(connection: socket.socket) -> None:
        request = heard(connection)
        if got is not None:
            got.append(request)
        connection.sendall(answer)

    return talk


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"


def test_an_answer(serve: Any, client: GuardedClient) -> None:
    got: list[bytes] = []
    answer = client.post(serve(says(OK, got)) + "/f", b'{"a": 1}', headers={"X-Signature": "s"})
    assert (answer.status, answer.body) == (200, b"{}")
    assert got[0].startswith(b"POST /f HTTP/1.1") and b"X-Signature: s" in got[0] and got[0].endswith(b'{"a": 1}')


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "2130706433", "127.1"]
)
def test_this_machine_is_refused(serve: Any, host: str) -> None:
    """Every way to write its address: what counts is where the connection would go."""
    got: list[bytes] = []
    url = serve(says(OK, got)).replace("127.0.0.1", host)
    client = GuardedClient(Networks())
    with pytest.raises((Forbidden, Unavailable)):
        client.post(url, b"{}", timeout_s=5)
    client.close()
    assert got == []


def test_one_refused_address_among_several_is_enough(monkeypatch: pytest.MonkeyPatch, serve: Any) -> None:
    port = int(serve(says(OK)).rsplit(":", 1)[1])
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in ("93.184.216.34", "127.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **named: found)
    client = GuardedClient(Networks())
    with pytest.raises(Forbidden, match=r"may not send requests to 'rebind.example'"):
        client.post(f"http://rebind.example:{port}/", b"{}", timeout_s=5)
    with pytest.raises(Forbidden):
        check_url(f"http://rebind.example:{port}/", Networks())
    client.close()


def test_the_address_that_was_checked_is_the_one_connected_to(monkeypatch: pytest.MonkeyPatch, serve: Any) -> None:
    """A name whose second answer leads elsewhere: it is asked once a connection."""
    port = int(serve(says(OK)).rsplit(":", 1)[1])
    answers = iter(["127.0.0.1", "10.0.0.1"])

    def resolve(host: str, port: int, *args: object, **named: object) -> list[Any]:
        address = next(answers) if host == "rebind.example" else host
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    client = GuardedClient(Networks(["127.0.0.1"]))
    assert client.post(f"http://rebind.example:{port}/", b"{}", timeout_s=5).status == 200
    assert next(answers) == "10.0.0.1"
    client.close()


def redirect(to: str, status: int = 307) -> bytes:
    return f"HTTP/1.1 {status} R\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()


def test_redirects_stay_on_the_host(serve: Any, client: GuardedClient) -> None:
    got: list[bytes] = []
    assert client.post(serve(says(redirect("/b")), says(OK, got)) + "/a", b"x").status == 200
    assert got[0].startswith(b"POST /b") and got[0].endswith(b"x")
    elsewhere: list[bytes] = []
    other = serve(says(OK, elsewhere))
    for status, to in (
        (307, f"{other}/b"),
        (308, other.replace("127.0.0.1", "localhost")),
        (302, "/b"),
        (307, "file:///etc/passwd"),
    ):
        assert client.post(serve(says(redirect(to, status))), b"x").status == status
    assert elsewhere == []


def test_no_redirect_goes_round_for_ever(serve: Any, client: GuardedClient) -> None:
    assert client.post(serve(*[says(redirect("/again"))] * 20), b"x").status == 307


def drip(connection: socket.socket) -> None:
    heard(connection)
    for byte in b"HTTP/1.1 200 OK\r\n" + b"X-More: yes\r\n" * 1_000:
        connection.sendall(bytes([byte]))
        time.sleep(0.02)


def never_reads(connection: socket.socket) -> None:
    time.sleep(3)


def never_ends(connection: socket.socket) -> None:
    heard(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        connection.sendall(b"x" * 65_536)


@pytest.mark.parametrize("talk", [drip, never_reads])
def test_the_deadline_covers_everything(serve: Any, client: GuardedClient, talk: Talk) -> None:
    begun = time.monotonic()
    with pytest.raises(Unavailable, match=r"does not answer within 0\.5 s"):
        client.post(serve(talk), b"x" * 30_000_000, timeout_s=0.5) if talk is never_reads else client.post(
            serve(talk), b"x", timeout_s=0.5
        )
    assert time.monotonic() - begun < 2


def test_answers_have_a_limit(serve: Any, client: GuardedClient) -> None:
    with pytest.raises(Unavailable, match="more than 1,000,000 bytes"):
        client.post(serve(never_ends), b"x", max_bytes=1_000_000)


def test_what_is_no_http_is_not_quoted(serve: Any, client: GuardedClient) -> None:
    with pytest.raises(Unavailable) as raised:
        client.post(serve(says(b"root:secret:0:0\r\n\r\n")) + "/?token=abc", b"x")
    assert "secret" not in raised.value.message and "abc" not in raised.value.message
