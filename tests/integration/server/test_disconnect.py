"""Whoever leaves in the middle of a form is no bug of the server's."""

from __future__ import annotations

from starlette.types import Message, Scope

import own_loop
from integration.server.serving import Served


def test_leaving_in_the_middle_of_a_form_is_no_error(served: Served) -> None:
    sent: list[Message] = []
    waiting: list[Message] = [
        {"type": "http.request", "body": b"email=ann", "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> Message:
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/signin",
        "raw_path": b"/signin",
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"testserver"), (b"content-type", b"application/x-www-form-urlencoded")],
        "client": ("127.0.0.1", 1),
        "server": ("testserver", 80),
        "state": {},
    }
    own_loop.run(served.app(scope, receive, send))  # raised ClientDisconnect, which the server logs as a bug
    assert [one["status"] for one in sent if one["type"] == "http.response.start"] == [400]
