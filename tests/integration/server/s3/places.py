"""Two places that speak S3, ours and moto's: what is tried on one is tried on the other."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from integration.server.aws.house import aws_house

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Place:
    """A server that speaks S3, and a key to it."""

    name: str
    url: str
    key: tuple[str, str]

    def client(self, **config: Any) -> Any:
        """A boto3 client that tries once."""
        session = boto3.session.Session(*self.key, region_name="us-east-1")
        once: dict[str, Any] = {"retries": {"total_max_attempts": 1}, "signature_version": "s3v4"}
        return session.client("s3", endpoint_url=self.url, config=Config(**{**once, **config}))

    def environment(self) -> dict[str, str]:
        """What points AWS's own tools here."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": self.key[0],
            "AWS_SECRET_ACCESS_KEY": self.key[1],
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }


@contextmanager
def ours(folder: Path) -> Iterator[Place]:
    """A Groundswell server, at its root."""
    with aws_house(folder / "data") as house:
        yield Place("ours", house.url, house.key())


@contextmanager
def motos() -> Iterator[Place]:
    """moto's server."""
    server = pytest.importorskip("moto.server").ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield Place("moto", f"http://{host}:{port}", ("key", "secret"))
    server.stop()


def new_bucket(client: Any) -> str:
    """An empty bucket."""
    name = f"bucket-{next(_numbers)}"
    client.create_bucket(Bucket=name)
    return name
