"""Webhooks as administrators run them: over REST and in the console."""

from __future__ import annotations

from pathlib import Path

import pytest

from groundswell.domain.people import Role
from groundswell.domain.webhooks import DeliveryState
from groundswell.service.ports import Page
from integration.server.serving import Served, serve

URL = "https://example.com/groundswell"


def dead_letter(served: Served, webhook_id: str) -> int:
    """A delivery that was given up."""
    served.requester().post("/api/v1/sessions", json={"email": "rita@example.com", "password": "wrong"})
    (one, *_) = served.store.read(lambda tx: tx.webhooks.deliveries(webhook_id, Page()))
    now = served.clock()
    served.store.write(
        lambda tx: tx.webhooks.settle(one.id, DeliveryState.DEAD, attempts=9, due_at=now, said="HTTP 500")
    ).result()
    return one.id


def test_an_endpoint_is_made_changed_and_removed(served: Served) -> None:
    client = served.administrator()
    made = client.post("/api/v1/webhooks", json={"url": URL, "kinds": ["job", "account.sign_in_failed"]})
    assert made.status_code == 201 and len(made.json()["secret"]) > 30
    path = f"/api/v1/webhooks/{made.json()['id']}"
    (listed,) = client.get("/api/v1/webhooks").json()
    assert "secret" not in listed and listed["kinds"] == ["job", "account.sign_in_failed"] and listed["active"]
    changed = client.patch(path, json={"active": False, "kinds": ["*"]}).json()
    assert (changed["active"], changed["kinds"], changed["url"]) == (False, ["*"], URL)
    assert client.delete(path).status_code == 204
    assert client.delete(path).status_code == client.patch(path, json={}).status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"url": "example.com"}, "url"),
        ({"url": "ftp://example.com"}, "url"),
        ({"url": "https://ann:secret@example.com"}, "url"),
        ({"url": "https://[::1/x"}, "url"),
        ({"url": "https://example.com/a b"}, "url"),
        ({"url": "https://example.com:99999/"}, "url"),
        ({"url": URL, "kinds": ["job.baked"]}, "kinds"),
        ({"url": URL, "kinds": []}, "kinds"),
    ],
)
def test_what_cannot_work_names_its_field(served: Served, body: dict[str, object], field: str) -> None:
    answer = served.administrator().post("/api/v1/webhooks", json=body)
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, field), answer.text


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8080/hook",
        "http://localhost/hook",
        "https://10.1.2.3/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
        "http://[::ffff:192.168.0.1]/",
        "http://0x7f000001/",
        "http://2130706433/",
    ],
)
def test_addresses_that_nothing_would_be_delivered_to_are_refused(served: Served, url: str) -> None:
    client = served.administrator()
    refused = client.post("/api/v1/webhooks", json={"url": url})
    assert (refused.status_code, refused.json()["error"]["field"]) == (422, "url"), refused.text
    assert "GROUNDSWELL_ALLOWED_NETWORKS" in refused.json()["error"]["message"]
    shown = client.post("/console/webhooks", data={"url": url})
    assert shown.status_code == 422 and "may not send requests" in shown.text
    made = client.post("/api/v1/webhooks", json={"url": URL}).json()
    assert client.patch(f"/api/v1/webhooks/{made['id']}", json={"url": url}).status_code == 422
    assert [one["url"] for one in client.get("/api/v1/webhooks").json()] == [URL]


def test_a_setting_lets_private_addresses_in(tmp_path: Path) -> None:
    served = serve(tmp_path, allowed_networks=["10.1.0.0/16"])
    client = served.administrator()
    assert client.post("/api/v1/webhooks", json={"url": "http://10.1.2.3:9000/hook"}).status_code == 201
    assert client.post("/api/v1/webhooks", json={"url": "http://10.2.2.3/hook"}).status_code == 422
    served.store.close()


def test_only_administrators_run_them(served: Served) -> None:
    for path in ("/api/v1/webhooks", "/console/webhooks"):
        assert served.requester().get(path).status_code == 403
        assert served.signed_in("wes", Role.WORKER).get(path).status_code == 403


def test_dead_letters_are_listed_and_sent_again(served: Served) -> None:
    client = served.administrator()
    webhook_id = client.post("/api/v1/webhooks", json={"url": URL}).json()["id"]
    letter = dead_letter(served, webhook_id)
    path = f"/api/v1/webhooks/{webhook_id}/deliveries"
    (dead,) = client.get(path, params={"state": "dead"}).json()["deliveries"]
    assert (dead["id"], dead["attempts"], dead["said"]) == (letter, 9, "HTTP 500")
    page = client.get("/console/webhooks").text
    assert "Send again" in page and "HTTP 500" in page and "1 not delivered" in page
    assert client.post(f"/console/webhooks/{webhook_id}/deliveries/{letter}").status_code == 303
    assert client.get(path, params={"state": "dead"}).json()["deliveries"] == []
    assert client.post(f"{path}/{letter}/send-again").status_code == 202
    assert client.post(f"{path}/99999/send-again").status_code == 404


def test_the_console_makes_stops_and_removes(served: Served) -> None:
    client = served.administrator()
    assert "sent nowhere yet" in client.get("/console/webhooks").text
    made = client.post("/console/webhooks", data={"url": URL, "kinds": "job.completed, job.failed"})
    assert made.status_code == 200 and "not shown again" in made.text
    (one,) = client.get("/api/v1/webhooks").json()
    assert one["kinds"] == ["job.completed", "job.failed"]
    wrong = client.post("/console/webhooks", data={"url": "nowhere", "kinds": ""})
    assert wrong.status_code == 422 and 'aria-invalid="true"' in wrong.text and "nowhere" in wrong.text
    for what, active in (("stop", False), ("start", True)):
        assert client.post(f"/console/webhooks/{one['id']}", data={"what": what}).status_code == 303
        assert client.get("/api/v1/webhooks").json()[0]["active"] is active
    client.post(f"/console/webhooks/{one['id']}", data={"what": "remove"})
    assert client.get("/api/v1/webhooks").json() == []
