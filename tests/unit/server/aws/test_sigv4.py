"""Signatures made by botocore, and by the worked examples of AWS's documents, against what is checked here."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from groundswell.server.aws.authentication import SKEW, Replays
from groundswell.server.aws.errors import Fault, SignatureFault
from groundswell.server.aws.sigv4 import EMPTY_HASH, Claim, Head, check, read_claim

KEY, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
BODY = b'{"LabelingJobName":"birds"}'


def signed(method: str, url: str, body: bytes = b"", *, kind: Any = SigV4Auth, service: str = "sagemaker") -> Head:
    """A request signed by botocore, as a server sees its head."""
    request = AWSRequest(method, url, headers={"X-Amz-Target": "SageMaker.StopLabelingJob"}, data=body)
    if method == "GET":
        del request.headers["X-Amz-Target"]
    extra = {"expires": 60} if kind in (SigV4QueryAuth, S3SigV4QueryAuth) else {}
    kind(Credentials(KEY, SECRET, "token"), service, "eu-west-1", **extra).add_auth(request)
    parts = urlsplit(request.url)
    headers = {name.lower(): value for name, value in request.headers.items()} | {"host": parts.netloc}
    return Head(method, parts.path, parts.query, headers)


def claim_of(head: Head) -> Claim:
    claim = read_claim(head)
    assert claim is not None
    return claim


def verify(head: Head, body: bytes = b"", *, at: datetime | None = None, service: str = "sagemaker") -> Claim:
    claim = claim_of(head)
    stands = claim.payload if service == "s3" and claim.payload else hashlib.sha256(body).hexdigest()
    now = at or claim.at + timedelta(seconds=1)
    check(claim, head, SECRET, now=now, services=frozenset({service}), payload=stands, skew=SKEW)
    return claim


def test_a_request_signed_by_botocore_is_right() -> None:
    claim = verify(signed("POST", "http://127.0.0.1:8080/", BODY), BODY)
    assert (claim.access_key, claim.region, claim.service, claim.token) == (KEY, "eu-west-1", "sagemaker", "token")


@pytest.mark.parametrize(
    "url",
    [
        "http://h/2015-03-31/functions/a%3Ab/invocations?Qualifier=%24LATEST",  # quoted once more in the signature
        "http://h/x?b=2&a=1&a=0&empty=&c=%20%2F",
        "http://h/%C3%BC",
    ],
)
def test_paths_and_queries_of_other_services(url: str) -> None:
    verify(signed("GET", url, service="lambda"), service="lambda")


@pytest.mark.parametrize("key", ["a b", "ü/ö.jpg", "a+b=c&d", "x%2Fy", "..", "~-_."])
def test_keys_of_objects(key: str) -> None:
    from urllib.parse import quote

    url = f"http://h/bucket/{quote(key, safe='/~')}?list-type=2&prefix={quote(key, safe='')}"
    verify(signed("GET", url, kind=S3SigV4Auth, service="s3"), service="s3")
    verify(signed("GET", url, kind=S3SigV4QueryAuth, service="s3"), service="s3")


@pytest.mark.parametrize("service", ["sts", "lambda"])
def test_addresses_of_other_services_sign_their_body(service: str) -> None:
    head = signed("GET", "http://h/?Action=GetCallerIdentity&Version=2011-06-15", kind=SigV4QueryAuth, service=service)
    assert verify(head, service=service).payload is None


def test_a_presigned_address_lasts_as_long_as_it_says() -> None:
    head = signed("GET", "http://h/bucket/key", kind=S3SigV4QueryAuth, service="s3")
    claim = verify(head, service="s3")
    assert claim.is_presigned and claim.valid_s == 60
    with pytest.raises(SignatureFault, match="expired") as found:
        verify(head, at=claim.at + timedelta(seconds=60), service="s3")
    assert found.value.fault is Fault.EXPIRED_LINK


def test_the_worked_example_of_the_documents() -> None:
    """GET Object of docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html."""
    given = (
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
        "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
        "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
    )
    headers = {
        "host": "examplebucket.s3.amazonaws.com",
        "range": "bytes=0-9",
        "x-amz-content-sha256": EMPTY_HASH,
        "x-amz-date": "20130524T000000Z",
        "authorization": given,
    }
    verify(Head("GET", "/test.txt", "", headers), at=datetime(2013, 5, 24, 0, 1, tzinfo=UTC), service="s3")


def tampered(head: Head, **changes: str) -> Head:
    return replace(head, headers={**head.headers, **{name.replace("_", "-"): one for name, one in changes.items()}})


RIGHT = signed("POST", "http://h/", BODY)
WITHOUT = {name: one for name, one in RIGHT.headers.items() if name != "authorization"}


@pytest.mark.parametrize(
    ("head", "fault"),
    [
        (tampered(RIGHT, host="elsewhere"), Fault.WRONG),
        (tampered(RIGHT, x_amz_target="SageMaker.DeleteWorkteam"), Fault.WRONG),
        (replace(RIGHT, method="PUT"), Fault.WRONG),
        (replace(RIGHT, query="a=1"), Fault.WRONG),
        (tampered(RIGHT, x_amz_copy_source="/other/key"), Fault.UNSIGNED_HEADERS),
        (tampered(RIGHT, authorization=RIGHT.headers["authorization"][:-4] + "0000"), Fault.WRONG),
        (tampered(RIGHT, authorization=RIGHT.headers["authorization"].replace("host;", "")), Fault.WRONG),
        (tampered(RIGHT, authorization=RIGHT.headers["authorization"].replace("sagemaker", "sts")), Fault.WRONG),
        (tampered(RIGHT, authorization="AWS4-HMAC-SHA256 Credential=x"), Fault.INCOMPLETE),
        (tampered(RIGHT, authorization="Bearer abc"), Fault.INCOMPLETE),
        (
            tampered(RIGHT, authorization="AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=x"),
            Fault.INCOMPLETE,
        ),
        (tampered(RIGHT, x_amz_date="yesterday"), Fault.INCOMPLETE),
        (replace(RIGHT, headers=WITHOUT, query="X-Amz-Algorithm=AWS4-HMAC-SHA256"), Fault.MALFORMED_QUERY),
    ],
)
def test_what_is_changed_or_left_away_is_refused(head: Head, fault: Fault) -> None:
    with pytest.raises(SignatureFault) as found:
        verify(head, BODY)
    assert found.value.fault is fault


def test_another_body_is_refused() -> None:
    with pytest.raises(SignatureFault):
        verify(RIGHT, BODY + b" ")


@pytest.mark.parametrize("minutes", [-16, 16])
def test_old_signatures_and_those_of_the_future_are_refused(minutes: int) -> None:
    with pytest.raises(SignatureFault, match="20") as found:
        verify(RIGHT, BODY, at=claim_of(RIGHT).at + timedelta(minutes=minutes))
    assert found.value.fault is Fault.SKEWED
    assert ("not yet current" in found.value.message) == (minutes < 0)


def test_a_request_without_any_claim_has_none() -> None:
    assert read_claim(replace(RIGHT, headers=WITHOUT)) is None


def test_a_signature_that_comes_again_later_is_a_replay(monkeypatch: pytest.MonkeyPatch) -> None:
    replays, claim, now = Replays(), claim_of(RIGHT), [0.0]
    monkeypatch.setattr("groundswell.server.aws.authentication.time.monotonic", lambda: now[0])
    replays.refuse(claim)
    now[0] = 2.0
    replays.refuse(claim)  # the same asked twice in one second has the same signature
    now[0] = 11.0
    with pytest.raises(SignatureFault, match="already used"):
        replays.refuse(claim)
