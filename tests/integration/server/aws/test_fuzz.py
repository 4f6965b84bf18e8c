"""Every operation with requests spoiled by its own model: refused in AWS's form, with 4xx, changing nothing."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.model import ListShape, MapShape, Shape, StructureShape

from groundswell.server.aws.sagemaker import OPERATIONS
from groundswell.service.ports import EventFilter, Page
from integration.server.aws.house import AwsHouse
from integration.server.aws.requests import MEMBERS, MODEL, OIDC, ROLE, TEAM, job_request, put_inputs

MOST = 150  # of an operation's requests, drawn by its name: a few seconds
HOSTILE = (
    "\u202e\u0000",
    "🦉" * 40,
    "a\u0301" * 40,
    "\ufeff",
    "' OR 1=1 --",
    "../../etc/passwd",
    "{{ 7 * 7 }}",
    "<script>",
    "%00%0a",
    "arn:aws:sagemaker:us-east-1:000000000000:workteam/../../x",
)
ARN = "arn:aws:sagemaker:us-east-1:000000000000:human-task-ui/x"
RIGHT: dict[str, dict[str, Any]] = {
    "CreateLabelingJob": job_request("fuzzed", Tags=[{"Key": "a", "Value": "b"}]),
    "CreateWorkteam": {
        "WorkteamName": "fuzzed",
        "MemberDefinitions": MEMBERS,
        "Description": "d",
        "NotificationConfiguration": {"NotificationTopicArn": "arn:aws:sns:us-east-1:111122223333:news"},
        "WorkerAccessConfiguration": {"S3Presign": {"IamPolicyConstraints": {"SourceIp": "Enabled"}}},
    },
    "UpdateWorkteam": {"WorkteamName": "fuzzed", "Description": "d", "MemberDefinitions": MEMBERS},
    "CreateWorkforce": {
        "WorkforceName": "fuzzed",
        "OidcConfig": {**OIDC, "AuthenticationRequestExtraParams": {"a": "b"}},
        "SourceIpConfig": {"Cidrs": ["10.0.0.0/8"]},
        "WorkforceVpcConfig": {"VpcId": "vpc-1", "SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]},
    },
    "UpdateWorkforce": {"WorkforceName": "fuzzed", "IpAddressType": "ipv4"},
    "CreateHumanTaskUi": {"HumanTaskUiName": "fuzzed", "UiTemplate": {"Content": "<p></p>"}},
    "RenderUiTemplate": {
        "UiTemplate": {"Content": "x"},
        "Task": {"Input": "{}"},
        "RoleArn": ROLE,
        "HumanTaskUiArn": ARN,
    },
    "AddTags": {"ResourceArn": ARN, "Tags": [{"Key": "a", "Value": "b"}]},
    "ListTags": {"ResourceArn": ARN, "MaxResults": 50, "NextToken": "x"},
    "DeleteTags": {"ResourceArn": ARN, "TagKeys": ["a"]},
    "DescribeSubscribedWorkteam": {"WorkteamArn": TEAM},
    "ListLabelingJobsForWorkteam": {"WorkteamArn": TEAM, "MaxResults": 10, "NextToken": "x"},
}


def right(operation: str) -> dict[str, Any]:
    """A request that is right but for names that nobody has."""
    if operation in RIGHT:
        return RIGHT[operation]
    shape = MODEL.operation(operation).input_shape
    assert shape is not None
    stand_ins: dict[str, Any] = {"integer": 10, "timestamp": 1.5}
    return {
        name: (member.metadata.get("enum") or [stand_ins.get(member.type_name, "nobody")])[0]
        for name, member in shape.members.items()
    }


def spoiled(shape: Shape, value: Any) -> Iterator[Any]:
    """The value, each time with one thing wrong with it, by the model."""
    others: tuple[Any, ...] = (17, "text", [], {}, True, [[]], {"a": {"b": {}}}, -(2**40), 1e300, None)
    for other in others:
        if type(other) is not type(value):
            yield other
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        for name in shape.required_members:
            yield {key: one for key, one in value.items() if key != name}
        for name, one in value.items():
            for wrong in spoiled(shape.members[name], one):
                yield {**value, name: wrong}
    elif isinstance(shape, ListShape) and isinstance(value, list):
        yield value * 300
        yield [None]
        for wrong in spoiled(shape.member, value[0]) if value else ():
            yield [wrong]
    elif isinstance(shape, MapShape) and isinstance(value, dict):
        yield {f"key {n}": "value" for n in range(100)}
    elif shape.type_name == "string":
        yield "x" * (shape.metadata.get("max", 10_000) + 1)
        yield ""
        yield from HOSTILE
    elif shape.type_name == "integer":
        yield from (shape.metadata.get("min", 0) - 1, shape.metadata.get("max", 2**31) + 1, 2**63, 0.5)
    elif shape.type_name == "timestamp":
        yield from (1e18, -1e18, "yesterday", "2026-01-01T00:00:00Z")


class Sender:
    """Sends requests that botocore itself would not."""

    def __init__(self, house: AwsHouse) -> None:
        self._house = house
        self._credentials = Credentials(*house.key())

    def send(self, operation: str, body: bytes) -> tuple[int, dict[str, Any]]:
        headers = {"x-amz-target": f"SageMaker.{operation}", "content-type": "application/x-amz-json-1.1"}
        request = AWSRequest("POST", self._house.url + "/", headers=headers, data=body)
        SigV4Auth(self._credentials, "sagemaker", "us-east-1").add_auth(request)
        answer = self._house.raw({name.lower(): value for name, value in request.headers.items()}, body)
        return answer.status_code, answer.json() if answer.content else {}


@pytest.fixture(scope="module")
def sender(house: AwsHouse) -> Sender:
    put_inputs(house)
    return Sender(house)


def newest_event(house: AwsHouse) -> int:
    found = house.served.store.read(lambda tx: tx.events.page(EventFilter(), Page(limit=1)))
    return found[0].id if found else 0


@pytest.mark.parametrize("operation", OPERATIONS)
def test_spoiled_requests_are_refused_and_change_nothing(house: AwsHouse, sender: Sender, operation: str) -> None:
    shape = MODEL.operation(operation).input_shape
    assert shape is not None
    required, known = set(shape.required_members), copy.deepcopy(right(operation))
    before = newest_event(house)
    refused = 0
    every = list(spoiled(shape, known))
    for request in random.Random(operation).sample(every, min(MOST, len(every))):
        status, answer = sender.send(operation, orjson.dumps(request))
        assert status < 500, (request, answer)
        if status >= 400:
            refused += 1
            assert answer["__type"] and answer["Message"] and "Traceback" not in answer["Message"]
        else:  # what the model allows: a member that may be left away, or a value that is another right one
            assert isinstance(request, dict) and required <= set(request), request
    assert refused >= 10
    changed = house.served.store.read(lambda tx: tx.events.page(EventFilter(), Page(limit=1_000)))
    made = [one.kind for one in changed if one.id > before]
    assert set(made) <= ALLOWED.get(operation, set()), made
    _clear(sender)


ALLOWED = {  # one of the spoiled requests leaves away, or changes, what need not be so
    "CreateLabelingJob": {"job.created"},
    "CreateWorkteam": {"team.created"},
    "CreateWorkforce": {"workforce.created"},
    "CreateHumanTaskUi": {"worker_ui.created"},
}


def _clear(sender: Sender) -> None:
    """Away with what was allowed after all."""
    sender.send("DeleteWorkteam", b'{"WorkteamName":"fuzzed"}')
    sender.send("DeleteHumanTaskUi", b'{"HumanTaskUiName":"fuzzed"}')
    sender.send("DeleteWorkforce", b'{"WorkforceName":"fuzzed"}')


@pytest.mark.parametrize("operation", ["CreateLabelingJob", "ListLabelingJobs", "AddTags"])
def test_bodies_of_other_kinds(sender: Sender, operation: str) -> None:
    deep = b'{"Tags":' + b"[" * 50_000 + b"]" * 50_000 + b"}"
    wide = orjson.dumps({f"member {n}": 0 for n in range(20_000)})
    large = b'{"LabelingJobName":"' + b"x" * (10 << 20) + b'"}'
    for body in (b"", b"null", b"[]", b'"x"', b"{", b"\xff\xfe", b"NaN", deep, wide, large, b'{"a":1e999}', b"{}" * 9):
        status, answer = sender.send(operation, body)
        assert status < 500 and (status < 400 or answer["__type"]), body[:40]


def test_unknown_members_are_left_alone_as_aws_does(sender: Sender) -> None:
    status, answer = sender.send("ListWorkforces", b'{"NoSuchMember":[1,{"a":"b"}],"SortBy":"Name"}')
    assert (status, answer) == (200, {"Workforces": []})
