"""HTTP/1.1 with limits of time and size: a connection that says half a request, or nothing, is closed.

uvicorn's protocol waits for ever for the rest of a request. Here the head must be there within HEAD_S and be small, and
a body must go on coming: at least LEAST_BYTES within each BODY_S, until it is whole or the answer has been sent.

An answer that is there as a whole can be written at once: `scope["extensions"][WHOLE_ANSWER]`. The two messages that
ASGI has for it take five times as long, each header being searched for bad characters again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from functools import partial
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

HEAD_S = 15.0
"""A browser sends its first request at once; one whose line is bad has time for three retransmissions."""
MAX_HEAD_BYTES = 64 << 10
BODY_S = 20.0
LEAST_BYTES = 20_000
"""In each BODY_S: a thousand bytes a second, below any line over which pictures are labeled."""

WHOLE_ANSWER = "groundswell.whole_answer"
"""(status, headers, body) -> whether it was written; the headers, of our own making, say the body's length."""
HELD_BYTES = 256 << 10
"""Of a body that the app has not taken yet, before its sender is held back: with uvicorn's own limit, 64 KiB, whoever
sends a picture is."""


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's protocol with a timer for each part of a request."""

    _timer: asyncio.TimerHandle | None = None
    _head_bytes = 0  # since the last head was whole
    _in_head = True
    _body_bytes = 0  # since the timer was set

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)  # type: ignore[arg-type]
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if self.transport.is_closing():
            return
        # What came with the head's end may be a body of any size: only a head still open is too large.
        if self._in_head and self._head_bytes > MAX_HEAD_BYTES:
            self._refuse(431, b"Request Header Fields Too Large")
        elif self._timer is None:
            self._wait_for_the_rest()

    def on_headers_complete(self) -> None:
        self._stop_timer()
        self._in_head, self._head_bytes, self._body_bytes = False, 0, 0
        super().on_headers_complete()
        self.scope["extensions"] = {WHOLE_ANSWER: partial(_write_whole, self.cycle)}  # type: ignore[dict-item]

    def on_body(self, body: bytes) -> None:
        self._body_bytes += len(body)
        if self.cycle.response_complete:
            return
        self.cycle.body += body
        if len(self.cycle.body) > HELD_BYTES:
            self.flow.pause_reading()
        self.cycle.message_event.set()

    def on_message_complete(self) -> None:
        self._stop_timer()
        self._in_head = True
        super().on_message_complete()

    def _wait_for_the_rest(self) -> None:
        """Set the timer of what is still to come; a request that came in one piece needs none."""
        if not self._in_head:
            self._timer = self.loop.call_later(BODY_S, self._body_is_late)
        elif self._head_bytes:
            self._wait_for_head()

    def _wait_for_head(self) -> None:
        self._timer = self.loop.call_later(HEAD_S, self._head_is_late)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _head_is_late(self) -> None:
        self._timer = None
        if not self.transport.is_closing():
            self._refuse(408, b"Request Timeout")

    def _body_is_late(self) -> None:
        self._timer = None
        if self.transport.is_closing():
            return
        # While the app does not take what came (it is storing an upload), the sender is held back by us.
        if self._body_bytes >= LEAST_BYTES or self.flow.read_paused:
            self._body_bytes = 0
            self._timer = self.loop.call_later(BODY_S, self._body_is_late)
        else:
            self.transport.close()

    def _refuse(self, status: int, reason: bytes) -> None:
        head: list[Any] = [b"HTTP/1.1 ", str(status).encode(), b" ", reason]
        self.transport.write(b"".join([*head, b"\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"]))
        self.transport.close()


def _write_whole(cycle: RequestResponseCycle, status: int, headers: Iterable[tuple[bytes, bytes]], body: bytes) -> bool:
    """Answer a request in one write; False, and nothing is done, where that is not as simple."""
    if cycle.response_started or cycle.disconnected or cycle.flow.write_paused or not cycle.keep_alive:
        return False
    cycle.response_started = cycle.response_complete = True
    cycle.waiting_for_100_continue = False
    lines = [b"%b: %b\r\n" % pair for pair in (*cycle.default_headers, *headers)]
    cycle.transport.write(b"".join((STATUS_LINE[status], *lines, b"\r\n", body)))
    cycle.message_event.set()
    cycle.on_response()
    return True
