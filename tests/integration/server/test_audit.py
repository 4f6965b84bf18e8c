"""What happened, as administrators look at it: over REST, in the console and from a terminal."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

import own_loop
from groundswell.cli import audit as command
from groundswell.cli.main import app
from groundswell.domain.events import SignInFailed
from groundswell.domain.people import Role
from groundswell.sdk import AsyncClient, Client
from groundswell.service import transitions
from groundswell.service.ports import Transaction
from integration.server.serving import Served, picture_lines, shapes_spec


def with_events(served: Served) -> None:
    served.job(shapes_spec(), picture_lines(3))
    served.requester().post("/api/v1/jobs/shapes/pause")
    served.clock.turn(days=1)
    served.requester().post("/api/v1/jobs/shapes/resume")
    served.client().post("/api/v1/sessions", json={"email": "rita@example.com", "password": "wrong"})


def events(served: Served, **params: Any) -> list[dict[str, Any]]:
    answer = served.administrator().get("/api/v1/events", params=params)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["events"]
    return found


def test_events_come_newest_first_with_names(served: Served) -> None:
    with_events(served)
    found = events(served, job="shapes")
    assert [one["kind"] for one in found] == ["job.resumed", "job.paused", "job.created"]
    assert found[0] | {"id": 0, "at": "", "actor_id": ""} == {
        "id": 0,
        "kind": "job.resumed",
        "at": "",
        "actor": "rita@example.com",
        "actor_id": "",
        "workspace": "main",
        "subject": "shapes",
        "job": "shapes",
        "data": {},
    }


def test_filters_narrow(served: Served) -> None:
    with_events(served)
    today = served.clock().date().isoformat()
    assert [one["kind"] for one in events(served, kind="job", since=today)] == ["job.resumed"]
    assert [one["kind"] for one in events(served, kind="job", until=today)] == ["job.paused", "job.created"]
    assert {one["actor"] for one in events(served, actor="rita@example.com", limit=3)} == {"rita@example.com"}
    (failed,) = events(served, kind="account.sign_in_failed")
    assert failed["actor"] is None and failed["subject"] == served.people["rita"].id
    assert events(served, job="no-such-job") == []


def test_pages_follow_one_another(served: Served) -> None:
    with_events(served)
    client = served.administrator()
    one = client.get("/api/v1/events", params={"kind": "job", "limit": 2}).json()
    two = client.get("/api/v1/events", params={"kind": "job", "limit": 2, "after": one["next"]}).json()
    assert [event["kind"] for event in one["events"] + two["events"]] == ["job.resumed", "job.paused", "job.created"]
    assert two["next"] is None


@pytest.mark.parametrize(
    ("params", "field"),
    [({"kind": "job.baked"}, "kind"), ({"kind": "jo"}, "kind"), ({"actor": "nobody@example.com"}, "actor")],
)
def test_what_cannot_be_asked_names_its_field(served: Served, params: dict[str, str], field: str) -> None:
    answer = served.administrator().get("/api/v1/events", params=params)
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, field)
    page = served.administrator().get("/console/audit", params=params)
    assert page.status_code == 422 and 'aria-invalid="true"' in page.text


def test_only_administrators_see_them(served: Served) -> None:
    for path in ("/api/v1/events", "/console/audit"):
        assert served.requester().get(path).status_code == 403
        assert served.signed_in("wes", Role.WORKER).get(path).status_code == 403
    assert served.client().get("/api/v1/events").status_code == 401
    assert "/console/audit" not in served.requester().get("/console").text
    assert "/console/audit" in served.administrator().get("/console").text


def test_the_page_shows_filters_and_leads_on(served: Served) -> None:
    with_events(served)
    client = served.administrator()
    page = client.get("/console/audit").text
    assert "job.paused" in page and "rita@example.com" in page and "the server" not in page
    narrowed = client.get("/console/audit?kind=job.paused&actor=rita%40example.com").text
    assert narrowed.count("<tr>") == 2 and "job.paused" in narrowed
    day = served.clock().date().isoformat()
    assert "job.resumed" in client.get(f"/console/audit?since={day}&until={day}&kind=job").text
    nothing = client.get("/console/audit?kind=team").text
    assert "Nothing of this kind happened" in nothing
    assert client.get("/console/audit?since=yesterday").status_code == 422


def test_more_than_a_page_has_a_way_to_the_older(served: Served) -> None:
    failed = SignInFailed(at=served.clock(), account="", network="192.0.2.7")

    def work(tx: Transaction) -> None:
        for _ in range(55):
            tx.record(failed)

    served.store.write(work).result()
    client = served.administrator()
    page = client.get("/console/audit?kind=account.sign_in_failed").text
    older = page.split('<a class="btn" href="')[-1].split('"')[0].replace("&amp;", "&")
    assert page.count("<tr>") == 51 and client.get(older).text.count("<tr>") == 6


def test_the_command_prints_a_table_or_json(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    with_events(served)
    token = served.token("ada", Role.ADMINISTRATOR)

    def connected(url: str | None, given: str | None) -> Client:
        client = Client("http://test", token)
        monkeypatch.setattr(client, "_http", served.client(token))
        return client

    monkeypatch.setattr(command, "connect", connected)
    runner = CliRunner()
    shown = runner.invoke(app, ["audit", "--job", "shapes"], env={"COLUMNS": "200"})
    assert shown.exit_code == 0 and "job.paused" in shown.stdout and "rita@example.com" in shown.stdout
    asked = ["audit", "--kind", "job.paused", "--json", "--until", served.clock().date().isoformat()]
    printed = runner.invoke(app, asked)
    assert printed.exit_code == 0 and '"kind": "job.paused"' in printed.stdout
    assert "Examples" in runner.invoke(app, ["audit", "--help"]).stdout


def test_an_object_tells_of_its_labels_and_failures(served: Served) -> None:
    job = served.job(shapes_spec(), picture_lines(3))
    client = served.requester()
    now = served.clock()
    served.store.write(lambda tx: transitions.fail_objects(tx, job, [1], reason="too dark", at=now)).result()
    client.post("/api/v1/jobs/shapes/objects/put-back")
    said = client.get("/api/v1/jobs/shapes/objects/1").json()["history"]
    assert [(one["what"], one["note"]) for one in said] == [("failed", "too dark"), ("put back", None)]
    assert client.get("/api/v1/jobs/shapes/objects/0").json()["history"] == []
    assert "too dark" in client.get("/console/jobs/shapes/objects/1").text


def test_both_clients_read_events_page_by_page(served: Served) -> None:
    with_events(served)
    token = served.token("ada", Role.ADMINISTRATOR)

    async def ask() -> list[str]:
        async with AsyncClient("http://test", token, transport=httpx.ASGITransport(app=served.app)) as client:
            return [one.kind for one in await client.events(kind="job", until=served.clock(), limit=2)]

    assert own_loop.run(ask()) == ["job.paused", "job.created"]
