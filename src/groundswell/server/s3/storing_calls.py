"""PutObject, CopyObject, DeleteObject and DeleteObjects."""

from __future__ import annotations

from urllib.parse import unquote

from groundswell.domain.buckets import Described, StoredObject, Wanted
from groundswell.domain.errors import GroundswellError
from groundswell.domain.people import Principal
from groundswell.server.context import Context
from groundswell.server.s3.call import Answer, Call, iso_date, malformed
from groundswell.server.s3.errors import S3Error, as_s3, bad_argument
from groundswell.server.s3.reading_calls import outcome_of
from groundswell.server.s3.said import Sums, algorithm_of, described_of, sum_headers, sums_of, wanted_of
from groundswell.server.s3.xml import document, leaf, node
from groundswell.service import bucket_objects, buckets
from groundswell.service.access import Action
from groundswell.service.ports import Incoming, Opened

_MOST_DELETED = 1_000


async def put_object(call: Call) -> Answer:
    described, sums, wanted = described_of(call.headers), sums_of(call.headers), wanted_of(call.headers)
    first = await call.body.piece()
    if call.body.at_end:  # small: one visit to a thread
        sums = sums.with_trailers(call.body.trailers)
        stored = await call.act(_put_whole, call.bucket, call.key, first, described, sums, wanted)
    else:
        incoming = await call.act(bucket_objects.begin, call.bucket, call.key, sums.algorithms)
        try:
            await pour_body(call, incoming, first)
            sums = sums.with_trailers(call.body.trailers)
            stored = await call.act(
                bucket_objects.finish,
                call.bucket,
                incoming,
                described,
                expected=sums.expected,
                wanted=wanted,
                keep=sums.keep,
            )
        finally:
            await call.run(incoming.discard)
    return Answer(200, {"ETag": f'"{stored.etag}"', **sum_headers(stored.checksums), **_kind_header(stored)})


def _put_whole(
    here: Context,
    principal: Principal,
    bucket: str,
    key: str,
    data: bytes,
    described: Described,
    sums: Sums,
    wanted: Wanted,
) -> StoredObject:
    incoming = bucket_objects.begin(here, principal, bucket, key, sums.algorithms)
    try:
        incoming.write(data)
        return bucket_objects.finish(
            here, principal, bucket, incoming, described, expected=sums.expected, wanted=wanted, keep=sums.keep
        )
    finally:
        incoming.discard()


async def pour_body(call: Call, incoming: Incoming, first: bytes) -> None:
    """A body into what is being stored, piece by piece."""
    data = first
    while data or not call.body.at_end:
        await call.run(incoming.write, data)
        data = b"" if call.body.at_end else await call.body.piece()


async def copy_object(call: Call) -> Answer:
    bucket, key = copy_source(call)
    replaces = call.headers.get("x-amz-metadata-directive", "COPY").upper()
    if replaces not in ("COPY", "REPLACE"):
        raise bad_argument("x-amz-metadata-directive", replaces, "Unknown metadata directive.")
    if (bucket, key) == (call.bucket, call.key) and replaces == "COPY":
        raise S3Error(
            "InvalidRequest",
            "This copy request is illegal because it is trying to copy an object to itself without changing the "
            "object's metadata, storage class, website redirect location or encryption attributes.",
        )
    described = described_of(call.headers)
    source: Opened = await call.act(bucket_objects.open_object, bucket, key)
    try:
        check_source(call, source)
        chosen = sums_of(call.headers).keep or algorithm_header(call) or tuple(source.about.checksums)
        stored = await call.act(
            bucket_objects.copy,
            source,
            call.bucket,
            call.key,
            described if replaces == "REPLACE" else source.about.described,
            keep=chosen,
            wanted=wanted_of(call.headers),
        )
    finally:
        source.close()
    return Answer.xml(
        document(
            "CopyObjectResult",
            leaf("LastModified", iso_date(stored.modified_at)),
            leaf("ETag", f'"{stored.etag}"'),
            *(leaf(f"Checksum{name.upper()}", value) for name, value in stored.checksums.items()),
        )
    )


def algorithm_header(call: Call) -> tuple[str, ...]:
    """The checksum that a copy is to have."""
    found = algorithm_of(call.headers.get("x-amz-checksum-algorithm"))
    return (found,) if found else ()


def copy_source(call: Call) -> tuple[str, str]:
    """(bucket, key) of x-amz-copy-source; raises S3Error."""
    given = call.headers["x-amz-copy-source"]
    path, _, version = given.partition("?versionId=")
    path = unquote(path)
    bucket, slash, key = path.removeprefix("/").partition("/")
    if not bucket or not slash or not key:
        raise bad_argument("x-amz-copy-source", given, "Invalid copy source object key")
    if version not in ("", "null"):
        raise S3Error("NoSuchVersion", "The specified version does not exist.", 404)
    return bucket, key


def check_source(call: Call, source: Opened) -> None:
    """Raise S3Error where the conditions on a copy's source do not hold."""
    if outcome_of(source.about, call.headers, "x-amz-copy-source-") != 200:
        raise S3Error("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412)


async def delete_object(call: Call) -> Answer:
    await call.act(bucket_objects.delete, call.bucket, call.key)
    return Answer(204)


async def delete_objects(call: Call) -> Answer:
    data = await call.xml("Delete")
    named = data.all("Object")
    keys = [(one.all("Key")[0].text if one.all("Key") else None) for one in named]
    if not 1 <= len(keys) <= _MOST_DELETED or any(not key for key in keys):
        raise malformed()
    return Answer.xml(
        await call.act(_delete_all, call.bucket, [key for key in keys if key], data.get("Quiet") == "true")
    )


def _delete_all(here: Context, principal: Principal, bucket: str, keys: list[str], quiet: bool) -> bytes:
    buckets.reach(here, principal, bucket, Action.CHANGE_BUCKETS)
    told = []
    for key in keys:
        try:
            bucket_objects.delete(here, principal, bucket, key)
        except GroundswellError as error:
            known = as_s3(error)
            told.append(node("Error", leaf("Key", key), leaf("Code", known.code), leaf("Message", known.message)))
        else:
            if not quiet:
                told.append(node("Deleted", leaf("Key", key)))
    return document("DeleteResult", *told)


def _kind_header(stored: StoredObject) -> dict[str, str]:
    return {"x-amz-checksum-type": "FULL_OBJECT"} if stored.checksums else {}
