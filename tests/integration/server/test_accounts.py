"""Signing in, registering, keys, roles: over the real app and database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from groundswell.domain.people import Role
from integration.server.serving import PASSWORD, Served, serve


@pytest.fixture
def open_house(tmp_path: Path) -> Iterator[Served]:
    """A server where anybody may register."""
    served = serve(tmp_path / "open", registration="open")
    yield served
    served.store.close()


def text_spec(name: str, **more: object) -> dict[str, object]:
    """A specification of a job with texts."""
    made = {"name": name, "task_type": "text-classification", "input": "s3://texts/", "labels": ["a", "b"]}
    return {**made, **more}


def test_sign_in_gives_a_token_and_a_cookie_that_scripts_cannot_read(served: Served) -> None:
    served.person("nora")
    client = served.client()
    answer = client.post("/api/v1/sessions", json={"email": "NORA@example.com", "password": PASSWORD})
    assert answer.status_code == 201
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie
    assert answer.json()["worker"]["roles"] == ["worker"]
    assert client.get("/api/v1/me").json()["email"] == "nora@example.com"  # by the cookie
    token = answer.json()["token"]
    assert served.client(token).get("/api/v1/me").status_code == 200  # by the token


@pytest.mark.parametrize("email", ["nora@example.com", "nobody@example.com"])
def test_wrong_password_and_unknown_account_are_the_same_error(served: Served, email: str) -> None:
    served.person("nora")
    answer = served.client().post("/api/v1/sessions", json={"email": email, "password": "wrong password"})
    assert answer.status_code == 401
    error = answer.json()["error"]
    assert error["code"] == "unauthenticated"
    assert error["message"] == "this e-mail address and password do not belong together"


def test_guessing_passwords_is_slowed_down(served: Served) -> None:
    served.person("nora")
    client = served.client()
    for _ in range(10):
        client.post("/api/v1/sessions", json={"email": "nora@example.com", "password": "wrong"})
    answer = client.post("/api/v1/sessions", json={"email": "nora@example.com", "password": PASSWORD})
    assert answer.status_code == 429
    assert answer.json()["error"]["code"] == "too_many_requests"


def test_a_forwarded_address_of_anybody_does_not_loosen_the_throttle(served: Served) -> None:
    served.person("nora")
    client, body = served.client(), {"email": "nora@example.com", "password": "wrong"}
    for guess in range(10):
        client.post("/api/v1/sessions", json=body, headers={"X-Forwarded-For": f"192.0.2.{guess}"})
    assert client.post("/api/v1/sessions", json=body, headers={"X-Forwarded-For": "192.0.2.99"}).status_code == 429


@pytest.mark.parametrize("path", ["/api/v1/workers/new", "/api/v1/me"])
def test_a_common_password_is_refused_by_field(served: Served, path: str) -> None:
    admin = served.administrator()
    body = {"email": "x@example.com"} if path.endswith("new") else {"current_password": PASSWORD}
    method = "POST" if path.endswith("new") else "PATCH"
    answer = admin.request(method, path, json={**body, "password": "password123"})
    assert answer.status_code == 422 and answer.json()["error"]["field"] == "password"


def test_signing_out_ends_the_session_at_once(served: Served) -> None:
    token = served.token("nora")
    client = served.client(token)
    assert client.get("/api/v1/me").status_code == 200
    assert client.delete("/api/v1/sessions").status_code == 204
    assert client.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),  # another port or subdomain
        ({"Origin": "http://testserver"}, 200),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),  # a sandboxed template
        ({}, 200),  # not a browser
    ],
)
def test_a_cookie_cannot_be_used_from_another_site(served: Served, headers: dict[str, str], status: int) -> None:
    served.person("nora")
    client = served.client()
    client.post("/api/v1/sessions", json={"email": "nora@example.com", "password": PASSWORD})
    assert client.patch("/api/v1/me", json={"name": "Nora N."}, headers=headers).status_code == status


def test_a_bearer_token_needs_no_origin(served: Served) -> None:
    client = served.signed_in("nora")
    answer = client.patch("/api/v1/me", json={"name": "N"}, headers={"Origin": "http://evil.example"})
    assert answer.status_code == 200


def test_where_registration_is_open_anybody_registers_as_a_worker_and_nothing_more(open_house: Served) -> None:
    client = open_house.client()
    body = {"email": "new@example.com", "name": "New", "password": "long enough"}
    answer = client.post("/api/v1/workers", json=body)
    assert answer.status_code == 201 and answer.json()["worker"]["roles"] == ["worker"]
    assert client.post("/api/v1/workers", json=body).status_code == 409
    refused = client.post("/api/v1/workers", json={**body, "roles": ["administrator"]})
    assert refused.status_code == 422 and refused.json()["error"]["field"] == "roles"


def test_a_short_password_is_refused_by_field(open_house: Served) -> None:
    answer = open_house.client().post("/api/v1/workers", json={"email": "a@b.c", "password": "short"})
    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == "password"


def test_a_stranger_who_registers_reads_no_job_but_public_ones(open_house: Served) -> None:
    served = open_house
    served.job(text_spec("private"), [{"source": "a patient's letter"}])
    declared = {"team": "public", "no_adult_content": True, "no_personal_data": True}
    served.job(text_spec("fair", workers=declared), [{"source": "a bird"}])
    body = {"email": "stranger@example.com", "password": "long enough"}
    stranger = served.client(served.client().post("/api/v1/workers", json=body).json()["token"])
    mine = stranger.get("/api/v1/me").json()["id"]
    assert stranger.get("/api/v1/me/jobs").status_code == 403  # until somebody says that the address is theirs
    served.administrator().patch(f"/api/v1/workers/{mine}", json={"verified": True})
    assert stranger.post("/api/v1/jobs/private/assignments").status_code == 404
    assert [job["name"] for job in stranger.get("/api/v1/me/jobs").json()["jobs"]] == ["fair"]
    assert stranger.post("/api/v1/jobs/fair/assignments").status_code == 201
    assert stranger.get("/api/v1/me").json()["teams"] == ["public"]


@pytest.mark.parametrize("left_out", ["no_adult_content", "no_personal_data"])
def test_public_work_needs_both_declarations(served: Served, left_out: str) -> None:
    declared = {"team": "public", "no_adult_content": True, "no_personal_data": True, left_out: False}
    answer = served.requester().post("/api/v1/jobs", json=text_spec("fair", workers=declared))
    assert answer.status_code == 422 and answer.json()["error"]["field"] == f"workers.{left_out}"


def test_without_any_role_one_labels_nothing(served: Served) -> None:
    served.job(text_spec("private"), [{"source": "a letter"}])
    worker = served.signed_in("nora")
    held = worker.post("/api/v1/jobs/private/assignments").json()["assignment_id"]
    answer = served.administrator().patch(f"/api/v1/workers/{served.people['nora'].id}", json={"roles": []})
    assert answer.status_code == 200 and answer.json()["roles"] == []
    for method, path in (
        ("GET", "/api/v1/me/jobs"),
        ("GET", "/api/v1/me/held"),
        ("POST", "/api/v1/jobs/private/assignments"),
        ("GET", f"/api/v1/assignments/{held}"),
        ("POST", f"/api/v1/assignments/{held}/begin"),
        ("POST", f"/api/v1/assignments/{held}/return"),
        ("POST", f"/api/v1/assignments/{held}/decline"),
        ("PUT", f"/api/v1/assignments/{held}/draft"),
        ("PUT", f"/api/v1/assignments/{held}/annotation"),
    ):
        body = {"answer": "x", "draft": "x"} if method == "PUT" else None
        assert worker.request(method, path, json=body).status_code == 403, path


def test_a_new_password_ends_keys_too(served: Served) -> None:
    nora = served.signed_in("nora")
    key = served.client(nora.post("/api/v1/keys", json={"name": "laptop"}).json()["token"])
    assert key.get("/api/v1/me").status_code == 200
    nora.patch("/api/v1/me", json={"password": "another one", "current_password": PASSWORD})
    assert key.get("/api/v1/me").status_code == 401
    again = served.client(nora.post("/api/v1/keys", json={"name": "laptop"}).json()["token"])
    served.administrator().patch(f"/api/v1/workers/{served.people['nora'].id}", json={"password": "a third one"})
    assert again.get("/api/v1/me").status_code == 401


def test_administrators_see_and_revoke_everybodys_keys(served: Served) -> None:
    made = served.signed_in("nora").post("/api/v1/keys", json={"name": "laptop"}).json()
    admin = served.administrator()
    (listed,) = admin.get("/api/v1/keys/all").json()
    assert (listed["id"], listed["email"], listed["workspace"]) == (made["id"], "nora@example.com", "Main")
    assert served.requester().get("/api/v1/keys/all").status_code == 403
    assert served.requester().delete(f"/api/v1/keys/all/{made['id']}").status_code == 403
    assert admin.delete(f"/api/v1/keys/all/{made['id']}").status_code == 204
    assert served.client(made["token"]).get("/api/v1/me").status_code == 401
    assert admin.get("/api/v1/keys/all").json() == []


def test_registration_is_by_invitation_only_unless_it_is_opened(tmp_path_factory: pytest.TempPathFactory) -> None:
    closed = serve(tmp_path_factory.mktemp("closed"))
    try:
        body = {"email": "new@example.com", "password": "long enough"}
        assert closed.client().post("/api/v1/workers", json=body).status_code == 403
        requester = closed.requester()
        requester.post("/api/v1/teams", json={"name": "rangers"})
        token = requester.post("/api/v1/teams/rangers/invitations").json()["token"]
        joined = closed.client().post("/api/v1/workers", json={**body, "invitation": token})
        assert joined.status_code == 201
        members = requester.get("/api/v1/teams/rangers/members").json()["workers"]
        assert [one["email"] for one in members] == ["new@example.com"]
    finally:
        closed.store.close()


def test_an_api_key_works_until_it_is_deleted(served: Served) -> None:
    client = served.signed_in("nora")
    made = client.post("/api/v1/keys", json={"name": "laptop"}).json()
    by_key = served.client(made["token"])
    assert by_key.get("/api/v1/me").json()["email"] == "nora@example.com"
    listed = client.get("/api/v1/keys").json()
    assert [key["name"] for key in listed] == ["laptop"] and "token" not in listed[0]
    assert client.delete(f"/api/v1/keys/{made['id']}").status_code == 204
    assert by_key.get("/api/v1/me").status_code == 401


def test_preferences_are_small(served: Served) -> None:
    client = served.signed_in("wanda")
    refused = client.patch("/api/v1/me", json={"preferences": {"theme": "x" * (65 << 10)}})
    assert refused.status_code == 422 and refused.json()["error"]["field"] == "preferences"
    assert client.patch("/api/v1/me", json={"preferences": {"theme": "dark"}}).status_code == 200


def test_preferences_are_merged(served: Served) -> None:
    client = served.signed_in("nora")
    client.patch("/api/v1/me", json={"preferences": {"keymap": {"submit": "x"}, "theme": "dark"}})
    after = client.patch("/api/v1/me", json={"preferences": {"theme": None}}).json()
    assert after["preferences"] == {"keymap": {"submit": "x"}}


def test_changing_the_password_needs_the_current_one(served: Served) -> None:
    client = served.signed_in("nora")
    wrong = client.patch("/api/v1/me", json={"password": "another one", "current_password": "nope"})
    assert wrong.status_code == 422 and wrong.json()["error"]["field"] == "current_password"
    assert client.patch("/api/v1/me", json={"password": "another one", "current_password": PASSWORD}).status_code == 200
    assert (
        served.client()
        .post("/api/v1/sessions", json={"email": "nora@example.com", "password": "another one"})
        .status_code
        == 201
    )


def test_a_session_does_not_guess_the_password(served: Served) -> None:
    client, other = served.signed_in("nora"), served.signed_in("wanda")
    guess = {"password": "another one", "current_password": "nope"}
    statuses = [client.patch("/api/v1/me", json=guess).status_code for _ in range(12)]
    assert statuses == [422] * 10 + [429] * 2
    assert other.patch("/api/v1/me", json={**guess, "current_password": PASSWORD}).status_code == 200


def test_an_account_has_so_many_keys(served: Served) -> None:
    client = served.signed_in("nora")
    made = [client.post("/api/v1/keys", json={}).json() for _ in range(100)]
    assert client.post("/api/v1/keys", json={}).status_code == 409
    assert client.delete(f"/api/v1/keys/{made[0]['id']}").status_code == 204
    assert client.post("/api/v1/keys", json={}).status_code == 201


def test_a_new_password_signs_out_everywhere_else(served: Served) -> None:
    here, elsewhere = served.signed_in("nora"), served.signed_in("nora")
    assert elsewhere.get("/api/v1/me").status_code == 200
    here.patch("/api/v1/me", json={"password": "another one", "current_password": PASSWORD})
    assert elsewhere.get("/api/v1/me").status_code == 401
    assert here.get("/api/v1/me").status_code == 200


def test_administrators_make_accounts_and_change_roles(served: Served) -> None:
    admin = served.administrator()
    made = admin.post("/api/v1/workers/new", json={"email": "req@example.com", "roles": ["requester"]}).json()
    signed = served.client().post("/api/v1/sessions", json={"email": "req@example.com", "password": made["password"]})
    client = served.client(signed.json()["token"])
    assert client.get("/api/v1/jobs").status_code == 200
    admin.patch(f"/api/v1/workers/{made['worker']['id']}", json={"roles": ["worker"]})
    assert client.get("/api/v1/jobs").status_code == 403  # at once, although tokens are remembered
    admin.patch(f"/api/v1/workers/{made['worker']['id']}", json={"disabled": True})
    assert client.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/jobs"),
        ("POST", "/api/v1/jobs"),
        ("GET", "/api/v1/jobs/shapes"),
        ("GET", "/api/v1/jobs/shapes/report"),
        ("GET", "/api/v1/jobs/shapes/objects"),
        ("GET", "/api/v1/jobs/shapes/objects/0"),
        ("GET", "/api/v1/jobs/shapes/annotations"),
        ("GET", "/api/v1/jobs/shapes/output"),
        ("POST", "/api/v1/jobs/shapes/stop"),
        ("GET", "/api/v1/workers"),
        ("POST", "/api/v1/teams"),
        ("POST", "/api/v1/uploads"),
        ("GET", "/console"),
        ("GET", "/console/jobs/shapes"),
        ("GET", "/console/people"),
    ],
)
def test_a_worker_sees_neither_others_answers_nor_the_console(served: Served, method: str, path: str) -> None:
    body = {"name": "x", "task_type": "image-classification"} if path == "/api/v1/jobs" else {"name": "x"}
    answer = served.signed_in("nora").request(method, path, json=body if method == "POST" else None)
    assert answer.status_code == 403
    assert served.client().request(method, path, json=body if method == "POST" else None).status_code in (401, 303)


def test_a_requester_is_no_administrator(served: Served) -> None:
    client = served.requester()
    assert client.post("/api/v1/workers/new", json={"email": "x@example.com"}).status_code == 403
    assert client.get("/console/people").status_code == 403
    assert served.signed_in("mia", Role.VENDOR_MANAGER).post("/api/v1/teams", json={"name": "x"}).status_code == 403


@pytest.mark.parametrize("change", [{"disabled": True}, {"roles": ["worker"]}, {"roles": []}])
def test_the_last_administrator_stays_one(served: Served, change: dict[str, object]) -> None:
    admin = served.administrator()
    mine = served.people["ada"].id
    refused = admin.patch(f"/api/v1/workers/{mine}", json=change)
    assert refused.status_code == 409 and "last administrator" in refused.json()["error"]["message"]
    second = served.person("boss", Role.ADMINISTRATOR)
    admin.patch(f"/api/v1/workers/{second.id}", json={"disabled": True})
    assert admin.patch(f"/api/v1/workers/{mine}", json=change).status_code == 409  # one who is disabled does not count
    admin.patch(f"/api/v1/workers/{second.id}", json={"disabled": False})
    assert admin.patch(f"/api/v1/workers/{mine}", json=change).status_code == 200
