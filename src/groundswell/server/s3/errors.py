"""S3's errors: a code, a message and a status, as XML."""

from __future__ import annotations

import re
from collections.abc import Mapping

from groundswell.domain import buckets, errors
from groundswell.server.s3.xml import document, leaf

NAMES: Mapping[type[Exception], tuple[str, int]] = {
    buckets.NoSuchBucket: ("NoSuchBucket", 404),
    buckets.NoSuchKey: ("NoSuchKey", 404),
    buckets.NoSuchUpload: ("NoSuchUpload", 404),
    buckets.BucketAlreadyExists: ("BucketAlreadyExists", 409),
    buckets.BucketNotEmpty: ("BucketNotEmpty", 409),
    buckets.PreconditionFailed: ("PreconditionFailed", 412),
    buckets.InvalidBucketName: ("InvalidBucketName", 400),
    buckets.KeyTooLong: ("KeyTooLongError", 400),
    buckets.KeyInTheWay: ("InvalidRequest", 400),
    buckets.InvalidPart: ("InvalidPart", 400),
    buckets.InvalidPartOrder: ("InvalidPartOrder", 400),
    buckets.EntityTooSmall: ("EntityTooSmall", 400),
    buckets.EntityTooLarge: ("EntityTooLarge", 400),
    buckets.BadDigest: ("BadDigest", 400),
    errors.NotFound: ("NoSuchKey", 404),
    errors.Conflict: ("OperationAborted", 409),
    errors.Forbidden: ("AccessDenied", 403),
    errors.Unauthenticated: ("AccessDenied", 403),
    errors.TooManyRequests: ("SlowDown", 503),
    errors.Unavailable: ("ServiceUnavailable", 503),
    errors.InvalidInput: ("InvalidArgument", 400),
}
"""The code and status of each error of ours; of a kind that is not here, its parent's."""

_CODE = re.compile(r"[A-Za-z0-9]+")


class S3Error(Exception):
    """What S3 answers instead of a result."""

    def __init__(self, code: str, message: str, status: int = 400, **more: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.status = code, message, status
        self.more = more  # elements besides, such as ArgumentName


def as_s3(error: errors.GroundswellError) -> S3Error:
    """An error of ours by S3's name."""
    if isinstance(error, buckets.BadDigest) and error.field == "payload":
        return S3Error(
            "XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match what was computed."
        )
    for kind in type(error).__mro__:
        if kind in NAMES:
            code, status = NAMES[kind]
            return S3Error(code, error.message, status)
    raise error


def body_of(error: S3Error, resource: str, request_id: str, host_id: str) -> bytes:
    """The error as XML."""
    more = [leaf(name, value) for name, value in error.more.items()]
    return document(
        "Error",
        leaf("Code", error.code),
        leaf("Message", error.message),
        *more,
        leaf("Resource", resource),
        leaf("RequestId", request_id),
        leaf("HostId", host_id),
        namespace=None,
    )


def not_allowed() -> S3Error:
    """For what S3 has and this server has not."""
    return S3Error("MethodNotAllowed", "The specified method is not allowed against this resource.", 405)


def bad_argument(name: str, value: str, message: str) -> S3Error:
    """A query field or header with a value that it cannot have."""
    return S3Error("InvalidArgument", message, 400, ArgumentName=name, ArgumentValue=value[:200])
