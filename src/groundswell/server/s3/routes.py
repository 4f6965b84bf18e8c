"""Which operation a request is: by its method, by what it is about, and by the field of its query that says so."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from groundswell.server.s3 import bucket_calls as buckets
from groundswell.server.s3 import listing_calls as listings
from groundswell.server.s3 import reading_calls as reading
from groundswell.server.s3 import storing_calls as storing
from groundswell.server.s3 import upload_calls as uploads
from groundswell.server.s3.call import Answer, Call
from groundswell.server.s3.errors import S3Error, not_allowed

Operation = Callable[[Call], Awaitable[Answer]]

_BUCKET: Mapping[tuple[str, str], Operation] = {
    ("GET", ""): listings.list_objects,
    ("GET", "list-type"): listings.list_objects_v2,
    ("GET", "location"): buckets.get_location,
    ("GET", "cors"): buckets.get_cors,
    ("PUT", "cors"): buckets.put_cors,
    ("DELETE", "cors"): buckets.delete_cors,
    ("GET", "acl"): buckets.get_acl,
    ("GET", "notification"): buckets.get_notification,
    ("PUT", "notification"): buckets.put_notification,
    ("GET", "uploads"): uploads.list_uploads,
    ("POST", "delete"): storing.delete_objects,
    ("PUT", ""): buckets.create_bucket,
    ("HEAD", ""): buckets.head_bucket,
    ("DELETE", ""): buckets.delete_bucket,
    **{("GET", name): buckets.not_set for name in buckets.NOT_SET},
}
_OBJECT: Mapping[tuple[str, str], Operation] = {
    ("GET", ""): reading.get_object,
    ("HEAD", ""): reading.head_object,
    ("PUT", ""): storing.put_object,
    ("DELETE", ""): storing.delete_object,
    ("POST", "uploads"): uploads.create_upload,
    ("PUT", "uploadId"): uploads.upload_part,
    ("POST", "uploadId"): uploads.complete_upload,
    ("DELETE", "uploadId"): uploads.abort_upload,
    ("GET", "uploadId"): uploads.list_parts,
}
_COPIES: Mapping[Operation, Operation] = {
    storing.put_object: storing.copy_object,
    uploads.upload_part: uploads.copy_part,
}
_SUBRESOURCES = frozenset(
    "acl accelerate analytics attributes cors delete encryption intelligent-tiering inventory legal-hold lifecycle "
    "list-type location logging metadataTable metrics notification object-lock ownershipControls policy policyStatus "
    "publicAccessBlock replication requestPayment restore retention select session tagging torrent uploadId uploads "
    "versioning versions website renameObject".split()
)
"""Fields of a query that make a request another operation."""


def operation(method: str, bucket: str, key: str, query: Mapping[str, str], *, copies: bool) -> Operation:
    """What is asked for; raises S3Error for what there is not."""
    named = next((name for name in query if name in _SUBRESOURCES), "")
    if query.get("versionId", "null") not in ("", "null"):
        raise S3Error("NoSuchVersion", "The specified version does not exist.", 404)
    found: Operation | None
    if not bucket:
        found = buckets.list_buckets if method == "GET" else None
    else:
        found = (_OBJECT if key else _BUCKET).get((method, named))
    if found is None:
        raise not_allowed()
    return _COPIES.get(found, found) if copies else found
