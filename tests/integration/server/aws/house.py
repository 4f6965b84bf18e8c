"""A server that answers over real HTTP, and boto3 clients of the people on it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
import uvicorn
from botocore.config import Config
from botocore.exceptions import ClientError

from groundswell.domain.people import Role
from groundswell.server.protocol import BoundedProtocol
from groundswell.service import access_keys
from groundswell.testing.acting import acting
from groundswell.wire.accounts import NewAccessKey
from integration.server.serving import Served, serve

QUIET = Config(retries={"total_max_attempts": 1, "mode": "standard"}, connect_timeout=10, read_timeout=60)


@dataclass
class AwsHouse:
    """The server, its address, and who asks."""

    served: Served
    url: str
    _open: list[Any] = field(default_factory=list)
    _http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=60))

    def key(self, name: str = "rita", *roles: Role, **asked: Any) -> tuple[str, str]:
        """A new access key of a person."""
        person = self.served.person(name, *(roles or (Role.REQUESTER, Role.WORKER)))
        key, secret = access_keys.create(self.served.acts, acting(person), NewAccessKey(**asked))
        return key.id, secret

    def client(self, service: str = "sagemaker", key: tuple[str, ...] | None = None, **options: Any) -> Any:
        """A boto3 client; by default rita's, a requester."""
        given = key or self.key()
        session = boto3.session.Session(given[0], given[1], given[2] if len(given) > 2 else None, "us-east-1")
        config = QUIET.merge(options.pop("config", Config()))
        client: Any = session.client(service, endpoint_url=self.url, config=config, **options)
        self._open.append(client)
        return client

    def raw(self, headers: dict[str, str] | None = None, content: bytes = b"{}") -> httpx.Response:
        """An answer to a request that no SDK would send."""
        sent = {name.encode(): value.encode("utf-8", "surrogateescape") for name, value in (headers or {}).items()}
        return self._http.post(self.url + "/", headers=sent, content=content)

    def close(self) -> None:
        """Let go of the clients' connections."""
        for client in [*self._open, self._http]:
            client.close()


@contextmanager
def aws_house(folder: Path, **settings: Any) -> Iterator[AwsHouse]:
    """A server over SQLite in the folder, served by uvicorn in a thread."""
    served = serve(folder, standing=False, s3="local", **settings)
    config = uvicorn.Config(served.app, port=0, http=BoundedProtocol, ws="none", log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    house = AwsHouse(served, f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}")
    try:
        yield house
    finally:
        house.close()
        server.should_exit = True
        thread.join(10)
        served.store.close()


@contextmanager
def refused(code: str, *words: str) -> Iterator[None]:
    """A call that boto3 reports as this error, whose message has these words."""
    with pytest.raises(ClientError) as found:
        yield
    error = found.value.response["Error"]
    assert (error["Code"], found.value.response["ResponseMetadata"]["HTTPStatusCode"] < 500) == (code, True), error
    assert [word for word in words if word not in error["Message"]] == [], error["Message"]
