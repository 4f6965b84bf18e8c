"""Health and numbers: said at once, and the details only to who runs the server."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from groundswell.domain.errors import Unavailable
from groundswell.server.health import Health
from groundswell.service.ports import Store
from integration.server.serving import serve


def test_numbers_are_for_who_runs_the_server(tmp_path: Path) -> None:
    served = serve(tmp_path)
    assert served.operator().get("/metrics").status_code == 200
    assert served.client().get("/metrics").status_code == 403
    assert served.administrator().get("/metrics").status_code == 403


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
def test_a_proxy_on_the_same_machine_does_not_make_the_world_local(tmp_path: Path, header: str) -> None:
    client = TestClient(serve(tmp_path).app, client=("127.0.0.1", 50_000), headers={header: "203.0.113.9"})
    assert client.get("/metrics").status_code == 403


def test_a_token_lets_a_scraper_in_from_elsewhere(tmp_path: Path) -> None:
    client = serve(tmp_path, metrics_token="s3cret").client()
    assert client.get("/metrics", headers={"Authorization": "Bearer s3cret"}).status_code == 200
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 403
    assert client.get("/metrics").status_code == 403


class FailingStore:
    """A store that answers, and does with writes what it is told."""

    def __init__(self, write: Any) -> None:
        self.write = write

    def read(self, work: Any) -> list[object]:
        return []


def test_a_full_disk_is_no_health(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    served = serve(tmp_path)

    def full(work: Any) -> None:
        raise Unavailable("the database did not accept the write: database or disk is full; try again")

    monkeypatch.setattr(served.store, "write", full)
    assert served.operator().get("/healthz").text.startswith("unavailable: the database did not accept the write")
    told = served.client().get("/healthz")
    assert (told.status_code, told.text) == (503, "unavailable\n")


def test_a_database_that_hangs_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("groundswell.server.health.PATIENCE_S", 1.0)
    release = threading.Event()
    store: Store = FailingStore(lambda work: release.wait(20))  # type: ignore[assignment]
    health = Health(store)
    try:
        for within_s in (10.0, 0.9, 0.9):  # the first waits, the others know
            began = time.monotonic()
            with pytest.raises(Unavailable, match="has not answered for 1 s"):
                health.check()
            assert time.monotonic() - began < within_s
    finally:
        release.set()


def test_health_comes_back(tmp_path: Path) -> None:
    now, problems = [0.0], ["the disk is full", None]

    def write(work: Any) -> Any:
        if problem := problems.pop(0):
            raise Unavailable(problem)
        return type("Done", (), {"result": lambda self: None})()

    health = Health(FailingStore(write), timer=lambda: now[0])  # type: ignore[arg-type]
    with pytest.raises(Unavailable, match="full"):
        health.check()
    now[0] = 0.5
    with pytest.raises(Unavailable, match="full"):  # asked again too soon to look again
        health.check()
    now[0] = 1.5
    health.check()
