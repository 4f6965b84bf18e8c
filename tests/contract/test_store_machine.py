"""Random lives of a job, on a store and on its plain twin in memory at once: they must agree after every step.

The twin looks at everything each time; the SQL stores follow queues, cursors and kept counters. As long as they never
differ, nobody is passed over, nothing is given out twice, and no count drifts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from groundswell.domain.errors import GroundswellError
from groundswell.domain.records import Assignment, Task, TaskKind
from groundswell.domain.states import AssignmentState, ObjectState, TaskState
from groundswell.service.ports import ObjectFilter, Page, Store, Transaction
from groundswell.testing.memory_store import MemoryStore
from random_examples import examples
from store_work import REWARD, add_job, after, annotation_of, counters, do, fresh_id, label_of, recount

OBJECTS = 6
WORKERS = ("ada", "bob", "eve")
EVENTS = ("fail", "put_back", "withdraw", "answer", "skip")
ACTIVE = (AssignmentState.HELD, AssignmentState.SUBMITTED, AssignmentState.DECLINED)
numbers = st.lists(st.integers(0, OBJECTS), max_size=3, unique=True)


class JobMachine(RuleBasedStateMachine):
    """One job in two stores."""

    real: Store
    twin: Store

    @initialize(wanted=st.integers(0, 2))
    def begin(self, wanted: int) -> None:
        self.job = add_job(self.real, objects=OBJECTS, release=False)
        while add_job(self.twin, objects=OBJECTS, release=False) < self.job:
            pass  # until both stores have a job of this id
        self.seconds = 0.0
        self.taken: list[str] = []
        if wanted:
            self.release(list(range(OBJECTS)), wanted)

    def both(self, work: Callable[[Transaction], Any]) -> Any:
        """Do it in both stores; the same must come of it."""
        outcomes = [self.outcome(store, work) for store in (self.real, self.twin)]
        assert outcomes[0] == outcomes[1]
        return outcomes[0]

    def outcome(self, store: Store, work: Callable[[Transaction], Any]) -> Any:
        try:
            return do(store, work)
        except GroundswellError as error:
            return type(error)

    @rule(chosen=numbers, wanted=st.integers(1, 3))
    def release(self, chosen: list[int], wanted: int) -> None:
        self.both(lambda tx: tx.tasks.publish(self.job, chosen, wanted=wanted, at=after(self.seconds)))

    @rule(
        workers=st.lists(st.sampled_from(WORKERS), min_size=1, max_size=4),
        limit_s=st.sampled_from([60, 600]),
        ahead=st.booleans(),
        kind=st.sampled_from([None, None, None, TaskKind.GOLD]),
    )
    def take(self, workers: list[str], limit_s: int, ahead: bool, kind: TaskKind | None) -> None:
        for worker in workers:
            self.take_one(worker, limit_s, ahead, kind)

    def take_one(self, worker: str, limit_s: int, ahead: bool, kind: TaskKind | None) -> None:
        now, new = after(self.seconds), fresh_id()
        holding = tuple(one.id for one in do(self.twin, lambda tx: tx.assignments.held_by(worker))) if ahead else ()

        def work(tx: Transaction) -> Assignment | None:
            return tx.assignments.take(
                self.job,
                worker,
                assignment_id=new,
                at=now,
                expires_at=now + timedelta(seconds=limit_s),
                reward_usd_micros=REWARD,
                holding=holding,
                kind=kind,
            )

        found = self.both(work)
        if isinstance(found, Assignment) and found.id == new:
            self.taken.append(new)

    @precondition(lambda self: self.taken)
    @rule(
        which=st.lists(st.integers(0, 8), min_size=1, max_size=3), verb=st.sampled_from(["submit", "submit", "begin"])
    )
    def finish(self, which: list[int], verb: str) -> None:
        """Of the assignments of late."""
        for back in which:
            self.finish_one(self.taken[-1 - back % len(self.taken)], verb)

    @precondition(lambda self: self.taken)
    @rule(back=st.integers(0, 8), verb=st.sampled_from(["return", "return", "decline"]))
    def give_back(self, back: int, verb: str) -> None:
        self.finish_one(self.taken[-1 - back % len(self.taken)], verb)

    def finish_one(self, assignment_id: str, verb: str) -> None:
        now = after(self.seconds)
        assignment = do(self.twin, lambda tx: tx.assignments.get(assignment_id))
        if verb == "submit":
            annotation = annotation_of(assignment, at=now)
            self.both(lambda tx: tx.assignments.submit(annotation))
        elif verb == "begin":
            self.both(lambda tx: tx.assignments.begin(assignment.id, at=now, expires_at=now + timedelta(seconds=60)))
        else:
            self.both(lambda tx: tx.assignments.give_back(assignment.id, verb, at=now))

    @rule(seconds=st.sampled_from([1, 61, 601]), limit=st.integers(1, 5))
    def expire(self, seconds: int, limit: int) -> None:
        self.seconds += seconds
        self.both(lambda tx: [one.id for one in tx.assignments.expire(after(self.seconds), limit)])

    @rule(chosen=numbers, event=st.sampled_from(EVENTS))
    def move(self, chosen: list[int], event: str) -> None:
        self.both(lambda tx: tx.objects.move(self.job, chosen, event, reason=event))

    @rule(n=st.integers(0, OBJECTS), wanted=st.integers(1, 4))
    def ask_more(self, n: int, wanted: int) -> None:
        self.both(lambda tx: tx.tasks.ask_more(self.job, {n: wanted}, at=after(self.seconds)))

    @rule(ranks=st.dictionaries(st.integers(0, OBJECTS), st.integers(-2, 2), max_size=4))
    def rank(self, ranks: dict[int, int]) -> None:
        self.both(lambda tx: tx.tasks.rank(self.job, ranks))

    @rule(
        objects=st.lists(st.integers(0, OBJECTS), max_size=3, unique=True),
        kind=st.sampled_from([TaskKind.ORDINARY, TaskKind.GOLD, TaskKind.AUDIT]),
        wanted=st.integers(1, 2),
        rank=st.integers(-2, 2),
    )
    def add_task(self, objects: list[int], kind: TaskKind, wanted: int, rank: int) -> None:
        def work(tx: Transaction) -> Task:
            return tx.tasks.add(self.job, objects, kind=kind, wanted=wanted, at=after(self.seconds), rank=rank)

        self.both(work)

    @rule(n=st.integers(0, OBJECTS))
    def close_checks(self, n: int) -> None:
        self.both(lambda tx: tx.tasks.close(self.job, [one.id for one in tx.tasks.of_object(self.job, n)]))

    @rule(human=st.booleans(), limit=st.integers(1, 3))
    def label_answered(self, human: bool, limit: int) -> None:
        def work(tx: Transaction) -> int:
            ready = tx.objects.answered(self.job, limit)
            tx.labels.put([label_of(self.job, one.n, human=human) for one in ready])
            return len(ready)

        self.both(work)

    @rule(n=st.integers(0, OBJECTS - 1))
    def label_again(self, n: int) -> None:
        def work(tx: Transaction) -> None:
            if tx.labels.in_force(self.job, n) is not None:
                tx.labels.put([label_of(self.job, n, human=True, confidence=0.7)])

        self.both(work)

    @rule(chosen=numbers)
    def withdraw_labels(self, chosen: list[int]) -> None:
        self.both(lambda tx: tx.labels.withdraw(self.job, chosen, at=after(self.seconds)))

    @invariant()
    def they_agree(self) -> None:
        if not hasattr(self, "job"):
            return

        def everything(tx: Transaction) -> Any:
            return (
                tx.objects.page(self.job, ObjectFilter(), Page(limit=100)),
                [tx.assignments.get(one) for one in self.taken],
                tx.annotations.all(self.job),
                tx.annotations.all(self.job, checks=True),
                [tx.tasks.of_object(self.job, n) for n in range(OBJECTS)],
                tx.objects.pending(self.job, 100),
                [tx.labels.history(self.job, n) for n in range(OBJECTS)],
                dict(tx.annotations.done_by("ada", [self.job])),
            )

        assert self.real.read(everything) == self.twin.read(everything)
        assert counters(self.real, self.job) == counters(self.twin, self.job) == recount(self.real, self.job)

    @invariant()
    def nothing_is_given_out_too_often(self) -> None:
        if not hasattr(self, "job"):
            return
        held = self.real.read(lambda tx: [tx.assignments.get(one) for one in self.taken])
        active = Counter((one.task_id, one.worker_id) for one in held if one.state in ACTIVE)
        assert all(count == 1 for count in active.values())
        tasks = self.real.read(lambda tx: [task for n in range(OBJECTS) for task in tx.tasks.of_object(self.job, n)])
        for task in tasks:
            mine = [one for one in held if one.task_id == task.id]
            assert task.held == sum(one.state == AssignmentState.HELD for one in mine)
            assert task.answered == sum(one.state == AssignmentState.SUBMITTED for one in mine)
            assert task.state != TaskState.OPEN or task.held + task.answered <= task.wanted
        asked = {
            n for task in tasks if task.kind is TaskKind.ORDINARY and task.state is TaskState.OPEN for n in task.objects
        }
        page = self.real.read(lambda tx: tx.objects.page(self.job, ObjectFilter(), Page(limit=100)))
        assert asked == {one.n for one, _ in page if one.state == ObjectState.OPEN}


def test_a_store_and_its_twin_never_differ(store: Store) -> None:
    class Machine(JobMachine):
        real = store
        twin = MemoryStore()

    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=examples(20),
            stateful_step_count=30,
            suppress_health_check=list(HealthCheck),
        ),
    )
