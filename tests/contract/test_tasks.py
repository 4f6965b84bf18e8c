"""What every store does with tasks: the order they are given out in, several objects in one, and the other kinds."""

from __future__ import annotations

import pytest

from groundswell.domain.errors import Conflict, InvalidInput, NotFound
from groundswell.domain.records import Annotation, Assignment, Task, TaskKind
from groundswell.domain.states import AssignmentState, ObjectState, TaskState
from groundswell.service.ports import Store
from store_work import REWARD, START, add_job, after, counters, do, label_of, recount, submit, take

CHECKS = [kind for kind in TaskKind if kind is not TaskKind.ORDINARY]


def rank(store: Store, job_id: int, ranks: dict[int, int]) -> None:
    do(store, lambda tx: tx.tasks.rank(job_id, ranks))


def add(
    store: Store,
    job_id: int,
    objects: list[int],
    *,
    kind: TaskKind = TaskKind.GOLD,
    wanted: int = 1,
    at_rank: int = 0,
    price: int | None = None,
    life_s: int | None = None,
) -> Task:
    return do(
        store,
        lambda tx: tx.tasks.add(
            job_id,
            objects,
            kind=kind,
            wanted=wanted,
            at=START,
            rank=at_rank,
            price_usd_micros=price,
            life_s=life_s,
        ),
    )


def task_of(store: Store, task_id: int) -> Task:
    return store.read(lambda tx: tx.tasks.get(task_id))


def state_of(store: Store, job_id: int, n: int) -> ObjectState:
    return store.read(lambda tx: tx.objects.get(job_id, n)).state


def taken(store: Store, job_id: int, worker: str) -> Assignment:
    found = take(store, job_id, worker)
    assert found is not None
    return found


def given_out(store: Store, job_id: int, worker: str) -> list[int]:
    """The objects the worker gets, one after the other, until there is none."""
    order = []
    while (found := take(store, job_id, worker)) is not None:
        order.append(found.n)
        submit(store, found)
    return order


class TestAnswersGivenElsewhere:
    def answer(self, job_id: int, n: int, who: str, seconds: float = 3.0) -> Annotation:
        content = {"crowd-image-classifier": {"label": "a"}}
        return Annotation(f"brought-{job_id}-{n}-{who}", job_id, n, who, content, START, after(seconds), seconds)

    def test_objects_are_answered_counted_and_labeled_like_others(self, store: Store) -> None:
        job_id = add_job(store, objects=4, release=False)
        do(store, lambda tx: tx.objects.move(job_id, [3], "fail", reason="ClientError: nobody came"))
        answers = [self.answer(job_id, 0, "p.1"), self.answer(job_id, 0, "p.2", 5.0), self.answer(job_id, 3, "p.1")]
        assert do(store, lambda tx: tx.tasks.answered_elsewhere(answers)) == [0, 3]
        found = store.read(lambda tx: tx.objects.get(job_id, 0))
        assert (found.state, found.wanted, found.answered, found.held) == (ObjectState.ANSWERED, 2, 2, 0)
        assert state_of(store, job_id, 3) is ObjectState.FAILED
        assert store.read(lambda tx: tx.annotations.all(job_id)) == answers
        totals = store.read(lambda tx: tx.annotations.worker_totals(job_id))
        assert [(who, count) for who, count, *_ in totals] == [("p.1", 2), ("p.2", 1)]
        assert {one.state for one in store.read(lambda tx: tx.assignments.of_object(job_id, 0))} == {
            AssignmentState.SUBMITTED
        }
        assert counters(store, job_id) == recount(store, job_id)
        assert counters(store, job_id).annotations == 3
        do(store, lambda tx: tx.labels.put([label_of(job_id, 0)]))
        do(store, lambda tx: tx.tasks.ask_more(job_id, {0: 3}, at=after(9)))
        assert taken(store, job_id, "w1").n == 0

    def test_what_was_brought_is_not_brought_twice(self, store: Store) -> None:
        job_id = add_job(store, objects=2, release=False)
        answers = [self.answer(job_id, 1, "p.1")]
        assert do(store, lambda tx: tx.tasks.answered_elsewhere(answers)) == [1]
        assert do(store, lambda tx: tx.tasks.answered_elsewhere(answers)) == []
        assert do(store, lambda tx: tx.tasks.answered_elsewhere([])) == []
        assert counters(store, job_id).annotations == 1


class TestOrder:
    def test_pending_objects_are_published_by_rank_then_in_order(self, store: Store) -> None:
        job_id = add_job(store, objects=6, release=False)
        rank(store, job_id, {4: -1, 0: 5, 1: 5})
        assert store.read(lambda tx: tx.objects.pending(job_id, 9)) == [4, 2, 3, 5, 0, 1]
        assert store.read(lambda tx: tx.objects.pending(job_id, 2)) == [4, 2]
        assert do(store, lambda tx: tx.tasks.publish(job_id, range(6), wanted=1, at=START)) == 6
        assert given_out(store, job_id, "w1") == [4, 2, 3, 5, 0, 1]

    def test_a_new_rank_reorders_what_is_published_and_not_given_out(self, store: Store) -> None:
        job_id = add_job(store, objects=6, wanted=1)
        first = taken(store, job_id, "w1")
        rank(store, job_id, {0: -9, 5: -2, 3: -1, 1: 7})
        assert given_out(store, job_id, "w2") == [5, 3, 2, 4, 1]
        assert store.read(lambda tx: tx.assignments.get(first.id)).state == AssignmentState.HELD

    def test_a_worker_who_has_gone_past_gets_what_was_put_first(self, store: Store) -> None:
        job_id = add_job(store, objects=5, wanted=2)
        for _ in range(3):
            submit(store, taken(store, job_id, "w1"))
        rank(store, job_id, {4: -1})
        assert given_out(store, job_id, "w1") == [4, 3]
        assert given_out(store, job_id, "w2") == [4, 0, 1, 2, 3]

    def test_what_is_published_later_overtakes_by_rank(self, store: Store) -> None:
        job_id = add_job(store, objects=6, release=False)
        rank(store, job_id, {0: 3, 1: 3, 2: 3})
        do(store, lambda tx: tx.tasks.publish(job_id, [0, 1, 2], wanted=1, at=START))
        do(store, lambda tx: tx.tasks.publish(job_id, [4, 3], wanted=1, at=START))
        assert given_out(store, job_id, "w1") == [3, 4, 0, 1, 2]

    def test_equal_ranks_stay_in_the_order_of_the_queue(self, store: Store) -> None:
        job_id = add_job(store, objects=4, wanted=1)
        back = taken(store, job_id, "w1")
        do(store, lambda tx: tx.assignments.give_back(back.id, "return", at=after(1)))
        rank(store, job_id, {3: 0})
        assert given_out(store, job_id, "w2") == [1, 2, 3, 0]

    def test_more_is_asked_in_order_of_rank(self, store: Store) -> None:
        job_id = add_job(store, objects=3, wanted=1)
        given_out(store, job_id, "w1")
        rank(store, job_id, {2: -1})
        do(store, lambda tx: tx.tasks.ask_more(job_id, {0: 2, 1: 2, 2: 2}, at=START))
        assert given_out(store, job_id, "w2") == [2, 0, 1]
        assert counters(store, job_id) == recount(store, job_id)

    def test_asking_more_of_a_machine_s_label_publishes_a_task(self, store: Store) -> None:
        job_id = add_job(store, objects=2, release=False)
        do(store, lambda tx: tx.labels.put([label_of(job_id, 1, human=False)]))
        do(store, lambda tx: tx.tasks.ask_more(job_id, {1: 1}, at=after(5)))
        assert store.read(lambda tx: tx.objects.get(job_id, 1)).opened_at == after(5)
        assert given_out(store, job_id, "w1") == [1]
        assert counters(store, job_id) == recount(store, job_id)

    def test_asking_more_of_what_is_not_there_is_refused(self, store: Store) -> None:
        job_id = add_job(store, objects=1)
        with pytest.raises(NotFound):
            do(store, lambda tx: tx.tasks.ask_more(job_id, {4: 2}, at=START))
        with pytest.raises(NotFound):
            store.read(lambda tx: tx.tasks.get(123))


class TestSeveralObjects:
    def test_they_are_asked_about_and_answered_together(self, store: Store) -> None:
        job_id = add_job(store, objects=5, release=False)
        task = add(store, job_id, [1, 4, 2], kind=TaskKind.ORDINARY, wanted=2)
        assert task == task_of(store, task.id)
        assert (task.n, task.objects, task.state) == (1, (1, 4, 2), TaskState.OPEN)
        assert (counters(store, job_id).open, counters(store, job_id).outstanding) == (3, 2)
        submit(store, taken(store, job_id, "w1"))
        assert [state_of(store, job_id, n) for n in (1, 2, 4)] == [ObjectState.OPEN] * 3
        submit(store, taken(store, job_id, "w2"))
        found = store.read(lambda tx: tx.objects.answered(job_id, 9))
        assert [(one.n, one.answered) for one in found] == [(1, 2), (2, 2), (4, 2)]
        assert counters(store, job_id) == recount(store, job_id)
        assert counters(store, job_id).annotations == 2
        assert [one.objects for one in store.read(lambda tx: tx.tasks.of_object(job_id, 4))] == [(1, 4, 2)]
        assert len(store.read(lambda tx: tx.assignments.of_object(job_id, 2))) == 2

    def test_they_are_taken_back_and_published_again_together(self, store: Store) -> None:
        job_id = add_job(store, objects=4, release=False)
        task = add(store, job_id, [0, 2], kind=TaskKind.ORDINARY)
        held = taken(store, job_id, "w1")
        assert sorted(do(store, lambda tx: tx.objects.move(job_id, [2], "withdraw"))) == [0, 2]
        assert task_of(store, task.id).state is TaskState.CLOSED
        assert store.read(lambda tx: tx.assignments.get(held.id)).state == AssignmentState.RETURNED
        assert do(store, lambda tx: tx.tasks.publish(job_id, [2], wanted=1, at=after(9))) == 2
        assert (task_of(store, task.id).objects, task_of(store, task.id).opened_at) == ((0, 2), after(9))
        submit(store, taken(store, job_id, "w2"))
        assert [state_of(store, job_id, n) for n in (0, 2)] == [ObjectState.ANSWERED] * 2
        do(store, lambda tx: tx.tasks.ask_more(job_id, {2: 2}, at=START))
        assert [state_of(store, job_id, n) for n in (0, 2)] == [ObjectState.OPEN] * 2
        assert counters(store, job_id) == recount(store, job_id)

    @pytest.mark.parametrize(
        ("objects", "wanted", "error"),
        [
            ([], 1, InvalidInput),
            ([1, 1], 1, InvalidInput),  # twice the same
            ([1], 0, InvalidInput),
            ([1, 9], 1, NotFound),
            ([0, 1], 1, Conflict),  # one of them is open already
        ],
    )
    def test_what_cannot_be_a_task_is_refused(
        self, store: Store, objects: list[int], wanted: int, error: type[Exception]
    ) -> None:
        job_id = add_job(store, objects=3, release=False)
        do(store, lambda tx: tx.tasks.publish(job_id, [0], wanted=1, at=START))
        with pytest.raises(error):
            add(store, job_id, objects, kind=TaskKind.ORDINARY, wanted=wanted)
        assert counters(store, job_id) == recount(store, job_id)


class TestKinds:
    @pytest.mark.parametrize("kind", CHECKS)
    def test_other_kinds_are_counted_apart(self, store: Store, kind: TaskKind) -> None:
        job_id = add_job(store, objects=2, wanted=1)
        before = counters(store, job_id)
        task = add(store, job_id, [0], kind=kind, wanted=2)
        assert counters(store, job_id) == before
        found = take(store, job_id, "w1", kind=kind)
        assert found is not None and (found.kind, found.n, found.task_id) == (kind, 0, task.id)
        made = submit(store, found)
        now = counters(store, job_id)
        assert (now.checks, now.spent_usd_micros) == (1, REWARD)
        assert (now.annotations, now.outstanding, now.open) == (0, 2, 2)
        assert store.read(lambda tx: tx.annotations.all(job_id)) == []
        assert store.read(lambda tx: tx.annotations.of_objects(job_id, [0])) == []
        kept = store.read(lambda tx: tx.annotations.all(job_id, checks=True))
        assert [(one.assignment_id, one.kind) for one in kept] == [(made.assignment_id, kind)]
        assert store.read(lambda tx: tx.annotations.of_objects(job_id, [0], checks=True)) == kept
        assert store.read(lambda tx: tx.assignments.get(found.id)).kind is kind
        assert store.read(lambda tx: tx.objects.get(job_id, 0)).answered == 0
        assert now == recount(store, job_id)

    def test_the_same_worker_does_the_ordinary_task_of_the_object_too(self, store: Store) -> None:
        job_id = add_job(store, objects=1, wanted=1)
        add(store, job_id, [0], kind=TaskKind.PROBE, wanted=3)
        first, second = taken(store, job_id, "w1"), None
        submit(store, first)
        second = taken(store, job_id, "w1")
        submit(store, second)
        assert [first.kind, second.kind] == [TaskKind.ORDINARY, TaskKind.PROBE]
        assert take(store, job_id, "w1") is None
        assert state_of(store, job_id, 0) is ObjectState.ANSWERED
        assert store.read(lambda tx: tx.annotations.done_by("w1", [job_id])) == {job_id: 2}

    def test_a_finished_check_changes_no_object(self, store: Store) -> None:
        job_id = add_job(store, objects=1, release=False)
        task = add(store, job_id, [0], kind=TaskKind.GOLD, wanted=1)
        submit(store, taken(store, job_id, "w1"))
        assert task_of(store, task.id).state is TaskState.ANSWERED
        assert state_of(store, job_id, 0) is ObjectState.PENDING
        assert counters(store, job_id) == recount(store, job_id)

    def test_one_kind_is_taken_wherever_it_is_in_the_queue(self, store: Store) -> None:
        job_id = add_job(store, objects=4, wanted=1)
        add(store, job_id, [3], kind=TaskKind.PRACTICE)
        found = take(store, job_id, "w1", kind=TaskKind.PRACTICE)
        assert found is not None and found.n == 3
        submit(store, found)
        assert take(store, job_id, "w1", kind=TaskKind.PRACTICE) is None
        assert given_out(store, job_id, "w1") == [0, 1, 2, 3]

    def test_a_check_goes_where_its_rank_says(self, store: Store) -> None:
        job_id = add_job(store, objects=3, wanted=1)
        add(store, job_id, [2], kind=TaskKind.GOLD, at_rank=-1)
        assert taken(store, job_id, "w1").kind is TaskKind.GOLD

    def test_a_task_s_own_price_is_the_reward(self, store: Store) -> None:
        job_id = add_job(store, objects=1, release=False)
        add(store, job_id, [0], kind=TaskKind.ORDINARY, price=7)
        found = taken(store, job_id, "w1")
        submit(store, found)
        assert (found.reward_usd_micros, counters(store, job_id).spent_usd_micros) == (7, 7)

    def test_a_task_s_own_life_counts(self, store: Store) -> None:
        job_id = add_job(store, objects=2, release=False)
        add(store, job_id, [0], kind=TaskKind.ORDINARY, life_s=10)
        add(store, job_id, [1], kind=TaskKind.ORDINARY)
        add(store, job_id, [1], kind=TaskKind.GOLD, life_s=5)

        def over(seconds: float) -> list[tuple[int, TaskKind]]:
            found = store.read(lambda tx: tx.tasks.overdue(job_id, after(seconds), 9, availability_s=60))
            return [(one.n, one.kind) for one in found]

        gold, zero, one = (1, TaskKind.GOLD), (0, TaskKind.ORDINARY), (1, TaskKind.ORDINARY)
        assert [over(s) for s in (5, 6, 11, 61)] == [[], [gold], [zero, gold], [zero, one, gold]]

    def test_checks_are_taken_back_and_ordinary_tasks_are_not(self, store: Store) -> None:
        job_id = add_job(store, objects=1, wanted=1)
        gold = add(store, job_id, [0], kind=TaskKind.GOLD)
        held = take(store, job_id, "w1", kind=TaskKind.GOLD)
        assert held is not None
        ids = [one.id for one in store.read(lambda tx: tx.tasks.of_object(job_id, 0))]
        assert len(ids) == 2
        assert do(store, lambda tx: tx.tasks.close(job_id, ids)) == 1
        assert task_of(store, gold.id).state is TaskState.CLOSED
        assert store.read(lambda tx: tx.assignments.get(held.id)).state == AssignmentState.RETURNED
        with pytest.raises(Conflict):
            submit(store, held)
        assert state_of(store, job_id, 0) is ObjectState.OPEN

    def test_tasks_from_before_the_clock_was_set_back_are_published_now(self, store: Store) -> None:
        job_id = add_job(store, objects=2, release=False)
        add(store, job_id, [1], kind=TaskKind.GOLD)
        do(store, lambda tx: tx.tasks.publish(job_id, [0], wanted=1, at=after(7200)))
        assert do(store, lambda tx: tx.tasks.pull_back(job_id, START)) == 1
        assert store.read(lambda tx: tx.objects.get(job_id, 0)).opened_at == START
