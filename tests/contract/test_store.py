"""What every store does: jobs, data objects, assignments, annotations, labels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import replace
from datetime import timedelta
from functools import partial
from threading import Event, Thread
from typing import Any

import pytest

from groundswell.domain.errors import Conflict, NotFound
from groundswell.domain.people import (
    EVERYONE,
    MAIN,
    PUBLIC,
    Account,
    Annotator,
    AnnotatorKind,
    Invitation,
    Role,
    TeamKind,
    Token,
    TwoStep,
    Workspace,
    WorkTeam,
    built_in_team,
)
from groundswell.domain.records import Annotation, Task
from groundswell.domain.states import AssignmentState, JobState, ObjectState
from groundswell.service.ports import MAX_HELD, ObjectFilter, Page, Store, Transaction
from store_work import (
    REWARD,
    START,
    add_job,
    add_worker,
    after,
    count_of,
    counters,
    do,
    label_of,
    numbers_of,
    recount,
    submit,
    take,
)

TEXT = 'Grüße, שלום, \u202eright to left\u202c, "quotes"\\ 百%s :name\n and a null \x7f'


def overdue_after(job_id: int, seconds: float, limit: int, tx: Transaction) -> list[Task]:
    return tx.tasks.overdue(job_id, after(seconds), limit, availability_s=60)


class TestJobs:
    def test_a_job_reads_back_as_written(self, store: Store) -> None:
        job_id = add_job(store, objects=3, name="Sports-1")
        job = store.read(lambda tx: tx.jobs.get(job_id))
        assert job.spec == {"name": "sports", "labels": ["a", "b"]}
        assert (job.state, job.created_at, job.started_at) == (JobState.IN_PROGRESS, START, START)
        assert job.counters.total == job.counters.open == 3
        assert store.read(lambda tx: tx.jobs.by_name("sPORTS-1")) == job

    def test_names_are_unique_without_case(self, store: Store) -> None:
        add_job(store, name="Sports")
        with pytest.raises(Conflict) as caught:
            add_job(store, name="sportS")
        assert caught.value.field == "name"

    def test_unknown_jobs_are_not_found(self, store: Store) -> None:
        for ask in (lambda tx: tx.jobs.get(99), lambda tx: tx.jobs.by_name("no"), lambda tx: tx.jobs.brief("no")):
            with pytest.raises(NotFound):
                store.read(ask)

    def test_pages_are_newest_first_and_filtered(self, store: Store) -> None:
        ids = [add_job(store, name=f"job-{n}", objects=1) for n in range(5)]
        do(store, lambda tx: tx.jobs.set_state(ids[1], "stop", at=after(1)))
        first = store.read(lambda tx: tx.jobs.page(Page(limit=2)))
        rest = store.read(lambda tx: tx.jobs.page(Page(limit=9, after=str(first[-1].id))))
        assert [job.id for job in first + rest] == ids[::-1]
        stopping = store.read(lambda tx: tx.jobs.page(Page(), states=[JobState.STOPPING]))
        assert [job.id for job in stopping] == [ids[1]]
        assert [job.id for job in store.read(lambda tx: tx.jobs.page(Page(), name_contains="B-3"))] == [ids[3]]
        assert store.read(lambda tx: tx.jobs.page(Page(), name_contains="%")) == []
        assert store.read(lambda tx: tx.jobs.page(Page(), team_ids=["nobody"])) == []
        assert len(store.read(lambda tx: tx.jobs.page(Page(), team_ids=[EVERYONE]))) == 5

    def test_states_follow_the_table(self, store: Store) -> None:
        job_id = add_job(store)
        stopped = do(store, lambda tx: (tx.jobs.set_state(job_id, "stop", at=after(1)), tx.jobs.get(job_id))[1])
        assert (stopped.state, stopped.ended_at) == (JobState.STOPPING, None)
        ended = do(store, lambda tx: tx.jobs.set_state(job_id, "stopped", at=after(2), reason="why"))
        assert (ended.state, ended.ended_at, ended.failure_reason) == (JobState.STOPPED, after(2), "why")
        with pytest.raises(Conflict, match="cannot pause"):
            do(store, lambda tx: tx.jobs.set_state(job_id, "pause", at=after(3)))
        again = do(store, lambda tx: tx.jobs.set_state(job_id, "extend", at=after(4)))
        assert (again.started_at, again.ended_at, again.failure_reason) == (START, None, None)
        assert [job.id for job in store.read(lambda tx: tx.jobs.active())] == [job_id]

    def test_a_kept_job_is_never_stale(self, store: Store) -> None:
        job_id = add_job(store, name="kept")

        def change_then_fail(tx: Transaction) -> None:
            tx.jobs.update(job_id, progress={"probe_last": 1})
            assert tx.jobs.brief("kept").progress == {"probe_last": 1}
            raise ValueError("undo this")

        with pytest.raises(ValueError, match="undo this"):
            do(store, change_then_fail)
        assert do(store, lambda tx: tx.jobs.brief("kept").progress) == {}
        do(
            store,
            lambda tx: tx.jobs.update(job_id, progress={"probe_last": 2}, ingest={"done": 1}, input_uri="s3://x/y"),
        )
        for job in (do(store, lambda tx: tx.jobs.brief("kept")), store.read(lambda tx: tx.jobs.brief("kept"))):
            assert (job.progress, job.ingest, job.input_uri) == ({"probe_last": 2}, {"done": 1}, "s3://x/y")
        assert store.read(lambda tx: tx.jobs.brief("kept")).spec is store.read(lambda tx: tx.jobs.brief("kept")).spec

    def test_a_job_kept_in_a_unit_that_failed_is_forgotten(self, store: Store) -> None:
        job_id = add_job(store, name="kept")

        def fail(tx: Transaction) -> None:
            tx.jobs.update(job_id, progress={"probe_last": 0})
            assert tx.jobs.brief("kept").progress == {"probe_last": 0}
            raise ValueError("undo this")

        def change(tx: Transaction) -> Mapping[str, Any]:  # the row has the number again that the failed unit saw
            tx.jobs.update(job_id, progress={"probe_last": 1})
            return tx.jobs.brief("kept").progress

        for _ in range(20):  # a store with several connections: until both came by the same one
            with pytest.raises(ValueError, match="undo this"):
                do(store, fail)
            assert do(store, change) == {"probe_last": 1}

    def test_one_runner_at_a_time_leases_a_job(self, store: Store) -> None:
        job_id = add_job(store)
        assert do(store, lambda tx: tx.jobs.lease(job_id, "r1", at=START, until=after(10)))
        assert not do(store, lambda tx: tx.jobs.lease(job_id, "r2", at=after(9), until=after(19)))
        assert do(store, lambda tx: tx.jobs.lease(job_id, "r1", at=after(9), until=after(19)))
        assert do(store, lambda tx: tx.jobs.lease(job_id, "r2", at=after(19), until=after(29)))

    def test_a_lease_from_before_the_clock_was_set_back_is_nobody_s(self, store: Store) -> None:
        job_id = add_job(store)
        assert do(store, lambda tx: tx.jobs.lease(job_id, "r1", at=after(7200), until=after(7210)))
        assert do(store, lambda tx: tx.jobs.lease(job_id, "r2", at=START, until=after(10)))
        assert not do(store, lambda tx: tx.jobs.lease(job_id, "r1", at=START, until=after(10)))
        assert not do(store, lambda tx: tx.jobs.lease(job_id, "r1", at=after(-30), until=after(-20)))  # clocks differ


class TestObjects:
    def test_lines_survive_unchanged_and_stream_in_order(self, store: Store) -> None:
        job_id = add_job(store, objects=3, release=False)
        more = [(n, TEXT + str(n), ObjectState.FAILED, "bad line") for n in (7, 5, 6)]
        assert do(store, lambda tx: tx.objects.add_lines(job_id, iter(more))) == 3
        found = store.read(lambda tx: list(tx.objects.lines(job_id, start=2, stop=7)))
        assert found == [(2, '{"source-ref":"s3://in/2.jpg"}'), (5, TEXT + "5"), (6, TEXT + "6")]
        assert store.read(lambda tx: tx.objects.line(job_id, 7)) == TEXT + "7"
        assert store.read(lambda tx: tx.objects.get(job_id, 5)).failure_reason == "bad line"
        assert counters(store, job_id) == recount(store, job_id)

    def test_adding_lines_again_changes_nothing(self, store: Store) -> None:
        job_id = add_job(store, objects=4)
        again = [(n, "other", ObjectState.FAILED, None) for n in range(6)]
        assert do(store, lambda tx: tx.objects.add_lines(job_id, again)) == 2
        assert store.read(lambda tx: tx.objects.line(job_id, 0)) == '{"source-ref":"s3://in/0.jpg"}'
        assert counters(store, job_id) == recount(store, job_id)

    def test_unknown_objects_are_not_found(self, store: Store) -> None:
        job_id = add_job(store)
        for ask in (lambda tx: tx.objects.get(job_id, 99), lambda tx: tx.objects.line(job_id, 99)):
            with pytest.raises(NotFound):
                store.read(ask)

    def test_release_moves_pending_objects_only(self, store: Store) -> None:
        job_id = add_job(store, objects=6, release=False)
        assert store.read(lambda tx: tx.objects.pending(job_id, 4)) == [0, 1, 2, 3]
        assert do(store, lambda tx: tx.tasks.publish(job_id, [1, 3], wanted=2, at=START)) == 2
        assert do(store, lambda tx: tx.tasks.publish(job_id, [3, 4, 99], wanted=3, at=START)) == 1
        assert store.read(lambda tx: tx.objects.pending(job_id, 9)) == [0, 2, 5]
        assert counters(store, job_id).outstanding == 2 + 2 + 3
        assert counters(store, job_id) == recount(store, job_id)

    def test_moves_skip_what_cannot_and_return_holds(self, store: Store) -> None:
        job_id = add_job(store, objects=3)
        held = take(store, job_id, "w1")
        assert held is not None and held.n == 0
        assert do(store, lambda tx: tx.objects.move(job_id, [0, 1], "fail", reason="expired")) == [0, 1]
        assert do(store, lambda tx: tx.objects.move(job_id, [0, 2], "put_back")) == [0]
        assert store.read(lambda tx: tx.objects.get(job_id, 1)).failure_reason == "expired"
        assert store.read(lambda tx: tx.objects.get(job_id, 0)).failure_reason is None
        assert store.read(lambda tx: tx.assignments.get(held.id)).state == AssignmentState.RETURNED
        with pytest.raises(Conflict):
            submit(store, held)
        assert counters(store, job_id) == recount(store, job_id)

    def test_withdrawn_objects_keep_their_answers(self, store: Store) -> None:
        job_id = add_job(store, objects=1, wanted=2)
        first = take(store, job_id, "w1")
        assert first is not None
        submit(store, first)
        do(store, lambda tx: tx.objects.move(job_id, [0], "withdraw"))
        assert counters(store, job_id).pending == 1
        do(store, lambda tx: tx.tasks.publish(job_id, [0], wanted=2, at=after(1)))
        assert take(store, job_id, "w1") is None
        second = take(store, job_id, "w2")
        assert second is not None
        submit(store, second)
        assert [one.n for one in store.read(lambda tx: tx.objects.answered(job_id, 9))] == [0]
        assert counters(store, job_id) == recount(store, job_id)

    def test_released_with_answers_enough_is_answered(self, store: Store) -> None:
        job_id = add_job(store, objects=1, wanted=2)
        first = take(store, job_id, "w1")
        assert first is not None
        submit(store, first)
        do(store, lambda tx: tx.objects.move(job_id, [0], "withdraw"))
        do(store, lambda tx: tx.tasks.publish(job_id, [0], wanted=1, at=after(1)))
        assert store.read(lambda tx: tx.objects.get(job_id, 0)).state == ObjectState.ANSWERED
        assert counters(store, job_id) == recount(store, job_id)

    def test_ask_more_opens_an_answered_object_again(self, store: Store) -> None:
        job_id = add_job(store, objects=1, wanted=1)
        with pytest.raises(Conflict):
            do(store, lambda tx: tx.tasks.ask_more(job_id, {0: 2}, at=START))
        first = take(store, job_id, "w1")
        assert first is not None
        submit(store, first)
        with pytest.raises(Conflict):
            do(store, lambda tx: tx.tasks.ask_more(job_id, {0: 1}, at=START))
        do(store, lambda tx: tx.tasks.ask_more(job_id, {0: 2}, at=START))
        assert take(store, job_id, "w1") is None
        second = take(store, job_id, "w2")
        assert second is not None and second.n == 0
        assert counters(store, job_id) == recount(store, job_id)

    def test_overdue_are_those_opened_before(self, store: Store) -> None:
        job_id = add_job(store, objects=4, release=False)
        do(store, lambda tx: tx.tasks.publish(job_id, [0, 1], wanted=1, at=START))
        do(store, lambda tx: tx.tasks.publish(job_id, [2], wanted=1, at=after(10)))
        overdue = [store.read(partial(overdue_after, job_id, at, most)) for at, most in ((70, 9), (71, 2))]
        assert [[one.n for one in found] for found in overdue] == [[0, 1], [0, 1]]

    def test_task_inputs_are_replaced(self, store: Store) -> None:
        job_id = add_job(store)
        do(store, lambda tx: tx.objects.set_task_inputs(job_id, {0: {"text": TEXT}, 1: {"b": 1}}))
        do(store, lambda tx: tx.objects.set_task_inputs(job_id, {1: {"b": 2}}))
        got = store.read(lambda tx: [tx.objects.task_input(job_id, n) for n in range(3)])
        assert got == [{"text": TEXT}, {"b": 2}, None]

    def test_pages_and_counts_agree_for_every_filter(self, store: Store) -> None:
        job_id = add_job(store, objects=12, wanted=1)
        for n in range(8):
            taken = take(store, job_id, f"w{n % 2}")
            assert taken is not None
            submit(store, taken)
        labels = [
            label_of(
                job_id,
                n,
                category="ab"[n % 2],
                confidence=0.5 + n / 20,
                human=n != 3,
                disputed=n == 2,
            )
            for n in range(6)
        ]
        do(store, lambda tx: tx.labels.put(labels))
        labeled = frozenset({ObjectState.LABELED})
        expected = {
            ObjectFilter(): list(range(12)),
            ObjectFilter(states=frozenset({ObjectState.OPEN, ObjectState.ANSWERED})): [6, 7, 8, 9, 10, 11],
            ObjectFilter(states=labeled): [0, 1, 2, 3, 4, 5],
            ObjectFilter(category="b"): [1, 3, 5],
            ObjectFilter(states=labeled, max_confidence=0.6): [0, 1, 2],
            ObjectFilter(disputed=True): [2],
            ObjectFilter(human=False): [3],
            ObjectFilter(worker_id="w1"): [1, 3, 5, 7],
            ObjectFilter(states=labeled, worker_id="w1", category="b", human=True): [1, 5],
        }
        for wanted, numbers in expected.items():
            assert numbers_of(store, job_id, wanted, Page(limit=99)) == numbers, wanted
            assert count_of(store, job_id, wanted) == len(numbers), wanted
        pages: list[list[int]] = []
        while found := numbers_of(store, job_id, ObjectFilter(), Page(5, str(pages[-1][-1]) if pages else None)):
            pages.append(found)
        assert pages == [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9], [10, 11]]


class TestAssignments:
    def test_a_worker_is_given_every_object_once(self, store: Store) -> None:
        job_id = add_job(store, objects=4, wanted=2)
        seen = []
        while (taken := take(store, job_id, "w1")) is not None:
            seen.append(taken.n)
            submit(store, taken)
        assert seen == [0, 1, 2, 3]
        assert counters(store, job_id) == recount(store, job_id)

    def test_no_object_is_given_out_more_often_than_wanted(self, store: Store) -> None:
        job_id = add_job(store, objects=2, wanted=2)
        taken = [take(store, job_id, f"w{n}") for n in range(6)]
        assert [None if one is None else one.n for one in taken] == [0, 0, 1, 1, None, None]

    def test_what_is_foreseen_is_what_is_taken(self, store: Store) -> None:
        job_id = add_job(store, objects=6, wanted=1)
        first = take(store, job_id, "w1", foreseen=True)
        assert first is not None and take(store, job_id, "w1", foreseen=True) == first
        second = take(store, job_id, "w1", foreseen=True, holding=(first.id,))
        assert second is not None and (first.n, second.n) == (0, 1)
        third = take(store, job_id, "w1", foreseen=True, holding=(first.id, second.id))
        assert third is not None and third.n == 2
        with pytest.raises(Conflict):
            take(store, job_id, "w1", foreseen=True, holding=(first.id, second.id, third.id))
        for taken in (first, second, third):
            submit(store, taken)
        held = take(store, job_id, "w1", foreseen=True)
        assert held is not None and held.n == 3
        late = take(store, job_id, "w1", foreseen=True, at=after(301), holding=(held.id,))  # its time has run out
        assert late is not None and late.n == 4
        assert counters(store, job_id) == recount(store, job_id)

    def test_what_is_foreseen_and_not_taken_is_nobody_s(self, store: Store) -> None:
        job_id = add_job(store, objects=2, wanted=1)
        name = store.read(lambda tx: tx.jobs.brief_by_id(job_id)).name
        taken = take(store, job_id, "w1")
        assert taken is not None
        submit(store, taken)
        times: list[int] = []

        def change_of_mind(tx: Transaction, *, refused: bool) -> None:
            times.append(0)
            if len(times) < 3:  # Postgres, where something was taken, has the unit run again
                tx.assignments.foresee(name, "w1", at=START)
            if refused:
                raise Conflict("no")

        do(store, partial(change_of_mind, refused=False))
        times.clear()
        with pytest.raises(Conflict):
            do(store, partial(change_of_mind, refused=True))
        do(store, lambda tx: tx.jobs.set_state(job_id, "pause", at=START))
        do(store, lambda tx: tx.assignments.foresee(name, "w1", at=START))  # takes nothing: nothing is given out
        do(store, lambda tx: tx.jobs.set_state(job_id, "resume", at=START))
        other = take(store, job_id, "w2")
        assert other is not None and other.n == 1
        assert counters(store, job_id) == recount(store, job_id)

    def test_a_worker_who_holds_a_task_is_given_it_again(self, store: Store) -> None:
        job_id = add_job(store)
        first = take(store, job_id, "w1")
        assert first is not None
        assert take(store, job_id, "w1") == first

    def test_tasks_are_fetched_ahead_up_to_a_limit(self, store: Store) -> None:
        job_id = add_job(store, objects=9)
        held: list[str] = []
        for n in range(MAX_HELD):
            taken = take(store, job_id, "w1", holding=tuple(held))
            assert taken is not None and taken.n == n
            held.append(taken.id)
        with pytest.raises(Conflict):
            take(store, job_id, "w1", holding=tuple(held))
        again = take(store, job_id, "w1", holding=tuple(held[1:]))
        assert again is not None and again.id == held[0]
        assert [one.id for one in store.read(lambda tx: tx.assignments.held_by("w1"))] == held

    def test_the_time_of_a_task_fetched_ahead_begins_once(self, store: Store) -> None:
        job_id = add_job(store)
        taken = take(store, job_id, "w1")
        assert taken is not None
        begun = do(store, lambda tx: tx.assignments.begin(taken.id, at=after(60), expires_at=after(360)))
        assert (begun.accepted_at, begun.expires_at) == (after(60), after(360))
        assert do(store, lambda tx: tx.assignments.begin(taken.id, at=after(90), expires_at=after(390))) == begun

    def test_returned_objects_come_back_to_the_same_worker_last(self, store: Store) -> None:
        job_id = add_job(store, objects=2, wanted=1)
        first = take(store, job_id, "w1")
        assert first is not None and first.n == 0
        returned = do(store, lambda tx: tx.assignments.give_back(first.id, "return", at=after(1)))
        assert returned.state == AssignmentState.RETURNED
        assert do(store, lambda tx: tx.assignments.give_back(first.id, "return", at=after(2))) == returned
        second = take(store, job_id, "w1")
        assert second is not None and second.n == 1
        third = take(store, job_id, "w1", holding=(second.id,))
        assert third is not None and third.n == 0 and third.id != first.id

    def test_returned_objects_go_to_others_who_have_gone_past(self, store: Store) -> None:
        job_id = add_job(store, objects=3, wanted=1)
        first = take(store, job_id, "w1")
        second = take(store, job_id, "w2")
        assert first is not None and second is not None and second.n == 1
        submit(store, second)
        third = take(store, job_id, "w2")
        assert third is not None and third.n == 2
        submit(store, third)
        assert take(store, job_id, "w2") is None
        do(store, lambda tx: tx.assignments.give_back(first.id, "return", at=after(1)))
        fourth = take(store, job_id, "w2")
        assert fourth is not None and fourth.n == 0

    def test_declined_objects_never_come_back(self, store: Store) -> None:
        job_id = add_job(store, objects=1, wanted=1)
        first = take(store, job_id, "w1")
        assert first is not None
        do(store, lambda tx: tx.assignments.give_back(first.id, "decline", at=after(1)))
        assert take(store, job_id, "w1") is None
        assert store.read(lambda tx: tx.objects.get(job_id, 0)).declined == 1
        other = take(store, job_id, "w2")
        assert other is not None and other.n == 0
        with pytest.raises(Conflict):
            do(store, lambda tx: tx.assignments.give_back(first.id, "return", at=after(2)))

    def test_expired_holds_free_their_objects(self, store: Store) -> None:
        job_id = add_job(store, objects=1, wanted=1)
        first = take(store, job_id, "w1", limit_s=60)
        assert first is not None
        assert do(store, lambda tx: tx.assignments.expire(after(59), 10)) == []
        expired = do(store, lambda tx: tx.assignments.expire(after(60), 10))
        assert [(one.id, one.state) for one in expired] == [(first.id, AssignmentState.EXPIRED)]
        second = take(store, job_id, "w2", at=after(61))
        assert second is not None and second.n == 0
        assert counters(store, job_id) == recount(store, job_id)

    def test_holds_from_before_the_clock_was_set_back_last_as_long_as_they_would(self, store: Store) -> None:
        job_id = add_job(store, objects=2, wanted=1)
        ahead = take(store, job_id, "w1", at=after(7200), limit_s=300)
        now = take(store, job_id, "w2", at=after(30), limit_s=9000)
        assert ahead is not None and now is not None
        assert do(store, lambda tx: tx.assignments.pull_back(START)) == 1
        found = store.read(lambda tx: [tx.assignments.get(one.id) for one in (ahead, now)])
        assert [(one.accepted_at, one.expires_at) for one in found] == [(START, after(300)), (after(30), after(9030))]
        assert [one.id for one in do(store, lambda tx: tx.assignments.expire(after(301), 9))] == [ahead.id]

    def test_holds_due_at_once_expire_in_the_order_of_their_ids(self, store: Store) -> None:
        job_id = add_job(store, objects=4, wanted=1)
        taken = [found.id for worker in ("w1", "w2", "w3", "w4") if (found := take(store, job_id, worker)) is not None]

        def begin_backwards(tx: Transaction) -> None:  # a database may go by when a row was last written
            for one in reversed(taken):
                tx.assignments.begin(one, at=after(1), expires_at=after(60))

        do(store, begin_backwards)
        firsts = [do(store, lambda tx: tx.assignments.expire(after(60), 2)) for _ in range(2)]
        assert [one.id for some in firsts for one in some] == taken

    def test_one_s_own_expired_hold_is_noticed_when_taking(self, store: Store) -> None:
        job_id = add_job(store, objects=1, wanted=1)
        first = take(store, job_id, "w1", limit_s=60)
        second = take(store, job_id, "w1", at=after(61))
        assert first is not None and second is not None and second.id != first.id and second.n == 0
        with pytest.raises(Conflict):
            submit(store, first, at=after(62))
        submit(store, second, at=after(62))

    def test_late_answers_count_while_they_are_wanted(self, store: Store) -> None:
        job_id = add_job(store, objects=1, wanted=2)
        late, later = take(store, job_id, "w1", limit_s=60), take(store, job_id, "w2", limit_s=60)
        assert late is not None and later is not None
        do(store, lambda tx: tx.assignments.expire(after(61), 10))
        submit(store, late, at=after(62))
        in_time = take(store, job_id, "w3", at=after(63))
        assert in_time is not None
        with pytest.raises(Conflict, match="no more answers"):
            submit(store, later, at=after(64))
        submit(store, in_time, at=after(64))
        with pytest.raises(Conflict):
            submit(store, later, at=after(65))
        assert counters(store, job_id) == recount(store, job_id)

    def test_what_was_done_when_the_time_ran_out_is_found_again_by_the_same_worker(self, store: Store) -> None:
        job_id = add_job(store, objects=1, wanted=2)
        first, other = take(store, job_id, "w1"), take(store, job_id, "w2")
        assert first is not None and other is not None
        do(store, lambda tx: tx.assignments.save_draft(first.id, '{"boxes": 2}', at=after(1)))
        do(store, lambda tx: tx.assignments.expire(after(10_000), 10))
        again, others = take(store, job_id, "w1", at=after(10_001)), take(store, job_id, "w2", at=after(10_001))
        assert again is not None and others is not None
        assert store.read(lambda tx: tx.assignments.earlier_draft(again.id)) == '{"boxes": 2}'
        assert store.read(lambda tx: tx.assignments.earlier_draft(others.id)) is None

    def test_a_draft_of_a_task_that_was_given_back_does_not_come_again(self, store: Store) -> None:
        job_id = add_job(store, objects=1, wanted=1)
        first = take(store, job_id, "w1")
        assert first is not None
        do(store, lambda tx: tx.assignments.save_draft(first.id, '{"boxes": 2}', at=after(1)))
        do(store, lambda tx: tx.assignments.give_back(first.id, "return", at=after(2)))
        again = take(store, job_id, "w1", at=after(3))
        assert again is not None and store.read(lambda tx: tx.assignments.earlier_draft(again.id)) is None

    def test_submitting_counts_and_pays(self, store: Store) -> None:
        job_id = add_job(store, objects=2, wanted=1)
        taken = take(store, job_id, "w1")
        assert taken is not None
        do(store, lambda tx: tx.assignments.save_draft(taken.id, '{"half": true}', at=after(1)))
        do(store, lambda tx: tx.assignments.save_draft(taken.id, '{"half": false}', at=after(2)))
        assert store.read(lambda tx: tx.assignments.draft(taken.id)) == '{"half": false}'
        made = submit(store, taken, at=after(3))
        now = counters(store, job_id)
        assert (now.open, now.answered, now.annotations, now.spent_usd_micros, now.outstanding) == (1, 1, 1, REWARD, 1)
        assert store.read(lambda tx: tx.annotations.get(taken.id)) == made
        kept = store.read(lambda tx: tx.assignments.get(taken.id))
        assert (kept.state, kept.submitted_at) == (AssignmentState.SUBMITTED, after(3))
        assert store.read(lambda tx: tx.assignments.draft(taken.id)) is None
        with pytest.raises(Conflict):
            submit(store, taken)

    def test_the_worker_s_list_never_says_none_where_there_is_one(self, store: Store) -> None:
        one, other = add_job(store, objects=3, wanted=1), add_job(store, objects=2, release=False)
        taken = take(store, one, "w1")
        assert taken is not None
        assert store.read(lambda tx: tx.assignments.open_for([one, other], "w1")) == {one: 2, other: 2}
        assert store.read(lambda tx: tx.assignments.of_object(one, 0)) == [taken]

    def test_unknown_assignments_are_not_found(self, store: Store) -> None:
        with pytest.raises(NotFound):
            store.read(lambda tx: tx.assignments.get("no"))
        with pytest.raises(NotFound):
            do(store, lambda tx: tx.assignments.give_back("no", "return", at=START))


class TestAnnotations:
    def test_they_come_in_order_of_submission_and_by_object(self, store: Store) -> None:
        job_id = add_job(store, objects=3, wanted=2)
        made = []
        for n in range(6):
            taken = take(store, job_id, f"w{n % 2}")
            assert taken is not None
            made.append(submit(store, taken, at=after(n)))
        assert store.read(lambda tx: tx.annotations.all(job_id)) == made
        assert store.read(lambda tx: tx.annotations.all(job_id, after=made[1].assignment_id, limit=2)) == made[2:4]
        assert store.read(lambda tx: tx.annotations.of_objects(job_id, [2, 0])) == [*made[:2], *made[4:]]

    def test_they_are_read_by_bytes(self, store: Store) -> None:
        job_id = add_job(store, objects=4, wanted=1)
        for n in range(4):
            taken = take(store, job_id, "w0")
            assert taken is not None
            submit(store, taken, at=after(n), answer="x" * (10 if n == 1 else 1_000))
        everything = store.read(lambda tx: tx.annotations.all(job_id))
        assert len(everything) == 4

        def pages(most: int) -> list[int]:
            sizes, last = [], None
            while page := store.read(partial(_page, job_id, last, most)):
                sizes.append(len(page))
                last = page[-1].assignment_id
            return sizes

        assert pages(1 << 20) == [4]
        assert pages(2_500) == [3, 1]
        assert pages(1_100) == [2, 1, 1]
        assert pages(1) == [1, 1, 1, 1]
        within = store.read(lambda tx: tx.annotations.first_within(job_id, [3, 1, 0], most_bytes=1_100))
        assert within == [3, 1]
        assert store.read(lambda tx: tx.annotations.first_within(job_id, [2, 3], most_bytes=1)) == [2]
        assert store.read(lambda tx: tx.annotations.first_within(job_id, [])) == []

    def test_totals_of_workers_days_and_intervals(self, store: Store) -> None:
        job_id = add_job(store, objects=3, wanted=2)
        for n in range(5):
            taken = take(store, job_id, f"w{n % 2}")
            assert taken is not None
            submit(store, taken, at=after(n * 40), time_spent_s=float(n))
        totals = store.read(lambda tx: tx.annotations.worker_totals(job_id))
        assert totals == [("w0", 3, 2.0, after(160)), ("w1", 2, 2.0, after(120))]
        assert store.read(lambda tx: tx.annotations.done_by("w0", [job_id, 99])) == {job_id: 3, 99: 0}
        assert store.read(lambda tx: tx.annotations.of_day("w0", at=after(200))) == (3, 3 * REWARD)
        assert store.read(lambda tx: tx.annotations.of_day("w0", at=START + timedelta(days=1))) == (0, 0)
        counts = store.read(lambda tx: tx.annotations.per_interval(job_id, since=after(1), seconds=60))
        assert counts == [(after(1), 1), (after(61), 2), (after(121), 1)]


class TestIdentities:
    def test_the_same_thing_is_found_in_every_job(self, store: Store) -> None:
        first, second = add_job(store, objects=3), add_job(store, objects=3)
        for _ in range(2):  # again after a crash
            do(store, lambda tx: tx.objects.identify(first, {0: -(2**63), 1: 7, 2: 7}))
        do(store, lambda tx: tx.objects.identify(second, {2: 7}))
        do(store, lambda tx: tx.objects.identify(second, {}))
        assert store.read(lambda tx: tx.objects.same(7)) == [(first, 1), (first, 2), (second, 2)]
        assert store.read(lambda tx: tx.objects.same(-(2**63))) == [(first, 0)]
        assert store.read(lambda tx: tx.objects.same(8)) == []


class TestLabels:
    def test_labels_are_replaced_and_counted(self, store: Store) -> None:
        job_id = add_job(store, objects=4, wanted=1)
        for _ in range(3):
            taken = take(store, job_id, "w1")
            assert taken is not None
            submit(store, taken)
        do(store, lambda tx: tx.labels.put([label_of(job_id, n) for n in range(3)]))
        assert counters(store, job_id).human_labeled == 3
        changed = label_of(job_id, 1, category="b", value=[1, {"x": TEXT}], confidence=0.0, labeled_at=after(5))
        do(store, lambda tx: tx.labels.put([changed]))
        assert store.read(lambda tx: tx.labels.in_force(job_id, 1)) == changed
        assert (counters(store, job_id).human_labeled, counters(store, job_id).machine_labeled) == (3, 0)
        assert store.read(lambda tx: tx.labels.distribution(job_id)) == {"a": 2, "b": 1}
        assert [one.n for one in store.read(lambda tx: list(tx.labels.all(job_id, start=1)))] == [1, 2]
        histogram = store.read(lambda tx: tx.labels.confidence_histogram(job_id, 4))
        assert list(histogram) == [1, 0, 0, 2]
        assert store.read(lambda tx: tx.labels.over_time(job_id))[-1] == (START, 3, 0)
        assert counters(store, job_id) == recount(store, job_id)

    def test_labels_of_an_open_object_wait(self, store: Store) -> None:
        job_id = add_job(store, objects=1, wanted=1)
        taken = take(store, job_id, "w1")
        assert taken is not None
        submit(store, taken)
        do(store, lambda tx: tx.labels.put([label_of(job_id, 0)]))
        do(store, lambda tx: tx.tasks.ask_more(job_id, {0: 2}, at=START))
        do(store, lambda tx: tx.labels.put([label_of(job_id, 0, confidence=0.6)]))
        assert store.read(lambda tx: tx.objects.get(job_id, 0)).state == ObjectState.OPEN
        assert counters(store, job_id) == recount(store, job_id)

    def test_a_model_labels_pending_objects(self, store: Store) -> None:
        job_id = add_job(store, objects=2, release=False)
        do(store, lambda tx: tx.labels.put([label_of(job_id, 1, human=False)]))
        assert counters(store, job_id).machine_labeled == 1
        assert store.read(lambda tx: tx.objects.pending(job_id, 9)) == [0]
        assert counters(store, job_id) == recount(store, job_id)

    def test_a_job_without_labels(self, store: Store) -> None:
        job_id = add_job(store)
        assert store.read(lambda tx: tx.labels.over_time(job_id)) == []
        assert store.read(lambda tx: tx.labels.in_force(job_id, 0)) is None


class TestPeople:
    def test_accounts(self, store: Store) -> None:
        ada = add_worker(store, "Ada", roles=frozenset({Role.REQUESTER, Role.WORKER}))
        assert store.read(lambda tx: tx.workers.by_email("aDA@EXAMPLE.com")) == (ada, None)
        with pytest.raises(Conflict):
            add_worker(store, "aDa")
        changed = do(
            store,
            lambda tx: tx.workers.update(
                ada.id, name=TEXT, roles={Role.ADMINISTRATOR}, password_hash="h", preferences={"theme": "dark"}
            ),
        )
        everywhere = frozenset({Role.ADMINISTRATOR})
        assert changed == replace(ada, name=TEXT, roles=everywhere, preferences={"theme": "dark"})
        assert store.read(lambda tx: tx.annotators.get(ada.id)).name == TEXT
        assert store.read(lambda tx: tx.workers.by_email(ada.email)) == (changed, "h")
        assert store.read(lambda tx: tx.workers.page(Page(), role=Role.REQUESTER)) == [changed]
        do(store, lambda tx: tx.workers.set_membership(ada.id, MAIN, {Role.WORKER}))
        assert store.read(lambda tx: tx.workers.page(Page(), role=Role.REQUESTER)) == []

    def test_roles_are_those_of_a_workspace(self, store: Store) -> None:
        ada, bob = add_worker(store, "Ada"), add_worker(store, "Bob")
        birds = Workspace("w2", "Birds", after(1))
        do(store, lambda tx: tx.workspaces.add(birds))
        with pytest.raises(Conflict):
            do(store, lambda tx: tx.workspaces.add(replace(birds, id="w3", name="BIRDS")))
        do(store, lambda tx: tx.workers.set_membership(ada.id, "w2", {Role.REVIEWER, Role.WORKER}))
        found = store.read(lambda tx: tx.workers.get(ada.id))
        assert found.roles_in("w2") == {Role.REVIEWER, Role.WORKER} and found.roles_in(MAIN) == {Role.WORKER}
        assert store.read(lambda tx: tx.workers.page(Page(), workspace_id="w2")) == [found]
        assert store.read(lambda tx: tx.workers.page(Page(), workspace_id="w2", role=Role.REQUESTER)) == []
        assert store.read(lambda tx: [one.name for one in tx.workspaces.all()]) == ["Main", "Birds"]
        assert store.read(lambda tx: tx.workspaces.by_name("bIRDS")) == birds
        everyone = built_in_team("w2", EVERYONE)
        do(store, lambda tx: tx.teams.add(WorkTeam(everyone, EVERYONE, TeamKind.PRIVATE, "", START, None, "w2")))
        assert store.read(lambda tx: [tx.teams.is_member(everyone, one.id) for one in (ada, bob)]) == [True, False]
        assert store.read(lambda tx: [one.id for one in tx.teams.select(member_id=ada.id)]) == [
            EVERYONE,
            PUBLIC,
            everyone,
        ]
        assert store.read(lambda tx: tx.teams.member_count(everyone)) == 1
        do(store, lambda tx: tx.workers.set_membership(ada.id, "w2", ()))
        assert "w2" not in store.read(lambda tx: tx.workers.get(ada.id)).memberships

    def test_the_second_step_is_kept(self, store: Store) -> None:
        ada = add_worker(store, "Ada")
        begun = TwoStep("SECRET")
        do(store, lambda tx: tx.workers.set_two_step(ada.id, begun))
        assert store.read(lambda tx: tx.workers.two_step(ada.id)) == begun
        assert not store.read(lambda tx: tx.workers.get(ada.id)).two_step
        on = TwoStep("SECRET", active=True, used=7, recovery=("a", "b"))
        do(store, lambda tx: tx.workers.set_two_step(ada.id, on))
        assert store.read(lambda tx: tx.workers.two_step(ada.id)) == on
        assert store.read(lambda tx: tx.workers.get(ada.id)).two_step
        do(store, lambda tx: tx.workers.set_two_step(ada.id, None))
        assert store.read(lambda tx: tx.workers.two_step(ada.id)) is None
        assert not store.read(lambda tx: tx.workers.get(ada.id)).two_step

    def test_an_address_is_verified(self, store: Store) -> None:
        stranger = Account("zed", "s@example.com", "S", frozenset(), START, verified=False)
        do(store, lambda tx: tx.workers.add(stranger, password_hash=None))
        assert store.read(lambda tx: tx.workers.get("zed")) == stranger
        assert do(store, lambda tx: tx.workers.update("zed", verified=True)).verified

    def test_who_registers_alone_is_in_public_only(self, store: Store) -> None:
        add_worker(store, "Ada")
        stranger = Account("zed", "s@example.com", "S", frozenset({Role.WORKER}), START)
        do(store, lambda tx: tx.workers.add(stranger, password_hash=None))
        assert store.read(lambda tx: [one.name for one in tx.teams.select(member_id=stranger.id)]) == [PUBLIC]
        assert store.read(lambda tx: [tx.teams.member_count(one) for one in (EVERYONE, PUBLIC)]) == [1, 2]
        assert stranger not in store.read(lambda tx: tx.workers.page(Page(), team_id=EVERYONE))

    def test_other_annotators_than_accounts(self, store: Store) -> None:
        model = Annotator("model-7", AnnotatorKind.MODEL, "birds, version 7", START)
        for _ in range(2):
            do(store, lambda tx: tx.annotators.add(model))
        assert store.read(lambda tx: tx.annotators.get("model-7")) == model
        with pytest.raises(NotFound):
            store.read(lambda tx: tx.annotators.get("nobody"))

    def test_tokens_end(self, store: Store) -> None:
        ada = add_worker(store, "Ada")

        def work(tx: Transaction) -> None:
            for digest, expires in (("d1", after(10)), ("d2", None)):
                tx.workers.add_token(Token(digest, ada.id, "session", "browser", START, expires))

        do(store, work)
        found = store.read(lambda tx: tx.workers.by_token("d1", at=after(9)))
        assert found == (ada, Token("d1", ada.id, "session", "browser", START, after(10)))
        assert store.read(lambda tx: tx.workers.by_token("d1", at=after(10))) is None
        assert store.read(lambda tx: tx.workers.by_token("d3", at=START)) is None
        assert len(store.read(lambda tx: tx.workers.tokens("session", worker_id=ada.id))) == 2
        do(store, lambda tx: tx.workers.move_token("d2", "w2"))
        assert [one.workspace_id for one in store.read(lambda tx: tx.workers.tokens("session"))] == [MAIN, "w2"]
        do(store, lambda tx: tx.workers.update(ada.id, disabled=True))
        assert store.read(lambda tx: tx.workers.by_token("d2", at=START)) is None
        do(store, lambda tx: tx.workers.drop_token("d2"))
        assert [one.digest for one in store.read(lambda tx: tx.workers.tokens("session", worker_id=ada.id))] == ["d1"]

    def test_teams_and_members(self, store: Store) -> None:
        ada, bob = add_worker(store, "Ada"), add_worker(store, "Bob")
        team = WorkTeam("t1", "Vendors Inc", TeamKind.VENDOR, "", START)
        do(store, lambda tx: tx.teams.add(team))
        with pytest.raises(Conflict):
            do(store, lambda tx: tx.teams.add(replace(team, id="t2", name="vendors inc")))
        for _ in range(2):
            do(store, lambda tx: tx.teams.add_member("t1", ada.id))
        assert store.read(lambda tx: tx.teams.is_member("t1", ada.id))
        assert not store.read(lambda tx: tx.teams.is_member("t1", bob.id))
        assert store.read(lambda tx: tx.teams.is_member(PUBLIC, bob.id))
        assert store.read(lambda tx: [tx.teams.member_count(one) for one in ("t1", EVERYONE)]) == [1, 2]
        mine = store.read(lambda tx: tx.teams.select(member_id=ada.id))
        assert [one.name for one in mine] == [EVERYONE, PUBLIC, "Vendors Inc"]
        assert store.read(lambda tx: tx.workers.page(Page(), team_id="t1")) == [ada]
        assert len(store.read(lambda tx: tx.workers.page(Page(), team_id=EVERYONE))) == 2
        do(store, lambda tx: tx.teams.update("t1", description="x", manager_id=bob.id))
        assert store.read(lambda tx: tx.teams.by_name(MAIN, "VENDORS inc")).manager_id == bob.id
        with pytest.raises(Conflict):
            do(store, lambda tx: tx.teams.remove(EVERYONE))
        do(store, lambda tx: tx.teams.remove("t1"))
        with pytest.raises(NotFound):
            store.read(lambda tx: tx.teams.get("t1"))

    def test_names_of_teams_are_a_workspaces(self, store: Store) -> None:
        team = WorkTeam("t1", "Crew", TeamKind.PRIVATE, "", START)
        elsewhere = replace(team, id="t2", workspace_id="w2")
        do(store, lambda tx: tx.teams.add(team))
        do(store, lambda tx: tx.teams.add(elsewhere))
        with pytest.raises(Conflict):
            do(store, lambda tx: tx.teams.add(replace(elsewhere, id="t3")))
        assert store.read(lambda tx: tx.teams.by_name("w2", "CREW")) == elsewhere
        assert store.read(lambda tx: tx.teams.select(workspace_id="w2")) == [elsewhere]

    def test_invitations_are_used_up_and_taken_back(self, store: Store) -> None:
        do(store, lambda tx: tx.teams.add(WorkTeam("t1", "Team", TeamKind.PRIVATE, "", START)))
        first = Invitation("d1", "t1", "x", START, after(10), 1)
        second = Invitation("d2", "t1", "x", after(1), after(10), 2)
        do(store, lambda tx: tx.teams.add_invitation(first))
        do(store, lambda tx: tx.teams.add_invitation(second))
        assert store.read(lambda tx: tx.teams.invitation("d1", at=after(10))) is None
        assert store.read(lambda tx: tx.teams.invitation("d1", at=after(9))) == first
        assert store.read(lambda tx: tx.teams.invitations("t1", at=after(9))) == [second, first]
        assert do(store, lambda tx: tx.teams.use_invitation("d1", at=after(9)))
        assert not do(store, lambda tx: tx.teams.use_invitation("d1", at=after(9)))
        assert store.read(lambda tx: tx.teams.invitations("t1", at=after(9))) == [second]
        do(store, lambda tx: tx.teams.drop_invitation("d2"))
        assert store.read(lambda tx: tx.teams.invitation("d2", at=after(2))) is None

    def test_who_was_taken_out_is_remembered(self, store: Store) -> None:
        ada = add_worker(store, "Ada")
        do(store, lambda tx: tx.teams.add(WorkTeam("t1", "Team", TeamKind.PRIVATE, "", START)))
        do(store, lambda tx: tx.teams.remove_member("t1", ada.id, at=after(1)))
        assert store.read(lambda tx: tx.teams.removed_at("t1", ada.id)) is None  # was not in it
        do(store, lambda tx: tx.teams.add_member("t1", ada.id))
        do(store, lambda tx: tx.teams.remove_member("t1", ada.id, at=after(2)))
        assert store.read(lambda tx: tx.teams.removed_at("t1", ada.id)) == after(2)
        do(store, lambda tx: tx.teams.add_member("t1", ada.id))
        assert store.read(lambda tx: tx.teams.removed_at("t1", ada.id)) is None


class TestOwners:
    def test_jobs_of_a_workspace_shared_or_of_somebody(self, store: Store) -> None:
        ids = [add_job(store, objects=1) for _ in range(3)]
        do(store, lambda tx: tx.jobs.update(ids[0], shared=False))
        kept = store.read(lambda tx: tx.jobs.get(ids[0]))
        assert not kept.shared and kept.workspace_id == MAIN

        def found(**wanted: Any) -> list[int]:
            return [job.id for job in store.read(lambda tx: tx.jobs.page(Page(), **wanted))]

        assert found(workspace_id=MAIN) == ids[::-1]
        assert found(workspace_id="w2") == []
        assert found(workspace_id=MAIN, shared_or_of="nobody") == ids[:0:-1]
        assert found(workspace_id=MAIN, shared_or_of=kept.created_by) == ids[::-1]


class TestUnitsOfWork:
    def test_a_unit_that_raises_leaves_nothing(self, store: Store) -> None:
        job_id = add_job(store, objects=2)

        def work(tx: Transaction) -> None:
            tx.objects.move(job_id, [0], "fail", reason="x")
            raise ValueError("no")

        with pytest.raises(ValueError, match="no"):
            do(store, work)
        assert store.read(lambda tx: tx.objects.get(job_id, 0)).state == ObjectState.OPEN
        assert counters(store, job_id) == recount(store, job_id)

    def test_units_that_came_together_fail_each_for_itself(self, store: Store) -> None:
        job_id = add_job(store, objects=4, wanted=1)
        started = Event()
        store.write(lambda tx: started.wait(0.3))  # the others wait behind it, and come together

        def fail(tx: Transaction, *, having_changed: bool) -> None:
            if having_changed:
                tx.objects.move(job_id, [3], "fail", reason="x")
            raise ValueError("no")

        units: list[Future[Any]] = [
            store.write(lambda tx: tx.objects.move(job_id, [0], "fail", reason="x")),
            store.write(partial(fail, having_changed=False)),
            store.write(partial(fail, having_changed=True)),
            store.write(lambda tx: tx.objects.move(job_id, [1], "fail", reason="x")),
        ]
        started.set()
        failures = [unit.exception(10) for unit in units]
        assert [str(one) for one in failures] == ["None", "no", "no", "None"]
        states = [store.read(lambda tx, n=n: tx.objects.get(job_id, n).state) for n in range(4)]  # type: ignore[misc]
        assert states == [ObjectState.FAILED, ObjectState.FAILED, ObjectState.OPEN, ObjectState.OPEN]
        assert counters(store, job_id) == recount(store, job_id)

    def test_what_one_store_wrote_another_reads(self, make_store: Callable[[], Store]) -> None:
        one, other = make_store(), make_store()
        job_id = add_job(one)
        assert take(other, job_id, "w1") is not None
        assert len(one.read(lambda tx: tx.assignments.held_by("w1"))) == 1

    def test_many_threads_taking_at_once_double_nothing(self, make_store: Callable[[], Store]) -> None:
        stores = [make_store(), make_store()]
        job_id = add_job(stores[0], objects=30, wanted=3)
        taken: list[tuple[int, str]] = []

        def work(number: int) -> None:
            store, worker = stores[number % 2], f"w{number // 2}"
            while (mine := take(store, job_id, worker)) is not None:
                try:
                    submit(store, mine)
                except Conflict:
                    continue  # the same person's other window was first
                taken.append((mine.n, worker))

        threads = [Thread(target=work, args=(number,)) for number in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(taken) == len(set(taken)) == 90
        now = counters(stores[0], job_id)
        assert (now.answered, now.annotations, now.outstanding) == (30, 90, 0)
        assert now == recount(stores[1], job_id)


def test_touching_changes_nothing(store: Store) -> None:
    job_id = add_job(store, objects=1)
    before = store.read(lambda tx: tx.jobs.get(job_id))
    do(store, lambda tx: tx.touch())
    assert store.read(lambda tx: tx.jobs.get(job_id)) == before


def _page(job_id: int, after: str | None, most_bytes: int, tx: Transaction) -> list[Annotation]:
    return tx.annotations.all(job_id, after=after, most_bytes=most_bytes)
