"""Requests that are right, to be changed by tests, and whether an answer is what the service's model says."""

from __future__ import annotations

import copy
from typing import Any

import regex
from botocore.model import ListShape, Shape, StructureShape

from groundswell.server.aws.model import Model
from integration.server.aws.house import AwsHouse

ROLE = "arn:aws:iam::111122223333:role/gt-exec"
TEAM = "arn:aws:sagemaker:us-east-1:111122223333:workteam/private-crowd/everyone"
PUBLIC = "arn:aws:sagemaker:us-east-1:394669845002:workteam/public-crowd/default"
FUNCTIONS = "arn:aws:lambda:us-east-1:432418664414:function:"
CLASSIFIER = (
    '<script src="https://assets.crowd.aws/crowd-html-elements.js"></script><crowd-form><crowd-image-classifier '
    'name="crowd-image-classifier" src="{{ task.input.taskObject | grant_read_access }}" '
    'categories="{{ task.input.labels | to_json | escape }}" header="Which bird?">'
    '<full-instructions header="How">Look.</full-instructions><short-instructions>Look.</short-instructions>'
    "</crowd-image-classifier></crowd-form>"
)
MEMBERS = [{"CognitoMemberDefinition": {"UserPool": "us-east-1_abc", "UserGroup": "g", "ClientId": "c"}}]
OIDC = {
    "ClientId": "client",
    "ClientSecret": "hush",
    **{
        name: f"https://login.example.com/{name}"
        for name in (
            "Issuer",
            "AuthorizationEndpoint",
            "TokenEndpoint",
            "UserInfoEndpoint",
            "LogoutEndpoint",
            "JwksUri",
        )
    },
}
MODEL = Model("sagemaker")


def put_inputs(house: AwsHouse, objects: int = 4) -> None:
    """A manifest, label categories and a template in the bucket `in`."""
    storage = house.served.storage
    lines = (f'{{"source-ref":"s3://in/{n}.png"}}\n'.encode() for n in range(objects))
    storage.write("s3://in/birds.manifest", b"".join(lines))
    storage.write(
        "s3://in/labels.json", b'{"document-version":"2018-11-28","labels":[{"label":"owl"},{"label":"jay"}]}'
    )
    storage.write("s3://in/classify.html", CLASSIFIER.encode())


def job_request(name: str = "birds", task: str | None = "ImageMultiClass", **changes: Any) -> dict[str, Any]:
    """A CreateLabelingJob as public notebooks send it.

    changes : members by dotted path (`HumanTaskConfig__TaskTitle` for a nested one); None takes one away.
    """
    functions: dict[str, Any] = {}
    if task is not None:
        functions = {
            "PreHumanTaskLambdaArn": f"{FUNCTIONS}PRE-{task}",
            "AnnotationConsolidationConfig": {"AnnotationConsolidationLambdaArn": f"{FUNCTIONS}ACS-{task}"},
        }
    request: dict[str, Any] = {
        "LabelingJobName": name,
        "LabelAttributeName": "species",
        "InputConfig": {
            "DataSource": {"S3DataSource": {"ManifestS3Uri": "s3://in/birds.manifest"}},
            "DataAttributes": {"ContentClassifiers": ["FreeOfPersonallyIdentifiableInformation", "FreeOfAdultContent"]},
        },
        "OutputConfig": {"S3OutputPath": "s3://out/gt/", "KmsKeyId": ""},
        "RoleArn": ROLE,
        "LabelCategoryConfigS3Uri": "s3://in/labels.json",
        "HumanTaskConfig": {
            "WorkteamArn": TEAM,
            "UiConfig": {"UiTemplateS3Uri": "s3://in/classify.html"},
            "TaskKeywords": ["birds"],
            "TaskTitle": "Which bird?",
            "TaskDescription": "One species an image",
            "NumberOfHumanWorkersPerDataObject": 3,
            "TaskTimeLimitInSeconds": 600,
            "TaskAvailabilityLifetimeInSeconds": 864_000,
            "MaxConcurrentTaskCount": 200,
            **functions,
        },
    }
    for path, value in changes.items():
        *parents, last = path.split("__")
        inside = request
        for parent in parents:
            inside = inside.setdefault(parent, {})
        if value is None:
            inside.pop(last, None)
        else:
            inside[last] = copy.deepcopy(value)
    return request


def conforms(operation: str, answer: dict[str, Any]) -> dict[str, Any]:
    """The answer without boto3's own member; AssertionError where the model says otherwise of it."""
    found = {name: value for name, value in answer.items() if name != "ResponseMetadata"}
    shape = MODEL.operation(operation).output_shape
    if shape is None:
        assert found == {}
    else:
        _check(shape, found, operation)
    return found


def _check(shape: Shape, value: Any, path: str) -> None:
    if isinstance(shape, StructureShape):
        missing = set(shape.required_members) - set(value)
        assert not missing, f"{path} lacks {missing}"
        for name, one in value.items():
            assert name in shape.members, f"{path}.{name} is not in the model"
            _check(shape.members[name], one, f"{path}.{name}")
    elif isinstance(shape, ListShape):
        for one in value:
            _check(shape.member, one, f"{path}[]")
    elif shape.type_name == "string":
        said = shape.metadata
        assert said.get("min", 0) <= len(value) <= said.get("max", len(value)), f"{path}: {value!r}"
        assert not said.get("enum") or value in said["enum"], f"{path}: {value!r}"
        assert "pattern" not in said or regex.fullmatch(said["pattern"], value), f"{path}: {value!r}"
