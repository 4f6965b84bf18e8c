"""What strangers may send to the S3: refused in S3's form, never a failure of the server, never out of the bucket."""

from __future__ import annotations

import http.client
import random
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from groundswell.server.s3.xml import BadXml, read
from integration.server.aws.house import AwsHouse, refused
from integration.server.s3.places import new_bucket

BAD_KEYS = [
    "../../../secret-key",
    "a/../../x",
    "..",
    "a/./b",
    "a//b",
    "/a",
    "nul\x00byte",
    "line\nbreak",
    "x" * 256,
    "x/" * 512 + "y",
    ".s3-folder",
    "a/.12-3.partial",
    "a/..",
]


@pytest.fixture(scope="module")
def s3(house: AwsHouse) -> Any:
    return house.client("s3")


@pytest.mark.parametrize("key", BAD_KEYS)
def test_keys_that_lead_elsewhere_are_refused(house: AwsHouse, s3: Any, key: str) -> None:
    bucket = new_bucket(s3)
    path = f"/{bucket}/{quote(key)}"
    put = signed(house, "PUT", path, b"x")
    assert (put.status_code, code_of(put) in ("InvalidArgument", "KeyTooLongError")) == (400, True), put.text
    for method in ("GET", "HEAD"):
        assert signed(house, method, path).status_code == 404
    assert signed(house, "DELETE", path).status_code == 204
    s3.delete_bucket(Bucket=bucket)
    data_dir = Path(house.served.settings.data_dir)
    assert (data_dir / "secret-key").is_file() and not (data_dir / "x").exists()


def test_an_object_and_a_folder_cannot_have_one_name(s3: Any) -> None:
    bucket = new_bucket(s3)
    s3.put_object(Bucket=bucket, Key="a", Body=b"1")
    with refused("InvalidRequest"):
        s3.put_object(Bucket=bucket, Key="a/b", Body=b"2")
    s3.put_object(Bucket=bucket, Key="c/d", Body=b"3")
    with refused("InvalidRequest"):
        s3.put_object(Bucket=bucket, Key="c", Body=b"4")
    s3.put_object(Bucket=bucket, Key="c/", Body=b"")
    for key in ("a/b", "c"):
        with refused("NoSuchKey"):
            s3.get_object(Bucket=bucket, Key=key)
    assert [one["Key"] for one in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["a", "c/", "c/d"]
    s3.delete_object(Bucket=bucket, Key="c/d")
    s3.delete_object(Bucket=bucket, Key="c/")
    s3.put_object(Bucket=bucket, Key="c", Body=b"4")


@pytest.mark.parametrize(
    "prefix", ["../", "/", "//", "a/../", "\x00", "/etc/", "x" * 3_000, "../../", "./", "a/", "\ud7ff", ".groundswell/"]
)
def test_listings_stay_in_the_bucket(house: AwsHouse, s3: Any, prefix: str) -> None:
    bucket = new_bucket(s3)
    s3.put_object(Bucket=bucket, Key="only", Body=b"")
    for delimiter in ("", "/"):
        answer = signed(
            house, "GET", f"/{bucket}?list-type=2&prefix={quote(prefix, safe='')}&delimiter={quote(delimiter, safe='')}"
        )
        assert (answer.status_code, "<Key>" in answer.text, "<CommonPrefixes>" in answer.text) == (200, False, False)


def test_nobody_is_let_in_without_a_right_signature(house: AwsHouse, s3: Any) -> None:
    bucket = new_bucket(s3)
    s3.put_object(Bucket=bucket, Key="x", Body=b"secret")
    url = f"{house.url}/s3/{bucket}/x"
    assert httpx.get(url).status_code == httpx.put(url, content=b"y").status_code == 403
    cookie = {"groundswell_session": house.served.token("rita")}
    assert httpx.get(url, cookies=cookie).status_code == 403
    assert httpx.get(url, headers={"Authorization": f"Bearer {cookie['groundswell_session']}"}).content == b"secret"
    assert code_of(httpx.get(url, headers={"Authorization": "Bearer wrong"})) == "AccessDenied"
    assert code_of(httpx.get(url, headers={"Authorization": "AWS a:b"})) == "InvalidRequest"
    wrong = house.client("s3", (house.key()[0], "wrong"))
    with refused("SignatureDoesNotMatch"):
        wrong.get_object(Bucket=bucket, Key="x")
    with refused("InvalidAccessKeyId"):
        house.client("s3", ("AKIANOBODY", "wrong")).get_object(Bucket=bucket, Key="x")
    tampered = signed(house, "PUT", f"/{bucket}/x", b"right", sent=b"other")
    assert code_of(tampered) == "XAmzContentSHA256Mismatch"
    assert s3.get_object(Bucket=bucket, Key="x")["Body"].read() == b"secret"


def test_the_servers_pages_are_reached_as_before(house: AwsHouse) -> None:
    for path, status in (("/healthz", 200), ("/signin", 200), ("/api/v1/jobs", 401), ("/no-bucket/x", 404)):
        assert httpx.get(house.url + path, follow_redirects=False).status_code == status, path
    answer = httpx.get(house.url + "/", headers={"Host": "photos.localhost:1"})
    assert (answer.status_code, code_of(answer)) == (403, "AccessDenied")


def test_objects_cannot_act_as_pages_of_this_server(house: AwsHouse, s3: Any) -> None:
    bucket = new_bucket(s3)
    s3.put_object(Bucket=bucket, Key="x.html", Body=b"<script>alert(1)</script>", ContentType="text/html")
    answer = httpx.get(s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "x.html"}))
    assert answer.headers["content-security-policy"].startswith("sandbox;")
    assert answer.headers["x-content-type-options"] == "nosniff"
    with refused("InvalidArgument"):
        s3.get_object(Bucket=bucket, Key="x.html", ResponseContentDisposition="a\r\nSet-Cookie: b")


XML = [
    b"",
    b"not xml",
    b"<Delete>",
    b"<Other/>",
    b"<Delete/>",
    b"<Delete><Object/></Delete>",
    b"<Delete><Object><Key></Key></Object></Delete>",
    b'<!DOCTYPE d [<!ENTITY a "aaaa">]><Delete><Object><Key>&a;</Key></Object></Delete>',
    b'<!DOCTYPE d SYSTEM "file:///etc/passwd"><Delete><Object><Key>a</Key></Object></Delete>',
    b"<Delete>" * 100 + b"</Delete>" * 100,
    b"<Delete>" + b"<Object><Key>a</Key></Object>" * 1_001 + b"</Delete>",
    b'<?xml version="1.0" encoding="none"?><Delete/>',
    b"\xff\xfe<\x00D\x00",
    b"<Delete>\x00</Delete>",
]


@pytest.mark.parametrize("number", range(len(XML)))
def test_bodies_that_are_no_good_xml(house: AwsHouse, s3: Any, number: int) -> None:
    bucket = new_bucket(s3)
    for path in ("?delete", "?cors", "/k?uploadId=0123456789abcdef", "?notification"):
        method = "PUT" if path in ("?cors", "?notification") else "POST"
        answer = signed(house, method, f"/{bucket}{path}", XML[number])
        assert 400 <= answer.status_code < 500 and "<Code>" in answer.text, (path, answer.text)


@pytest.mark.parametrize("name", ["\x00", "a\x00b", "x" * 300, "..", ".groundswell", "a\nb", "\u202e", "..%2f..", "%"])
def test_names_that_no_bucket_has(house: AwsHouse, name: str) -> None:
    for path in (f"/{quote(name, safe='')}", f"/{quote(name, safe='')}/x"):
        for method in ("GET", "DELETE"):
            answer = signed(house, method, path)
            assert (answer.status_code, code_of(answer)) == (404, "NoSuchBucket"), (path, answer.text)
    assert code_of(signed(house, "PUT", f"/{quote(name, safe='')}")) == "InvalidBucketName"


def test_large_xml_is_not_read() -> None:
    with pytest.raises(BadXml):
        read(b"<Delete>" + b"<a/>" * 60_000 + b"</Delete>", "Delete")


def test_random_requests_are_answered_in_s3s_form(house: AwsHouse, s3: Any) -> None:
    bucket, draw = new_bucket(s3), random.Random(7)
    s3.put_object(Bucket=bucket, Key="x", Body=b"0123456789")
    fields = "acl cors delete uploads uploadId=zz partNumber=0 partNumber=-1 list-type=2 max-keys=-1 "
    fields += "max-keys=9999999999999999999 "
    fields += (
        "continuation-token=%00 marker=%FF encoding-type=x versionId=3 tagging policy response-expires=%0A attributes "
    )
    fields += (
        "policyStatus torrent select restore X-Amz-Date=1 prefix=%ED%A0%80 uploadId location=1 part-number-marker=x"
    )
    headers = [
        ("range", "bytes=5-2"),
        ("range", "bytes=99999999999999999999999-"),
        ("range", "bytes=x-"),
        ("if-match", '"'),
        ("if-modified-since", "yesterday"),
        ("x-amz-copy-source", "/"),
        ("x-amz-copy-source", "%00/%00"),
        ("x-amz-copy-source", f"{bucket}/x?versionId=zz"),
        ("x-amz-copy-source-range", "bytes=0-99"),
        ("x-amz-checksum-crc32", "AAAA"),
        ("x-amz-sdk-checksum-algorithm", "MD4"),
        ("x-amz-checksum-type", "SOME"),
        ("content-md5", "none"),
        ("x-amz-metadata-directive", "TAKE"),
        ("x-amz-storage-class", "ICE"),
        ("x-amz-acl", "public-read"),
        ("x-amz-meta-a", "x" * 3_000),
        ("x-amz-trailer", "x-amz-checksum-crc32"),
        ("content-encoding", "aws-chunked"),
        ("x-amz-server-side-encryption-customer-key", "x"),
    ]
    for _ in range(400):
        asked = "&".join(draw.sample(fields.split(), draw.randint(0, 2)))
        path = draw.choice(
            ["/", f"/{bucket}", f"/{bucket}/x", f"/{bucket}/new", "/%ff", "/No Bucket/x", f"/{bucket}/%00"]
        )
        method = draw.choice(["GET", "HEAD", "PUT", "POST", "DELETE", "PATCH", "OPTIONS"])
        sent = dict(draw.sample(headers, draw.randint(0, 2)))
        body = draw.choice([b"", b"x" * 10, b"<a/>"]) if method in ("PUT", "POST") else b""
        answer = signed(house, method, path.replace(" ", "%20") + ("?" + asked if asked else ""), body, headers=sent)
        assert answer.status_code < 500, (method, path, asked, sent, answer.text)
        if answer.status_code >= 400 and method != "HEAD":
            assert "<Code>" in answer.text, (method, path, asked, sent, answer.status_code)


def code_of(answer: httpx.Response) -> str:
    return answer.text.partition("<Code>")[2].partition("</Code>")[0]


def signed(
    house: AwsHouse,
    method: str,
    path: str,
    body: bytes = b"",
    *,
    headers: dict[str, str] | None = None,
    sent: bytes | None = None,
) -> httpx.Response:
    """The answer to a request with a right signature, whatever is in it; `sent`: another body than the signed."""
    if house.url not in _keys:
        _keys[house.url] = house.key()
    key = _keys[house.url]
    request = AWSRequest(method, house.url + path, data=body)
    S3SigV4Auth(Credentials(*key), "s3", "us-east-1").add_auth(request)
    connection = http.client.HTTPConnection(urlsplit(house.url).netloc, timeout=60)
    try:
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        given = {"Host": urlsplit(house.url).netloc, **dict(request.headers), **(headers or {})}
        content = body if sent is None else sent
        for name, value in given.items():
            connection.putheader(name.encode(), str(value).encode())
        connection.putheader("Content-Length", str(len(content)))
        connection.endheaders(content)
        answer = connection.getresponse()
        return httpx.Response(answer.status, headers=answer.getheaders(), content=answer.read())
    finally:
        connection.close()


_keys: dict[str, tuple[str, str]] = {}
