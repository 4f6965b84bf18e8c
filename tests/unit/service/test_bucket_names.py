"""No database is asked for a bucket's name that it could not hold: Postgres fails on a NUL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from groundswell.service import buckets
from groundswell.testing.acting import acts_over
from groundswell.testing.memory_store import MemoryStore


class Unasked(MemoryStore):
    """A store that refuses to be asked."""

    def read(self, work: Callable[..., Any]) -> Any:
        raise AssertionError("the database was asked")


@pytest.mark.parametrize("name", ["\x00", "a\x00b", "line\nbreak", "x" * 300, "\ud800"])
def test_names_that_cannot_be_are_not_looked_up(name: str) -> None:
    assert buckets.known(acts_over(Unasked()), name) is None
