"""A worker's loop over HTTP: the same by the short way in and by the framework's."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from groundswell.server.headers import SECURITY_HEADERS
from groundswell.wire.work import BeginResponse, MyJobs, SubmitResponse, TakenTask
from integration.server.serving import Served, picture_lines, shapes_spec, store_pictures

ANSWER = {"answer": {"crowd-image-classifier": {"label": "circle"}}, "time_spent_s": 2}
TAKE = "/api/v1/jobs/shapes/assignments"


@pytest.fixture(params=["short way", "framework"])
def nora(request: pytest.FixtureRequest, served: Served, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """A worker of a job with six pictures."""
    if request.param == "framework":
        monkeypatch.setattr(served.app, "_lanes", ())
    store_pictures(served.storage, 6)
    served.job(shapes_spec(), picture_lines(6))
    return served.signed_in("nora")


def submit_to(client: TestClient, assignment_id: str, body: Any = ANSWER) -> Any:
    return client.put(f"/api/v1/assignments/{assignment_id}/annotation", json=body)


def test_take_submit_and_so_on_until_there_is_none(nora: TestClient) -> None:
    seen = []
    while (taken := nora.post(TAKE)).status_code == 201:
        task = TakenTask.model_validate(taken.json())
        seen.append(task.task.object)
        assert nora.get(task.task.input["source-ref"]).headers["content-type"] == "image/png"
        assert "crowd-image-classifier" in nora.get(task.task.frame_url).text
        done = submit_to(nora, task.assignment_id)
        assert SubmitResponse.model_validate(done.json()).reward_usd_micros == 12_000
    assert taken.status_code == 204
    assert seen == list(range(6))
    mine = MyJobs.model_validate(nora.get("/api/v1/me/jobs").json())
    assert (mine.done_today, mine.earned_today_usd_micros) == (6, 72_000)
    assert [(job.name, job.left, job.done) for job in mine.jobs] == [("shapes", 0, 6)]


def test_tasks_are_fetched_ahead_and_begun_when_shown(nora: TestClient, served: Served) -> None:
    first = nora.post(TAKE).json()["assignment_id"]
    assert nora.post(TAKE, json={}).json()["assignment_id"] == first
    ahead = nora.post(TAKE, json={"holding": [first]}).json()["assignment_id"]
    assert ahead != first
    served.clock.turn(seconds=100)
    begun = BeginResponse.model_validate(nora.post(f"/api/v1/assignments/{ahead}/begin").json())
    assert begun.accepted_at == served.clock()
    assert [one["assignment_id"] for one in nora.get("/api/v1/me/held").json()] == [first, ahead]


def test_the_same_answer_twice_is_once_and_another_is_a_conflict(nora: TestClient) -> None:
    found = nora.post(TAKE).json()["assignment_id"]
    assert submit_to(nora, found).json() == submit_to(nora, found).json()
    other = submit_to(nora, found, {"answer": {"crowd-image-classifier": {"label": "square"}}})
    assert (other.status_code, other.json()["error"]["code"]) == (409, "conflict")


def test_drafts_are_kept_until_a_good_answer(nora: TestClient) -> None:
    found = nora.post(TAKE).json()["assignment_id"]
    assert nora.put(f"/api/v1/assignments/{found}/draft", json={"draft": {"half": ["ü"]}}).status_code == 204
    refused = submit_to(nora, found, {"answer": {"crowd-image-classifier": {"label": "star"}}})
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "invalid_annotation")
    assert nora.get(f"/api/v1/assignments/{found}").json()["draft"] == {"half": ["ü"]}
    assert submit_to(nora, found).status_code == 200
    assert nora.get(f"/api/v1/assignments/{found}").status_code == 409


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", None),  # nothing
        (b"[1]", None),  # not an object
        (b'{"answer"', None),  # not JSON
        (b'{"answer": "circle"}', "answer"),
        (b'{"answer": {"crowd-image-classifier": {"label": "circle"}}, "time_spent_s": -1}', "time_spent_s"),
        (b'{"answer": {"crowd-image-classifier": {"label": "circle"}}, "time_spent_s": true}', "time_spent_s"),
    ],
)
def test_bodies_that_cannot_be_read_are_named(nora: TestClient, body: bytes, field: str | None) -> None:
    found = nora.post(TAKE).json()["assignment_id"]
    answer = nora.put(f"/api/v1/assignments/{found}/annotation", content=body)
    assert answer.status_code == 422
    assert answer.json()["error"].get("field") == field
    assert submit_to(nora, found).status_code == 200


def test_returned_comes_back_and_declined_does_not(nora: TestClient) -> None:
    ids, objects = [], []
    for verb in ("decline", "return"):
        taken = nora.post(TAKE).json()
        ids.append(taken["assignment_id"])
        objects.append(taken["task"]["object"])
        assert nora.post(f"/api/v1/assignments/{ids[-1]}/{verb}").status_code == 204
    seen = []
    while (taken := nora.post(TAKE)).status_code == 201:
        seen.append(taken.json()["task"]["object"])
        submit_to(nora, taken.json()["assignment_id"])
    assert seen == [2, 3, 4, 5, objects[1]]


def test_strangers_and_other_sites_are_refused(nora: TestClient, served: Served) -> None:
    found = nora.post(TAKE).json()["assignment_id"]
    assert served.client().post(TAKE).status_code == 401
    assert submit_to(served.signed_in("otto"), found).status_code == 404
    browser = served.client()
    browser.cookies.set("groundswell_session", served.token("nora"))
    assert browser.post(TAKE, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert browser.post(TAKE, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 201
    assert nora.post("/api/v1/jobs/unknown/assignments").status_code == 404
    assert nora.post(TAKE, json={"holding": "x"}).json()["error"]["field"] == "holding"
    assert nora.post(TAKE, json={"holding": ["x"] * 9}).json()["error"]["field"] == "holding"


def test_every_answer_has_the_security_headers_and_is_counted(nora: TestClient) -> None:
    for answer in (nora.post(TAKE), nora.post("/api/v1/jobs/unknown/assignments")):
        for name, value in SECURITY_HEADERS.items():
            assert answer.headers[name] == value
    counted = TestClient(nora.app, client=("127.0.0.1", 50_000)).get("/metrics").text
    assert (
        'groundswell_http_requests_total{method="POST",route="/api/v1/jobs/{name}/assignments",status="201"} 1.0'
        in counted
    )


def test_the_routes_are_documented(nora: TestClient) -> None:
    paths = nora.get("/api/v1/openapi.json").json()["paths"]
    take = paths["/api/v1/jobs/{name}/assignments"]["post"]
    assert "requestBody" in take and "201" in take["responses"]
    assert [one["name"] for one in take["parameters"]] == ["name"]
    assert "put" in paths["/api/v1/assignments/{assignment_id}/annotation"]
