"""Uploads in parts: create, send or copy a part, list, complete, give up."""

from __future__ import annotations

from groundswell.domain.buckets import Part, Upload
from groundswell.domain.people import Principal
from groundswell.server.context import Context
from groundswell.server.s3.call import Answer, Call, iso_date, malformed
from groundswell.server.s3.errors import S3Error, bad_argument
from groundswell.server.s3.listing_calls import encoder, number_of, owner
from groundswell.server.s3.reading_calls import span_of
from groundswell.server.s3.said import ALGORITHMS, Sums, algorithm_of, described_of, sum_headers, sums_of, wanted_of
from groundswell.server.s3.storing_calls import check_source, copy_source, pour_body
from groundswell.server.s3.xml import Element, document, leaf, node
from groundswell.service import bucket_objects, bucket_uploads
from groundswell.service.bucket_uploads import NamedPart
from groundswell.service.ports import Opened


async def create_upload(call: Call) -> Answer:
    algorithm = algorithm_of(call.headers.get("x-amz-checksum-algorithm"))
    composite = _is_composite(call, algorithm)
    upload = await call.act(
        bucket_uploads.start,
        call.bucket,
        call.key,
        described_of(call.headers),
        algorithm=algorithm,
        composite=composite,
    )
    answer = Answer.xml(
        document(
            "InitiateMultipartUploadResult",
            leaf("Bucket", call.bucket),
            leaf("Key", call.key),
            leaf("UploadId", upload.id),
        )
    )
    if algorithm:
        answer.headers["x-amz-checksum-algorithm"] = algorithm.upper()
        answer.headers["x-amz-checksum-type"] = "COMPOSITE" if composite else "FULL_OBJECT"
    return answer


def _is_composite(call: Call, algorithm: str | None) -> bool:
    kind = call.headers.get("x-amz-checksum-type", "").upper()
    if kind not in ("", "COMPOSITE", "FULL_OBJECT"):
        raise bad_argument("x-amz-checksum-type", kind, "Value for x-amz-checksum-type header is invalid.")
    if algorithm in {"COMPOSITE": ("crc64nvme",), "FULL_OBJECT": ("sha1", "sha256")}.get(kind, ()):
        raise S3Error("InvalidRequest", f"The {kind} checksum type cannot be used with the {algorithm} algorithm.")
    return algorithm is not None and algorithm != "crc64nvme" and kind != "FULL_OBJECT"


async def upload_part(call: Call) -> Answer:
    sums, number = sums_of(call.headers), _part_number(call)
    upload = await _upload(call)
    keep = tuple(dict.fromkeys((*sums.keep, *([upload.algorithm] if upload.algorithm else []))))
    sums = Sums(sums.expected, keep)
    first = await call.body.piece()
    incoming = await call.act(bucket_uploads.begin_part, call.bucket, upload, number, sums.algorithms)
    try:
        await pour_body(call, incoming, first)
        sums = sums.with_trailers(call.body.trailers)
        part = await call.run(bucket_uploads.finish_part, incoming, expected=sums.expected, keep=sums.keep)
    finally:
        await call.run(incoming.discard)
    return Answer(200, {"ETag": f'"{part.etag}"', **sum_headers(part.checksums)})


async def copy_part(call: Call) -> Answer:
    upload, number = await _upload(call), _part_number(call)
    source: Opened = await call.act(bucket_objects.open_object, *copy_source(call))
    try:
        check_source(call, source)
        span = (0, source.about.size)
        asked = call.headers.get("x-amz-copy-source-range")
        if asked is not None:
            found = span_of(asked, source.about.size)
            if found is None:
                raise bad_argument(
                    "x-amz-copy-source-range",
                    asked,
                    "The x-amz-copy-source-range value must be of the form bytes=first-last",
                )
            span = found
        part = await call.act(_copy_part, source, span, call.bucket, upload, number)
    finally:
        source.close()
    sums = (leaf(f"Checksum{name.upper()}", value) for name, value in part.checksums.items())
    stamps = (leaf("LastModified", iso_date(part.modified_at)), leaf("ETag", f'"{part.etag}"'))
    return Answer.xml(document("CopyPartResult", *stamps, *sums))


def _copy_part(
    here: Context, principal: Principal, source: Opened, span: tuple[int, int], bucket: str, upload: Upload, number: int
) -> Part:
    keep = (upload.algorithm,) if upload.algorithm else ()
    incoming = bucket_uploads.begin_part(here, principal, bucket, upload, number, keep)
    try:
        bucket_objects.pour(source, incoming, *span)
        return bucket_uploads.finish_part(incoming, keep=keep)
    finally:
        incoming.discard()


async def complete_upload(call: Call) -> Answer:
    upload = await _upload(call)
    named = [_named_part(one) for one in (await call.xml("CompleteMultipartUpload")).all("Part")]
    if not named:
        raise malformed()
    given = {name: call.headers.get(f"x-amz-checksum-{name}") for name in ALGORITHMS}
    expected = {name: value for name, value in given.items() if value is not None}
    stored = await call.act(
        bucket_uploads.complete, call.bucket, upload, named, expected=expected, wanted=wanted_of(call.headers)
    )
    kind = [leaf("ChecksumType", "COMPOSITE" if stored.composite else "FULL_OBJECT")] if stored.checksums else []
    return Answer.xml(
        document(
            "CompleteMultipartUploadResult",
            leaf("Location", call.location),
            leaf("Bucket", call.bucket),
            leaf("Key", call.key),
            leaf("ETag", f'"{stored.etag}"'),
            *(leaf(f"Checksum{name.upper()}", value) for name, value in stored.checksums.items()),
            *kind,
        )
    )


def _named_part(element: Element) -> NamedPart:
    number, etag = element.get("PartNumber") or "", element.get("ETag")
    if not number.isascii() or not number.isdigit() or len(number) > 6 or not etag:
        raise malformed()
    sums = {name: value for name in ALGORITHMS if (value := element.get(f"Checksum{name.upper()}"))}
    return NamedPart(int(number), etag.strip('"'), sums)


async def abort_upload(call: Call) -> Answer:
    await call.act(bucket_uploads.give_up, call.bucket, await _upload(call))
    return Answer(204)


async def list_parts(call: Call) -> Answer:
    upload = await _upload(call)
    most, after = number_of(call, "max-parts", 1_000), number_of(call, "part-number-marker", 0, most=10_000)
    behind = [part for part in await call.act(bucket_uploads.parts, call.bucket, upload) if part.number > after]
    shown = behind[:most]
    parts = [
        node(
            "Part",
            leaf("PartNumber", part.number),
            leaf("LastModified", iso_date(part.modified_at)),
            leaf("ETag", f'"{part.etag}"'),
            leaf("Size", part.size),
            *(leaf(f"Checksum{name.upper()}", value) for name, value in part.checksums.items()),
        )
        for part in shown
    ]
    kinds = [leaf("ChecksumAlgorithm", upload.algorithm.upper())] if upload.algorithm else []
    return Answer.xml(
        document(
            "ListPartsResult",
            leaf("Bucket", call.bucket),
            leaf("Key", call.key),
            leaf("UploadId", upload.id),
            node("Initiator", *owner(call)),
            node("Owner", *owner(call)),
            leaf("StorageClass", "STANDARD"),
            leaf("PartNumberMarker", after),
            leaf("NextPartNumberMarker", shown[-1].number if shown else 0),
            leaf("MaxParts", most),
            leaf("IsTruncated", str(len(behind) > len(shown)).lower()),
            *kinds,
            *parts,
        )
    )


async def list_uploads(call: Call) -> Answer:
    query, encode = call.query, encoder(call)
    most, prefix = number_of(call, "max-uploads", 1_000), query.get("prefix", "")
    after = (query.get("key-marker", "").encode(), query.get("upload-id-marker", "~"))
    found = [
        one
        for one in await call.act(bucket_uploads.under_way, call.bucket)
        if one.key.startswith(prefix) and (not after[0] or (one.key.encode(), one.id) > after)
    ]
    shown = found[:most]
    last = [leaf("NextKeyMarker", encode(shown[-1].key)), leaf("NextUploadIdMarker", shown[-1].id)] if shown else []
    uploads = [
        node(
            "Upload",
            leaf("Key", encode(one.key)),
            leaf("UploadId", one.id),
            node("Initiator", *owner(call)),
            node("Owner", *owner(call)),
            leaf("StorageClass", "STANDARD"),
            leaf("Initiated", iso_date(one.started_at)),
        )
        for one in shown
    ]
    return Answer.xml(
        document(
            "ListMultipartUploadsResult",
            leaf("Bucket", call.bucket),
            leaf("KeyMarker", encode(query.get("key-marker", ""))),
            leaf("UploadIdMarker", query.get("upload-id-marker", "")),
            *last,
            leaf("Prefix", encode(prefix)),
            *([leaf("EncodingType", "url")] if "encoding-type" in query else []),
            leaf("MaxUploads", most),
            leaf("IsTruncated", str(len(found) > len(shown)).lower()),
            *uploads,
        )
    )


async def _upload(call: Call) -> Upload:
    found: Upload = await call.act(bucket_uploads.find, call.bucket, call.key, call.query.get("uploadId", ""))
    return found


def _part_number(call: Call) -> int:
    given = call.query.get("partNumber", "")
    if not given.isascii() or not given.isdigit() or len(given) > 6:
        raise bad_argument("partNumber", given, "Part number must be an integer between 1 and 10000, inclusive")
    return int(given)
