"""The places, one each for a file's tests, and an empty bucket for each test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from integration.server.aws.house import AwsHouse, aws_house
from integration.server.s3.places import Place, motos, new_bucket, ours


@pytest.fixture(scope="module", params=["ours", "moto"])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A server that speaks S3."""
    if request.param == "moto":
        with motos() as found:
            yield found
    else:
        with ours(tmp_path_factory.mktemp("s3")) as found:
            yield found


@pytest.fixture(scope="module")
def s3(place: Place) -> Iterator[Any]:
    """A boto3 client of it."""
    client = place.client()
    yield client
    client.close()


@pytest.fixture
def bucket(s3: Any) -> str:
    """An empty bucket there."""
    return new_bucket(s3)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AwsHouse]:
    """Our server with the people on it."""
    with aws_house(tmp_path_factory.mktemp("house") / "data") as running:
        yield running
