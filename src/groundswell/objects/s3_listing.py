"""Listing an S3 prefix in which some names are no paths (`a//b`, `a/./b`, control characters).

obstore refuses a whole page for one such name. Here the page is asked for with a link that obstore signs, so that
whatever credentials it has are used, and read as it is: the caller leaves out, and names, what cannot be used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote, unquote, urlencode
from xml.etree import ElementTree

import httpx
import obstore
from obstore.store import S3Store

from groundswell.domain.errors import Unavailable

ENDPOINT = "aws_endpoint_url_s3"
"""obstore's setting for where S3 is: of all its names for that, the one that no variable of the environment beats."""

ListRaw = Callable[[str, str], Iterator[tuple[str, int]]]
"""(prefix, after) -> (key, bytes) of every object whose key begins with the prefix and sorts behind `after`."""

_VALID = timedelta(minutes=5)
_TIMEOUT = httpx.Timeout(120, connect=10)


def list_every_key(
    bucket: str, config: Mapping[str, str], client_options: Any, prefix: str, after: str
) -> Iterator[tuple[str, int]]:
    """(key, bytes) in S3's order, whatever the keys are. Raises Unavailable."""
    more = {"start-after": after} if after else {}
    with httpx.Client(timeout=_TIMEOUT) as client:
        while True:
            link = _signed(bucket, config, client_options, {"prefix": prefix, **more})
            try:
                page = ElementTree.fromstring(client.get(link).raise_for_status().content)
            except (httpx.HTTPError, ElementTree.ParseError) as error:
                raise Unavailable(f"s3://{bucket}/{prefix} cannot be listed: {_reason(error)}") from error
            for entry in page.findall("{*}Contents"):
                yield unquote(_text(entry, "Key")), int(_text(entry, "Size"))
            if _text(page, "IsTruncated") != "true":
                return
            more = {"continuation-token": _text(page, "NextContinuationToken")}


def _signed(bucket: str, config: Mapping[str, str], client_options: Any, query: Mapping[str, str]) -> str:
    """A link to a listing. The query is a part of the endpoint: obstore appends `/` and a key, here to a parameter
    of our own, which S3 allows when it begins with `x-`, and signs the whole.
    """
    given = urlencode({"list-type": "2", "encoding-type": "url", **query}, quote_via=quote, safe="")
    host = f"{config[ENDPOINT].rstrip('/')}/{bucket}" if ENDPOINT in config else None
    base = host or f"https://{bucket}.s3.{config.get('region', 'us-east-1')}.amazonaws.com/"
    settings: Any = {**config, ENDPOINT: f"{base}?{given}&x-listing="}
    store = S3Store(bucket, config=settings, client_options=client_options, virtual_hosted_style_request=True)
    return obstore.sign(store, "GET", "page", _VALID)


def _reason(error: Exception) -> str:
    """In our own words: httpx quotes the link, whose signature lets anybody list."""
    if isinstance(error, httpx.HTTPStatusError):
        return f"HTTP {error.response.status_code}"
    return f"no answer ({type(error).__name__})" if isinstance(error, httpx.HTTPError) else "the answer is no listing"


def _text(element: ElementTree.Element, name: str) -> str:
    return element.findtext(f"{{*}}{name}") or ""
