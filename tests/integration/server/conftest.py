"""A server of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.server.serving import Served, serve


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A server over SQLite in a fresh folder; its clock stands still."""
    running = serve(tmp_path / "data")
    yield running
    running.store.close()
