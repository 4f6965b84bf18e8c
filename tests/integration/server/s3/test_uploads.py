"""Uploads in parts, on this server and on moto's."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import pytest
from boto3.s3.transfer import TransferConfig

from integration.server.aws.house import refused
from integration.server.s3.places import Place

PART = 5 << 20
DATA = bytes(range(256)) * 50_000  # 12.8 MB: three parts


def _etag(*parts: bytes) -> str:
    md5s = b"".join(hashlib.md5(part, usedforsecurity=False).digest() for part in parts)
    return f'"{hashlib.md5(md5s, usedforsecurity=False).hexdigest()}-{len(parts)}"'


@pytest.mark.parametrize("checksum", [{}, {"ChecksumAlgorithm": "CRC32C"}, {"ChecksumAlgorithm": "SHA256"}])
def test_boto_uploads_in_parts(s3: Any, bucket: str, checksum: dict[str, str]) -> None:
    config = TransferConfig(multipart_threshold=PART, multipart_chunksize=PART)
    said = {"ContentType": "image/x", "Metadata": {"a": "1"}, **checksum}
    s3.upload_fileobj(io.BytesIO(DATA), bucket, "big", ExtraArgs=said, Config=config)
    head = s3.head_object(Bucket=bucket, Key="big")
    assert head["ETag"] == _etag(*(DATA[start : start + PART] for start in range(0, len(DATA), PART)))
    assert (head["ContentType"], head["Metadata"], head["ContentLength"]) == ("image/x", {"a": "1"}, len(DATA))
    found = io.BytesIO()
    s3.download_fileobj(bucket, "big", found, Config=config)
    assert found.getvalue() == DATA


def test_parts_are_listed_replaced_and_put_together(place: Place, s3: Any, bucket: str) -> None:
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    send = {"Bucket": bucket, "Key": "k", "UploadId": upload}
    s3.upload_part(**send, PartNumber=7, Body=b"old")
    last = s3.upload_part(**send, PartNumber=7, Body=b"last")["ETag"]
    first = s3.upload_part(**send, PartNumber=2, Body=b"a" * PART)["ETag"]
    found = s3.list_parts(**send)
    assert [(one["PartNumber"], one["Size"]) for one in found["Parts"]] == [(2, PART), (7, 4)]
    assert [one["Key"] for one in s3.list_multipart_uploads(Bucket=bucket)["Uploads"]] == ["k"]
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)
    parts = [{"PartNumber": 2, "ETag": first}, {"PartNumber": 7, "ETag": last}]
    done = s3.complete_multipart_upload(**send, MultipartUpload={"Parts": parts})
    assert done["ETag"] == _etag(b"a" * PART, b"last")
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"a" * PART + b"last"
    if place.name == "ours":  # moto answers with the whole
        assert s3.get_object(Bucket=bucket, Key="k", PartNumber=2)["Body"].read() == b"last"
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)
    with refused("NoSuchUpload"):
        s3.list_parts(**send)


def test_parts_are_copied(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="source", Body=DATA)
    upload = s3.create_multipart_upload(Bucket=bucket, Key="copy")["UploadId"]
    send = {"Bucket": bucket, "Key": "copy", "UploadId": upload, "CopySource": {"Bucket": bucket, "Key": "source"}}
    spans = [(0, PART), (PART, len(DATA))]
    etags = [
        s3.upload_part_copy(**send, PartNumber=n, CopySourceRange=f"bytes={start}-{stop - 1}")["CopyPartResult"]["ETag"]
        for n, (start, stop) in enumerate(spans, 1)
    ]
    parts = [{"PartNumber": n, "ETag": etag} for n, etag in enumerate(etags, 1)]
    s3.complete_multipart_upload(Bucket=bucket, Key="copy", UploadId=upload, MultipartUpload={"Parts": parts})
    assert s3.get_object(Bucket=bucket, Key="copy")["Body"].read() == DATA


def test_an_upload_is_given_up(place: Place, s3: Any, bucket: str) -> None:
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    s3.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=1, Body=b"x")
    s3.abort_multipart_upload(Bucket=bucket, Key="k", UploadId=upload)
    if place.name == "ours":  # moto fails
        with refused("NoSuchUpload"):
            s3.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=2, Body=b"x")
    s3.delete_bucket(Bucket=bucket)


def test_what_does_not_fit_together_is_refused(place: Place, s3: Any, bucket: str) -> None:
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    send = {"Bucket": bucket, "Key": "k", "UploadId": upload}
    small, last = (s3.upload_part(**send, PartNumber=n, Body=b"x")["ETag"] for n in (1, 2))

    def complete(*parts: tuple[int, str]) -> None:
        told = [{"PartNumber": number, "ETag": etag} for number, etag in parts]
        s3.complete_multipart_upload(**send, MultipartUpload={"Parts": told})

    with refused("EntityTooSmall"):
        complete((1, small), (2, last))
    with refused("InvalidPart"):
        complete((3, small))
    with refused("InvalidPartOrder" if place.name == "ours" else "EntityTooSmall"):
        complete((2, last), (1, small))
    with refused("InvalidPart"):
        complete((1, '"0123"'))
    if place.name == "ours":  # moto takes any number
        with refused("InvalidArgument"):
            s3.upload_part(**send, PartNumber=10_001, Body=b"x")
    complete((1, small))
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"
