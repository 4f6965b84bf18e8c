"""The load generator of bench_cycles: every worker takes a task, submits it, takes the next; one connection each.

Reads {port, tokens, seconds, job} from stdin and writes what it measured to stdout, both JSON. It speaks HTTP over bare
protocols, because on two cores a comfortable client would take more of the machine than the server it measures.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import dataclass, field
from typing import cast

import uvloop

ANSWER = {"answer": {"crowd-image-classifier": {"label": "Soccer"}}, "time_spent_s": 1.5}


@dataclass
class Measured:
    """What all workers of a run saw."""

    cycle_ms: list[float] = field(default_factory=list)
    take_ms: list[float] = field(default_factory=list)
    submit_ms: list[float] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)
    errors: int = 0
    seconds: float = 0.0


class Connection(asyncio.Protocol):
    """One keep-alive connection that has one request under way at a time."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._waiting: asyncio.Future[tuple[int, bytes]] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(self._buffer[:end]).lower()
        place = head.find(b"content-length:")
        length = int(head[place + 15 :].split(b"\r", 1)[0]) if place >= 0 else 0
        total = end + 4 + length
        if len(self._buffer) >= total and self._waiting is not None:
            body = bytes(self._buffer[end + 4 : total])
            del self._buffer[:total]
            waiting, self._waiting = self._waiting, None
            waiting.set_result((int(head[9:12]), body))

    def connection_lost(self, error: Exception | None) -> None:
        if self._waiting is not None:
            self._waiting.set_exception(error or ConnectionResetError("closed"))

    def ask(self, method: str, path: str, token: str, body: bytes = b"") -> asyncio.Future[tuple[int, bytes]]:
        """Send one request; its status and body."""
        assert self._transport is not None
        self._waiting = asyncio.get_running_loop().create_future()
        head = (
            f"{method} {path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\n"
            f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        self._transport.write(head.encode() + body)
        return self._waiting


async def work(port: int, token: str, job: str, until: float, measured: Measured) -> None:
    """One worker's loop until the time is up, or no task is left."""
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(Connection, "127.0.0.1", port)
    answer = json.dumps(ANSWER).encode()
    while (started := time.perf_counter()) < until:
        status, body = await connection.ask("POST", f"/api/v1/jobs/{job}/assignments", token)
        taken = time.perf_counter()
        if status == 204:
            return  # everything is done: a fast server empties a small job before the time is up
        if status != 201:
            measured.errors += 1
            await asyncio.sleep(0.01)
            continue
        found = json.loads(body)["assignment_id"]
        status, body = await connection.ask("PUT", f"/api/v1/assignments/{found}/annotation", token, answer)
        done = time.perf_counter()
        if status != 200:
            measured.errors += 1
            continue
        measured.acknowledged.append(found)
        measured.take_ms.append((taken - started) * 1000)
        measured.submit_ms.append((done - taken) * 1000)
        measured.cycle_ms.append((done - started) * 1000)


async def run(port: int, tokens: list[str], seconds: float, job: str) -> Measured:
    """All workers at once."""
    measured = Measured()
    started = time.perf_counter()
    until = started + seconds
    await asyncio.gather(*(work(port, token, job, until, measured) for token in tokens))
    measured.seconds = time.perf_counter() - started
    return measured


def main() -> None:
    """Read what to do, do it, write what came of it."""
    given = json.load(sys.stdin)
    json.dump(uvloop.run(run(**given)).__dict__, sys.stdout)


if __name__ == "__main__":
    main()
