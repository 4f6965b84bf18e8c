"""`AsyncClient`: everything that `Client` does, without blocking. Requests are the same values of `calls.py`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, TypeVar

import httpx

from groundswell.sdk import calls
from groundswell.sdk.async_jobs import AsyncJobs
from groundswell.sdk.async_work import AsyncWork
from groundswell.sdk.calls import Call
from groundswell.sdk.client import options, read, unreachable, with_good_names
from groundswell.sdk.errors import error_of
from groundswell.wire import accounts, events

T = TypeVar("T")
_CHUNK_BYTES = 1 << 20


class AsyncClient:
    """A connection to one server, as one person, for programs that wait for many things at once.

    url, token, transport: as `Client`. `jobs` and `work` have the same names as there, to be awaited.
    """

    def __init__(
        self, url: str | None = None, token: str | None = None, *, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._http = httpx.AsyncClient(**options(url, token), transport=transport)
        self.jobs = AsyncJobs(self)
        self.work = AsyncWork(self)

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    @property
    def url(self) -> str:
        """The server's address."""
        return str(self._http.base_url).rstrip("/")

    async def run(self, call: Call[T]) -> T:
        """Do one request; raises the server's own error, or Unavailable when nothing answers."""
        try:
            response = await self._http.request(call.method, call.path, json=call.body, params=dict(call.params))
        except httpx.TransportError as error:
            raise unreachable(self._http.base_url, error) from error
        return read(call, response)

    async def sign_in(self, email: str, password: str) -> accounts.Session:
        """Sign in; later requests are this person's."""
        session = await self.run(calls.sign_in(email, password))
        self._http.headers["Authorization"] = f"Bearer {session.token}"
        return session

    async def me(self) -> accounts.Me:
        """Who this client is."""
        return await self.run(calls.me())

    async def events(
        self,
        *,
        kind: str | None = None,
        actor: str | None = None,
        job: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 50,
    ) -> list[events.Event]:
        """What happened on the server, newest first, at most `limit`; for administrators (docs/guides/audit.md)."""
        filters = calls.event_filters(kind, actor, job, since, until)
        found: list[events.Event] = []
        after: str | None = None
        while len(found) < limit:
            page = await self.run(calls.list_events(filters, min(1_000, limit - len(found)), after))
            found += page.events
            after = page.next
            if after is None:
                break
        return found

    async def stream(self, path: str) -> AsyncIterator[bytes]:
        """The body of a GET, piece by piece."""
        try:
            async with self._http.stream("GET", path) as response:
                if response.is_error:
                    raise error_of(response.status_code, await response.aread())
                async for piece in response.aiter_bytes():
                    yield piece
        except httpx.TransportError as error:
            raise unreachable(self._http.base_url, error) from error

    async def upload(self, files: Iterable[tuple[str, Path]], *, on_file: Callable[[str], None] | None = None) -> str:
        """Send files under their relative names, kept as they are; the URI of the folder they are in now.

        Raises InvalidInput, naming it, for a name that no storage keeps, before anything is sent.
        """
        files = with_good_names(files)
        folder = await self.run(calls.begin_upload())
        for name, path in files:
            with await asyncio.to_thread(path.open, "rb") as file:
                await self._put(calls.upload_path(folder, name), file)
            if on_file:
                on_file(name)
        return folder

    async def _put(self, path: str, file: BinaryIO) -> None:
        try:
            response = await self._http.put(path, content=_pieces(file))
        except httpx.TransportError as error:
            raise unreachable(self._http.base_url, error) from error
        if response.is_error:
            raise error_of(response.status_code, response.content)


async def _pieces(file: BinaryIO) -> AsyncIterator[bytes]:
    while piece := await asyncio.to_thread(file.read, _CHUNK_BYTES):
        yield piece
