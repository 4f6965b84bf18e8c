"""Human task UIs, RenderUiTemplate and tags by boto3."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from botocore.config import Config

from integration.server.aws.house import AwsHouse, refused
from integration.server.aws.requests import CLASSIFIER, MEMBERS, ROLE, conforms, job_request, put_inputs

ARN = "arn:aws:sagemaker:us-east-1:000000000000:"
TASK = {"Input": json.dumps({"taskObject": "s3://in/0.png", "labels": ["owl", "jay"]})}


@pytest.fixture(scope="module")
def client(house: AwsHouse) -> Any:
    put_inputs(house)
    return house.client()


def test_a_worker_uis_life(client: Any, house: AwsHouse) -> None:
    made = client.create_human_task_ui(
        HumanTaskUiName="birds", UiTemplate={"Content": CLASSIFIER}, Tags=[{"Key": "a", "Value": "ü"}]
    )
    assert conforms("CreateHumanTaskUi", made) == {"HumanTaskUiArn": f"{ARN}human-task-ui/birds"}
    found = conforms("DescribeHumanTaskUi", client.describe_human_task_ui(HumanTaskUiName="birds"))
    assert found["UiTemplate"]["ContentSha256"] == hashlib.sha256(CLASSIFIER.encode()).hexdigest()
    read = httpx.get(found["UiTemplate"]["Url"])  # as AWS's: the address itself is the permission
    assert (read.text, read.headers["content-type"]) == (CLASSIFIER, "text/plain; charset=utf-8")
    assert httpx.get(found["UiTemplate"]["Url"][:-3] + "abc").status_code == 404
    with refused("ResourceInUse", "already exists"):
        client.create_human_task_ui(HumanTaskUiName="birds", UiTemplate={"Content": "<p></p>"})
    asked = job_request("of-a-ui", HumanTaskConfig__UiConfig={"HumanTaskUiArn": found["HumanTaskUiArn"]})
    client.create_labeling_job(**asked)
    described = client.describe_labeling_job(LabelingJobName="of-a-ui")
    assert described["HumanTaskConfig"]["UiConfig"] == {"HumanTaskUiArn": found["HumanTaskUiArn"]}
    job = house.served.store.read(lambda tx: tx.jobs.by_name("of-a-ui"))
    conforms("DeleteHumanTaskUi", client.delete_human_task_ui(HumanTaskUiName="birds"))
    assert job.spec["template"] == CLASSIFIER  # the job has it still
    for ask in (client.describe_human_task_ui, client.delete_human_task_ui):
        with refused("ResourceNotFound", "not found"):
            ask(HumanTaskUiName="birds")


def test_worker_uis_are_listed(client: Any, house: AwsHouse) -> None:
    for name in ("b", "a", "c"):
        house.served.clock.turn(seconds=1)
        client.create_human_task_ui(HumanTaskUiName=name, UiTemplate={"Content": "<p></p>"})
    found = conforms("ListHumanTaskUis", client.list_human_task_uis())["HumanTaskUiSummaries"]
    assert [one["HumanTaskUiName"] for one in found] == ["b", "a", "c"]
    turned = client.list_human_task_uis(SortOrder="Descending")["HumanTaskUiSummaries"]
    assert turned == found[::-1]
    after = found[0]["CreationTime"] + timedelta(milliseconds=500)
    before = found[2]["CreationTime"] - timedelta(milliseconds=500)
    between = client.list_human_task_uis(CreationTimeAfter=after, CreationTimeBefore=before)
    assert [one["HumanTaskUiName"] for one in between["HumanTaskUiSummaries"]] == ["a"]
    pages = client.get_paginator("list_human_task_uis").paginate(PaginationConfig={"PageSize": 2})
    assert [one for page in pages for one in page["HumanTaskUiSummaries"]] == found


def test_templates_that_cannot_be(client: Any) -> None:
    with refused("ValidationException"):
        client.create_human_task_ui(HumanTaskUiName="broken", UiTemplate={"Content": "{% for %}"})
    with refused("ValidationException", "humanTaskUiName"):
        client.create_human_task_ui(HumanTaskUiName="Upper", UiTemplate={"Content": "<p></p>"})
    with refused("ValidationException", "128000"):
        client.create_human_task_ui(HumanTaskUiName="long", UiTemplate={"Content": "x" * 128_001})


def test_rendering(client: Any, house: AwsHouse) -> None:
    found = conforms(
        "RenderUiTemplate", client.render_ui_template(UiTemplate={"Content": CLASSIFIER}, Task=TASK, RoleArn=ROLE)
    )
    page = found["RenderedContent"]
    assert found["Errors"] == [] and f"{house.url}/media/" in page and "owl" in page
    assert f"{house.url}/static/elements/crowd-html-elements.js" in page
    client.create_human_task_ui(HumanTaskUiName="shown", UiTemplate={"Content": CLASSIFIER})
    arn = f"{ARN}human-task-ui/shown"
    assert client.render_ui_template(HumanTaskUiArn=arn, Task=TASK, RoleArn=ROLE)["RenderedContent"]


@pytest.mark.parametrize(
    ("template", "task", "code"),
    [
        ("{% for %}", "{}", "InvalidTemplate"),
        ("{{ task.input.a | no_such_filter }}", "{}", "InvalidTemplate"),
        ("{% for a in (1..100000000) %}x{% endfor %}", "{}", "InvalidTemplate"),
        ("<p></p>", "no JSON", "InvalidTaskInput"),
        ("<p></p>", "[1]", "InvalidTaskInput"),
        ("<p></p>", "[" * 60_000, "InvalidTaskInput"),
    ],
)
def test_what_cannot_be_rendered_is_said_in_the_answer(client: Any, template: str, task: str, code: str) -> None:
    found = client.render_ui_template(UiTemplate={"Content": template}, Task={"Input": task}, RoleArn=ROLE)
    assert [one["Code"] for one in found["Errors"]] == [code] and found["Errors"][0]["Message"]
    assert found["RenderedContent"] == "" and found["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_rendering_needs_one_template(client: Any) -> None:
    arn = f"{ARN}human-task-ui/nobody"
    for more in ({}, {"UiTemplate": {"Content": "x"}, "HumanTaskUiArn": arn}):
        with refused("ValidationException", "exactly one"):
            client.render_ui_template(Task=TASK, RoleArn=ROLE, **more)
    with refused("ResourceNotFound"):
        client.render_ui_template(Task=TASK, RoleArn=ROLE, HumanTaskUiArn=arn)


def tags(client: Any, arn: str) -> dict[str, str]:
    return {one["Key"]: one["Value"] for one in client.list_tags(ResourceArn=arn)["Tags"]}


@pytest.fixture(scope="module")
def resources(client: Any) -> list[str]:
    """Something of every kind that has tags."""
    client.create_labeling_job(**job_request("tagged"))
    client.create_workteam(WorkteamName="tagged", MemberDefinitions=MEMBERS, Description="d")
    client.create_workforce(WorkforceName="tagged", CognitoConfig={"UserPool": "us-east-1_abc", "ClientId": "c"})
    client.create_human_task_ui(HumanTaskUiName="tagged", UiTemplate={"Content": "<p></p>"})
    kinds = ("labeling-job", "workteam/private-crowd", "workforce", "human-task-ui")
    return [f"{ARN}{kind}/tagged" for kind in kinds]


def test_tags_of_everything(client: Any, resources: list[str]) -> None:
    for arn in resources:
        added = client.add_tags(ResourceArn=arn, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b:/ü", "Value": ""}])
        assert len(conforms("AddTags", added)["Tags"]) == 2
        client.add_tags(ResourceArn=arn, Tags=[{"Key": "a", "Value": "2"}])
        assert tags(client, arn) == {"a": "2", "b:/ü": ""}, arn
        conforms("DeleteTags", client.delete_tags(ResourceArn=arn, TagKeys=["a", "never there"]))
        assert tags(client, arn) == {"b:/ü": ""}
    assert client.describe_labeling_job(LabelingJobName="tagged")["Tags"] == [{"Key": "b:/ü", "Value": ""}]


def test_fifty_tags_and_no_more(client: Any, house: AwsHouse, resources: list[str]) -> None:
    for arn in resources:
        client.delete_tags(ResourceArn=arn, TagKeys=["b:/ü"])
        client.add_tags(ResourceArn=arn, Tags=[{"Key": f"k{n}", "Value": "v"} for n in range(50)])
        with refused("ValidationException", "at most 50"):
            client.add_tags(ResourceArn=arn, Tags=[{"Key": "one more", "Value": ""}])
        client.add_tags(ResourceArn=arn, Tags=[{"Key": "k7", "Value": "other"}])
        assert len(tags(client, arn)) == 50
    pages = list(
        client.get_paginator("list_tags").paginate(ResourceArn=resources[0], PaginationConfig={"PageSize": 50})
    )
    assert [len(page["Tags"]) for page in pages] == [50]
    unchecked = house.client(config=Config(parameter_validation=False))
    with refused("ValidationException", "greater than or equal to 50"):
        unchecked.list_tags(ResourceArn=resources[0], MaxResults=49)


@pytest.mark.parametrize(
    "name",
    ["labeling-job/no", "workteam/private-crowd/no", "workteam/x", "workforce/no", "human-task-ui/no", "model/no"],
)
def test_tags_of_what_is_not_there(client: Any, resources: list[str], name: str) -> None:
    for ask, more in (
        (client.list_tags, {}),
        (client.add_tags, {"Tags": [{"Key": "a", "Value": "b"}]}),
        (client.delete_tags, {"TagKeys": ["a"]}),
    ):
        with refused("ValidationException", "not found"):
            ask(ResourceArn=ARN + name, **more)


def test_tags_of_a_job_over_rest(client: Any, house: AwsHouse) -> None:
    client.create_labeling_job(**job_request("by-rest"))
    rita = house.served.requester()
    changed = rita.patch("/api/v1/jobs/by-rest/tags", json={"put": {"a": "b", "c": "d"}, "remove": []})
    assert changed.json() == {"a": "b", "c": "d"}
    rita.patch("/api/v1/jobs/by-rest/tags", json={"remove": ["a"]})
    assert tags(client, f"{ARN}labeling-job/by-rest") == {"c": "d"}


def test_worker_uis_over_rest(house: AwsHouse) -> None:
    rita = house.served.requester()
    assert rita.post("/api/v1/worker-uis", json={"name": "rest", "template": "<p></p>"}).status_code == 201
    assert "rest" in [one["name"] for one in rita.get("/api/v1/worker-uis").json()]
    assert rita.get("/api/v1/worker-uis/rest").json()["template"] == "<p></p>"
    assert rita.delete("/api/v1/worker-uis/rest").status_code == 204
    assert rita.get("/api/v1/worker-uis/rest").status_code == 404
