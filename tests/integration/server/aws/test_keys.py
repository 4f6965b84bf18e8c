"""Access keys: who they let in, until when, and how what is wrong with a signature is said."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from groundswell.bootstrap import utc_now
from groundswell.domain.access_keys import SessionClaims
from groundswell.domain.people import MAIN, Role
from groundswell.server.aws.doors import Call
from groundswell.server.aws.sagemaker import OPERATIONS
from groundswell.service import access_keys
from integration.server.aws.house import AwsHouse, refused
from integration.server.serving import Served

TARGET = "SageMaker.ListWorkforces"
HEADERS = {"content-type": "application/x-amz-json-1.1", "x-amz-target": TARGET}


@pytest.fixture(autouse=True)
def _an_operation(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that says who asks."""

    def who(call: Call, given: Any) -> dict[str, Any]:
        principal = call.caller.principal
        roles = ",".join(sorted(principal.roles))
        return {"Workforces": [], "NextToken": f"{principal.account.name} {principal.workspace_id} {roles}"}

    monkeypatch.setitem(OPERATIONS, "ListWorkforces", who)


def who(client: Any) -> str:
    found: str = client.list_workforces()["NextToken"]
    return found


def sign(house: AwsHouse, key: tuple[str, str], body: bytes = b"{}", *, service: str = "sagemaker") -> dict[str, str]:
    request = AWSRequest("POST", house.url + "/", headers=HEADERS, data=body)
    SigV4Auth(Credentials(*key), service, "us-east-1").add_auth(request)
    return {name.lower(): value for name, value in request.headers.items()}


def test_a_key_acts_as_its_account(house: AwsHouse) -> None:
    assert who(house.client()) == f"Rita {MAIN} requester,worker"


def test_a_key_with_a_role_has_that_role_alone(house: AwsHouse) -> None:
    assert who(house.client(key=house.key(role="worker"))) == f"Rita {MAIN} worker"


def test_a_key_that_was_taken_back_lets_nobody_in(house: AwsHouse) -> None:
    key = house.key()
    client = house.client(key=key)
    who(client)
    rita = house.served.signed_in("rita")
    assert rita.delete(f"/api/v1/access-keys/{key[0]}").status_code == 204
    with refused("UnrecognizedClientException", "security token"):
        who(client)


def test_a_disabled_account_lets_nobody_in(house: AwsHouse) -> None:
    client = house.client(key=house.key("dora", Role.REQUESTER))
    who(client)
    dora = house.served.people["dora"].id
    assert house.served.administrator().patch(f"/api/v1/workers/{dora}", json={"disabled": True}).status_code == 200
    with refused("UnrecognizedClientException"):
        who(client)


def test_short_lived_credentials(house: AwsHouse) -> None:
    rita, acts = house.served.person("rita", Role.REQUESTER, Role.WORKER), house.served.acts
    soon = utc_now() + timedelta(hours=1)
    lent = access_keys.lend(acts.secret, SessionClaims(rita.id, MAIN, soon, Role.REQUESTER))
    key = (lent.access_key, lent.secret, lent.session_token)
    assert who(house.client(key=key)) == f"Rita {MAIN} requester"
    with refused("UnrecognizedClientException"):
        who(house.client(key=(*key[:2], key[2][:-2] + "xx")))
    with refused("UnrecognizedClientException"):
        who(house.client(key=key[:2]))
    over = access_keys.lend(acts.secret, SessionClaims(rita.id, MAIN, utc_now() - timedelta(seconds=1)))
    with refused("ExpiredTokenException"):
        who(house.client(key=(over.access_key, over.secret, over.session_token)))
    s3_only = access_keys.lend(acts.secret, SessionClaims(rita.id, MAIN, soon, services=frozenset({"s3", "sts"})))
    with refused("AccessDeniedException", "s3, sts"):
        who(house.client(key=(s3_only.access_key, s3_only.secret, s3_only.session_token)))


def test_a_token_made_by_hand_is_refused(house: AwsHouse) -> None:
    """A token of JSON in clear text is no token, whatever it says."""
    for token in ('{"account":"x"}', "eyJhIjoxfQ.", "sealed:1:AAAA", ".", "ü"):
        answer = house.raw({**sign(house, ("ASIAX", "secret")), "x-amz-security-token": token})
        assert (answer.status_code, answer.json()["__type"]) == (400, "UnrecognizedClientException")


def test_what_is_wrong_with_a_signature_is_said_as_aws_says_it(house: AwsHouse) -> None:
    key = house.key()
    right = sign(house, key)
    ok = house.raw(right)
    assert ok.status_code == 200 and ok.headers["content-type"] == "application/x-amz-json-1.1"
    assert len(ok.headers["x-amzn-requestid"]) == 36
    wrong: list[tuple[dict[str, str], bytes, int, str]] = [
        (HEADERS, b"{}", 403, "MissingAuthenticationToken"),
        ({**right, "authorization": "AWS4-HMAC-SHA256 Credential=x"}, b"{}", 400, "IncompleteSignature"),
        ({**right, "x-amz-content-sha256": "UNSIGNED-PAYLOAD"}, b"{}", 400, "InvalidSignatureException"),
        ({**right, "x-amz-meta": "added on the way"}, b"{}", 400, "InvalidSignatureException"),
        (right, b'{"a":1}', 400, "InvalidSignatureException"),
        ({**right, "x-amz-date": "20200101T000000Z"}, b"{}", 400, "InvalidSignatureException"),
        (sign(house, ("AKIANOBODY", "secret")), b"{}", 400, "UnrecognizedClientException"),
        (sign(house, (key[0], "another secret")), b"{}", 400, "InvalidSignatureException"),
        (sign(house, key, service="dynamodb"), b"{}", 400, "InvalidSignatureException"),
    ]
    for headers, body, status, code in wrong:
        answer = house.raw(headers, body)
        assert (answer.status_code, answer.json()["__type"]) == (status, code), answer.text
        assert answer.json()["Message"] and answer.headers["x-amzn-errortype"] == code


def test_a_signed_address_says_whose_it_is(house: AwsHouse) -> None:
    """What `aws eks get-token` and others hand to somebody who is to know the caller."""
    client = house.client("sts", house.key())
    link = client.generate_presigned_url("get_caller_identity", ExpiresIn=60, HttpMethod="GET")
    assert "<Account>000000000000</Account>" in httpx.get(link).text
    assert "SignatureDoesNotMatch" in httpx.get(link.replace("GetCallerIdentity", "GetSessionToken")).text


def test_operations_and_bodies_that_nobody_knows(house: AwsHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    key = house.key()
    with refused("UnknownOperationException"):
        house.client(key=key).list_models()
    for body in (b"[]", b"{", b"\xff", b'{"a":"\\ud800"}', b"[" * 5_000, b'{"NameContains":"a\\u0000"}'):
        answer = house.raw(sign(house, key, body), body)
        assert (answer.status_code, answer.json()["__type"]) == (400, "SerializationException"), body[:20]
    large = b'{"NameContains":"' + b"a" * (10 << 20) + b'"}'
    answer = house.raw(sign(house, key, large), large)
    assert (answer.status_code, answer.json()["__type"]) == (413, "RequestEntityTooLargeException")
    monkeypatch.setitem(OPERATIONS, "ListWorkforces", lambda call, given: {"a": object()})
    assert house.raw(sign(house, key)).json()["__type"] == "InternalFailure"


def test_services_that_are_not_here_say_so_in_their_own_protocol(house: AwsHouse) -> None:
    key = house.key()
    with refused("UnknownOperationException", "CreateUserPool of cognito-idp is not supported here"):
        house.client("cognito-idp", key).create_user_pool(PoolName="workers")
    for service, operation in (("iam", "list_roles"), ("sns", "list_topics")):
        with refused("InvalidAction", service):
            getattr(house.client(service, key), operation)()
    with refused("UnrecognizedClientException"):
        house.client("dynamodb", ("AKIANOBODY", "secret")).list_tables()


def test_strangers_send_no_large_bodies(house: AwsHouse) -> None:
    large = b" " * (1 << 20)
    answer = house.raw(sign(house, ("AKIANOBODY", "secret"), large), large)
    assert answer.status_code == 413


def test_keys_over_rest_and_on_pages(served: Served) -> None:
    rita = served.requester()
    made = rita.post("/api/v1/access-keys", json={"name": "notebook", "role": "requester", "days": 1})
    assert made.status_code == 201 and made.json()["region"] == "us-east-1"
    listed = rita.get("/api/v1/access-keys").json()
    assert [(one["id"], one["name"], one["role"]) for one in listed] == [(made.json()["id"], "notebook", "requester")]
    assert "secret" not in listed[0] and made.json()["secret"] not in rita.get("/account").text
    assert rita.post("/api/v1/access-keys", json={"role": "administrator"}).status_code == 403
    shown = rita.post("/account", data={"what": "access-key", "name": "page", "role": ""})
    told = rita.get("/account", headers={"cookie": f"groundswell_once={shown.cookies['groundswell_once']}"})
    assert "Copy the new access key now" in told.text and "page" in rita.get("/account").text
    for key in rita.get("/api/v1/access-keys").json():
        rita.post("/account", data={"what": "drop-access-key", "key": key["id"]})
    assert rita.get("/api/v1/access-keys").json() == []


def test_administrators_see_and_take_back_everybodys(served: Served) -> None:
    key = served.requester().post("/api/v1/access-keys", json={}).json()["id"]
    ada = served.administrator()
    assert [one["email"] for one in ada.get("/api/v1/access-keys/all").json()] == ["rita@example.com"]
    assert key in ada.get("/console/keys").text
    assert ada.post("/console/keys", data={"what": "access-key", "key": key}).status_code == 303
    assert ada.get("/api/v1/access-keys/all").json() == []
    assert served.requester().get("/api/v1/access-keys/all").status_code == 403


def test_a_new_password_ends_access_keys(served: Served) -> None:
    served.requester().post("/api/v1/access-keys", json={})
    rita = served.people["rita"].id
    assert served.administrator().patch(f"/api/v1/workers/{rita}", json={"password": "a new one 123"}).is_success
    assert served.requester().get("/api/v1/access-keys").json() == []


def test_the_database_holds_no_secret(served: Served) -> None:
    made = served.requester().post("/api/v1/access-keys", json={}).json()
    assert made["secret"].encode() not in (served.settings.data_dir / "groundswell.db").read_bytes()
    kept = served.store.read(lambda tx: tx.access_keys.find(made["id"]))
    assert kept is not None and made["secret"] not in kept.secret


def test_a_workspaces_account_and_region(served: Served) -> None:
    ada = served.administrator()
    asked = {"aws_account": "111122223333", "region": "eu-west-1"}
    changed = ada.patch("/api/v1/workspaces/Main", json=asked).json()
    assert {name: changed[name] for name in asked} == asked
    assert ada.patch("/api/v1/workspaces/main", json={"region": "ap-south-1"}).json()["aws_account"] == "111122223333"
    assert ada.patch("/api/v1/workspaces/Main", json={"aws_account": "12"}).status_code == 422
    assert served.requester().patch("/api/v1/workspaces/Main", json=asked).status_code == 403
    page = "/console/workspaces/Main"
    assert 'value="111122223333"' in ada.get(page).text
    assert ada.post(f"{page}/arns", data={"aws_account": "444455556666", "region": "eu-west-2"}).status_code == 303
    assert ada.get("/api/v1/me").json()["aws_account"] == "444455556666"
    refused_page = ada.post(f"{page}/arns", data={"aws_account": "44", "region": "eu-west-2"})
    assert refused_page.status_code == 422 and 'value="44"' in refused_page.text
    other = ada.post("/api/v1/workspaces", json={"name": "Other"}).json()["aws_account"]
    assert len(other) == 12 and other.isdigit() and other != "111122223333"
