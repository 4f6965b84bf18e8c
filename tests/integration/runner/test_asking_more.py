"""Jobs that ask one more worker only while a label is unsure: whom, until when, within team and budget."""

from __future__ import annotations

from typing import Any

from groundswell.consolidation.estimates import Answer
from groundswell.domain.states import JobState
from groundswell.service.ports import ObjectFilter, Page
from integration.runner_house import LABELS, TEXTS, House


def test_stop_at_confidence_asks_more_only_while_unsure(house: House) -> None:
    workers = house.add_workers(9)
    fields = {
        "workers": {"per_object": 2, "max_per_object": 5},
        "consolidation": {"method": "majority-vote", "stop_at_confidence": 0.7},
    }
    house.create(TEXTS[:10], **fields)

    def answer(worker: str, n: int) -> str:
        if n == 3:  # nobody agrees
            return LABELS[int(worker[1:]) % 3]
        return LABELS[n % 3]

    job = house.finish(answer, workers)
    assert job.state is JobState.COMPLETED
    per_object = house.read(
        lambda tx: {one.n: one.answered for one, _ in tx.objects.page(job.id, ObjectFilter(), Page())}
    )
    assert per_object[3] == 5
    assert {count for n, count in per_object.items() if n != 3} == {2}
    assert house.read(lambda tx: tx.labels.in_force(job.id, 3)).disputed


def test_a_budget_for_one_more_annotation_goes_to_the_least_certain_object(house: House) -> None:
    workers = house.add_workers(4)
    fields: dict[str, Any] = {
        "workers": {"per_object": 3, "max_per_object": 4, "price_usd": 0.1},
        "consolidation": {"method": "majority-vote", "stop_at_confidence": 0.9},
        "stop_when": {"budget_usd": 1},
    }
    house.create(TEXTS[:3], **fields)

    given = [0, 0, 0]

    def answer(worker: str, n: int) -> str:
        given[n] += 1
        return LABELS[given[n] % 3] if n == 2 else LABELS[given[n] % 2]  # all differ on the last, two agree elsewhere

    job = house.finish(answer, workers)
    page = house.read(lambda tx: tx.objects.page(job.id, ObjectFilter(), Page()))
    assert [one.answered for one, _ in page] == [3, 3, 4]


def test_a_question_is_taken_back_when_the_label_has_become_sure(house: House) -> None:
    workers = house.add_workers(3)
    fields: dict[str, Any] = {
        "workers": {"per_object": 2, "max_per_object": 3},
        "consolidation": {"method": "majority-vote", "stop_at_confidence": 0.7},
    }
    house.create(TEXTS[:1], **fields)
    house.tick(2)
    house.work(lambda worker, n: LABELS[int(worker[1:])], workers[:2])
    house.tick()
    assert house.read(lambda tx: tx.objects.get(house.job().id, 0)).wanted == 3
    desk = house.runner._desks[house.job().id]
    assert desk.live is not None
    desk.live.absorb([Answer(0, "a worker of long standing", "owl")])
    house.tick(4)
    assert house.job().counters.open == 1  # two of three are not enough
    desk.live.absorb([Answer(0, "another", "owl")])
    house.tick(4)
    job = house.job()
    assert (job.state, job.counters.annotations, job.counters.human_labeled) == (JobState.COMPLETED, 2, 1)


def test_asking_more_ends_with_the_team(house: House) -> None:
    workers = house.add_workers(3)
    fields = {
        "workers": {"per_object": 2, "max_per_object": 9},
        "consolidation": {"method": "majority-vote", "stop_at_confidence": 0.99},
    }
    house.create(TEXTS[:2], **fields)
    job = house.finish(lambda worker, n: LABELS[int(worker[1:])], workers)
    assert (job.state, job.counters.annotations) == (JobState.COMPLETED, 6)
