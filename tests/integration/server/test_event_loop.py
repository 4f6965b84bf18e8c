"""Nothing on the event loop waits for the database or the storage: one that hangs would stop every other request."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from starlette.testclient import TestClient

import own_loop
from groundswell.domain.people import Role
from groundswell.service.token_cache import TokenCache
from integration.server.routes import routes_of
from integration.server.serving import Served, picture_lines, serve, shapes_spec, store_pictures

T = TypeVar("T")


class Blocked(AssertionError):
    """Something waited on the event loop."""


def refuse_on_the_loop(what: str) -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise Blocked(f"{what} was waited for on the event loop")


def guarded(name: str, call: Callable[..., T]) -> Callable[..., T]:
    def guard(*args: Any, **named: Any) -> T:
        refuse_on_the_loop(name)
        return call(*args, **named)

    return guard


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Served:
    """A server with a job, whose store and storage refuse to be waited for on the event loop."""
    served = serve(tmp_path)
    store_pictures(served.storage, 3)
    served.job(shapes_spec(), picture_lines(3))
    for port, names in (
        (served.store, ["read"]),
        (served.storage, ["read", "read_range", "size", "exists", "entries"]),
    ):
        for name in names:
            monkeypatch.setattr(port, name, guarded(f"{type(port).__name__}.{name}", getattr(port, name)))
    # Nobody is remembered: each request has to look up who asks.
    object.__setattr__(served.app.state.context, "tokens", TokenCache(seconds=0))
    return served


def addresses(served: Served) -> list[tuple[str, str]]:
    """(method, path) of every route, the parameters filled in with what there is."""
    there = {"name": "shapes", "job": "shapes", "n": "0", "team": "everyone", "task_type": "image-classification"}
    found = routes_of(served.app)
    assert len(found) > 60
    return [
        (one.method, re.sub(r"{(\w+)(:path)?}", lambda part: there.get(part.group(1), "unknown"), one.path))
        for one in found
    ]


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_no_route_waits_on_the_event_loop(served: Served, accept: str) -> None:
    roles = (Role.ADMINISTRATOR, Role.REQUESTER, Role.WORKER)
    token = served.token("ada", *roles)
    headers = {"Authorization": f"Bearer {token}", "Accept": accept}
    client = TestClient(served.app, headers=headers, follow_redirects=False)
    for method, path in addresses(served):
        if path.startswith("/api/v1/sessions") and method == "DELETE":
            continue  # it would sign us out
        client.request(method, path, json={} if method in ("POST", "PUT", "PATCH") else None)


def test_taking_and_answering_do_not_wait_either(served: Served) -> None:
    nora = served.signed_in("nora", Role.WORKER)
    taken = nora.post("/api/v1/jobs/shapes/assignments")
    assert taken.status_code == 201
    held = taken.json()["assignment_id"]
    assert nora.get(f"/api/v1/assignments/{held}").status_code == 200
    assert nora.get(taken.json()["task"]["frame_url"]).status_code == 200
    answer = {"answer": {"crowd-image-classifier": {"label": "circle"}}}
    assert nora.put(f"/api/v1/assignments/{held}/annotation", json=answer).status_code == 200


def test_the_guard_would_notice(served: Served) -> None:
    async def waits() -> None:
        served.store.read(lambda tx: tx.jobs.active())

    with pytest.raises(Blocked):
        own_loop.run(waits())
