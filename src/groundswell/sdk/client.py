"""The client. All requests are values of `calls.py`; it only runs them. Its asynchronous twin: `async_client.py`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import httpx

from groundswell.domain.addresses import name_problem, shown_name
from groundswell.domain.errors import InvalidInput, Unavailable
from groundswell.sdk import calls
from groundswell.sdk.calls import Call
from groundswell.sdk.errors import error_of
from groundswell.sdk.jobs import Jobs
from groundswell.sdk.work import Work
from groundswell.sdk.workforce import Workforce
from groundswell.wire import accounts, events

T = TypeVar("T")
DEFAULT_URL = "http://127.0.0.1:8080"
_TIMEOUT = httpx.Timeout(60, connect=10)


def options(url: str | None, token: str | None) -> dict[str, Any]:
    """What an httpx client is made with."""
    base = url or os.environ.get("GROUNDSWELL_URL") or DEFAULT_URL
    key = token or os.environ.get("GROUNDSWELL_TOKEN")
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return {"base_url": base, "headers": headers, "timeout": _TIMEOUT}


def read(call: Call[T], response: httpx.Response) -> T:
    """What a request was answered with; raises the server's own error."""
    if response.is_error:
        raise error_of(response.status_code, response.content)
    return call.read(response.json() if response.content else None)


def unreachable(base: Any, error: httpx.HTTPError) -> Unavailable:
    """What to say when nothing answers."""
    return Unavailable(f"no Groundswell server answers at {base} ({error}); is it started (groundswell serve)?")


def with_good_names(files: Iterable[tuple[str, Path]]) -> list[tuple[str, Path]]:
    """The files to send; raises InvalidInput, naming it, for a name that no storage keeps."""
    files = list(files)
    for name, _ in files:
        if problem := name_problem(name):
            raise InvalidInput(f"expected another name than {shown_name(name)}: it {problem}", field="name")
    return files


class Client:
    """A connection to one server, as one person.

    url: the server's address; default `GROUNDSWELL_URL`, then http://127.0.0.1:8080.
    token: an API key or session token; default `GROUNDSWELL_TOKEN`.
    transport: for tests, an httpx transport.
    """

    def __init__(
        self, url: str | None = None, token: str | None = None, *, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._http = httpx.Client(**options(url, token), transport=transport)
        self.jobs = Jobs(self)
        self.work = Work(self)
        self.workforce = Workforce(self)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    @property
    def url(self) -> str:
        """The server's address."""
        return str(self._http.base_url).rstrip("/")

    def run(self, call: Call[T]) -> T:
        """Do one request; raises the server's own error, or Unavailable when nothing answers."""
        try:
            response = self._http.request(call.method, call.path, json=call.body, params=dict(call.params))
        except httpx.TransportError as error:
            raise unreachable(self._http.base_url, error) from error
        return read(call, response)

    def sign_in(self, email: str, password: str) -> accounts.Session:
        """Sign in; later requests are this person's."""
        session = self.run(calls.sign_in(email, password))
        self._http.headers["Authorization"] = f"Bearer {session.token}"
        return session

    def me(self) -> accounts.Me:
        """Who this client is."""
        return self.run(calls.me())

    def events(
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
            page = self.run(calls.list_events(filters, min(1_000, limit - len(found)), after))
            found += page.events
            after = page.next
            if after is None:
                break
        return found

    def stream(self, path: str) -> Iterator[bytes]:
        """The body of a GET, piece by piece."""
        try:
            with self._http.stream("GET", path) as response:
                if response.is_error:
                    raise error_of(response.status_code, response.read())
                yield from response.iter_bytes()
        except httpx.TransportError as error:
            raise unreachable(self._http.base_url, error) from error

    def upload(self, files: Iterable[tuple[str, Path]], *, on_file: Callable[[str], None] | None = None) -> str:
        """Send files under their relative names, kept as they are; the URI of the folder they are in now.

        Raises InvalidInput, naming it, for a name that no storage keeps, before anything is sent.
        """
        files = with_good_names(files)
        folder = self.run(calls.begin_upload())
        for name, path in files:
            with path.open("rb") as file:
                self._put(calls.upload_path(folder, name), file)
            if on_file:
                on_file(name)
        return folder

    def _put(self, path: str, file: BinaryIO) -> None:
        try:
            response = self._http.put(path, content=iter(lambda: file.read(1 << 20), b""))
        except httpx.TransportError as error:
            raise unreachable(self._http.base_url, error) from error
        if response.is_error:
            raise error_of(response.status_code, response.content)
