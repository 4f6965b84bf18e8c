"""Scripts that deploy functions by boto3: what AWS Lambda's API does here."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from groundswell.domain.errors import Unavailable
from groundswell.domain.people import Role
from groundswell.hooks.finding import find_sandbox
from groundswell.hooks.sandbox import SandboxOptions
from integration.server.aws.house import AwsHouse, refused

HANDLER = """
import os
def lambda_handler(event, context):
    if event.get("fail"):
        raise ValueError("no label")
    return {"event": event, "color": os.environ.get("COLOR"), "arn": context.invoked_function_arn}
"""


@pytest.fixture(autouse=True)
def sandbox() -> None:
    try:
        find_sandbox(SandboxOptions(network=None))
    except Unavailable as error:
        pytest.skip(f"functions cannot run here: {error.message}")


def zipped(source: str = HANDLER, name: str = "lambda_function.py") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, source)
    return file.getvalue()


def new(name: str = "SageMakerPre", **changes: Any) -> dict[str, Any]:
    return {
        "FunctionName": name,
        "Runtime": "python3.11",
        "Role": "arn:aws:iam::123456789012:role/lambda",
        "Handler": "lambda_function.lambda_handler",
        "Code": {"ZipFile": zipped()},
        "Timeout": 30,
        **changes,
    }


@pytest.fixture
def client(house: AwsHouse) -> Iterator[Any]:
    found = house.client("lambda", house.key("ada", Role.ADMINISTRATOR))
    yield found
    for one in found.list_functions()["Functions"]:
        found.delete_function(FunctionName=one["FunctionName"])


def invoke(client: Any, name: str, event: Any, **more: Any) -> tuple[Any, dict[str, Any]]:
    answer = client.invoke(FunctionName=name, Payload=json.dumps(event).encode(), **more)
    return json.loads(answer["Payload"].read()), answer


def test_a_function_is_deployed_changed_and_removed(client: Any) -> None:
    made = client.create_function(**new(Environment={"Variables": {"COLOR": "red"}}, Description="before"))
    arn = made["FunctionArn"]
    assert arn == "arn:aws:lambda:us-east-1:000000000000:function:SageMakerPre"
    assert (made["State"], made["Timeout"], made["Role"]) == ("Active", 30, "arn:aws:iam::123456789012:role/lambda")
    client.get_waiter("function_active_v2").wait(FunctionName="SageMakerPre")
    found, answer = invoke(client, arn, {"a": "é"})
    assert (found["event"], found["color"], answer["StatusCode"]) == ({"a": "é"}, "red", 200)
    changed = client.update_function_code(FunctionName=arn, ZipFile=zipped("def lambda_handler(event): return 2"))
    assert changed["CodeSha256"] != made["CodeSha256"] and changed["Description"] == "before"
    client.get_waiter("function_updated").wait(FunctionName="SageMakerPre")
    assert invoke(client, "SageMakerPre", {})[0] == 2
    client.update_function_code(FunctionName="SageMakerPre", ZipFile=zipped())
    client.update_function_configuration(
        FunctionName="SageMakerPre", Environment={"Variables": {"COLOR": "blue"}}, Timeout=60
    )
    assert invoke(client, "SageMakerPre", {})[0]["color"] == "blue"
    told = client.get_function(FunctionName="123456789012:function:SageMakerPre")["Configuration"]
    assert (told["Timeout"], told["Handler"]) == (60, "lambda_function.lambda_handler")
    assert "blue" not in json.dumps(told, default=str)
    client.delete_function(FunctionName="SageMakerPre")
    with refused("ResourceNotFoundException", "SageMakerPre"):
        client.get_function(FunctionName="SageMakerPre")


def test_a_job_names_the_function_by_its_arn(client: Any, house: AwsHouse) -> None:
    source = "def lambda_handler(event, context): return {'taskInput': event['dataObject']}"
    arn = client.create_function(**new("SageMakerTask", Code={"ZipFile": zipped(source)}))["FunctionArn"]
    house.served.storage.write("s3://in/a.manifest", b'{"source": "a"}\n')
    spec = {"name": "by-arn", "task_type": "custom", "template": "<crowd-form></crowd-form>", "hooks": {}}
    given = {**spec, "input": "s3://in/a.manifest", "hooks": {"pre_annotation": arn}}
    made = house.served.requester().post("/api/v1/jobs", json=given)
    assert made.status_code == 201, made.text
    with refused("ResourceConflictException", "by-arn"):
        client.delete_function(FunctionName="SageMakerTask")
    house.served.requester().post("/api/v1/jobs/by-arn/stop")
    job = house.served.store.read(lambda tx: tx.jobs.by_name("by-arn"))
    house.served.store.write(lambda tx: tx.jobs.set_state(job.id, "stopped", at=house.served.clock())).result()


def test_a_function_that_fails_says_so_as_lambda_does(client: Any) -> None:
    client.create_function(**new())
    found, answer = invoke(client, "SageMakerPre", {"fail": True})
    assert answer["FunctionError"] == "Unhandled"
    assert found == {"errorMessage": "no label", "errorType": "ValueError"}
    assert client.invoke(FunctionName="SageMakerPre", InvocationType="DryRun")["StatusCode"] == 204
    with refused("InvalidParameterValueException", "Event"):
        client.invoke(FunctionName="SageMakerPre", InvocationType="Event")
    with refused("InvalidRequestContentException"):
        client.invoke(FunctionName="SageMakerPre", Payload=b"{")
    with refused("ResourceNotFoundException"):
        client.invoke(FunctionName="Gone", Payload=b"{}")


def test_listings_have_pages(client: Any) -> None:
    for name in ("b", "a", "c"):
        client.create_function(**new(name))
    pages = client.get_paginator("list_functions").paginate(PaginationConfig={"PageSize": 2})
    assert [[one["FunctionName"] for one in page["Functions"]] for page in pages] == [["a", "b"], ["c"]]


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        ({"Code": {"ZipFile": zipped("import boto33")}}, "InvalidParameterValueException", "No module named 'boto33'"),
        ({"Code": {"ZipFile": b"no zip"}}, "InvalidParameterValueException", "zip file"),
        ({"Code": {"ZipFile": zipped(name="../../evil.py")}}, "InvalidParameterValueException", "inside a folder"),
        ({"Code": {}}, "InvalidParameterValueException", "ZipFile"),
        ({"Code": {"S3Bucket": "nowhere", "S3Key": "x.zip"}}, "ResourceNotFoundException", "x.zip"),
        ({"Handler": "other.handler"}, "InvalidParameterValueException", "other.py"),
        ({"Handler": "nothing"}, "InvalidParameterValueException", "handler"),
        ({"Runtime": "nodejs22.x"}, "InvalidParameterValueException", "Python"),
        ({"Layers": ["arn:aws:lambda:us-east-1:123456789012:layer:x:1"]}, "InvalidParameterValueException", "layers"),
        ({"FunctionName": "a b"}, "ValidationException", "functionName"),
        ({"Timeout": 0}, "ValidationException", "timeout"),
        ({"Environment": {"Variables": {"A": "\x00"}}}, "SerializationException", "NUL"),
    ],
)
def test_what_cannot_be_deployed_is_refused(
    client: Any, house: AwsHouse, change: dict[str, Any], code: str, said: str
) -> None:
    careless = house.client("lambda", house.key("ada", Role.ADMINISTRATOR), config=Config(parameter_validation=False))
    with refused(code, said):
        careless.create_function(**new(**change))
    assert client.list_functions()["Functions"] == []


def test_code_may_lie_in_a_bucket(client: Any, house: AwsHouse) -> None:
    house.served.storage.write("s3://code/f.zip", zipped(name="src/f.py"))
    code = {"S3Bucket": "code", "S3Key": "f.zip"}
    client.create_function(**new(Code=code, Handler="src/f.lambda_handler"))
    assert invoke(client, "SageMakerPre", {"x": 1})[0]["event"] == {"x": 1}


def test_a_name_is_given_once_and_only_administrators_deploy(client: Any, house: AwsHouse) -> None:
    client.create_function(**new())
    with refused("ResourceConflictException", "Function already exist: SageMakerPre"):
        client.create_function(**new())
    requester = house.client("lambda")
    assert [one["FunctionName"] for one in requester.list_functions()["Functions"]] == ["SageMakerPre"]
    for call, asked in (
        ("create_function", new("Mine")),
        ("get_function", {"FunctionName": "SageMakerPre"}),
        ("delete_function", {"FunctionName": "SageMakerPre"}),
        ("invoke", {"FunctionName": "SageMakerPre", "Payload": b"{}"}),
    ):
        with refused("AccessDeniedException", "administrator"):
            getattr(requester, call)(**asked)


DEEP = b'{"Code":' * 300 + b"1" + b"}" * 300


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "", b""),
        ("POST", "", b"[1]"),
        ("POST", "", b'"x"'),
        ("POST", "", b"\xff{"),
        ("POST", "", DEEP),
        ("POST", "", b'{"FunctionName": 3, "Code": "x", "Role": [], "Timeout": "a", "Environment": 1}'),
        ("POST", "", b'{"FunctionName": "a", "Role": "x", "Code": {"ZipFile": "not base64!"}, "Handler": "a.b"}'),
        (
            "POST",
            "",
            b'{"FunctionName": "a", "Code": {"S3Bucket": "../x", "S3Key": "../../secret-key"}, "Handler": "a.b"}',
        ),
        ("GET", "/%00", b""),
        ("GET", "/a%2F..%2Fb", b""),
        ("GET", "/" + "a" * 5_000, b""),
        ("GET", "?MaxItems=-1", b""),
        ("GET", "?MaxItems=x&Marker=%ff", b""),
        ("PUT", "/a/code", b"{}"),
        ("PUT", "/a/configuration", b'{"Environment": {"Variables": {"": ""}}}'),
        ("POST", "/a/invocations", b"{" * 100_000),
        ("PATCH", "/a", b"{}"),
    ],
)
def test_hostile_requests_are_refused(house: AwsHouse, method: str, path: str, body: bytes) -> None:
    url = f"{house.url}/2015-03-31/functions{path}"
    request = AWSRequest(method, url, headers={"content-type": "application/json"}, data=body)
    SigV4Auth(Credentials(*house.key("ada", Role.ADMINISTRATOR)), "lambda", "us-east-1").add_auth(request)
    prepared = request.prepare()
    answer = httpx.request(method, prepared.url, headers=dict(prepared.headers.items()), content=body, timeout=30)
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.json()["Type"] == "User" and answer.headers["x-amzn-ErrorType"]


def test_operations_that_are_not_here_are_named(client: Any) -> None:
    with refused("UnknownOperationException", "layers"):
        client.list_layers()
