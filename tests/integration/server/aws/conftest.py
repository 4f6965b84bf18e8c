"""One server for the tests of a file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from integration.server.aws.house import AwsHouse, aws_house


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AwsHouse]:
    """A server with real HTTP in front of it."""
    with aws_house(tmp_path_factory.mktemp("aws") / "data") as running:
        yield running
