"""Buckets of this server: hosts of their own, pages that may read them, being told of objects, streamed bodies."""

from __future__ import annotations

import hashlib
import socket
import zlib
from base64 import b64encode
from collections.abc import Callable
from functools import partial
from typing import Any

import httpx
import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from groundswell.server.aws.sigv4 import (
    STREAMED,
    UNSIGNED_WITH_TRAILER,
    Head,
    chunk_signature,
    read_claim,
    signing_key,
)
from groundswell.service.ports import EventFilter, Page
from integration.server.aws.house import AwsHouse, refused
from integration.server.s3.places import Place, new_bucket

RULES = {
    "CORSRules": [
        {
            "AllowedOrigins": ["https://*.example.com"],
            "AllowedMethods": ["GET", "PUT"],
            "AllowedHeaders": ["x-amz-*", "content-type"],
            "ExposeHeaders": ["ETag"],
            "MaxAgeSeconds": 300,
        }
    ]
}


@pytest.fixture(scope="module")
def s3(house: AwsHouse) -> Any:
    return house.client("s3")


def test_a_bucket_is_a_host(house: AwsHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    find = socket.getaddrinfo  # not every machine knows names below localhost
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda name, *rest: find("127.0.0.1" if "localhost" in name else name, *rest)
    )
    local = Place("ours", house.url.replace("127.0.0.1", "localhost"), house.key())
    client = local.client(s3={"addressing_style": "virtual"})
    seen: list[str] = []
    client.meta.events.register("before-send.s3", lambda request, **rest: seen.append(request.url))
    bucket = new_bucket(client)
    client.put_object(Bucket=bucket, Key="a b/ü", Body=b"by host")
    assert client.get_object(Bucket=bucket, Key="a b/ü")["Body"].read() == b"by host"
    assert client.list_objects_v2(Bucket=bucket)["KeyCount"] == 1
    assert all(url.startswith(f"http://{bucket}.localhost:") for url in seen)
    client.close()


def test_pages_that_may_read_a_bucket(house: AwsHouse, s3: Any) -> None:
    bucket = new_bucket(s3)
    s3.put_object(Bucket=bucket, Key="x", Body=b"x")
    link = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "x"})
    page = {"Origin": "https://a.example.com"}
    question = {**page, "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "x-amz-acl"}
    assert "access-control-allow-origin" not in httpx.get(link, headers=page).headers
    assert httpx.options(link, headers=question).status_code == 403
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration=RULES)
    assert s3.get_bucket_cors(Bucket=bucket)["CORSRules"] == RULES["CORSRules"]
    answer = httpx.get(link, headers=page)
    assert answer.headers["access-control-allow-origin"] == "https://a.example.com"
    assert (answer.headers["access-control-expose-headers"], answer.content) == ("ETag", b"x")
    for url in (link, f"{house.url}/s3/{bucket}/x"):
        asked = httpx.options(url, headers=question)
        assert (asked.status_code, asked.headers["access-control-max-age"]) == (200, "300")
        assert "PUT" in asked.headers["access-control-allow-methods"]
    for other in ({"Origin": "https://evil.com"}, {"Access-Control-Request-Method": "DELETE"}):
        assert httpx.options(link, headers={**question, **other}).status_code == 403
    assert "access-control-allow-origin" not in httpx.get(link, headers={"Origin": "https://evil.com"}).headers
    with refused("InvalidRequest"):
        s3.put_bucket_cors(
            Bucket=bucket, CORSConfiguration={"CORSRules": [{"AllowedMethods": ["PATCH"], "AllowedOrigins": ["*"]}]}
        )
    s3.delete_bucket_cors(Bucket=bucket)
    with refused("NoSuchCORSConfiguration"):
        s3.get_bucket_cors(Bucket=bucket)


def test_events_tell_of_objects_where_somebody_asked(house: AwsHouse, s3: Any) -> None:
    bucket = new_bucket(s3)
    s3.put_object(Bucket=bucket, Key="before", Body=b"")
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}})
    assert "EventBridgeConfiguration" in s3.get_bucket_notification_configuration(Bucket=bucket)
    etag = s3.put_object(Bucket=bucket, Key="a b", Body=b"hello")["ETag"].strip('"')
    s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/a b")
    s3.delete_object(Bucket=bucket, Key="copy")
    s3.delete_object(Bucket=bucket, Key="none")
    wanted = EventFilter(subject=bucket, kind="bucket")
    found = house.served.store.read(lambda tx: tx.events.page(wanted, Page(limit=20)))[::-1]
    assert [one.kind for one in found] == [
        "bucket.created",
        "bucket.changed",
        "bucket.object_created",
        "bucket.object_created",
        "bucket.object_removed",
    ]
    told = found[2].data
    assert told["name"] == "ObjectCreated:Put" and told["object"].keys() == {"key", "size", "eTag", "sequencer"}
    assert (told["object"]["key"], told["object"]["size"], told["object"]["eTag"]) == ("a+b", 5, etag)
    assert [one.data["name"] for one in found[3:]] == ["ObjectCreated:Copy", "ObjectRemoved:Delete"]
    with refused("InvalidArgument"):
        queue = {"QueueArn": "arn:aws:sqs:us-east-1:123456789012:q", "Events": ["s3:ObjectCreated:*"]}
        s3.put_bucket_notification_configuration(
            Bucket=bucket, NotificationConfiguration={"QueueConfigurations": [queue]}
        )


def test_a_bucket_is_where_its_workspace_is(house: AwsHouse, s3: Any) -> None:
    bucket, admin = new_bucket(s3), house.served.administrator()
    assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] is None
    where = admin.patch("/api/v1/workspaces/Main", json={"region": "eu-west-1"})
    assert where.status_code == 200, where.text
    assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] == "eu-west-1"
    assert s3.head_bucket(Bucket=bucket)["BucketRegion"] == "eu-west-1"
    admin.patch("/api/v1/workspaces/Main", json={"region": "us-east-1"})


class Streamed(S3SigV4Auth):  # type: ignore[misc]  # botocore ships no types
    """Signs a request whose body comes in chunks."""

    kind = STREAMED

    def payload(self, request: Any) -> str:
        return self.kind


class StreamedUnsigned(Streamed):
    kind = UNSIGNED_WITH_TRAILER


def _send(
    house: AwsHouse,
    kind: type[Streamed],
    path: str,
    size: int,
    chunks: Callable[[Head], bytes],
    trailer: str = "",
) -> httpx.Response:
    """The answer to an object sent in chunks."""
    request = AWSRequest("PUT", house.url + path)
    request.headers["x-amz-decoded-content-length"] = str(size)
    request.headers["content-encoding"] = "aws-chunked"
    if trailer:
        request.headers["x-amz-trailer"] = trailer
    kind(Credentials(*KEYS.get(house)), "s3", "us-east-1").add_auth(request)
    headers = {name: str(value) for name, value in request.headers.items()}
    head = Head("PUT", path, "", {name.lower(): value for name, value in headers.items()})
    return httpx.put(house.url + path, headers=headers, content=chunks(head), timeout=60)


class Keys:
    """One key of each house."""

    def __init__(self) -> None:
        self._of: dict[str, tuple[str, str]] = {}

    def get(self, house: AwsHouse) -> tuple[str, str]:
        if house.url not in self._of:
            self._of[house.url] = house.key()
        return self._of[house.url]


KEYS = Keys()


@pytest.mark.parametrize("size", [5, 3 << 20])
def test_bodies_in_chunks_with_trailers(house: AwsHouse, s3: Any, size: int) -> None:
    """As boto3 sends over TLS: the checksum comes behind the bytes."""
    bucket, data = new_bucket(s3), b"x" * size

    def chunks(checksum: bytes) -> Callable[[Head], bytes]:
        parts = [data[at : at + 70_000] for at in range(0, size, 70_000)]
        sent = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts)
        return lambda head: sent + b"0\r\nx-amz-checksum-crc32:" + checksum + b"\r\n\r\n"

    right = b64encode(zlib.crc32(data).to_bytes(4, "big"))
    path, trailer = f"/{bucket}/x", "x-amz-checksum-crc32"
    stored = _send(house, StreamedUnsigned, path, size, chunks(right), trailer)
    assert (stored.status_code, stored.headers[trailer]) == (200, right.decode()), stored.text
    got = s3.get_object(Bucket=bucket, Key="x", ChecksumMode="ENABLED")
    assert (got["Body"].read(), got["ChecksumCRC32"], got.get("ContentEncoding")) == (data, right.decode(), None)
    wrong = _send(house, StreamedUnsigned, f"/{bucket}/y", size, chunks(b"AAAAAA=="), trailer)
    assert (wrong.status_code, "<Code>BadDigest</Code>" in wrong.text) == (400, True), wrong.text
    short = _send(house, StreamedUnsigned, f"/{bucket}/y", size + 1, chunks(right), trailer)
    assert (short.status_code, "<Code>IncompleteBody</Code>" in short.text) == (400, True), short.text
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 1


def test_chunks_with_signatures_of_their_own(house: AwsHouse, s3: Any) -> None:
    bucket, parts = new_bucket(s3), [b"a" * 70_000, b"b" * 300, b""]
    size = sum(map(len, parts))

    def signed(head: Head, *, tampered: bool = False) -> bytes:
        claim = read_claim(head)
        assert claim is not None
        key = signing_key(KEYS.get(house)[1], claim.date, claim.region, claim.service)
        previous, sent = claim.signature, b""
        for part in parts:
            digest = hashlib.sha256(part).hexdigest()
            previous = chunk_signature(key, "AWS4-HMAC-SHA256-PAYLOAD", claim, previous, digest)
            shown = part.replace(b"b", b"c") if tampered else part
            sent += b"%x;chunk-signature=%b\r\n%b\r\n" % (len(part), previous.encode(), shown)
        return sent

    stored = _send(house, Streamed, f"/{bucket}/x", size, signed)
    assert stored.status_code == 200, stored.text
    assert s3.get_object(Bucket=bucket, Key="x")["Body"].read() == b"".join(parts)
    other = _send(house, Streamed, f"/{bucket}/y", size, partial(signed, tampered=True))
    assert (other.status_code, "<Code>SignatureDoesNotMatch</Code>" in other.text) == (403, True), other.text
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 1
