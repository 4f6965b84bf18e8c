"""Work teams: invitations, members, and a vendor's manager who sees only their own."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from groundswell.domain.people import Role
from integration.server.serving import Served, picture_lines, shapes_spec


def test_built_in_teams_are_there_and_cannot_be_changed(served: Served) -> None:
    client = served.requester()
    built_in = {team["name"] for team in client.get("/api/v1/teams").json() if team["built_in"]}
    assert built_in == {"everyone", "public"}
    assert client.delete("/api/v1/teams/everyone").status_code == 409


@pytest.mark.parametrize("name", ["", "two words", "-x", "a" * 64])
def test_a_team_name_that_cannot_be_is_refused_by_field(served: Served, name: str) -> None:
    answer = served.requester().post("/api/v1/teams", json={"name": name})
    assert answer.status_code == 422 and answer.json()["error"]["field"] == "name"


def test_an_invitation_link_makes_members_as_often_as_it_says(served: Served) -> None:
    client = served.requester()
    client.post("/api/v1/teams", json={"name": "rangers", "description": "Park rangers"})
    made = client.post("/api/v1/teams/rangers/invitations", json={"max_uses": 1}).json()
    assert made["link"].endswith(f"/invite/{made['token']}")
    page = served.client().get(f"/invite/{made['token']}")
    assert page.status_code == 200 and "Join the team rangers" in page.text
    form = {"name": "Ann", "email": "ann@example.com", "password": "long enough"}
    joined = served.client().post(f"/invite/{made['token']}", data=form)
    assert joined.status_code == 303 and joined.headers["location"] == "/work"
    again = served.client().post(f"/invite/{made['token']}", data={**form, "email": "bob@example.com"})
    assert again.status_code == 404  # used up


def test_invitations_are_listed_and_taken_back(served: Served) -> None:
    client = served.requester()
    client.post("/api/v1/teams", json={"name": "rangers"})
    made = client.post("/api/v1/teams/rangers/invitations", json={"max_uses": 5}).json()
    (listed,) = client.get("/api/v1/teams/rangers/invitations").json()
    assert (listed["id"], listed["max_uses"], listed["uses"], listed["created_by"]) == (made["id"], 5, 0, "Rita")
    assert made["token"] not in str(listed)
    assert served.signed_in("nora").get("/api/v1/teams/rangers/invitations").status_code == 403
    assert client.delete(f"/api/v1/teams/rangers/invitations/{made['id']}").status_code == 204
    assert client.get("/api/v1/teams/rangers/invitations").json() == []
    assert served.client().get(f"/invite/{made['token']}").status_code == 404
    assert served.signed_in("nora").post(f"/invite/{made['token']}").status_code == 404


def test_who_was_taken_out_does_not_come_back_by_the_same_link(served: Served) -> None:
    client, worker = served.requester(), served.signed_in("nora")
    client.post("/api/v1/teams", json={"name": "rangers"})
    token = client.post("/api/v1/teams/rangers/invitations").json()["token"]
    assert worker.post(f"/invite/{token}").status_code == 303
    client.delete(f"/api/v1/teams/rangers/members/{served.people['nora'].id}")
    served.clock.turn(minutes=1)
    assert worker.post(f"/invite/{token}").status_code == 403
    assert "rangers" not in worker.get("/api/v1/me").json()["teams"]
    later = client.post("/api/v1/teams/rangers/invitations").json()["token"]
    assert worker.post(f"/invite/{later}").status_code == 303


def test_who_a_vendor_invites_labels_for_the_vendor_alone(served: Served) -> None:
    requester = served.requester()
    served.person("mia")
    requester.post("/api/v1/teams", json={"name": "acme", "kind": "vendor", "manager": "mia@example.com"})
    served.job(shapes_spec("ours"), picture_lines(1))
    served.job(shapes_spec("theirs", workers={"team": "acme"}), picture_lines(1))
    token = served.signed_in("mia").post("/api/v1/teams/acme/invitations").json()["token"]
    body = {"email": "temp@example.com", "password": "long enough", "invitation": token}
    temp = served.client(served.client().post("/api/v1/workers", json=body).json()["token"])
    assert [job["name"] for job in temp.get("/api/v1/me/jobs").json()["jobs"]] == ["theirs"]
    assert temp.post("/api/v1/jobs/ours/assignments").status_code == 404


def test_a_vendors_manager_invites_and_looks_nobody_up(served: Served) -> None:
    requester = served.requester()
    served.person("mia")
    served.person("nora")
    requester.post("/api/v1/teams", json={"name": "acme", "kind": "vendor", "manager": "mia@example.com"})
    manager = served.signed_in("mia")
    for email in ("nora@example.com", "nobody@example.com"):
        assert manager.post("/api/v1/teams/acme/members", json={"email": email}).status_code == 403
    assert manager.get("/api/v1/workers").status_code == 403


def test_an_invitation_expires(served: Served) -> None:
    client = served.requester()
    client.post("/api/v1/teams", json={"name": "rangers"})
    token = client.post("/api/v1/teams/rangers/invitations", json={"days": 1}).json()["token"]
    served.clock.turn(days=2)
    assert served.client().get(f"/invite/{token}").status_code == 404


def test_who_has_an_account_joins_with_it_and_is_in_several_teams(served: Served) -> None:
    client = served.requester()
    worker = served.signed_in("nora")
    for name in ("rangers", "night-shift"):
        client.post("/api/v1/teams", json={"name": name})
        token = client.post(f"/api/v1/teams/{name}/invitations").json()["token"]
        assert worker.post(f"/invite/{token}").status_code == 303
    assert {"rangers", "night-shift"} <= set(worker.get("/api/v1/me").json()["teams"])
    member = client.get("/api/v1/teams/rangers/members").json()["workers"][0]
    assert client.delete(f"/api/v1/teams/rangers/members/{member['id']}").status_code == 204
    assert "rangers" not in worker.get("/api/v1/me").json()["teams"]


def test_adding_somebody_without_an_account_says_what_to_do(served: Served) -> None:
    client = served.requester()
    client.post("/api/v1/teams", json={"name": "rangers"})
    answer = client.post("/api/v1/teams/rangers/members", json={"email": "nobody@example.com"})
    assert answer.status_code == 404
    assert "invitation" in answer.json()["error"]["message"]


def test_a_vendors_manager_sees_only_their_team_and_its_jobs(served: Served) -> None:
    requester = served.requester()
    served.person("mia")
    made = requester.post("/api/v1/teams", json={"name": "acme", "kind": "vendor", "manager": "mia@example.com"})
    assert made.status_code == 201 and made.json()["manager"] == "mia@example.com"
    requester.post("/api/v1/teams", json={"name": "own-people"})
    served.job(shapes_spec("ours", workers={"team": "own-people"}), picture_lines(3))
    served.job(shapes_spec("theirs", workers={"team": "acme"}), picture_lines(3))
    manager = served.signed_in("mia")
    assert [job["name"] for job in manager.get("/api/v1/jobs").json()["jobs"]] == ["theirs"]
    assert manager.get("/api/v1/jobs/theirs").status_code == 200
    assert manager.get("/api/v1/jobs/ours").status_code == 404
    assert manager.get("/api/v1/jobs/ours/objects").status_code == 404
    assert manager.get("/console/jobs/ours").status_code == 404
    assert "theirs" in manager.get("/console").text and "ours" not in manager.get("/console").text
    assert {team["name"] for team in manager.get("/api/v1/teams").json() if not team["built_in"]} == {"acme"}
    assert manager.get("/api/v1/teams/own-people/members").status_code == 404
    assert manager.post("/api/v1/teams/acme/invitations").status_code == 201
    assert manager.post("/api/v1/jobs/theirs/stop").status_code == 403  # sees, does not steer


def test_a_team_with_jobs_is_not_removed(served: Served) -> None:
    requester = served.requester()
    requester.post("/api/v1/teams", json={"name": "rangers"})
    served.job(shapes_spec(workers={"team": "rangers"}), picture_lines(1))
    assert requester.delete("/api/v1/teams/rangers").status_code == 409
    assert requester.get("/api/v1/teams/rangers").status_code == 200


def test_only_a_vendor_team_has_a_manager(served: Served) -> None:
    served.person("mia", Role.WORKER)
    answer = served.requester().post("/api/v1/teams", json={"name": "x", "manager": "mia@example.com"})
    assert answer.status_code == 422 and answer.json()["error"]["field"] == "manager"


def test_requesters_know_a_vendors_workers_by_ids_of_their_own(served: Served) -> None:
    requester = served.requester()
    served.person("mia")
    requester.post("/api/v1/teams", json={"name": "acme", "kind": "vendor", "manager": "mia@example.com"})
    nora = served.person("nora")
    requester.post("/api/v1/teams/acme/members", json={"email": "nora@example.com"})
    job = served.job(shapes_spec("theirs", workers={"team": "acme", "per_object": 1}), picture_lines(2))
    served.refresh("nora")
    served.answer_all(job, ["circle", "square"], {"nora": 1.0})

    def told(client: TestClient) -> list[str]:
        paths = ("annotations", "objects/0", "report")
        return [client.get(f"/api/v1/jobs/theirs/{path}").text for path in paths]

    seen = told(requester)
    assert not any(nora.id in text or "Nora" in text for text in seen)
    known = requester.get("/api/v1/jobs/theirs/objects/0").json()["annotations"][0]["worker"]
    assert known.startswith("w-") and all(known in text for text in seen)
    page = requester.get(f"/console/jobs/theirs?by={known}")
    assert page.status_code == 200 and "Nora" not in page.text and nora.id not in page.text
    assert len(requester.get(f"/api/v1/jobs/theirs/objects?worker={known}").json()["objects"]) == 2
    assert all(nora.id in text for text in told(served.signed_in("mia")))  # her own people


def test_ones_own_workers_are_known_as_who_they_are(served: Served) -> None:
    nora = served.person("nora")
    job = served.job(shapes_spec(workers={"per_object": 1}), picture_lines(1))
    served.answer_all(job, ["circle", "square"], {"nora": 1.0})
    found = served.requester().get("/api/v1/jobs/shapes/objects/0").json()["annotations"][0]
    assert (found["worker"], found["worker_name"]) == (nora.id, "Nora")
