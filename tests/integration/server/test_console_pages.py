"""The console without a browser: every page renders in every state, forms do what they say."""

from __future__ import annotations

import re
from datetime import datetime
from functools import partial

import pytest

from groundswell.domain.job_notes import BadLine, IngestReport, LeftOutFiles, ReliabilityNote
from groundswell.domain.people import Role
from groundswell.domain.states import JobState
from groundswell.service.ports import Transaction
from integration.server.serving import Served, picture_lines, shapes_spec, store_pictures

FORM = {
    "name": "from-a-form",
    "task_type": "image-classification",
    "input": "s3://pictures/shapes/",
    "input_format": "auto",
}


def test_the_four_steps_make_a_job(served: Served) -> None:
    store_pictures(served.storage, 3)
    client = served.requester()
    path = client.get("/console/new").headers["location"].rsplit("/", 1)[0]
    one = client.post(f"{path}/1", data=FORM | {"go": "2"})
    assert one.status_code == 303 and one.headers["location"] == f"{path}/2"
    assert client.get(f"{path}/2").status_code == 200
    two = client.post(f"{path}/2", data={"workers.team": "everyone", "workers.per_object": "2", "go": "3"})
    assert two.headers["location"] == f"{path}/3"
    preview = client.get(f"{path}/preview")
    assert "sandbox" in preview.headers["content-security-policy"]
    assert "allow-same-origin" not in preview.headers["content-security-policy"]
    three = client.post(f"{path}/3", data={"labels": "circle\r\nsquare", "instructions.header": "Which?", "go": "4"})
    assert three.headers["location"] == f"{path}/4"
    review = client.get(f"{path}/4").text
    assert "from-a-form" in review and "disabled" not in review.split("Start the labeling job")[0][-200:]
    started = client.post(f"{path}/start")
    assert started.headers["location"] == "/console/jobs/from-a-form"
    job = client.get("/api/v1/jobs/from-a-form").json()
    assert job["spec"]["labels"] == ["circle", "square"] and job["spec"]["workers"]["per_object"] == 2
    assert client.get(f"{path}/1").status_code == 404  # the draft has become the job


def test_a_name_that_is_taken_is_said_at_the_name(served: Served) -> None:
    store_pictures(served.storage, 3)
    served.job(shapes_spec("from-a-form"), picture_lines(1))
    client = served.requester()
    path = client.get("/console/new").headers["location"].rsplit("/", 1)[0]
    client.post(f"{path}/1", data=FORM | {"go": "2"})
    client.post(f"{path}/3", data={"labels": "a\nb", "go": "1"})
    answer = client.post(f"{path}/start")
    assert answer.status_code == 422 and "from-a-form" in answer.text


def test_going_back_never_loses_what_was_typed(served: Served) -> None:
    client = served.requester()
    path = client.get("/console/new").headers["location"].rsplit("/", 1)[0]
    client.post(f"{path}/3", data={"labels": "a", "go": "1"})  # one label is too few, but backwards is always allowed
    assert ">a</textarea>" in client.get(f"{path}/3").text


def test_a_draft_is_its_owners_alone(served: Served) -> None:
    path = served.requester().get("/console/new").headers["location"]
    assert served.signed_in("rob", Role.REQUESTER).get(path).status_code == 404


def test_a_draft_has_the_size_of_a_specification(served: Served) -> None:
    client = served.requester()
    draft = client.get("/console/new").headers["location"].rsplit("/", 1)[0]
    long = {"template": "x" * (9 << 20), "go": "save"}
    assert client.post(f"{draft}/3", data=long).status_code == 422
    assert client.post(f"{draft}/3", data={**long, "template": "x" * (1 << 20)}).status_code == 204


def test_a_button_that_a_teams_page_has_not_is_said(served: Served) -> None:
    client = served.requester()
    client.post("/console/workforce", data={"name": "rangers"})
    answer = client.post("/console/teams/rangers", data={"what": "promote"})
    assert answer.status_code == 422 and "promote" in answer.text


@pytest.mark.parametrize("state", [state for state in JobState if state is not JobState.INITIALIZING])
def test_the_jobs_page_renders_in_every_state(served: Served, state: JobState) -> None:
    truth = store_pictures(served.storage, 6)
    job = served.job(shapes_spec(), picture_lines(6))
    served.answer_all(job, truth, {"nora": 0.9, "omar": 0.9, "max": 0.4}, objects=4)
    _bring_to(served, job.id, state)
    page = served.requester().get("/console/jobs/shapes")
    assert page.status_code == 200
    live = served.requester().get(f"/console/jobs/shapes/live?state={state.value}")
    assert live.status_code == 200 and ("hx-trigger" in live.text) == (state not in ("Stopped", "Completed", "Failed"))
    for word in ("Labels over time", "Label distribution", "Agreement", "Workers", "Confidence"):
        assert word in page.text


def _bring_to(served: Served, job_id: int, state: JobState) -> None:
    events: list[str] = {
        JobState.IN_PROGRESS: [],
        JobState.PAUSED: ["pause"],
        JobState.STOPPING: ["stop"],
        JobState.STOPPED: ["stop", "stopped"],
        JobState.COMPLETED: ["complete"],
        JobState.FAILED: ["fail"],
    }[state]
    for event in events:
        served.store.write(partial(_set_state, job_id, event, served.clock())).result()


def _set_state(job_id: int, event: str, at: datetime, tx: Transaction) -> None:
    tx.jobs.set_state(job_id, event, at=at)


def test_a_job_that_reads_its_input_says_how_far_it_is(served: Served) -> None:
    client = served.requester()
    client.post("/api/v1/jobs", json=shapes_spec())
    assert "waiting for a runner" in client.get("/console/jobs/shapes").text
    job = served.store.read(lambda tx: tx.jobs.by_name("shapes"))
    ingest: IngestReport = {"phase": "checking", "done": 1_500, "total": 3_000}
    served.store.write(lambda tx: tx.jobs.update(job.id, ingest=ingest)).result()
    assert "1,500 of 3,000" in client.get("/console/jobs/shapes").text


def test_a_job_with_bad_lines_shows_them(served: Served) -> None:
    client = served.requester()
    client.post("/api/v1/jobs", json=shapes_spec())
    job = served.store.read(lambda tx: tx.jobs.by_name("shapes"))
    problems: list[BadLine] = [{"line": 7, "key": "source-ref", "message": "expected an address, got <script>"}]
    ingest: IngestReport = {
        "phase": "failed", "message": "the manifest has 12 problems", "problems": problems, "problem_count": 12
    }  # fmt: skip
    served.store.write(lambda tx: tx.jobs.update(job.id, ingest=ingest)).result()
    served.store.write(lambda tx: tx.jobs.set_state(job.id, "fail", at=served.clock(), reason="bad")).result()
    page = client.get("/console/jobs/shapes").text
    assert "line 7" in page and "&lt;script&gt;" in page and "<script>" not in page.split("line 7")[1][:100]


def test_the_live_part_brings_new_buttons_when_the_state_changes(served: Served) -> None:
    served.job(shapes_spec(), picture_lines(2))
    client = served.requester()
    assert "job-actions" not in client.get("/console/jobs/shapes/live?state=InProgress").text
    client.post("/console/jobs/shapes/do", data={"verb": "pause"})
    changed = client.get("/console/jobs/shapes/live?state=InProgress").text
    assert 'id="job-actions"' in changed and "Resume" in changed


def test_an_act_that_cannot_be_is_said_above_the_page(served: Served) -> None:
    served.job(shapes_spec(), picture_lines(2))
    client = served.requester()
    answer = client.post("/console/jobs/shapes/do", data={"verb": "resume"})
    assert answer.status_code == 422 and "possible now: complete, fail, pause, stop" in answer.text
    answer = client.post("/console/jobs/shapes/extend", data={"per_object": "many"})
    assert answer.status_code == 422 and "expected a whole number" in answer.text


def test_text_that_is_html_is_shown_as_text(served: Served) -> None:
    served.job(
        {"name": "t", "task_type": "text-classification", "input": "s3://x/y.csv", "labels": ["<b>", "c"]},
        [{"source": "<img src=x onerror=alert(1)>"}],
    )
    page = served.requester().get("/console/jobs/t").text
    assert "<img src=x" not in page and "&lt;img src=x" in page and "<b>" not in re.sub(r"<b>[^<]*</b>", "", page)


def test_the_list_searches_and_has_an_empty_state(served: Served) -> None:
    client = served.requester()
    assert "No labeling job yet" in client.get("/console").text
    served.job(shapes_spec("dogs"), picture_lines(1))
    served.job(shapes_spec("cats"), picture_lines(1))
    found = client.get("/console?q=dog").text
    assert "dogs" in found and "cats" not in found
    assert "No job fits" in client.get("/console?q=birds").text
    rows = client.get("/console?q=dog", headers={"HX-Request": "true", "HX-Target": "jobs"}).text
    assert "<html" not in rows and "dogs" in rows


def test_accounts_are_made_and_changed_by_administrators(served: Served) -> None:
    admin = served.administrator()
    form = {"name": "Req", "email": "req@example.com", "role-requester": "yes"}
    made = admin.post("/console/people", data=form, follow_redirects=True)
    password = re.search(r'value="([\w-]{16})" aria-label="The password"', made.text)
    assert password and password[1] not in admin.get("/console/people").text
    body = {"email": "req@example.com", "password": password[1]}
    session = served.client().post("/api/v1/sessions", json=body).json()
    assert session["worker"]["roles"] == ["requester"]
    again = admin.post("/console/people", data={"email": "req@example.com"})
    assert again.status_code == 422 and "req@example.com" in again.text
    admin.post(f"/console/people/{session['worker']['id']}", data={"what": "disable"})
    assert served.client().post("/api/v1/sessions", json=body).status_code == 401


def test_the_account_page_makes_and_deletes_keys(served: Served) -> None:
    client = served.signed_in("nora")
    made = client.post("/account", data={"what": "key", "name": "laptop"})
    assert (made.status_code, made.headers["location"]) == (303, "/account")
    token = re.search(r'value="([\w-]{43})" aria-label="The new key"', client.get("/account").text)
    assert token and token[1] not in client.get("/account").text  # reloading tells nothing, and makes no second
    assert len(client.get("/api/v1/keys").json()) == 1
    assert served.client(token[1]).get("/api/v1/me").status_code == 200
    key = client.get("/api/v1/keys").json()[0]["id"]
    client.post("/account", data={"what": "drop-key", "key": key})
    assert served.client(token[1]).get("/api/v1/me").status_code == 401
    wrong = client.post("/account", data={"what": "password", "current_password": "x", "password": "long enough"})
    assert wrong.status_code == 422 and "not the current password" in wrong.text


def test_an_invitation_is_told_once_listed_and_taken_back(served: Served) -> None:
    client = served.requester()
    client.post("/console/workforce", data={"name": "rangers"})
    made = client.post("/console/teams/rangers", data={"what": "invite", "max_uses": "7"})
    assert (made.status_code, made.headers["location"]) == (303, "/console/teams/rangers")
    page = client.get("/console/teams/rangers").text
    link = re.search(r'value="(http://testserver/invite/[\w-]{43})"', page)
    assert link and "7 of 7 left" in page
    again = client.get("/console/teams/rangers").text
    assert link[1] not in again and again.count(" left, until ") == 1
    listed = re.search(r'name="invitation" value="([0-9a-f]{16})"', again)
    assert listed
    client.post("/console/teams/rangers", data={"what": "revoke", "invitation": listed[1]})
    assert " left, until " not in client.get("/console/teams/rangers").text
    assert served.client().get(link[1]).status_code == 404


def test_administrators_see_and_take_back_everybodys_keys(served: Served) -> None:
    key = served.signed_in("nora").post("/api/v1/keys", json={"name": "laptop"}).json()
    admin = served.administrator()
    page = admin.get("/console/keys").text
    assert "nora@example.com" in page and key["token"] not in page
    assert admin.post("/console/keys", data={"key": key["id"]}).status_code == 303
    assert served.client(key["token"]).get("/api/v1/me").status_code == 401
    assert "Nobody has a key." in admin.get("/console/keys").text


def test_a_job_is_kept_and_shared_on_its_page(served: Served) -> None:
    served.job(shapes_spec(), picture_lines(1))
    owner, other = served.requester(), served.signed_in("olga", Role.REQUESTER)
    assert "Keep it to its owner" in owner.get("/console/jobs/shapes").text
    assert "Keep it to its owner" not in other.get("/console/jobs/shapes").text
    owner.post("/console/jobs/shapes/share", data={"shared": "false"})
    assert other.get("/console/jobs/shapes").status_code == 404
    assert "Share it" in owner.get("/console/jobs/shapes").text


def test_the_start_page_leads_by_role(served: Served) -> None:
    assert served.client().get("/").headers["location"] == "/signin"
    assert served.signed_in("nora").get("/").headers["location"] == "/work"
    assert served.requester().get("/").headers["location"] == "/console"


def test_a_page_asked_for_without_a_session_comes_after_signing_in(served: Served) -> None:
    served.requester()
    client = served.client()
    asked = client.get("/console/jobs/x?filter=failed", headers={"Accept": "text/html"})
    assert asked.status_code == 303
    assert asked.headers["location"] == "/signin?next=/console/jobs/x%3Ffilter%3Dfailed"
    form = {"email": "rita@example.com", "password": "correct horse", "next": "/console/jobs/x?filter=failed"}
    assert client.post("/signin", data=form).headers["location"] == "/console/jobs/x?filter=failed"
    assert client.post("/signin", data=form | {"next": "https://evil.example"}).headers["location"] == "/"


@pytest.mark.parametrize(
    ("asked", "most"),
    [
        ({"workers": {"per_object": 2, "max_per_object": 7}, "consolidation": {"stop_at_confidence": 0.9}}, 7),
        ({"workers": {"per_object": 2}, "consolidation": {"stop_at_confidence": 0.9}}, 9),
        ({"workers": {"per_object": 11}, "consolidation": {"stop_at_confidence": 0.9}}, 11),
        ({"workers": {"per_object": 2}}, 2),
    ],
)
def test_the_job_page_says_how_many_annotations_an_object_gets_at_most(
    served: Served, asked: dict[str, dict[str, object]], most: int
) -> None:
    store_pictures(served.storage, 3)
    job = served.job(shapes_spec() | asked, picture_lines(3))
    assert f"of at most {most} ·" in served.requester().get(f"/console/jobs/{job.name}").text


def test_the_job_page_says_what_was_left_out_and_what_the_runner_waits_for(served: Served) -> None:
    store_pictures(served.storage, 3)
    job = served.job(shapes_spec(), picture_lines(3))
    report = IngestReport(phase="done", left_out=[LeftOutFiles(why="hidden", count=7, names=[".a <b>", "c"])])

    def note(tx: Transaction) -> None:
        tx.jobs.update(job.id, ingest=report, progress={"trouble": "waits: no bucket"})

    served.store.write(note).result()
    client = served.requester()
    page = client.get(f"/console/jobs/{job.name}").text
    assert "7 (hidden): .a &lt;b&gt;, c, …" in page
    assert "waits: no bucket" in page
    assert client.get(f"/api/v1/jobs/{job.name}").json()["trouble"] == "waits: no bucket"


def test_the_job_page_draws_what_known_labels_say_of_confidences(served: Served) -> None:
    store_pictures(served.storage, 3)
    job, other = (served.job(shapes_spec(name), picture_lines(3)) for name in ("shapes", "others"))
    client = served.requester()
    assert "What known labels say" not in client.get(f"/console/jobs/{other.name}").text
    before, after = [(0.55, 0.5, 10), (0.95, 0.7, 30)], [(0.72, 0.7, 40)]
    note = ReliabilityNote(known=40, before=before, after=after, error_before=0.2, error_after=0.02)
    served.store.write(lambda tx: tx.jobs.update(job.id, progress={"reliability": note})).result()
    page = client.get(f"/console/jobs/{job.name}/live").text
    assert "What known labels say" in page and "40 objects whose label was reviewed or known" in page
    assert "before (error 0.200): 30 labels, stated 95.0%, right 70.0%" in page
    assert "after (error 0.020): 40 labels, stated 72.0%, right 70.0%" in page
    report = client.get(f"/api/v1/jobs/{job.name}/report").json()["reliability"]
    assert report["known"] == 40 and report["after"] == [[0.72, 0.7, 40]]


def test_a_failed_job_offers_no_output_that_is_not_there(served: Served) -> None:
    job = served.job(shapes_spec("unreadable"), [])
    now = served.clock()
    served.store.write(lambda tx: tx.jobs.set_state(job.id, "fail", at=now, reason="nothing to read")).result()
    page = served.requester().get("/console/jobs/unreadable").text
    assert "nothing to read" in page and "/api/v1/jobs/unreadable/output" not in page
