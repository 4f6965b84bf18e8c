"""Labels are a log: versions, the one in force, and what brings one into force."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from groundswell.domain.labels import Label, Origin
from groundswell.domain.records import TaskKind
from groundswell.domain.states import ObjectState
from groundswell.service.ports import Store
from store_work import START, add_job, after, counters, do, label_of, recount, submit, take


def answered(store: Store, objects: int = 2) -> int:
    """A job whose objects have the one answer they asked for."""
    job_id = add_job(store, objects=objects, wanted=1)
    for _ in range(objects):
        taken = take(store, job_id, "w1")
        assert taken is not None
        submit(store, taken)
    return job_id


def put(store: Store, *labels: Label) -> list[int]:
    return do(store, lambda tx: tx.labels.put(labels))


def history(store: Store, job_id: int, n: int) -> list[Label]:
    return store.read(lambda tx: tx.labels.history(job_id, n))


def in_force(store: Store, job_id: int, n: int) -> Label:
    found = store.read(lambda tx: tx.labels.in_force(job_id, n))
    assert found is not None
    assert found == store.read(lambda tx: next(tx.labels.all(job_id, start=n)))
    assert (found.version, found.value) == next(
        (one.version, one.value) for one in history(store, job_id, n) if one.version == found.version
    )
    return found


def state(store: Store, job_id: int, n: int) -> ObjectState:
    assert counters(store, job_id) == recount(store, job_id)
    return store.read(lambda tx: tx.objects.get(job_id, n)).state


def withdraw(store: Store, job_id: int, numbers: list[int], reason: str = "audit") -> list[int]:
    return do(store, lambda tx: tx.labels.withdraw(job_id, numbers, at=after(9), reason=reason))


def test_what_was_said_before_stays_in_the_log(store: Store) -> None:
    job_id = answered(store)
    first = label_of(job_id, 0, method="dawid-skene")
    second = replace(first, value=1, category="b", confidence=0.7, labeled_at=after(5), reason="more answers")
    assert put(store, first, label_of(job_id, 1)) == [0, 1]
    assert put(store, second) == [0]
    assert history(store, job_id, 0) == [first, second]
    assert [one.version for one in history(store, job_id, 0)] == [1, 2]
    assert in_force(store, job_id, 0) == second
    assert in_force(store, job_id, 1).version == 1
    assert state(store, job_id, 0) is ObjectState.LABELED


@pytest.mark.parametrize(
    "change",
    [
        {"confidence": 0.9049},  # what a manifest would not show
        {"labeled_at": after(60)},
        {"metadata": {"confidence": 0.9, "creation-date": "2026-11-20T08:01:16.123456"}},
    ],
)
def test_a_label_that_says_the_same_is_no_new_version(store: Store, change: dict[str, Any]) -> None:
    job_id = answered(store)
    put(store, label_of(job_id, 0))
    assert put(store, label_of(job_id, 0, **change)) == []
    assert len(history(store, job_id, 0)) == 1
    assert in_force(store, job_id, 0).confidence == change.get("confidence", 0.9)  # what is thought of it is kept
    assert in_force(store, job_id, 0).labeled_at == START


def test_what_is_thought_of_a_single_answer_is_no_new_version(store: Store) -> None:
    job_id = answered(store)
    alone = label_of(job_id, 0, annotation_count=1, metadata={"confidence": 0})
    put(store, alone)
    assert put(store, replace(alone, confidence=0.6)) == []
    assert in_force(store, job_id, 0).confidence == 0.6


@pytest.mark.parametrize(
    "change",
    [
        {"confidence": 0.906},
        {"value": 1},
        {"category": "b"},
        {"annotation_count": 3},
        {"metadata": {"confidence": 0.9, "class-name": "b"}},
        {"origin": Origin.REVIEWED, "by": "ann"},
    ],
)
def test_a_label_that_says_something_else_is_a_new_version(store: Store, change: dict[str, Any]) -> None:
    job_id = answered(store)
    put(store, label_of(job_id, 0))
    assert put(store, label_of(job_id, 0, **change)) == [0]
    assert [one.version for one in history(store, job_id, 0)] == [1, 2]
    assert in_force(store, job_id, 0) == label_of(job_id, 0, **change)


@pytest.mark.parametrize(
    ("before", "after_", "replaces"),
    [
        (Origin.MACHINE, Origin.MACHINE, True),
        (Origin.MACHINE, Origin.CONSOLIDATED, True),
        (Origin.CONSOLIDATED, Origin.MACHINE, False),
        (Origin.IMPORTED, Origin.MACHINE, False),
        (Origin.IMPORTED, Origin.CONSOLIDATED, True),
        (Origin.CONSOLIDATED, Origin.REVIEWED, True),
        (Origin.REVIEWED, Origin.CONSOLIDATED, False),
        (Origin.ADJUSTED, Origin.CONSOLIDATED, False),
        (Origin.ADJUSTED, Origin.REVIEWED, True),
        (Origin.REVIEWED, Origin.MACHINE, False),
    ],
)
def test_who_may_overrule_whom(store: Store, before: Origin, after_: Origin, replaces: bool) -> None:
    job_id = answered(store)
    put(store, label_of(job_id, 0, origin=before, human=before is not Origin.MACHINE))
    later = label_of(job_id, 0, origin=after_, human=after_ is not Origin.MACHINE, value=1, category="b")
    assert put(store, later) == ([0] if replaces else [])
    assert in_force(store, job_id, 0).origin is (after_ if replaces else before)
    assert state(store, job_id, 0) is ObjectState.LABELED


def test_an_object_that_waits_is_labeled_by_the_label_it_has(store: Store) -> None:
    job_id = add_job(store, objects=1, wanted=1)
    for worker in ("w1", "w2"):
        taken = take(store, job_id, worker)
        assert taken is not None
        submit(store, taken)
        put(store, label_of(job_id, 0, origin=Origin.REVIEWED, by="ann"))
        assert put(store, label_of(job_id, 0, annotation_count=7)) == []
        assert state(store, job_id, 0) is ObjectState.LABELED
        if worker == "w1":
            do(store, lambda tx: tx.tasks.ask_more(job_id, {0: 2}, at=START))
    assert len(history(store, job_id, 0)) == 1


class TestWithdrawing:
    def test_the_label_before_is_in_force_again(self, store: Store) -> None:
        job_id = add_job(store, objects=1, release=False)
        for value in range(3):
            put(store, label_of(job_id, 0, human=False, value=value, category="abc"[value]))
        assert withdraw(store, job_id, [0]) == [0]
        assert (in_force(store, job_id, 0).version, in_force(store, job_id, 0).category) == (2, "b")
        assert withdraw(store, job_id, [0]) == [0]
        assert in_force(store, job_id, 0).version == 1
        assert [one.withdrawn_at for one in history(store, job_id, 0)] == [None, after(9), after(9)]
        assert [one.reason for one in history(store, job_id, 0)] == [None, "audit", "audit"]
        assert state(store, job_id, 0) is ObjectState.LABELED
        assert store.read(lambda tx: tx.labels.distribution(job_id)) == {"a": 1}
        put(store, label_of(job_id, 0, human=False, value=9))
        assert in_force(store, job_id, 0).version == 4

    def test_an_object_without_another_label_waits_for_people(self, store: Store) -> None:
        job_id = add_job(store, objects=2, release=False)
        put(store, label_of(job_id, 1, human=False))
        assert withdraw(store, job_id, [0, 1, 1]) == [1]
        assert store.read(lambda tx: tx.labels.in_force(job_id, 1)) is None
        assert list(store.read(lambda tx: list(tx.labels.all(job_id)))) == []
        assert state(store, job_id, 1) is ObjectState.PENDING
        assert store.read(lambda tx: tx.objects.pending(job_id, 9)) == [0, 1]
        assert withdraw(store, job_id, [1]) == []
        assert len(history(store, job_id, 1)) == 1
        put(store, label_of(job_id, 1, labeled_at=after(60)))
        assert store.read(lambda tx: tx.labels.over_time(job_id)) == [(after(60), 1, 0)]

    def test_one_with_its_answers_is_consolidated(self, store: Store) -> None:
        job_id = answered(store)
        put(store, label_of(job_id, 0, human=False))
        assert withdraw(store, job_id, [0]) == [0]
        assert state(store, job_id, 0) is ObjectState.ANSWERED

    def test_one_that_is_open_stays_so(self, store: Store) -> None:
        job_id = answered(store)
        put(store, label_of(job_id, 0, human=False))
        do(store, lambda tx: tx.tasks.ask_more(job_id, {0: 2}, at=START))
        assert withdraw(store, job_id, [0]) == [0]
        assert state(store, job_id, 0) is ObjectState.OPEN

    def test_peoples_labels_are_left_alone(self, store: Store) -> None:
        job_id = answered(store)
        put(store, label_of(job_id, 0, human=False), label_of(job_id, 1))
        put(store, label_of(job_id, 0))
        assert withdraw(store, job_id, [0, 1]) == []
        assert in_force(store, job_id, 0).human

    def test_many_at_once(self, store: Store) -> None:
        job_id = add_job(store, objects=2_500, release=False)
        put(store, *(label_of(job_id, n, human=False) for n in range(2_500)))
        put(store, *(label_of(job_id, n, human=False, value=1) for n in range(0, 2_500, 2)))
        assert len(withdraw(store, job_id, list(range(2_500)))) == 2_500
        assert counters(store, job_id).machine_labeled == 1_250
        assert counters(store, job_id) == recount(store, job_id)


def test_a_label_cannot_say_two_things_of_its_origin() -> None:
    with pytest.raises(ValueError, match="origin machine"):
        label_of(1, 0, origin=Origin.MACHINE)
    with pytest.raises(ValueError, match="origin consolidated"):
        Label(1, 0, 0, {}, 0.9, None, False, START)


def test_known_labels_are_what_people_stand_for(store: Store) -> None:
    job_id = answered(store, objects=8)
    put(store, *[label_of(job_id, n) for n in range(4)])
    put(store, label_of(job_id, 1, origin=Origin.REVIEWED, by="ann", category="b"))
    put(store, label_of(job_id, 2, origin=Origin.REVIEWED, by="ann"))
    put(store, label_of(job_id, 2, origin=Origin.ADJUSTED, by="ann", category="b"))
    put(store, *[label_of(job_id, n, origin=Origin.IMPORTED, by="ann") for n in (4, 5, 6)])
    assert [one.n for one in store.read(lambda tx: tx.labels.known(job_id))] == [1, 2]
    do(store, lambda tx: tx.tasks.add(job_id, [5], kind=TaskKind.GOLD, wanted=3, at=START))
    do(store, lambda tx: tx.tasks.add(job_id, [3, 6], kind=TaskKind.GOLD, wanted=3, at=START))
    do(store, lambda tx: tx.tasks.add(job_id, [4], kind=TaskKind.AUDIT, wanted=3, at=START))
    found = store.read(lambda tx: tx.labels.known(job_id))
    assert [(one.n, one.origin) for one in found] == [
        (1, Origin.REVIEWED),
        (2, Origin.ADJUSTED),
        (5, Origin.IMPORTED),
        (6, Origin.IMPORTED),
    ]
    assert found[:2] == [in_force(store, job_id, n) for n in (1, 2)]
    assert [one.n for one in store.read(lambda tx: tx.labels.known(job_id, after=1, limit=2))] == [2, 5]
    assert store.read(lambda tx: tx.labels.known_count(job_id)) == 4
    other = add_job(store, objects=8)
    assert store.read(lambda tx: tx.labels.known(other)) == [] and not store.read(
        lambda tx: tx.labels.known_count(other)
    )
