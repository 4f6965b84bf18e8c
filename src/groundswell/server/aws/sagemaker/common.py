"""What the operations share: the workspace's ARNs, page tokens, tags as lists, storage addresses, errors by name."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote

import orjson

from groundswell.domain.arns import Arns
from groundswell.domain.errors import GroundswellError
from groundswell.server.aws.doors import Call
from groundswell.server.aws.errors import AwsError
from groundswell.service import workspaces

MOST = 100
"""Of a page, where a request does not say."""

NOT_FOUND = "Requested resource not found."
_S3_HOST = re.compile(r"(?:(?P<bucket>[^/]+)\.)?s3(?:[.-][a-z0-9-]+)*\.amazonaws\.com(?:\.cn)?")

Given = Mapping[str, Any]
"""The members of a request."""


def arns_of(call: Call) -> Arns:
    """The names of things in the caller's workspace."""
    where = workspaces.own(call.here, call.caller.principal)
    return Arns(where.aws_account, where.region)


@contextmanager
def naming(**names: tuple[str, str]) -> Iterator[None]:
    """Have our errors of a code answered with (AWS's code, the message; empty: ours)."""
    try:
        yield
    except GroundswellError as error:
        if error.code not in names:
            raise
        code, message = names[error.code]
        raise AwsError(code, message or error.message) from error


def invalid(message: str) -> AwsError:
    """A value that the model allows and the service does not."""
    return AwsError("ValidationException", message)


def make_token(operation: str, place: Sequence[Any]) -> str:
    """A token for the page after this place of a listing."""
    return urlsafe_b64encode(orjson.dumps([operation, *place])).decode().rstrip("=")


def read_token(operation: str, given: Given, kinds: Sequence[type | tuple[type, ...]]) -> tuple[Any, ...] | None:
    """The place that a request's NextToken says; None for the first page. Raises AwsError for one not made here."""
    token = given.get("NextToken")
    if not token:
        return None
    try:
        found = orjson.loads(urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except ValueError:
        found = None
    if isinstance(found, list) and len(found) == len(kinds) + 1 and found[0] == operation:
        place = tuple(found[1:])
        if all(isinstance(one, kind) for one, kind in zip(place, kinds, strict=True)):
            return place
    raise invalid("The NextToken is not valid: expected one that a page of the same listing gave")


def paged(
    operation: str, found: Sequence[Any], given: Given, key: str, most: int = MOST
) -> tuple[Sequence[Any], Given]:
    """One page of a short listing, and the rest of the answer: what begins the next page.

    key : the attribute that is different for each and that the listing's order does not depend on.
    """
    place = read_token(operation, given, (str,))
    names = [getattr(one, key) for one in found]
    if place is None:
        start = 0
    elif place[0] in names:
        start = names.index(place[0]) + 1
    else:
        raise invalid("The NextToken is not valid any more: what the page ended with is gone; begin again")
    limit = given.get("MaxResults", most)
    page = found[start : start + limit]
    more = start + limit < len(found)
    return page, {"NextToken": make_token(operation, [getattr(page[-1], key)])} if more else {}


def tags_in(given: Given) -> dict[str, str]:
    """The tags of a request."""
    found: dict[str, str] = {}
    for tag in given.get("Tags", ()):
        if tag["Key"] in found:
            raise invalid(f"Duplicate tag keys found: expected each key once, got {tag['Key']!r} twice")
        if tag["Key"].lower().startswith("aws:"):
            raise invalid(f"aws: prefixed tag key names are not allowed for external use, got {tag['Key']!r}")
        found[tag["Key"]] = tag["Value"]
    return found


def tags_out(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags as a list."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def storage_uri(given: str, member: str) -> str:
    """An `s3://` address, of that or of S3's https form. Raises AwsError naming the member."""
    if given.startswith("s3://"):
        return given
    host, _, path = given.removeprefix("https://").partition("/")
    match = _S3_HOST.fullmatch(host)
    if match is None:
        raise invalid(f"Value '{given}' at '{member}' is not an object of S3: expected s3://bucket/key")
    return f"s3://{match['bucket']}/{unquote(path)}" if match["bucket"] else f"s3://{unquote(path)}"
