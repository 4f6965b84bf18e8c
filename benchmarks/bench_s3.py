"""The embedded S3 beside moto's server: objects of 100 kB stored and read a second, and memory while 1 GB goes through.

The same signed requests go to both over kept connections, from threads that only write and read sockets; each server is
a process of its own. Ours stores to disk, durable; moto's keeps objects in memory.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import boto3
import psutil
from boto3.s3.transfer import TransferConfig
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from groundswell.cli.demo import free_port

BODY = os.urandom(100_000)
COUNT = 600
CONNECTIONS = 8
BIG_BYTES = 1 << 30
PART_BYTES = 16 << 20
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class Server:
    """A server that speaks S3, its process, and a key to it."""

    url: str
    key: tuple[str, str]
    process: psutil.Process


@contextlib.contextmanager
def ours() -> Iterator[Server]:
    """Groundswell over a fresh folder."""
    from groundswell.bootstrap import acts_context, open_store
    from groundswell.cli.first_start import first_start
    from groundswell.service import access_keys
    from groundswell.settings import Settings
    from groundswell.testing.acting import acting
    from groundswell.wire.accounts import NewAccessKey

    port = free_port(0)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder) / "data", s3="local")
        store = open_store(settings)
        made = first_start(settings, store)
        assert made is not None
        account, _ = store.read(lambda tx: tx.workers.by_email(made.email))
        key, secret = access_keys.create(acts_context(settings, store), acting(account), NewAccessKey())
        store.close()
        command = [sys.executable, "-m", "groundswell.cli.main", "serve", "--no-runner", "--port", str(port)]
        environment = {**os.environ, "GROUNDSWELL_DATA_DIR": str(settings.data_dir), "GROUNDSWELL_S3": "local"}
        with _running(command, environment, port) as process:
            yield Server(f"http://127.0.0.1:{port}", (key.id, secret), process)


@contextlib.contextmanager
def motos() -> Iterator[Server]:
    """moto's server."""
    port = free_port(0)
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with _running(command, dict(os.environ), port) as process:
        yield Server(f"http://127.0.0.1:{port}", ("key", "secret"), process)


@contextlib.contextmanager
def _running(command: list[str], environment: dict[str, str], port: int) -> Iterator[psutil.Process]:
    child = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.05)
        yield psutil.Process(child.pid)
    finally:
        child.terminate()
        child.wait(20)


def requests_to(server: Server, method: str) -> list[bytes]:
    """Signed requests, one for each object, as bytes to send."""
    signer = S3SigV4Auth(Credentials(*server.key), "s3", "us-east-1")
    body = BODY if method == "PUT" else b""
    found = []
    for number in range(COUNT):
        request = AWSRequest(method, f"{server.url}/bench/objects/{number:05}", data=body)
        request.headers["x-amz-content-sha256"] = hashlib.sha256(body).hexdigest()
        request.context["payload_signing_enabled"] = True
        signer.add_auth(request)
        lines = [f"{method} /bench/objects/{number:05} HTTP/1.1", f"Host: {urlsplit(server.url).netloc}"]
        lines += [f"{name}: {value}" for name, value in request.headers.items() if name.lower() != "host"]
        if body:
            lines.append(f"Content-Length: {len(body)}")
        found.append("\r\n".join([*lines, "", ""]).encode() + body)
    return found


def per_second(server: Server, requests: list[bytes], size: int) -> float:
    """Requests answered a second over all connections; every answer is checked for its status and length."""

    parts = urlsplit(server.url)

    def work(mine: list[bytes]) -> None:
        connection = socket.create_connection((parts.hostname, parts.port), 30)
        for request in mine:
            connection.sendall(request)
            if not _take_answer(connection, size):  # moto's server does not keep connections
                connection.close()
                connection = socket.create_connection((parts.hostname, parts.port), 30)
        connection.close()

    threads = [threading.Thread(target=work, args=(requests[n::CONNECTIONS],)) for n in range(CONNECTIONS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(requests) / (time.perf_counter() - began)


def _take_answer(connection: socket.socket, size: int) -> bool:
    """Whether the connection is good for another request."""
    data = _received(connection)
    while b"\r\n\r\n" not in data:
        data += _received(connection)
    head, _, rest = data.partition(b"\r\n\r\n")
    assert b" 200" in head.split(b"\r\n")[0], head
    length = int((_LENGTH.search(head) or [b"", b"0"])[1])
    assert length == size or not size, head
    left = length - len(rest)
    while left > 0:
        left -= len(_received(connection))
    return b"connection: close" not in head.lower()


def _received(connection: socket.socket) -> bytes:
    data = connection.recv(1 << 18)
    if not data:
        raise ConnectionError("the server closed the connection in the middle of an answer")
    return data


class Zeros(io.RawIOBase):
    """A large file that nobody has to hold."""

    def __init__(self, size: int) -> None:
        self._left = size

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        found = bytes(min(self._left, size if size >= 0 else self._left))
        self._left -= len(found)
        return found


class Counter(io.RawIOBase):
    """Where what is downloaded goes."""

    def __init__(self) -> None:
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self.size += len(data)
        return len(data)


def big(server: Server) -> dict[str, float]:
    """Seconds of a gigabyte up (in parts) and down, and by how much the server grew meanwhile."""
    client = _client(server)
    before, peak, done = server.process.memory_info().rss, [0], threading.Event()

    def watch() -> None:
        while not done.wait(0.02):
            peak[0] = max(peak[0], server.process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    config = TransferConfig(multipart_chunksize=PART_BYTES, max_concurrency=4)
    began = time.perf_counter()
    client.upload_fileobj(Zeros(BIG_BYTES), "bench", "big", Config=config)
    up = time.perf_counter() - began
    body, size = client.get_object(Bucket="bench", Key="big")["Body"], 0
    for chunk in body.iter_chunks(1 << 20):
        size += len(chunk)
    down = time.perf_counter() - began - up
    done.set()
    watcher.join()
    assert size == BIG_BYTES
    return {"up_s": round(up, 1), "down_s": round(down, 1), "grew_mb": round((peak[0] - before) / 1e6, 1)}


def _client(server: Server):  # type: ignore[no-untyped-def]
    session = boto3.session.Session(*server.key, region_name="us-east-1")
    return session.client("s3", endpoint_url=server.url, config=Config(signature_version="s3v4"))


def main() -> None:
    """Print the table, each with the processor time of a request; figures go to results/s3.json."""
    with ours() as groundswell, motos() as moto:
        rates: dict[str, dict[str, float]] = {}
        for server in (groundswell, moto):
            _client(server).create_bucket(Bucket="bench")
        for method, size in (("PUT", 0), ("GET", len(BODY))):
            found = {}
            for name, server in (("ours", groundswell), ("moto", moto)):
                requests = requests_to(server, method)
                per_second(server, requests[:50], size)
                before = sum(server.process.cpu_times()[:2])
                found[name] = per_second(server, requests, size)
                found[f"{name}_processor_ms"] = (sum(server.process.cpu_times()[:2]) - before) / len(requests) * 1e3
            rates[method] = {**found, "ratio": found["ours"] / found["moto"]}
            told = [f"{name} {found[name]:6.0f}/s, {found[f'{name}_processor_ms']:.2f} ms" for name in ("ours", "moto")]
            print(f"{method} 100 kB   {'   '.join(told)}   {rates[method]['ratio']:.1f}x", flush=True)
        large = big(groundswell)
        print(
            f"1 GB           up {large['up_s']} s   down {large['down_s']} s   the server grew by {large['grew_mb']} MB"
        )
    results = Path(__file__).parent / "results"
    results.mkdir(exist_ok=True)
    (results / "s3.json").write_text(json.dumps({"rates": rates, "big": large}, indent=2))


if __name__ == "__main__":
    main()
