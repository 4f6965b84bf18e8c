"""One request to S3, taken apart, and what is answered to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from functools import partial
from typing import Any, TypeVar
from urllib.parse import unquote_to_bytes

from groundswell.domain.people import Principal
from groundswell.server.context import Context
from groundswell.server.s3.bodies import Body
from groundswell.server.s3.errors import S3Error
from groundswell.server.s3.xml import BadXml, Element, read

T = TypeVar("T")
_MAX_XML_BYTES = 2 << 20


@dataclass(frozen=True)
class Target:
    """What a request is about: nothing (the service), a bucket, or an object."""

    bucket: str = ""
    key: str = ""


@dataclass(frozen=True)
class Call:
    """A request whose sender is known."""

    here: Context
    principal: Principal
    method: str
    target: Target
    query: Mapping[str, str]
    headers: Mapping[str, str]  # by lower-case name
    body: Body
    threads: ThreadPoolExecutor
    location: str  # the URL of what is asked for, without the query

    @property
    def bucket(self) -> str:
        return self.target.bucket

    @property
    def key(self) -> str:
        return self.target.key

    async def run(self, work: Callable[..., T], *given: Any, **named: Any) -> T:
        """The result of work that waits for disks or the database, away from the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self.threads, partial(work, *given, **named))

    async def act(self, act: Callable[..., T], *given: Any, **named: Any) -> T:
        """The result of an act as who asks."""
        return await self.run(act, self.here, self.principal, *given, **named)

    async def xml(self, root: str) -> Element:
        """The body as XML; raises S3Error."""
        data = await self.body.whole(_MAX_XML_BYTES)
        try:
            return await self.run(read, data, root)
        except BadXml as error:
            raise malformed() from error


@dataclass
class Answer:
    """What is answered."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | AsyncGenerator[bytes, None] = b""

    @classmethod
    def xml(cls, body: bytes, status: int = 200) -> Answer:
        """A document."""
        return cls(status, {"Content-Type": "application/xml", "Content-Length": str(len(body))}, body)


def malformed() -> S3Error:
    """For XML that is none, or not what the operation needs."""
    return S3Error(
        "MalformedXML",
        "The XML you provided was not well-formed or did not validate against our published schema",
    )


def http_date(at: datetime) -> str:
    """A time as headers say it."""
    return format_datetime(at, usegmt=True)


def iso_date(at: datetime) -> str:
    """A time as XML says it."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1_000:03}Z"


def read_query(raw: bytes) -> dict[str, str]:
    """Fields of a query; raises S3Error for what is no UTF-8."""
    found: dict[str, str] = {}
    try:
        for part in raw.split(b"&"):
            name, _, value = part.partition(b"=")
            if name:
                found[unquote_to_bytes(name).decode()] = unquote_to_bytes(value.replace(b"+", b" ")).decode()
    except UnicodeDecodeError as error:
        raise S3Error("InvalidURI", "Couldn't parse the specified URI.") from error
    return found


def read_path(raw: bytes) -> str:
    """A path without its percent signs; raises S3Error for what is no UTF-8."""
    try:
        return unquote_to_bytes(raw).decode()
    except UnicodeDecodeError as error:
        raise S3Error("InvalidURI", "Couldn't parse the specified URI.") from error
