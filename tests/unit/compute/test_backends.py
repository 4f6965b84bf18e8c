"""Backends: order kept, the dead replaced, clear errors."""

from __future__ import annotations

from pathlib import Path

import pytest

from compute_work import LethalOnce, weigh
from groundswell.compute.backend import Backend
from groundswell.compute.backends import Processes, Serial, Threads, open_backend
from groundswell.domain.errors import InvalidInput


@pytest.mark.parametrize("backend", [Serial(), Threads(2)])
def test_results_keep_the_order_of_the_items(backend: Backend) -> None:
    assert backend.map(weigh, [3, 1, 2], 10) == [30, 10, 20]
    backend.close()


def test_processes_keep_the_order_and_survive_a_death(tmp_path: Path) -> None:
    with Processes(2) as backend:
        assert backend.map(weigh, [3, 1, 2], 10) == [30, 10, 20]
        assert backend.map(LethalOnce(weigh, tmp_path, skip=1), [0, 1, 2], 10) == [0, 10, 20]
    assert (tmp_path / "1").exists()


@pytest.mark.parametrize(("url", "kind"), [("serial", Serial), ("threads:2", Threads)])
def test_backends_have_urls(url: str, kind: type) -> None:
    backend = open_backend(url)
    assert isinstance(backend, kind)
    backend.close()


@pytest.mark.parametrize("url", ["", "threads", "threads:0", "processes:many", "spark://x"])
def test_other_urls_are_refused(url: str) -> None:
    with pytest.raises(InvalidInput, match="serial, threads:N"):
        open_backend(url)
