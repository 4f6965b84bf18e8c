"""A storage that hangs holds its own readers, and nothing else of the server."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from groundswell.domain.errors import Unavailable
from groundswell.domain.people import Role
from groundswell.server.media_pool import MediaPool
from integration.server.serving import PASSWORD, Served, picture_lines, serve, shapes_spec, store_pictures


@pytest.fixture
def hanging(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Served, threading.Event]:
    served, answers = serve(tmp_path), threading.Event()
    served.storage.write("s3://b/a.txt", b"text")

    def size(uri: str) -> int:
        answers.wait(30)
        return 4

    monkeypatch.setattr(served.storage, "size", size)
    return served, answers


def test_reading_a_hanging_bucket_starves_nobody_else(hanging: tuple[Served, threading.Event]) -> None:
    served, answers = hanging
    served.person("nora", Role.WORKER)
    link = served.links().media("s3://b/a.txt")
    with TestClient(served.app) as client, ThreadPoolExecutor(60) as readers:  # one event loop for all
        asked = [readers.submit(client.get, link) for _ in range(60)]
        try:
            time.sleep(0.5)
            began = time.perf_counter()
            signed_in = client.post("/api/v1/sessions", json={"email": "nora@example.com", "password": PASSWORD})
            assert signed_in.status_code in (200, 201) and time.perf_counter() - began < 5
            assert client.get("/static/tokens.css").status_code == 200
        finally:
            answers.set()
        assert {one.result().status_code for one in asked} == {200}


def test_a_job_is_shown_without_its_storage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    served = serve(tmp_path)
    store_pictures(served.storage, 3)
    served.job(shapes_spec(), picture_lines(3))
    rita = served.requester()

    def gone(asked: Callable[..., Any]) -> Callable[..., Any]:
        def ask(uri: str, *given: Any, **named: Any) -> Any:
            if uri.startswith("s3://"):
                raise Unavailable("the bucket does not answer")
            return asked(uri, *given, **named)  # the server's own folder does

        return ask

    for name in ("exists", "size", "read", "read_range", "entries", "stream"):
        monkeypatch.setattr(served.storage, name, gone(getattr(served.storage, name)))
    for address in ("/console", "/console/jobs/shapes", "/console/jobs/shapes/objects", "/api/v1/jobs/shapes/report"):
        assert rita.get(address).status_code == 200, address


def test_more_readers_than_may_wait_are_sent_away(hanging: tuple[Served, threading.Event]) -> None:
    served, answers = hanging
    served.app.state.media_pool = MediaPool(threads=2, most_waiting=3)
    link = served.links().media("s3://b/a.txt")
    with TestClient(served.app) as client, ThreadPoolExecutor(12) as readers:
        asked = [readers.submit(client.get, link) for _ in range(12)]
        end = time.monotonic() + 10
        while sum(one.done() for one in asked) < 7 and time.monotonic() < end:
            time.sleep(0.02)
        answers.set()
        statuses = sorted(one.result().status_code for one in asked)
    assert statuses == [200] * 5 + [503] * 7
