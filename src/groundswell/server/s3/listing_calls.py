"""ListObjectsV2 and the first ListObjects."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from urllib.parse import quote

from groundswell.domain.buckets import Listing, StoredObject
from groundswell.server.s3.call import Answer, Call, iso_date
from groundswell.server.s3.errors import bad_argument
from groundswell.server.s3.xml import document, leaf, node
from groundswell.service import bucket_objects

MOST_KEYS = 1_000


async def list_objects_v2(call: Call) -> Answer:
    query, encode = call.query, encoder(call)
    token, most = query.get("continuation-token"), number_of(call, "max-keys", MOST_KEYS)
    after = query.get("start-after", "") if token is None else _from_token(token)
    found = await _page(call, after, most)
    return Answer.xml(
        document(
            "ListBucketResult",
            *_common(call, found, encode, most),
            leaf("KeyCount", len(found.objects) + len(found.prefixes)),
            *([] if token is None else [leaf("ContinuationToken", token)]),
            *([] if found.last is None else [leaf("NextContinuationToken", _token(found.last))]),
            *([leaf("StartAfter", encode(query["start-after"]))] if "start-after" in query else []),
            *_entries(call, found, encode, with_owner=query.get("fetch-owner") == "true"),
        )
    )


async def list_objects(call: Call) -> Answer:
    encode, most = encoder(call), number_of(call, "max-keys", MOST_KEYS)
    marker = call.query.get("marker", "")
    found = await _page(call, marker, most)
    return Answer.xml(
        document(
            "ListBucketResult",
            *_common(call, found, encode, most),
            leaf("Marker", encode(marker)),
            *([] if found.last is None else [leaf("NextMarker", encode(found.last))]),
            *_entries(call, found, encode, with_owner=True),
        )
    )


async def _page(call: Call, after: str, most: int) -> Listing:
    query = call.query
    found: Listing = await call.act(
        bucket_objects.list_objects,
        call.bucket,
        prefix=query.get("prefix", ""),
        delimiter=query.get("delimiter", ""),
        after=after,
        limit=most,
    )
    return found


def _common(call: Call, found: Listing, encode: Callable[[str], str], most: int) -> list[str]:
    query = call.query
    return [
        leaf("Name", call.bucket),
        leaf("Prefix", encode(query.get("prefix", ""))),
        *([leaf("Delimiter", encode(query["delimiter"]))] if query.get("delimiter") else []),
        leaf("MaxKeys", most),
        *([leaf("EncodingType", "url")] if "encoding-type" in query else []),
        leaf("IsTruncated", str(found.last is not None).lower()),
    ]


def _entries(call: Call, found: Listing, encode: Callable[[str], str], *, with_owner: bool) -> list[str]:
    whose = node("Owner", *owner(call)) if with_owner else ""
    return [
        *(_object(one, encode, whose) for one in found.objects),
        *(node("CommonPrefixes", leaf("Prefix", encode(prefix))) for prefix in found.prefixes),
    ]


def _object(one: StoredObject, encode: Callable[[str], str], whose: str) -> str:
    return node(
        "Contents",
        leaf("Key", encode(one.key)),
        leaf("LastModified", iso_date(one.modified_at)),
        leaf("ETag", f'"{one.etag}"'),
        *(leaf("ChecksumAlgorithm", name.upper()) for name in one.checksums),
        leaf("Size", one.size),
        leaf("StorageClass", "STANDARD"),
        whose,
    )


def owner(call: Call) -> tuple[str, str]:
    """Who owns everything of a workspace, as S3 tells it."""
    workspace = call.principal.workspace_id
    return leaf("ID", hashlib.sha256(workspace.encode()).hexdigest()), leaf("DisplayName", workspace)


def encoder(call: Call) -> Callable[[str], str]:
    """How keys are written: as they are, or as URLs write them, which XML can always say."""
    kind = call.query.get("encoding-type")
    if kind not in (None, "url"):
        raise bad_argument("encoding-type", kind, "Invalid Encoding Method specified in Request")
    return quote if kind else str


def number_of(call: Call, name: str, default: int, *, most: int = MOST_KEYS) -> int:
    """A number of the query, cut at `most`; raises S3Error."""
    given = call.query.get(name)
    if not given:
        return default
    if not given.isascii() or not given.isdigit() or int(given[:10]) > 2**31 - 1:
        raise bad_argument(name, given, f"Provided {name} not an integer or within integer range")
    return min(int(given), most)


def _token(last: str) -> str:
    return urlsafe_b64encode(last.encode()).decode()


def _from_token(token: str) -> str:
    try:
        return urlsafe_b64decode(token.encode()).decode()
    except ValueError as error:
        raise bad_argument("continuation-token", token, "The continuation token provided is incorrect") from error
