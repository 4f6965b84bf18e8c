"""Labels that are known teach a running job: reviewed ones, and those of gold tasks, each once."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from groundswell.domain.labels import Label, Origin
from groundswell.domain.records import LabelingJob, TaskKind
from groundswell.domain.states import JobState, ObjectState
from integration.runner_house import LABELS, House

OBJECTS = 90
LINES = [{"source": f"bird {n}"} for n in range(OBJECTS)]


def truth(n: int) -> str:
    return LABELS[n % 3]


def misled(worker: str, n: int) -> str:
    """On a third of the objects nearly everybody falls for the same wrong class."""
    rng = random.Random(f"{worker} {n}")
    if n % 10 < 3 and rng.random() < 0.9:
        return LABELS[(n + 1) % 3]
    return truth(n) if rng.random() < 0.95 else rng.choice(LABELS)


def known_label(house: House, n: int, origin: Origin = Origin.REVIEWED) -> Label:
    said = {"class-name": truth(n), "confidence": 1.0, "human-annotated": "yes"}
    return Label(
        house.job().id, n, n % 3, said, 1.0, truth(n), human=True, labeled_at=house.now, origin=origin, by="rita"
    )


def know(house: House, numbers: range, origin: Origin = Origin.REVIEWED) -> None:
    house.write(lambda tx: tx.labels.put([known_label(house, n, origin) for n in numbers]))


def add_gold(house: House, n: int) -> None:
    house.write(lambda tx: tx.tasks.add(house.job().id, [n], kind=TaskKind.GOLD, wanted=5, at=house.now))


def answer_gold(house: House, worker: str, n: int, label: str) -> None:
    held = house.write(
        lambda tx: tx.assignments.take(
            house.job().id,
            worker,
            assignment_id=f"gold-{worker}-{n}",
            at=house.now,
            expires_at=house.now + timedelta(minutes=5),
            reward_usd_micros=0,
            kind=TaskKind.GOLD,
        )
    )
    assert held is not None and held.n == n
    house.submit(held, {"crowd-classifier": {"label": label}})


def begun(house: House) -> tuple[list[str], LabelingJob]:
    workers = house.add_workers(5)
    house.create(LINES, workers={"per_object": 3})
    house.tick(3)
    return workers, house.job()


def confidences(house: House) -> dict[int, float]:
    job = house.job()
    labels: list[Label] = house.read(lambda tx: list(tx.labels.all(job.id)))
    return {one.n: one.confidence for one in labels if one.origin is Origin.CONSOLIDATED}


def test_reviewed_labels_set_the_confidences_of_the_others_right(house: House) -> None:
    workers, _ = begun(house)
    know(house, range(40))
    know(house, range(40, 45), Origin.ADJUSTED)
    job = house.finish(misled, workers)
    note = job.progress["reliability"]
    assert note["known"] == 45 and sum(count for *_, count in note["before"]) == 45
    assert note["error_after"] < note["error_before"]
    found = confidences(house)
    assert found.keys() == set(range(45, OBJECTS))
    mean = sum(found.values()) / len(found)
    assert mean == pytest.approx(0.7, abs=0.12)  # seven in ten of such labels are right, and all look agreed upon


def test_without_known_labels_nothing_is_said_of_them(house: House) -> None:
    workers, _ = begun(house)
    job = house.finish(misled, workers)
    assert "reliability" not in job.progress
    found = confidences(house)
    assert sum(found.values()) / len(found) > 0.85


def test_gold_answers_tell_of_workers_once(house: House) -> None:
    """Who errs on gold alone is known for it; a worker asked twice about an object counts once there."""
    workers, _ = begun(house)
    gold = range(3)
    know(house, gold, Origin.IMPORTED)
    for n in gold:
        add_gold(house, n)
        for worker in workers:
            answer_gold(house, worker, n, LABELS[(n + 1) % 3] if worker == "w4" else truth(n))
    job = house.finish(lambda worker, n: truth(n), workers)
    said = job.progress["worker_skill"]
    assert said["w4"] < min(said[worker] for worker in workers[:4])


@pytest.mark.parametrize("origin", [Origin.REVIEWED, Origin.ADJUSTED])
def test_a_reviewed_label_is_not_overruled_by_a_fit(house: House, origin: Origin) -> None:
    workers, job = begun(house)
    know(house, range(10), origin)
    house.finish(lambda worker, n: LABELS[(n + 1) % 3] if n < 10 else truth(n), workers)
    labels = house.read(lambda tx: [tx.labels.in_force(job.id, n) for n in range(10)])
    assert [(one.category, one.origin) for one in labels] == [(truth(n), origin) for n in range(10)]
    assert house.read(lambda tx: tx.objects.get(job.id, 0)).state is ObjectState.LABELED


def test_many_more_known_labels_bring_about_a_full_fit(house: House) -> None:
    """Also where hardly any answers have come since the last one."""
    workers, _ = begun(house)
    house.work(misled, workers, rounds=40)
    house.tick(5)
    assert "reliability" not in house.job().progress
    know(house, range(40))
    house.work(misled, workers, rounds=2)
    house.tick(3, seconds=10)
    assert house.job().state is JobState.IN_PROGRESS
    assert house.job().progress["reliability"]["known"] == 40
