"""Which requests are S3's, and which bucket and key they are about.

Three ways lead here: a path below `/s3`; a host that is a bucket's name before one of this server's own; and, at the
root, whatever is signed for S3, so that `AWS_ENDPOINT_URL` may be this server's address. What is not signed at the root
is a page's, but for browsers' questions and forms that are sent to a bucket.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.types import Scope

from groundswell.server.s3.call import Target, read_path

PREFIX = "/s3"
_SIGNED = re.compile(rb"^AWS4-HMAC-SHA256\s.*?Credential=[^/,\s]*/\d{8}/[\w-]*/s3/aws4_request")
_PRESIGNED = re.compile(rb"X-Amz-Credential=[^&]*?(?:%2F|/)s3(?:%2F|/)aws4_request", re.IGNORECASE)
_OLD_LINK = re.compile(rb"(?:^|&)AWSAccessKeyId=")


@dataclass(frozen=True)
class Found:
    """A request of S3: the path in it, raw, after what leads here; and the bucket that its host names."""

    path: bytes
    host_bucket: str = ""

    def target(self) -> Target:
        """Raises S3Error for a path that is no UTF-8."""
        path = read_path(self.path).removeprefix("/")
        if self.host_bucket:
            return Target(self.host_bucket, path)
        bucket, _, key = path.partition("/")
        return Target(bucket, key)


class Addresses:
    """What tells S3's requests from others.

    hosts : names of this server, before which a bucket's name may stand.
    pages : first parts of the paths of this server's own pages: no bucket is asked for so without a signature.
    """

    def __init__(self, hosts: Iterable[str], pages: Iterable[str]) -> None:
        self._ends = tuple(f".{host.lower()}" for host in hosts if host)
        self._pages = frozenset(pages)

    def find(self, scope: Scope) -> Found | None:
        """Where a request of S3 leads; None for one that is not S3's."""
        raw: bytes = (scope.get("raw_path") or scope["path"].encode("utf-8", "replace")).partition(b"?")[0]
        headers = scope["headers"]
        bucket = self._bucket_of_host(_header(headers, b"host"))
        if raw.startswith(b"/s3/") or raw == b"/s3":
            return Found(raw[len(PREFIX) :] or b"/", bucket)
        if bucket:
            return Found(raw, bucket)
        given = _header(headers, b"authorization")
        query: bytes = scope["query_string"]
        if _SIGNED.match(given) or given.startswith(b"AWS ") or _PRESIGNED.search(query) or _OLD_LINK.search(query):
            return Found(raw)
        return Found(raw) if self._is_for_a_bucket(scope, raw) else None

    def _bucket_of_host(self, host: bytes) -> str:
        name = _without_port(host.decode("latin-1")).lower()
        for end in self._ends:
            if name.endswith(end) and len(name) > len(end):
                return name[: -len(end)]
        return ""

    def _is_for_a_bucket(self, scope: Scope, raw: bytes) -> bool:
        """A form sent to a bucket, or a browser's question before it asks for an object."""
        first, _, rest = raw.decode("latin-1").removeprefix("/").partition("/")
        if not first or first in self._pages:
            return False
        headers = scope["headers"]
        if scope["method"] == "OPTIONS":
            return bool(_header(headers, b"access-control-request-method"))
        return (
            scope["method"] == "POST"
            and not rest
            and _header(headers, b"content-type").startswith(b"multipart/form-data")
        )


def hosts_of(base_url: str | None, more: Sequence[str]) -> tuple[str, ...]:
    """Names before which a bucket's may stand: localhost, the base URL's host, and what a setting adds."""
    base = urlsplit(base_url or "").hostname or ""
    return tuple(dict.fromkeys(name for name in ("localhost", base, *more) if name and not _is_address(name)))


def _header(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> bytes:
    return next((value for given, value in headers if given == name), b"")


def _without_port(host: str) -> str:
    return host if host.endswith("]") else host.rpartition(":")[0] if ":" in host else host


def _is_address(name: str) -> bool:
    return ":" in name or all(part.isdigit() for part in name.split("."))
