"""Labeling jobs by boto3: made, described, listed, stopped, and everything that can be wrong with a request."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from botocore.config import Config

from groundswell.domain.people import Role
from groundswell.domain.records import LabelingJob
from groundswell.service import access_keys, labeling_jobs
from groundswell.service.ports import Transaction
from groundswell.testing.acting import acting
from groundswell.wire.accounts import NewAccessKey
from integration.server.aws.house import AwsHouse, refused
from integration.server.aws.requests import FUNCTIONS, PUBLIC, TEAM, conforms, job_request, put_inputs

PRICE = {"AmountInUsd": {"Dollars": 0, "Cents": 3, "TenthFractionsOfACent": 6}}
ALGORITHM = "arn:aws:sagemaker:us-east-1:027400017018:labeling-job-algorithm-specification/"
UI = "arn:aws:sagemaker:us-east-1:394669845002:human-task-ui/"
SNS = {"SnsDataSource": {"SnsTopicArn": "arn:aws:sns:us-east-1:111122223333:t"}}


@pytest.fixture(scope="module")
def client(house: AwsHouse) -> Any:
    put_inputs(house)
    return house.client()


def state_of(house: AwsHouse, name: str) -> LabelingJob:
    return house.served.store.read(lambda tx: tx.jobs.by_name(name))


def set_state(job_id: int, event: str, now: datetime, reason: str | None, tx: Transaction) -> None:
    tx.jobs.set_state(job_id, event, at=now, reason=reason)


def move(house: AwsHouse, name: str, *happenings: str, reason: str | None = None) -> None:
    job_id, now = state_of(house, name).id, house.served.clock()
    for event in happenings:
        house.served.store.write(partial(set_state, job_id, event, now, reason)).result()


def test_a_job_is_made_and_described_as_it_was_asked(client: Any, house: AwsHouse) -> None:
    asked = job_request(
        "Birds-1",
        StoppingConditions={"MaxHumanLabeledObjectCount": 500, "MaxPercentageOfInputDatasetLabeled": 90},
        Tags=[{"Key": "team", "Value": "ornithology"}],
    )
    made = conforms("CreateLabelingJob", client.create_labeling_job(**asked))
    assert made["LabelingJobArn"] == "arn:aws:sagemaker:us-east-1:000000000000:labeling-job/birds-1"
    found = conforms("DescribeLabelingJob", client.describe_labeling_job(LabelingJobName="BIRDS-1"))
    assert {name: found[name] for name in asked} == asked
    assert found["LabelingJobStatus"] == "InProgress"  # at once: scripts poll for it and take the rest for the end
    assert set(found["LabelCounters"].values()) == {0}
    assert abs(found["CreationTime"] - datetime.now(UTC)) < timedelta(minutes=1)
    assert found["LastModifiedTime"] == found["CreationTime"] and "FailureReason" not in found
    job = state_of(house, "birds-1")
    assert (job.task_type, job.input_uri, job.output_uri) == (
        "image-classification",
        "s3://in/birds.manifest",
        "s3://out/gt/Birds-1",
    )
    assert job.spec["labels"] == ["owl", "jay"] and "crowd-image-classifier" in job.spec["template"]


def test_the_same_job_in_rest_and_the_console_and_the_other_way_round(client: Any, house: AwsHouse) -> None:
    client.create_labeling_job(**job_request("both-ways"))
    rita = house.served.requester()
    shown = rita.get("/api/v1/jobs/both-ways").json()
    assert (shown["spec"]["workers"]["per_object"], shown["label_attribute"]) == (3, "species")
    assert "both-ways" in rita.get("/console").text
    rita.post("/api/v1/jobs/both-ways/extend", json={"per_object": 5})
    found = client.describe_labeling_job(LabelingJobName="both-ways")
    assert found["HumanTaskConfig"]["NumberOfHumanWorkersPerDataObject"] == 5

    spec = {
        "name": "of-rest",
        "task_type": "object-detection",
        "input": "s3://in/birds.manifest",
        "output": "s3://out/rest",
        "labels": ["owl"],
        "workers": {"price_usd": "0.036", "no_personal_data": True},
        "tags": {"a": "b"},
    }
    assert rita.post("/api/v1/jobs", json=spec).status_code == 201
    found = conforms("DescribeLabelingJob", client.describe_labeling_job(LabelingJobName="of-rest"))
    assert found["LabelAttributeName"] == "of-rest" and found["Tags"] == [{"Key": "a", "Value": "b"}]
    assert found["OutputConfig"]["S3OutputPath"] == "s3://out/rest"
    config = found["HumanTaskConfig"]
    assert config["PreHumanTaskLambdaArn"].endswith(":function:PRE-BoundingBox")
    assert config["PublicWorkforceTaskPrice"]["AmountInUsd"] == {"Dollars": 0, "Cents": 3, "TenthFractionsOfACent": 6}
    listed = client.list_labeling_jobs(NameContains="of-rest")["LabelingJobSummaryList"]
    assert listed[0]["InputConfig"]["DataSource"]["S3DataSource"]["ManifestS3Uri"] == "s3://in/birds.manifest"


@pytest.mark.parametrize(
    ("task", "kind", "more"),
    [
        ("ImageMultiClass", "image-classification", {}),
        ("ImageMultiClassMultiLabel", "image-classification-multilabel", {}),
        ("BoundingBox", "object-detection", {}),
        ("SemanticSegmentation", "semantic-segmentation", {"LabelAttributeName": "mask-ref"}),
        ("TextMultiClass", "text-classification", {}),
        ("TextMultiClassMultiLabel", "text-classification-multilabel", {}),
        (
            "NamedEntityRecognition",
            "named-entity-recognition",
            {"HumanTaskConfig__UiConfig": {"HumanTaskUiArn": f"{UI}NamedEntityRecognition"}},
        ),
        ("PassThrough", "custom", {"LabelCategoryConfigS3Uri": None}),
        (None, "custom", {"LabelCategoryConfigS3Uri": None}),
    ],
)
def test_functions_of_ground_truth_say_the_task_type(
    client: Any, house: AwsHouse, task: str, kind: str, more: Any
) -> None:
    name = f"kind-{task}".lower()
    client.create_labeling_job(**job_request(name, task, **more))
    assert state_of(house, name).task_type == kind
    conforms("DescribeLabelingJob", client.describe_labeling_job(LabelingJobName=name))


@pytest.mark.parametrize(
    ("region", "account"),
    [
        ("us-east-2", "266458841044"),
        ("us-west-2", "081040173940"),
        ("ca-central-1", "918755190332"),
        ("eu-central-1", "203001061592"),
        ("ap-northeast-2", "845288260483"),
    ],
)
def test_functions_of_every_region(client: Any, house: AwsHouse, region: str, account: str) -> None:
    asked = job_request(f"in-{region}")
    config = asked["HumanTaskConfig"]
    config["PreHumanTaskLambdaArn"] = f"arn:aws:lambda:{region}:{account}:function:PRE-TextMultiClass"
    post = {"AnnotationConsolidationLambdaArn": f"arn:aws:lambda:{region}:{account}:function:ACS-TextMultiClass"}
    config["AnnotationConsolidationConfig"] = post
    client.create_labeling_job(**asked)
    assert state_of(house, f"in-{region}").task_type == "text-classification"


def test_defaults_and_other_forms_of_addresses(client: Any, house: AwsHouse) -> None:
    asked = job_request(
        "defaults",
        HumanTaskConfig__TaskAvailabilityLifetimeInSeconds=None,
        HumanTaskConfig__MaxConcurrentTaskCount=None,
        InputConfig__DataSource={
            "S3DataSource": {"ManifestS3Uri": "https://in.s3.eu-west-1.amazonaws.com/birds.manifest"}
        },
        LabelCategoryConfigS3Uri="https://s3.amazonaws.com/in/labels.json",
    )
    client.create_labeling_job(**asked)
    job = state_of(house, "defaults")
    assert job.input_uri == "s3://in/birds.manifest"
    assert (job.spec["workers"]["availability"], job.spec["workers"]["max_concurrent_objects"]) == (2_592_000, 1_000)


def test_the_public_crowd(client: Any, house: AwsHouse) -> None:
    asked = job_request("public", HumanTaskConfig__WorkteamArn=PUBLIC, HumanTaskConfig__PublicWorkforceTaskPrice=PRICE)
    asked["HumanTaskConfig"]["TaskAvailabilityLifetimeInSeconds"] = 43_200
    client.create_labeling_job(**asked)
    job = state_of(house, "public")
    assert (job.team_id, job.spec["workers"]["price_usd"]) == ("public", "0.036")
    assert client.describe_labeling_job(LabelingJobName="public")["HumanTaskConfig"]["WorkteamArn"] == PUBLIC
    listed = client.list_labeling_jobs_for_workteam(WorkteamArn=PUBLIC)["LabelingJobSummaryList"]
    assert [one["LabelingJobName"] for one in listed] == ["public"]


@pytest.mark.parametrize("attribute", [None, "prev"])
def test_audits_find_the_label_that_they_look_at(client: Any, house: AwsHouse, attribute: str | None) -> None:
    storage, name = house.served.storage, f"audit-{attribute or 'last'}".lower()
    boxes = '{"image_size":[{"width":9,"height":9,"depth":3}],"annotations":[]}'
    said = '{"type":"groundtruth/object-detection"}'
    line = (
        f'{{"source-ref":"s3://in/0.png","prev":{boxes},"prev-metadata":{said},"other":{boxes},"other-metadata":{said}'
    )
    storage.write("s3://in/chained.manifest", (line + ',"kind":1,"kind-metadata":{"type":"x"}}\n').encode())
    template = CLASSIFY_AUDIT.replace("ATTRIBUTE", attribute or "nothing")
    storage.write("s3://in/audit.html", template.encode())
    asked = job_request(
        name,
        "AdjustmentBoundingBox",
        InputConfig__DataSource={"S3DataSource": {"ManifestS3Uri": "s3://in/chained.manifest"}},
        HumanTaskConfig__UiConfig={"UiTemplateS3Uri": "s3://in/audit.html"},
    )
    client.create_labeling_job(**asked)
    job = state_of(house, name)
    assert (job.task_type, job.spec["audit_attribute"]) == ("label-adjustment-boxes", attribute or "other")


CLASSIFY_AUDIT = (
    "<crowd-form><crowd-bounding-box name='boundingBox' src='{{ task.input.taskObject | grant_read_access }}' "
    "header='h' labels='{{ task.input.labels | to_json | escape }}' "
    "initial-value='{{ task.input.manifestLine.ATTRIBUTE | to_json | escape }}'><full-instructions header='a'>b"
    "</full-instructions><short-instructions>c</short-instructions></crowd-bounding-box></crowd-form>"
)
WRONG: list[tuple[str, dict[str, Any], str, tuple[str, ...]]] = [
    ("a name of 64 characters", {"LabelingJobName": "a" * 64}, "ValidationException", ("labelingJobName", "63")),
    ("a hyphen at the end", {"LabelingJobName": "a-"}, "ValidationException", ("regular expression pattern",)),
    ("a name that is taken but for its case", {"LabelingJobName": "TAKEN"}, "ResourceInUse", ("already exists",)),
    ("-ref on boxes", {"task": "BoundingBox", "LabelAttributeName": "x-ref"}, "ValidationException", ("-ref",)),
    ("masks without -ref", {"task": "SemanticSegmentation"}, "ValidationException", ("-ref",)),
    ("a reserved attribute", {"LabelAttributeName": "source-ref"}, "ValidationException", ("reserved",)),
    ("-metadata", {"LabelAttributeName": "x-metadata"}, "ValidationException", ("reserved",)),
    (
        "both templates",
        {"HumanTaskConfig__UiConfig": {"UiTemplateS3Uri": "s3://in/classify.html", "HumanTaskUiArn": f"{UI}x"}},
        "ValidationException",
        ("exactly one",),
    ),
    ("no template", {"HumanTaskConfig__UiConfig": {}}, "ValidationException", ("exactly one",)),
    ("no source", {"InputConfig__DataSource": {}}, "ValidationException", ("S3DataSource",)),
    ("a stream", {"InputConfig__DataSource": SNS}, "ValidationException", ("SnsDataSource",)),
    (
        "ten workers",
        {"HumanTaskConfig__NumberOfHumanWorkersPerDataObject": 10},
        "ValidationException",
        ("or equal to 9",),
    ),
    (
        "eight hours and a second",
        {"HumanTaskConfig__TaskTimeLimitInSeconds": 28_801},
        "ValidationException",
        ("28800",),
    ),
    (
        "offered for 31 days",
        {"HumanTaskConfig__TaskAvailabilityLifetimeInSeconds": 31 * 86_400},
        "ValidationException",
        ("2592000",),
    ),
    ("no labels", {"LabelCategoryConfigS3Uri": None}, "ValidationException", ("LabelCategoryConfigS3Uri",)),
    ("labels that are not there", {"LabelCategoryConfigS3Uri": "s3://in/no.json"}, "ValidationException", ("no.json",)),
    (
        "labels that are no JSON",
        {"LabelCategoryConfigS3Uri": "s3://in/classify.html"},
        "ValidationException",
        ("JSON",),
    ),
    ("one label", {"LabelCategoryConfigS3Uri": "s3://in/one.json"}, "ValidationException", ("labels",)),
    ("a label twice", {"LabelCategoryConfigS3Uri": "s3://in/twice.json"}, "ValidationException", ("twice",)),
    ("a long label", {"LabelCategoryConfigS3Uri": "s3://in/long.json"}, "ValidationException", ("256",)),
    (
        "a template that is not there",
        {"HumanTaskConfig__UiConfig": {"UiTemplateS3Uri": "s3://in/no.html"}},
        "ValidationException",
        ("no.html",),
    ),
    (
        "a template that does not parse",
        {"HumanTaskConfig__UiConfig": {"UiTemplateS3Uri": "s3://in/broken.html"}},
        "ValidationException",
        ("The template s3://in/broken.html", "line 1"),
    ),
    (
        "a template with a filter that does not exist",
        {"HumanTaskConfig__UiConfig": {"UiTemplateS3Uri": "s3://in/filter.html"}},
        "ValidationException",
        ("The template s3://in/filter.html", "line 2: there is no filter to_jason. Did you mean to_json?"),
    ),
    (
        "an output under an object",
        {"OutputConfig__S3OutputPath": "s3://in/birds.manifest"},
        "ValidationException",
        ("s3://in/birds.manifest", "is an object", "another output"),
    ),
    (
        "an output far under an object",
        {"OutputConfig__S3OutputPath": "s3://in/labels.json/a/b/"},
        "ValidationException",
        ("s3://in/labels.json", "is an object"),
    ),
    (
        "an object with the name of the output's own folder",
        {"OutputConfig__S3OutputPath": "s3://in/", "LabelingJobName": "taken-name"},
        "ValidationException",
        ("s3://in/taken-name", "is an object"),
    ),
    (
        "an address of no S3",
        {"LabelCategoryConfigS3Uri": "https://example.com/a"},
        "ValidationException",
        ("s3://bucket/key",),
    ),
    (
        "the server's own files",
        {"LabelCategoryConfigS3Uri": "s3://groundswell-uploads/other/0/x"},
        "AccessDeniedException",
        ("somebody else",),
    ),
    (
        "a team that is not there",
        {"HumanTaskConfig__WorkteamArn": TEAM + "x"},
        "ValidationException",
        ("The work team",),
    ),
    (
        "a UI that is not there",
        {"HumanTaskConfig__UiConfig": {"HumanTaskUiArn": UI.replace("394669845002", "111122223333") + "x"}},
        "ValidationException",
        ("does not exist",),
    ),
    (
        "SageMaker's UI of another task",
        {"HumanTaskConfig__UiConfig": {"HumanTaskUiArn": f"{UI}NamedEntityRecognition"}},
        "ValidationException",
        ("NamedEntityRecognition",),
    ),
    ("video", {"task": "VideoObjectDetection"}, "ValidationException", ("not supported on this server yet",)),
    (
        "point clouds",
        {"task": "3DPointCloudObjectTracking"},
        "ValidationException",
        ("not supported on this server yet",),
    ),
    (
        "functions of two tasks",
        {"HumanTaskConfig__PreHumanTaskLambdaArn": f"{FUNCTIONS}PRE-BoundingBox"},
        "ValidationException",
        ("different tasks",),
    ),
    (
        "ACS- for PRE-",
        {"HumanTaskConfig__PreHumanTaskLambdaArn": f"{FUNCTIONS}ACS-ImageMultiClass"},
        "ValidationException",
        ("PRE-ImageMultiClass",),
    ),
    (
        "a function that nobody registered",
        {"HumanTaskConfig__PreHumanTaskLambdaArn": f"{FUNCTIONS}prepare"},
        "ValidationException",
        ("prepare",),
    ),
    (
        "an algorithm of another task",
        {"LabelingJobAlgorithmsConfig": {"LabelingJobAlgorithmSpecificationArn": f"{ALGORITHM}object-detection"}},
        "ValidationException",
        ("BoundingBox",),
    ),
    (
        "no algorithm",
        {"LabelingJobAlgorithmsConfig": {"LabelingJobAlgorithmSpecificationArn": "arn:x"}},
        "ValidationException",
        ("arn:x",),
    ),
    (
        "a price that is no step",
        {"HumanTaskConfig__PublicWorkforceTaskPrice": {"AmountInUsd": {"Cents": 5}}},
        "ValidationException",
        ("0.050", "0.048"),
    ),
    (
        "the price of classes for masks",
        {
            "task": "SemanticSegmentation",
            "LabelAttributeName": "m-ref",
            "HumanTaskConfig__PublicWorkforceTaskPrice": PRICE,
        },
        "ValidationException",
        ("0.840",),
    ),
    (
        "public without a price",
        {"HumanTaskConfig__WorkteamArn": PUBLIC},
        "ValidationException",
        ("PublicWorkforceTaskPrice",),
    ),
    (
        "public with personal data",
        {
            "HumanTaskConfig__WorkteamArn": PUBLIC,
            "HumanTaskConfig__PublicWorkforceTaskPrice": PRICE,
            "HumanTaskConfig__TaskAvailabilityLifetimeInSeconds": 3_600,
            "InputConfig__DataAttributes": {"ContentClassifiers": []},
        },
        "ValidationException",
        ("personal",),
    ),
    (
        "a tag twice",
        {"Tags": [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]},
        "ValidationException",
        ("twice",),
    ),
    ("a tag of AWS", {"Tags": [{"Key": "aws:a", "Value": "1"}]}, "ValidationException", ("aws:",)),
    (
        "an audit without labels",
        {"task": "VerificationBoundingBox"},
        "ValidationException",
        ("earlier job", "'species' is not it"),
    ),
    (
        "an audit of a manifest that is not there",
        {
            "task": "VerificationBoundingBox",
            "InputConfig__DataSource": {"S3DataSource": {"ManifestS3Uri": "s3://in/no.manifest"}},
        },
        "ValidationException",
        ("s3://in/no.manifest", "cannot be read", "no object"),
    ),
]


@pytest.mark.parametrize(("changes", "code", "words"), [one[1:] for one in WRONG], ids=[one[0] for one in WRONG])
def test_requests_that_cannot_be(
    client: Any, house: AwsHouse, changes: dict[str, Any], code: str, words: tuple[str, ...], spoiled: None
) -> None:
    changes = dict(changes)
    task = changes.pop("task", "ImageMultiClass")
    before = client.list_labeling_jobs()["LabelingJobSummaryList"]
    with refused(code, *words):
        client.create_labeling_job(**job_request("wrong", task, **changes))
    assert client.list_labeling_jobs()["LabelingJobSummaryList"] == before


@pytest.fixture(scope="module")
def spoiled(client: Any, house: AwsHouse) -> None:
    """What wrong requests name."""
    client.create_labeling_job(**job_request("taken"))
    storage = house.served.storage
    storage.write("s3://in/one.json", b'{"labels":[{"label":"a"}]}')
    storage.write("s3://in/twice.json", b'{"labels":[{"label":"a"},{"label":"a"}]}')
    storage.write("s3://in/long.json", b'{"labels":[{"label":"a"},{"label":"%s"}]}' % (b"b" * 257))
    storage.write("s3://in/broken.html", b"<p>{% for %}</p>")
    storage.write("s3://in/filter.html", b"<p>\n{{ task.input.labels | to_jason }}</p>")
    storage.write("s3://in/taken-name", b"an object")


def test_jobs_that_are_not_there(client: Any) -> None:
    for ask in (client.describe_labeling_job, client.stop_labeling_job):
        with refused("ResourceNotFound", "Requested resource not found."):
            ask(LabelingJobName="no-such-job")
    with refused("ResourceNotFound"):
        client.list_labeling_jobs_for_workteam(WorkteamArn=TEAM + "x")


def test_automated_labeling(client: Any, house: AwsHouse) -> None:
    config = {"LabelingJobAlgorithmSpecificationArn": f"{ALGORITHM}image-classification"}
    client.create_labeling_job(**job_request("automated", LabelingJobAlgorithmsConfig=config))
    assert state_of(house, "automated").spec["auto_labeling"]["enabled"] is True
    found = conforms("DescribeLabelingJob", client.describe_labeling_job(LabelingJobName="automated"))
    assert found["LabelingJobAlgorithmsConfig"] == config
    model = "arn:aws:sagemaker:us-east-1:111122223333:model/birds"
    began = {**config, "InitialActiveLearningModelArn": model}
    with refused("ValidationException", "there is no model named 'birds'"):
        client.create_labeling_job(**job_request("from-a-model", LabelingJobAlgorithmsConfig=began))


def test_stopping(client: Any, house: AwsHouse) -> None:
    client.create_labeling_job(**job_request("to-stop"))
    for _ in range(2):  # stopping again changes nothing
        conforms("StopLabelingJob", client.stop_labeling_job(LabelingJobName="to-stop"))
    assert client.describe_labeling_job(LabelingJobName="to-stop")["LabelingJobStatus"] == "Stopping"
    move(house, "to-stop", "stopped")
    found = client.describe_labeling_job(LabelingJobName="to-stop")
    assert found["LabelingJobStatus"] == "Stopped" and found["LastModifiedTime"] > found["CreationTime"]
    output = "s3://out/gt/to-stop/manifests/output/output.manifest"
    assert found["LabelingJobOutput"]["OutputDatasetS3Uri"] == output
    for name, happenings in (("done", ("start", "complete")), ("broken", ("fail",))):
        client.create_labeling_job(**job_request(name))
        move(house, name, *happenings, reason="ClientError: x" if name == "broken" else None)
        with refused("ValidationException", "cannot stop"):
            client.stop_labeling_job(LabelingJobName=name)
    assert client.describe_labeling_job(LabelingJobName="broken")["FailureReason"] == "ClientError: x"


@pytest.fixture(scope="module")
def fleet(house: AwsHouse, client: Any) -> Iterator[Any]:
    """Jobs of a workspace of their own, one second apart, in different states."""
    admin = house.served.administrator()
    assert admin.post("/api/v1/workspaces", json={"name": "Fleet"}).status_code == 201
    fred = house.served.person("fred", Role.REQUESTER)
    path = f"/api/v1/workspaces/Fleet/members/{fred.id}"
    assert admin.put(path, json={"roles": ["requester"]}).status_code == 200
    acts = house.served.acts
    workspace = house.served.store.read(lambda tx: tx.workspaces.by_name("Fleet").id)
    principal = acting(house.served.refresh("fred"), workspace)
    for n, name in enumerate(("delta", "Alpha", "charlie", "bravo", "echo")):
        house.served.clock.turn(seconds=1)
        spec = {"name": name, "task_type": "custom", "template": "<p></p>", "input": "s3://in/birds.manifest"}
        labeling_jobs.create(acts, principal, {**spec, "output": f"s3://fleet/{n}"})
    move(house, "charlie", "start", "complete")
    move(house, "echo", "stop")
    key, secret = access_keys.create(acts, principal, NewAccessKey())
    yield house.client(key=(key.id, secret))


def names(answer: Any) -> list[str]:
    return [one["LabelingJobName"] for one in answer["LabelingJobSummaryList"]]


def test_listing_sorts_and_filters(fleet: Any) -> None:
    conforms("ListLabelingJobs", fleet.list_labeling_jobs())
    assert names(fleet.list_labeling_jobs()) == ["delta", "Alpha", "charlie", "bravo", "echo"]
    assert names(fleet.list_labeling_jobs(SortOrder="Descending"))[0] == "echo"
    assert names(fleet.list_labeling_jobs(SortBy="Name")) == ["Alpha", "bravo", "charlie", "delta", "echo"]
    assert names(fleet.list_labeling_jobs(NameContains="AL")) == ["Alpha"]
    assert names(fleet.list_labeling_jobs(StatusEquals="Completed")) == ["charlie"]
    assert names(fleet.list_labeling_jobs(StatusEquals="Stopping")) == ["echo"]
    assert len(names(fleet.list_labeling_jobs(StatusEquals="InProgress"))) == 3
    assert names(fleet.list_labeling_jobs(StatusEquals="Initializing")) == []
    assert names(fleet.list_labeling_jobs(SortBy="Status"))[0] == "charlie"
    made = {one["LabelingJobName"]: one["CreationTime"] for one in fleet.list_labeling_jobs()["LabelingJobSummaryList"]}
    after, before = made["Alpha"] + timedelta(milliseconds=500), made["bravo"] + timedelta(milliseconds=500)
    assert names(fleet.list_labeling_jobs(CreationTimeAfter=after, CreationTimeBefore=before)) == ["charlie", "bravo"]
    changed = made["echo"] - timedelta(milliseconds=500)
    assert names(fleet.list_labeling_jobs(LastModifiedTimeAfter=changed)) == ["charlie", "echo"]
    assert names(fleet.list_labeling_jobs(LastModifiedTimeBefore=changed)) == ["delta", "Alpha", "bravo"]


@pytest.mark.parametrize("sort", ["Name", "CreationTime", "Status"])
@pytest.mark.parametrize("order", ["Ascending", "Descending"])
def test_botocores_paginator_gets_every_job_once(fleet: Any, sort: str, order: str) -> None:
    whole = names(fleet.list_labeling_jobs(SortBy=sort, SortOrder=order))
    pages = fleet.get_paginator("list_labeling_jobs").paginate(
        SortBy=sort, SortOrder=order, PaginationConfig={"PageSize": 2}
    )
    assert [name for page in pages for name in names(page)] == whole and len(whole) == 5


def test_tokens_that_no_page_gave(fleet: Any) -> None:
    token = fleet.list_labeling_jobs(MaxResults=2)["NextToken"]
    for wrong in ("x", token[:-3], "e30", token + "A" * 100):
        with refused("ValidationException", "NextToken"):
            fleet.list_labeling_jobs(NextToken=wrong)
    with refused("ValidationException", "another order"):
        fleet.list_labeling_jobs(
            NextToken=fleet.list_labeling_jobs(SortBy="Name", MaxResults=1)["NextToken"], SortBy="Status"
        )


def test_jobs_of_a_team(fleet: Any) -> None:
    found = conforms("ListLabelingJobsForWorkteam", fleet.list_labeling_jobs_for_workteam(WorkteamArn=TEAM))
    assert names(found) == ["delta", "Alpha", "charlie", "bravo", "echo"]
    code = found["LabelingJobSummaryList"][2]["JobReferenceCode"]
    assert code == fleet.describe_labeling_job(LabelingJobName="charlie")["JobReferenceCode"]
    mine = fleet.list_labeling_jobs_for_workteam(WorkteamArn=TEAM, JobReferenceCodeContains=code[3:9], MaxResults=1)
    assert names(mine) == ["charlie"]
    pages = fleet.get_paginator("list_labeling_jobs_for_workteam").paginate(
        WorkteamArn=TEAM, SortOrder="Descending", PaginationConfig={"PageSize": 2}
    )
    assert [name for page in pages for name in names(page)][::-1] == names(found)


def test_workspaces_have_jobs_and_accounts_of_their_own(fleet: Any, client: Any) -> None:
    arn = fleet.list_labeling_jobs()["LabelingJobSummaryList"][0]["LabelingJobArn"]
    assert ":000000000000:" not in arn
    assert "delta" not in names(client.list_labeling_jobs())
    with refused("ResourceNotFound"):
        client.describe_labeling_job(LabelingJobName="delta")
    with refused("ResourceInUse"):
        client.create_labeling_job(**job_request("delta"))


def test_workers_make_no_jobs(house: AwsHouse, client: Any) -> None:
    worker = house.client(key=house.key("wanda", Role.WORKER))
    for ask in (lambda: worker.create_labeling_job(**job_request("x")), worker.list_labeling_jobs):
        with refused("AccessDeniedException", "role"):
            ask()


def test_making_a_job_does_not_wait_for_its_manifest(client: Any, house: AwsHouse) -> None:
    house.served.storage.write("s3://in/large.manifest", b'{"source-ref":"s3://in/0.png"}\n' * 1_000_000)
    source = {"S3DataSource": {"ManifestS3Uri": "s3://in/large.manifest"}}
    began = time.perf_counter()
    client.create_labeling_job(**job_request("large", InputConfig__DataSource=source))
    assert time.perf_counter() - began < 1


def test_members_are_checked_by_the_services_model(house: AwsHouse) -> None:
    unchecked = house.client(config=Config(parameter_validation=False))
    asked = job_request("-")
    del asked["RoleArn"]
    with refused(
        "ValidationException", "2 validation errors detected", "'labelingJobName'", "'roleArn'", "not be null"
    ):
        unchecked.create_labeling_job(**asked)
