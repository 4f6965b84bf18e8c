"""A clock that is set back: jobs go on, in the order in which things happened."""

from __future__ import annotations

from datetime import timedelta

import pytest

from groundswell.domain.states import AssignmentState, JobState
from integration.runner_house import LABELS, TEXTS, House

HOURS = timedelta(hours=5)


def answer(worker: str, n: int) -> str:
    return LABELS[n % 3]


def halfway(house: House, **fields: object) -> list[str]:
    """A job half of whose objects are labeled; its workers."""
    workers = house.add_workers(3)
    house.create(TEXTS, workers={"per_object": 1, "max_concurrent_objects": 10, **fields})
    house.tick(3)
    house.work(answer, workers, rounds=5)
    house.tick(3)
    return workers


def test_consolidation_goes_on(house: House) -> None:
    workers = halfway(house)
    before = house.job().counters.human_labeled
    files = house.files("annotations/consolidated-annotation/consolidation-response")
    assert before and files
    house.set_clock_back(HOURS)
    house.work(answer, workers, rounds=2)
    house.tick(3)
    assert house.job().counters.human_labeled > before
    newer = house.files("annotations/consolidated-annotation/consolidation-response")
    assert set(files) < set(newer)  # none was written over
    job = house.finish(answer, workers)
    assert job.state is JobState.COMPLETED
    assert [line["Birds-1"] for line in house.output()] == [n % 3 for n in range(len(TEXTS))]


@pytest.mark.parametrize("name", ["runner", "another"])
def test_a_new_runner_goes_on(house: House, name: str) -> None:
    workers = halfway(house)
    before = house.job().counters.human_labeled
    house.set_clock_back(HOURS)
    house.work(answer, workers, rounds=2)
    house.new_runner(name)
    house.tick(3)
    assert house.job().counters.human_labeled > before


def test_what_somebody_holds_comes_back_when_its_time_is_over(house: House) -> None:
    halfway(house)
    held = house.take("w0")
    assert held is not None
    house.set_clock_back(HOURS)
    house.tick()
    house.tick(seconds=290)
    assert house.read(lambda tx: tx.assignments.get(held.id)).state is AssignmentState.HELD
    house.tick(seconds=30)
    assert house.read(lambda tx: tx.assignments.get(held.id)).state is AssignmentState.EXPIRED


def test_availability_ends_when_it_would(house: House) -> None:
    halfway(house, availability=3600)
    open_ = house.job().counters.open
    assert open_ and not house.job().counters.failed
    house.set_clock_back(HOURS)
    house.tick(2)
    house.tick(seconds=3500)
    assert not house.job().counters.failed
    house.tick(seconds=200)
    assert house.job().counters.failed
