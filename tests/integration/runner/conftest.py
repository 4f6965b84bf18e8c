"""A house over SQLite, and houses over any store."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from groundswell.store.opening import open_store
from integration.runner_house import House


@pytest.fixture
def new_house() -> type[House]:
    """Houses over any store."""
    return House


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    store = open_store(f"sqlite:///{tmp_path}/groundswell.db")
    with ThreadPoolExecutor(4) as pool:
        made = House(store, pool)
        yield made
        made.runner.close()
    store.close()
