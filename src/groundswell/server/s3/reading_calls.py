"""GetObject and HeadObject: ranges, conditions, parts, and headers that a request may choose."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from groundswell.domain.buckets import StoredObject
from groundswell.server.s3.call import Answer, Call, http_date
from groundswell.server.s3.errors import S3Error, bad_argument
from groundswell.server.s3.said import sum_headers
from groundswell.service import bucket_objects
from groundswell.service.ports import Opened

SMALL_BYTES = 1 << 20
"""Objects up to this size are read at once, in one visit to a thread."""
_CHUNK_BYTES = 1 << 20
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_OVERRIDES = {
    "response-content-type": "Content-Type",
    "response-content-language": "Content-Language",
    "response-expires": "Expires",
    "response-cache-control": "Cache-Control",
    "response-content-disposition": "Content-Disposition",
    "response-content-encoding": "Content-Encoding",
}
Span = tuple[int, int]
"""[start, stop) of the object's bytes."""


async def head_object(call: Call) -> Answer:
    about = await call.act(bucket_objects.head, call.bucket, call.key)
    answer = _checked(call, about)
    if answer is None:
        status, headers, _ = _described(call, about)
        answer = Answer(status, headers)
    return answer


async def get_object(call: Call) -> Answer:
    opened, data = await call.act(bucket_objects.get, call.bucket, call.key, SMALL_BYTES)
    try:
        answer = _checked(call, opened.about)
        if answer is None:
            status, headers, (start, stop) = _described(call, opened.about)
            if data is not None:
                return Answer(status, headers, data if stop - start == len(data) else data[start:stop])
            return Answer(status, headers, _stream(call, opened, start, stop))
    except BaseException:
        if data is None:
            opened.close()
        raise
    if data is None:
        opened.close()
    return answer


async def _stream(call: Call, opened: Opened, start: int, stop: int) -> AsyncGenerator[bytes, None]:
    try:
        while start < stop:
            data = await call.run(opened.read, start, min(_CHUNK_BYTES, stop - start))
            if not data:
                return
            start += len(data)
            yield data
    finally:
        opened.close()


def _described(call: Call, about: StoredObject) -> tuple[int, dict[str, str], Span]:
    """(status, headers, span) of an answer with the object."""
    span, partial = _span(call, about)
    headers = about_headers(about)
    headers["Content-Length"] = str(span[1] - span[0])
    headers |= overridden(call.query)
    if partial:
        headers["Content-Range"] = f"bytes {span[0]}-{span[1] - 1}/{about.size}"
    elif call.headers.get("x-amz-checksum-mode", "").upper() == "ENABLED" and about.checksums:
        headers |= sum_headers(about.checksums)
        headers["x-amz-checksum-type"] = "COMPOSITE" if about.composite else "FULL_OBJECT"
    if "partNumber" in call.query and about.parts:
        headers["x-amz-mp-parts-count"] = str(len(about.parts))
    return 206 if partial else 200, headers, span


def about_headers(about: StoredObject) -> dict[str, str]:
    """What is said of an object, as headers."""
    said = about.described
    headers = {
        "Content-Type": said.content_type or "binary/octet-stream",
        "ETag": f'"{about.etag}"',
        "Last-Modified": http_date(about.modified_at),
        "Accept-Ranges": "bytes",
    }
    headers |= {name.title(): value for name, value in said.headers.items()}
    headers |= {f"x-amz-meta-{name}": value for name, value in said.metadata.items()}
    return headers


def overridden(query: Mapping[str, str]) -> dict[str, str]:
    """Headers that the request chooses for its answer."""
    found = {}
    for name, header in _OVERRIDES.items():
        if name in query:
            if not query[name].isprintable():
                raise bad_argument(name, query[name], "Header value cannot be represented using ISO-8859-1.")
            found[header] = query[name]
    return found


def _checked(call: Call, about: StoredObject) -> Answer | None:
    """The answer to a request whose conditions do not hold."""
    outcome = outcome_of(about, call.headers, "")
    if outcome == 304:
        headers = {"ETag": f'"{about.etag}"', "Last-Modified": http_date(about.modified_at)}
        return Answer(304, headers)
    if outcome == 412:
        raise S3Error("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412)
    return None


def outcome_of(about: StoredObject, headers: Mapping[str, str], before: str) -> int:
    """200, 304 or 412: what the conditions say, in the order of RFC 9110; `before`: what their names begin with."""
    match, none = headers.get(f"{before}if-match"), headers.get(f"{before}if-none-match")
    since, until = headers.get(f"{before}if-modified-since"), headers.get(f"{before}if-unmodified-since")
    modified = about.modified_at.replace(microsecond=0)
    if match is not None:
        if not _names(match, about.etag):
            return 412
    elif until is not None and (at := _time(until)) is not None and modified > at:
        return 412
    if none is not None:
        return 304 if _names(none, about.etag) else 200
    if since is not None and (at := _time(since)) is not None and modified <= at:
        return 304
    return 200


def _names(header: str, etag: str) -> bool:
    tags = [one.strip().removeprefix("W/").strip('"') for one in header.split(",")]
    return "*" in tags or etag in tags


def _time(header: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(header)
    except (ValueError, TypeError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _span(call: Call, about: StoredObject) -> tuple[Span, bool]:
    """The bytes asked for, and whether they are a part."""
    if "partNumber" in call.query:
        return _span_of_part(call.query["partNumber"], about)
    header = call.headers.get("range")
    span = None if header is None else span_of(header, about.size)
    return ((0, about.size), False) if span is None else (span, True)


def span_of(header: str, size: int) -> Span | None:
    """[start, stop) of a Range header; None for one that is to be ignored. Raises S3Error for one past the end."""
    match = _RANGE.fullmatch(header.strip())
    if match is None or match.group(0) == "bytes=-":
        return None
    first, last = match.groups()
    if len(first) > 18 or len(last) > 18:
        first, last = first[:18], last[:18]
    if not first:
        start, stop = max(0, size - int(last)), size
    else:
        start, stop = int(first), min(size, int(last) + 1 if last else size)
        if last and int(last) < start:
            return None
    if start >= stop:
        raise S3Error(
            "InvalidRange",
            "The requested range is not satisfiable",
            416,
            RangeRequested=header[:100],
            ActualObjectSize=str(size),
        )
    return start, stop


def _span_of_part(given: str, about: StoredObject) -> tuple[Span, bool]:
    sizes = list(about.parts) or [about.size]
    if not given.isascii() or not given.isdigit() or not 1 <= int(given[:6]) <= 10_000:
        raise bad_argument("partNumber", given, "Part number must be an integer between 1 and 10000, inclusive")
    number = int(given)
    if number > len(sizes):
        raise S3Error("InvalidPartNumber", "The requested partnumber is not satisfiable", 416)
    start = sum(sizes[: number - 1])
    return (start, start + sizes[number - 1]), bool(about.size)
