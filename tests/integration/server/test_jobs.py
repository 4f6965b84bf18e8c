"""Jobs over REST: creating with clear errors, describing, changing, numbers, objects."""

from __future__ import annotations

import json
from typing import Any

import pytest

from groundswell.domain.errors import InvalidSpec
from groundswell.sdk import calls
from groundswell.sdk.errors import error_of
from groundswell.service.ports import EventFilter, Page
from integration.server.serving import Served, picture_lines, shapes_spec, store_pictures

CREW = {"nora": 0.95, "omar": 0.9, "max": 0.5, "lin": 0.9}


def answered(served: Served, count: int = 12) -> None:
    truth = store_pictures(served.storage, count)
    job = served.job(shapes_spec(), picture_lines(count))
    served.answer_all(job, truth, CREW)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "no spaces allowed"}, "name"),
        ({"name": ""}, "name"),
        ({"task_type": "image-clasification"}, "task_type"),  # a slip of the finger
        ({"labels": []}, "labels"),
        ({"labels": ["a", "a"]}, "labels"),
        ({"labels": ["one"]}, "labels"),
        ({"workers": {"team": "nobody-there"}}, "workers.team"),
        ({"workers": {"per_object": 0}}, "workers.per_object"),
        ({"workers": {"per_object": 5, "max_per_object": 3}}, "workers"),
        ({"workers": {"task_time_limit": "soon"}}, "workers.task_time_limit"),
        ({"workers": {"price_usd": -1}}, "workers.price_usd"),
        ({"workers": {"team": "public"}}, "workers.no_personal_data"),
        ({"sample_percent": 250}, "sample_percent"),
        ({"input": None}, "input"),
        ({"input": "s3:///no-bucket"}, "input"),
        ({"input": "https://example.org/x.manifest"}, "input"),
        ({"output": "s3://out/\0"}, "output"),
        ({"output": "s3://out/a//b"}, "output"),
        ({"output": "s3://out/../x"}, "output"),
        ({"label_attribute": "source-ref"}, "label_attribute"),
        ({"consolidation": {"method": "coin-toss"}}, "consolidation.method"),
        ({"consolidation": {"method": "mace", "options": {"gold_is_random": True}}}, "consolidation.options"),
        ({"stop_when": {"budget_usd": 0.000001}, "workers": {"price_usd": 1}}, "stop_when.budget_usd"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_specification_that_cannot_work_names_its_field(served: Served, change: dict[str, Any], field: str) -> None:
    answer = served.requester().post("/api/v1/jobs", json=shapes_spec() | change)
    assert answer.status_code == 422, answer.text
    error = answer.json()["error"]
    assert error["field"] == field
    assert error["message"] and error["code"] in ("invalid_input", "invalid_spec")


def test_every_problem_of_a_specification_is_listed(served: Served) -> None:
    spec = shapes_spec() | {"name": "no spaces", "sample_percent": "many", "workers": {"per_object": 0}}
    problems = served.requester().post("/api/v1/jobs", json=spec).json()["error"]["problems"]
    assert {one["field"] for one in problems} == {"name", "sample_percent", "workers.per_object"}
    assert all("expected" in one["message"] for one in problems)


def test_a_body_that_is_not_json_is_said_so(served: Served) -> None:
    answer = served.requester().post("/api/v1/jobs", content=b"{nope", headers={"Content-Type": "application/json"})
    assert answer.status_code == 422 and "JSON" in answer.json()["error"]["message"]


def test_a_job_is_created_described_and_its_name_is_taken(served: Served) -> None:
    client = served.requester()
    made = client.post("/api/v1/jobs", json=shapes_spec())
    assert made.status_code == 201
    job = client.get("/api/v1/jobs/shapes").json()
    assert job["state"] == "Initializing" and job["team"] == "everyone" and job["created_by"] == "Rita"
    assert job["output_manifest"].endswith("/shapes/manifests/output/output.manifest")
    assert job["spec"]["labels"] == ["circle", "square", "triangle"]
    again = client.post("/api/v1/jobs", json=shapes_spec("SHAPES"))
    assert again.status_code == 409 and again.json()["error"]["code"] == "conflict"
    assert client.get("/api/v1/jobs/other").status_code == 404


def test_jobs_are_listed_newest_first_by_state_and_name(served: Served) -> None:
    client = served.requester()
    for n in range(3):
        client.post("/api/v1/jobs", json=shapes_spec(f"job-{n}"))
    served.job(shapes_spec("running"), picture_lines(1))
    names = [job["name"] for job in client.get("/api/v1/jobs").json()["jobs"]]
    assert names == ["running", "job-2", "job-1", "job-0"]
    first = client.get("/api/v1/jobs?limit=3").json()
    rest = client.get(f"/api/v1/jobs?limit=3&after={first['next']}").json()
    assert [job["name"] for job in rest["jobs"]] == ["job-0"] and rest["next"] is None
    assert [job["name"] for job in client.get("/api/v1/jobs?state=InProgress").json()["jobs"]] == ["running"]
    assert [job["name"] for job in client.get("/api/v1/jobs?name=B-1").json()["jobs"]] == ["job-1"]
    assert client.get("/api/v1/jobs?state=Asleep").status_code == 422


def test_pause_resume_stop(served: Served) -> None:
    served.job(shapes_spec(), picture_lines(2))
    client = served.requester()
    assert client.post("/api/v1/jobs/shapes/pause").json()["state"] == "Paused"
    refused = client.post("/api/v1/jobs/shapes/pause")
    assert refused.status_code == 409 and "resume" in refused.json()["error"]["message"]
    assert client.post("/api/v1/jobs/shapes/resume").json()["state"] == "InProgress"
    assert client.post("/api/v1/jobs/shapes/stop").json()["state"] == "Stopping"


def test_the_report_has_the_numbers_of_the_page(served: Served) -> None:
    answered(served)
    report = served.requester().get("/api/v1/jobs/shapes/report").json()
    assert report["counters"]["labeled"] == 12 and report["done"] == 12
    assert report["annotations_per_object"] == 3
    assert sum(report["distribution"].values()) == 12 == sum(report["confidence_histogram"])
    assert 0 < report["agreement"] < 1
    assert report["counters"]["spent_usd_micros"] == 36 * 12_000
    accuracy = {one["name"]: one["accuracy"] for one in report["workers"]}
    assert accuracy["Nora"] > accuracy["Max"]
    assert report["over_time"][-1][1] == 12
    assert report["reliability"] is None


def test_objects_are_filtered_and_paged(served: Served) -> None:
    answered(served)
    client = served.requester()
    first = client.get("/api/v1/jobs/shapes/objects?limit=5").json()
    assert [one["n"] for one in first["objects"]] == [0, 1, 2, 3, 4] and first["count"] == 12
    second = client.get(f"/api/v1/jobs/shapes/objects?limit=5&after={first['next']}").json()
    assert [one["n"] for one in second["objects"]] == [5, 6, 7, 8, 9] and second["count"] is None
    circles = client.get("/api/v1/jobs/shapes/objects?category=circle").json()["objects"]
    assert circles and all(one["label"]["category"] == "circle" for one in circles)
    disputed = client.get("/api/v1/jobs/shapes/objects?filter=disputed").json()["objects"]
    assert all(one["label"]["disputed"] for one in disputed)
    assert client.get("/api/v1/jobs/shapes/objects?filter=failed").json()["count"] == 0
    by_max = client.get(f"/api/v1/jobs/shapes/objects?worker={served.people['max'].id}").json()
    assert by_max["count"] == 9
    refused = client.get("/api/v1/jobs/shapes/objects?filter=purple")
    assert refused.status_code == 422 and refused.json()["error"]["field"] == "filter"
    picture = served.client().get(first["objects"][0]["url"])
    assert picture.status_code == 200 and picture.headers["content-type"] == "image/png"


def test_one_object_tells_its_annotations_and_history(served: Served) -> None:
    answered(served)
    detail = served.requester().get("/api/v1/jobs/shapes/objects/4").json()
    assert detail["manifest_line"] == {"source-ref": "s3://pictures/shapes/004.png"}
    assert len(detail["annotations"]) == 3
    said = [one["category"] for one in detail["annotations"]]
    assert [one["agrees"] for one in detail["annotations"]] == [one == detail["label"]["category"] for one in said]
    what = [event["what"] for event in detail["history"]]
    assert what[0] == "published" and what[-1] == "labeled" and what.count("submitted") == 3
    assert served.requester().get("/api/v1/jobs/shapes/objects/99").status_code == 404


def test_a_failed_object_is_put_back_and_the_job_goes_on(served: Served) -> None:
    job = served.job(shapes_spec(), picture_lines(3))
    served.store.write(lambda tx: tx.objects.move(job.id, [1], "fail", reason="nobody wanted it")).result()
    client = served.requester()
    failed = client.get("/api/v1/jobs/shapes/objects?filter=failed").json()["objects"]
    assert [(one["n"], one["failure_reason"]) for one in failed] == [(1, "nobody wanted it")]
    assert client.post("/api/v1/jobs/shapes/objects/put-back").json() == {"count": 1}
    assert client.get("/api/v1/jobs/shapes/objects?filter=failed").json()["count"] == 0


def test_extend_asks_for_more(served: Served) -> None:
    answered(served, 3)
    client = served.requester()
    extended = client.post("/api/v1/jobs/shapes/extend", json={"per_object": 4, "availability": "2d"}).json()
    assert extended["spec"]["workers"]["per_object"] == 4
    assert extended["spec"]["workers"]["availability"] == 2 * 86_400
    assert extended["counters"]["open"] == 3
    refused = client.post("/api/v1/jobs/shapes/extend", json={"budget_usd": 0.01})
    assert refused.status_code == 422 and refused.json()["error"]["field"] == "stop_when.budget_usd"


def test_annotations_come_as_json_lines(served: Served) -> None:
    answered(served, 4)
    answer = served.requester().get("/api/v1/jobs/shapes/annotations")
    rows = [json.loads(line) for line in answer.text.splitlines()]
    assert len(rows) == 12
    assert {row["worker_id"] for row in rows} == {served.people[name].id for name in CREW}
    assert rows[0]["content"]["crowd-image-classifier"]["label"] in ("circle", "square", "triangle")


def test_the_output_is_downloaded_once_it_is_written(served: Served) -> None:
    job = served.job(shapes_spec(), picture_lines(1))
    client = served.requester()
    assert client.get("/api/v1/jobs/shapes/output").status_code == 409
    served.storage.write(f"{job.output_uri}/manifests/output/output.manifest", b'{"source-ref":"a"}\n')
    answer = client.get("/api/v1/jobs/shapes/output")
    exported = served.store.read(lambda tx: tx.events.page(EventFilter(kind="job.exported"), Page()))
    assert [(one.subject, one.data) for one in exported] == [("shapes", {"what": "output"})]
    assert answer.content == b'{"source-ref":"a"}\n'
    assert 'filename="shapes.manifest"' in answer.headers["content-disposition"]


def test_a_manifest_is_checked_line_by_line(served: Served) -> None:
    lines = b'{"source-ref":"s3://pictures/a.png"}\nnot json\n{"source":"x","source-ref":"y"}\n{"other":1}\n'
    served.storage.write("s3://pictures/in.manifest", lines)
    report = served.requester().post("/api/v1/manifests/check", json={"input": "s3://pictures/in.manifest"}).json()
    assert not report["ok"] and report["objects"] == 4
    assert [one["line"] for one in report["problems"]] == [2, 3, 4]
    served.storage.write("s3://pictures/in.csv", "text,id\nحسن,1\nplain,2\n".encode())
    made = served.requester().post("/api/v1/manifests/check", json={"input": "s3://pictures/in.csv"}).json()
    assert made["ok"] and made["objects"] == 2 and made["first"][0] == {"source": "حسن", "id": "1"}
    missing = served.requester().post("/api/v1/manifests/check", json={"input": "s3://pictures/none.manifest"})
    assert missing.status_code == 404


def test_the_preview_is_what_a_worker_sees(served: Served) -> None:
    store_pictures(served.storage, 1)
    answer = served.requester().post("/api/v1/jobs/preview", json={"spec": shapes_spec()})
    assert answer.status_code == 200
    html = answer.json()["html"]
    assert "Which shape is it?" in html and "/media/" in html and "circle" in html


def test_a_preview_of_a_template_that_does_not_parse_says_where(served: Served) -> None:
    spec = shapes_spec(template="<p>\n{% if %}</p>")
    answer = served.requester().post("/api/v1/jobs/preview", json={"spec": spec, "line": {"source-ref": "a.png"}})
    assert answer.status_code == 422 and answer.json()["error"]["code"] == "invalid_template"


def test_task_types_are_listed(served: Served) -> None:
    names = [kind["name"] for kind in served.signed_in("nora").get("/api/v1/task-types").json()]
    assert "image-classification" in names and "text-classification" in names


def test_everything_that_stands_against_a_specification_is_said_at_once_at_every_door(served: Served) -> None:
    client = served.requester()
    wrong = shapes_spec(
        name="two words",
        labels=["one"],
        colour="red",
        workers={"team": "nobody-there", "per_object": 0},
        consolidation={"method": "coin-toss"},
    )
    error = client.post("/api/v1/jobs", json=wrong).json()["error"]
    said = {one["field"] for one in error["problems"]}
    assert said == {"name", "labels", "colour", "workers.team", "workers.per_object", "consolidation.method"}
    told = error_of(422, json.dumps({"error": error}).encode())
    assert isinstance(told, InvalidSpec) and {one.field for one in told.field_problems} == said
    assert calls.create_job(wrong).body == wrong and calls.readable(wrong) is None  # the client leaves it to the server
    draft = client.get("/console/new").headers["location"].rsplit("/", 1)[0]
    client.post(f"{draft}/1", data={"name": "", "task_type": "image-classification", "input": "s3://x/"})
    client.post(f"{draft}/2", data={"workers.team": "nobody-there", "workers.per_object": "0", "go": "save"})
    client.post(f"{draft}/3", data={"labels": "one", "go": "save"})
    page = client.get(f"{draft}/4").text
    for sentence in (
        "A name for the job is needed",
        "Expected at least 1",
        "Expected the name of a work team",
        "takes 2 to",
    ):
        assert sentence in page, sentence
