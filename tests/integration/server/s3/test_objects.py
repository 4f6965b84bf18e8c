"""Objects over S3, on this server and on moto's: what is stored is read, ranges, conditions, copies, deletions."""

from __future__ import annotations

import hashlib
import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from integration.server.aws.house import refused
from integration.server.s3.places import Place, new_bucket

KEYS = [
    "plain.txt",
    "a b/ü ö.txt",
    "percent%20plus+&=?#.txt",
    "שלום/😀.png",
    "deep/" * 20 + "x",
    "n" * 255,
    "dots..v1.txt",
]


@pytest.mark.parametrize("key", KEYS)
def test_what_is_stored_is_read(s3: Any, bucket: str, key: str) -> None:
    data = b"hello " + key.encode()
    put = s3.put_object(Bucket=bucket, Key=key, Body=data, ContentType="text/plain", Metadata={"who": "rita"})
    got = s3.get_object(Bucket=bucket, Key=key)
    assert got["Body"].read() == data
    assert put["ETag"] == got["ETag"] == f'"{hashlib.md5(data, usedforsecurity=False).hexdigest()}"'
    assert (got["ContentType"], got["Metadata"], got["ContentLength"]) == ("text/plain", {"who": "rita"}, len(data))
    assert abs(got["LastModified"] - datetime.now(UTC)) < timedelta(minutes=1)
    assert [one["Key"] for one in s3.list_objects_v2(Bucket=bucket)["Contents"]] == [key]
    s3.delete_object(Bucket=bucket, Key=key)
    with refused("NoSuchKey"):
        s3.get_object(Bucket=bucket, Key=key)
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


def test_what_is_said_of_an_object_is_told(s3: Any, bucket: str) -> None:
    said = {
        "CacheControl": "max-age=60",
        "ContentDisposition": 'attachment; filename="x.bin"',
        "ContentEncoding": "gzip",
        "ContentLanguage": "de",
        "ContentType": "application/x-thing",
    }
    s3.put_object(Bucket=bucket, Key="x", Body=b"x", **said)
    head = s3.head_object(Bucket=bucket, Key="x")
    assert {name: head[name] for name in said} == said
    chosen = s3.get_object(Bucket=bucket, Key="x", ResponseContentType="text/html", ResponseCacheControl="no-store")
    assert (chosen["ContentType"], chosen["CacheControl"]) == ("text/html", "no-store")


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"])
def test_checksums_are_kept_and_held_against(place: Place, s3: Any, bucket: str, algorithm: str) -> None:
    put = s3.put_object(Bucket=bucket, Key="x", Body=b"hello", ChecksumAlgorithm=algorithm)
    name = f"Checksum{algorithm}"
    got = s3.get_object(Bucket=bucket, Key="x", ChecksumMode="ENABLED")
    assert got["Body"].read() == b"hello"
    if place.name == "ours":
        assert put[name] == got[name]
        with refused("BadDigest"):
            s3.put_object(Bucket=bucket, Key="y", Body=b"hello", **{name: _other(put[name])})
        with refused("InvalidRequest"):
            s3.put_object(Bucket=bucket, Key="y", Body=b"hello", **{name: "none"})
        assert [one["Key"] for one in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["x"]


def _other(checksum: str) -> str:
    """Another checksum of the same length."""
    return ("B" if checksum[0] == "A" else "A") + checksum[1:]


def test_ranges(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="x", Body=b"0123456789")

    def part(asked: str) -> tuple[bytes, str]:
        got = s3.get_object(Bucket=bucket, Key="x", Range=asked)
        return got["Body"].read(), got["ContentRange"]

    assert part("bytes=2-4") == (b"234", "bytes 2-4/10")
    assert part("bytes=7-") == (b"789", "bytes 7-9/10")
    assert part("bytes=-2") == (b"89", "bytes 8-9/10")
    assert part("bytes=8-100") == (b"89", "bytes 8-9/10")
    with refused("InvalidRange"):
        part("bytes=10-")


def test_large_objects_come_in_pieces(s3: Any, bucket: str) -> None:
    data = bytes(range(256)) * 12_000  # 3 MB: more than is held at once
    s3.put_object(Bucket=bucket, Key="x", Body=data)
    assert s3.get_object(Bucket=bucket, Key="x")["Body"].read() == data
    assert (
        s3.get_object(Bucket=bucket, Key="x", Range="bytes=1000000-2500000")["Body"].read() == data[1_000_000:2_500_001]
    )


def test_conditions_on_reading(s3: Any, bucket: str) -> None:
    etag = s3.put_object(Bucket=bucket, Key="x", Body=b"x")["ETag"]
    now = datetime.now(UTC)
    for good in ({"IfMatch": etag}, {"IfNoneMatch": '"other"'}, {"IfUnmodifiedSince": now + timedelta(days=1)}):
        assert s3.get_object(Bucket=bucket, Key="x", **good)["ETag"] == etag
    for failed in ({"IfMatch": '"other"'}, {"IfUnmodifiedSince": now - timedelta(days=1)}):
        with refused("PreconditionFailed"):
            s3.get_object(Bucket=bucket, Key="x", **failed)
    for same in ({"IfNoneMatch": etag}, {"IfModifiedSince": now + timedelta(days=1)}):
        with refused("304"):
            s3.head_object(Bucket=bucket, Key="x", **same)


def test_conditions_on_storing(place: Place, s3: Any, bucket: str) -> None:
    first = s3.put_object(Bucket=bucket, Key="x", Body=b"1", IfNoneMatch="*")["ETag"]
    with refused("PreconditionFailed"):
        s3.put_object(Bucket=bucket, Key="x", Body=b"2", IfNoneMatch="*")
    s3.put_object(Bucket=bucket, Key="x", Body=b"3", IfMatch=first)
    with refused("PreconditionFailed"):
        s3.put_object(Bucket=bucket, Key="x", Body=b"4", IfMatch=first)
    assert s3.get_object(Bucket=bucket, Key="x")["Body"].read() == b"3"


def test_copies(s3: Any, bucket: str) -> None:
    other = new_bucket(s3)
    s3.put_object(Bucket=bucket, Key="ä b+c", Body=b"bytes", ContentType="text/x", Metadata={"a": "1"})
    source = {"Bucket": bucket, "Key": "ä b+c"}
    s3.copy_object(Bucket=other, Key="same", CopySource=source)
    s3.copy_object(Bucket=other, Key="said", CopySource=source, MetadataDirective="REPLACE", Metadata={"b": "2"})
    same, said = (s3.get_object(Bucket=other, Key=key) for key in ("same", "said"))
    assert (same["Body"].read(), same["Metadata"], same["ContentType"]) == (b"bytes", {"a": "1"}, "text/x")
    assert (said["Body"].read(), said["Metadata"]) == (b"bytes", {"b": "2"})
    with refused("InvalidRequest"):
        s3.copy_object(Bucket=bucket, Key="ä b+c", CopySource=source)
    with refused("NoSuchKey"):
        s3.copy_object(Bucket=bucket, Key="y", CopySource={"Bucket": bucket, "Key": "none"})


def test_many_are_deleted_at_once(place: Place, s3: Any, bucket: str) -> None:
    keys = [f"a/{n}" for n in range(12)]
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    told = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in [*keys[:-1], "none"]]})
    assert {one["Key"] for one in told["Deleted"]} == {*keys[:-1], "none"}
    assert [one["Key"] for one in s3.list_objects_v2(Bucket=bucket)["Contents"]] == keys[-1:]
    with refused("BucketNotEmpty"):
        s3.delete_bucket(Bucket=bucket)
    quiet = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": keys[-1]}], "Quiet": True})
    assert "Deleted" not in quiet or place.name == "moto"
    s3.delete_bucket(Bucket=bucket)
    with refused("404"):
        s3.head_bucket(Bucket=bucket)


def test_buckets(place: Place, s3: Any, bucket: str) -> None:
    assert bucket in {one["Name"] for one in s3.list_buckets()["Buckets"]}
    s3.create_bucket(Bucket=bucket)  # one's own again, as in us-east-1
    s3.head_bucket(Bucket=bucket)
    assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] is None
    with refused("NoSuchBucket"):
        s3.put_object(Bucket="no-such-bucket", Key="x", Body=b"")
    if place.name == "ours":
        with refused("InvalidBucketName"):
            s3.create_bucket(Bucket="no-good-")
    for ask, code in ((s3.get_bucket_policy, "NoSuchBucketPolicy"), (s3.get_bucket_cors, "NoSuchCORSConfiguration")):
        with refused(code):
            ask(Bucket=bucket)
    assert s3.get_bucket_versioning(Bucket=bucket).get("Status") is None
    assert s3.get_bucket_acl(Bucket=bucket)["Grants"][0]["Permission"] == "FULL_CONTROL"


@pytest.mark.parametrize("way", ["s3v4", None, "below"])
def test_links(place: Place, bucket: str, way: str | None) -> None:
    if way == "below" and place.name == "moto":
        pytest.skip("moto has no second address")
    s3 = replace(place, url=f"{place.url}/s3" if way == "below" else place.url).client(
        signature_version="s3v4" if way == "s3v4" else None
    )
    put = s3.generate_presigned_url(
        "put_object", Params={"Bucket": bucket, "Key": "a b/x.txt", "ContentType": "text/x"}
    )
    assert httpx.put(put, content=b"by link", headers={"Content-Type": "text/x"}).status_code == 200
    get = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "a b/x.txt"})
    answer = httpx.get(get)
    assert (answer.content, answer.headers["content-type"]) == (b"by link", "text/x")
    if place.name == "ours":
        assert httpx.get(get.replace("x.txt", "y.txt")).status_code == 403
        assert httpx.put(get, content=b"other").status_code == 403
    s3.close()


@pytest.mark.parametrize("version", ["s3v4", None])
def test_forms(place: Place, bucket: str, version: str | None) -> None:
    s3 = place.client(signature_version=version)
    form = s3.generate_presigned_post(
        bucket, "forms/${filename}", {"success_action_status": "201"}, [{"success_action_status": "201"}]
    )
    answer = httpx.post(form["url"], data=form["fields"], files={"file": ("a b.txt", b"by form")})
    assert answer.status_code == 201
    assert s3.get_object(Bucket=bucket, Key="forms/a b.txt")["Body"].read() == b"by form"
    if place.name == "ours":
        for changed in ({"key": "other/x"}, {"x-amz-meta-a": "1"}, {"signature": "A", "x-amz-signature": "A"}):
            refusal = httpx.post(form["url"], data={**form["fields"], **changed}, files={"file": ("x", b"x")})
            assert (refusal.status_code, "<Code>" in refusal.text) == (403, True), changed
    s3.close()


def test_file_objects(s3: Any, bucket: str) -> None:
    s3.upload_fileobj(io.BytesIO(b"whole"), bucket, "x")
    found = io.BytesIO()
    s3.download_fileobj(bucket, "x", found)
    assert found.getvalue() == b"whole"
