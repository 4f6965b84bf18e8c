"""A runner dies between any two of its effects; another goes on; the end is the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from groundswell.domain.states import JobState
from groundswell.testing.memory_store import MemoryStore
from integration.crashing import Crashing, Fuse, Killed
from integration.runner_house import House

LABELS = ["owl", "duck", "hawk"]
TEXTS = [{"source": f"bird {n}"} for n in range(14)]
SPEC: dict[str, Any] = {
    "workers": {"per_object": 2, "max_per_object": 4, "max_concurrent_objects": 5},
    "consolidation": {"method": "majority-vote", "stop_at_confidence": 0.6},
}


@pytest.fixture
def place(new_house: Callable[..., House]) -> Iterator[tuple[House, Fuse]]:
    fuse = Fuse()
    with ThreadPoolExecutor(1) as pool:
        house = new_house(MemoryStore(), pool)
        house.runner_store = Crashing(house.store, fuse)
        house.runner_storage = Crashing(house.storage, fuse)
        house.new_runner()
        yield house, fuse


def answer(worker: str, n: int) -> str:
    """Object 4 is in dispute."""
    return LABELS[(int(worker[1:]) if n == 4 else n) % 3]


def run(house: House, fuse: Fuse, kill_at: int | None, *, after: bool) -> dict[str, Any]:
    """The end of the job, whatever happened on the way."""
    workers = house.add_workers(5)
    house.create(TEXTS, **SPEC)
    fuse.left, fuse.after, fuse.seen = kill_at, after, 0
    for _ in range(60):
        try:
            house.tick()
        except Killed:
            fuse.left = None
            house.new_runner("another")
            house.tick(seconds=10)  # the dead runner's lease has run out
        if house.job().state is JobState.COMPLETED:
            break
        if house.job().state is JobState.IN_PROGRESS:
            house.work(answer, workers, rounds=2)
    job = house.job()
    labels = house.read(lambda tx: [(one.n, one.value, round(one.confidence, 9)) for one in tx.labels.all(job.id)])
    answers = sorted(name.split("/")[1] for name in house.files("annotations/worker-response/"))
    return {"state": job.state, "counters": job.counters, "labels": labels, "answers": answers, "output": _plain(house)}


def _plain(house: House) -> list[Any]:
    """The output without its times."""
    return [
        {key: value for key, value in line.items() if not key.endswith("-metadata")}
        | {"class-name": line["Birds-1-metadata"]["class-name"]}
        for line in house.output()
    ]


def test_a_run_without_a_crash(place: tuple[House, Fuse]) -> None:
    end = run(*place, None, after=False)
    assert end["state"] is JobState.COMPLETED
    assert end["counters"].human_labeled == 14
    assert end["answers"] == sorted(str(n) for n in range(14))
    assert 40 < place[1].seen < 200


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("tenth", range(10))
def test_the_end_is_the_same(new_house: Callable[..., House], tenth: int, after: bool) -> None:
    """Killed at every effect in turn: a tenth of them in each of ten tests."""
    expected: dict[str, Any] | None = None
    for kill_at in (None, *range(1 + tenth, 130, 10)):
        fuse = Fuse()
        with ThreadPoolExecutor(1) as pool:
            house = new_house(MemoryStore(), pool)
            house.runner_store = Crashing(house.store, fuse)
            house.runner_storage = Crashing(house.storage, fuse)
            house.new_runner()
            end = run(house, fuse, kill_at, after=after)
        if expected is None:
            expected = end
        assert end == expected, f"killed at effect {kill_at}"
