"""STS: who a key is, and roles that are assumed with it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from groundswell.bootstrap import utc_now
from groundswell.domain.access_keys import SessionClaims
from groundswell.domain.people import MAIN, Role
from groundswell.service import access_keys
from groundswell.testing.acting import acting
from integration.server.aws.house import AwsHouse, refused

ROLE = "arn:aws:iam::123456789012:role/service-role/AmazonSageMaker-ExecutionRole-1"


def credentials(found: dict[str, Any]) -> tuple[str, str, str]:
    made = found["Credentials"]
    return made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"]


def function_key(house: AwsHouse, *, seconds: int = 600) -> tuple[str, str, str]:
    """As a function's process is given them."""
    account = house.served.person("rita", Role.REQUESTER, Role.WORKER)
    claims = SessionClaims(
        account.id,
        MAIN,
        utc_now() + timedelta(seconds=seconds),
        services=frozenset({"s3", "sts"}),
        arn="arn:aws:sts::000000000000:assumed-role/groundswell-function/birds",
        reads=("s3://out/birds/",),
    )
    lent = access_keys.lend(house.served.acts.secret, claims)
    return lent.access_key, lent.secret, lent.session_token


def test_who_a_key_is(house: AwsHouse) -> None:
    found = house.client("sts").get_caller_identity()
    account = house.served.person("rita").id
    assert (found["Account"], found["Arn"]) == ("000000000000", f"arn:aws:iam::000000000000:user/{account}")
    assert found["UserId"].startswith("AIDA")


def test_a_role_is_assumed_by_name_and_its_credentials_work(house: AwsHouse) -> None:
    made = house.client("sts").assume_role(RoleArn=ROLE, RoleSessionName="notebook", DurationSeconds=7_200)
    assert made["AssumedRoleUser"]["Arn"] == (
        "arn:aws:sts::123456789012:assumed-role/AmazonSageMaker-ExecutionRole-1/notebook"
    )
    left = made["Credentials"]["Expiration"] - utc_now()
    assert timedelta(seconds=7_100) < left <= timedelta(seconds=7_200)
    mine = house.client("sts", credentials(made))
    assert mine.get_caller_identity()["Arn"] == made["AssumedRoleUser"]["Arn"]
    assert mine.get_caller_identity()["Account"] == "123456789012"


def test_a_functions_role_may_no_more_and_no_longer_than_the_function(house: AwsHouse) -> None:
    sts = house.client("sts", function_key(house, seconds=120))
    assert sts.get_caller_identity()["Arn"].endswith("/birds")
    made = sts.assume_role(RoleArn=ROLE, RoleSessionName="x" * 64)
    assert made["Credentials"]["Expiration"] - utc_now() <= timedelta(seconds=120)
    key = access_keys.known(house.served.acts, *[credentials(made)[index] for index in (0, 2)])
    assert (key.services, key.principal.reads) == (frozenset({"s3", "sts"}), ("s3://out/birds/",))
    with refused("AccessDeniedException", "s3, sts only"):
        house.client("sagemaker", credentials(made)).list_labeling_jobs()
    with refused("ValidationError", "role chaining"):
        sts.assume_role(RoleArn=ROLE, RoleSessionName="me", DurationSeconds=3_601)


def test_a_role_ends_with_the_key_it_was_assumed_with(house: AwsHouse) -> None:
    key = house.key()
    made = house.client("sts", key).assume_role(RoleArn=ROLE, RoleSessionName="me")
    assumed = house.client("sts", credentials(made))
    assumed.get_caller_identity()
    account = house.served.person("rita")
    access_keys.drop(house.served.acts, acting(account), key[0])
    with refused("InvalidClientTokenId"):
        assumed.get_caller_identity()


def test_a_key_of_one_role_assumes_no_more(house: AwsHouse) -> None:
    made = house.client("sts", house.key(role="worker")).assume_role(RoleArn=ROLE, RoleSessionName="me")
    key = access_keys.known(house.served.acts, *[credentials(made)[index] for index in (0, 2)])
    assert key.principal.roles == frozenset({Role.WORKER})


def test_session_tokens(house: AwsHouse) -> None:
    sts = house.client("sts")
    mine = house.client("sts", credentials(sts.get_session_token(DurationSeconds=900)))
    assert mine.get_caller_identity()["Arn"] == sts.get_caller_identity()["Arn"]
    with refused("AccessDenied", "session credentials"):
        mine.get_session_token()


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        ({"RoleArn": "arn:aws:s3:::a-bucket-of-mine"}, "ValidationError", "expected arn:aws:iam"),
        ({"RoleSessionName": "a b"}, "ValidationError", "roleSessionName"),
        ({"DurationSeconds": 10}, "ValidationError", "durationSeconds"),
        ({"Policy": "{}"}, "ValidationError", "session policies"),
    ],
)
def test_what_is_wrong_is_said(house: AwsHouse, given: dict[str, Any], code: str, said: str) -> None:
    asked = {"RoleArn": ROLE, "RoleSessionName": "me", **given}
    with refused(code, said):
        unchecked(house).assume_role(**asked)


def unchecked(house: AwsHouse) -> Any:
    """A client that sends what it is told."""
    return house.client("sts", config=Config(parameter_validation=False))


@pytest.mark.parametrize(
    "body", [b"", b"Action=", b"Action=DecodeAuthorizationMessage", b"\xff", b"Action=<a>&b", b"a&" * 900]
)
def test_hostile_forms_are_refused_in_xml(house: AwsHouse, body: bytes) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    request = AWSRequest("POST", house.url + "/", headers=headers, data=body)
    SigV4Auth(Credentials(*house.key()), "sts", "us-east-1").add_auth(request)
    answer = httpx.post(house.url + "/", headers=dict(request.headers.items()), content=body)
    assert answer.status_code == 400 and answer.text.startswith("<ErrorResponse"), answer.text
