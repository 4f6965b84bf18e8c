"""Workers' use cases over the store in memory: take, submit, give back, and what a requester does to a job."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from groundswell.domain.errors import Conflict, InvalidAnnotation, InvalidSpec, InvalidTemplate, NotFound
from groundswell.domain.people import Account, Role, TeamKind, WorkTeam
from groundswell.domain.records import LabelingJob, TaskKind
from groundswell.domain.states import AssignmentState, JobState, ObjectState
from groundswell.service import assignments, labeling_jobs
from groundswell.service.annotations import submit as submit_answer
from groundswell.service.assignments import Taken
from groundswell.service.context import Context
from groundswell.service.ports import Store
from groundswell.testing.acting import acting, acts_over
from groundswell.testing.memory_store import MemoryStore
from groundswell.wire.job_spec import JobSpec
from groundswell.wire.jobs import Extend
from store_work import START, add_worker, after, do, fresh_id, label_of

ANSWER = {"crowd-image-classifier": {"label": "dog"}}


@pytest.fixture
def store() -> Store:
    return MemoryStore()


@pytest.fixture
def people(store: Store) -> list[Account]:
    ada = add_worker(store, "ada", roles=frozenset({Role.REQUESTER, Role.WORKER}))
    return [ada, *(add_worker(store, name) for name in ("bob", "eve"))]


@pytest.fixture
def make_job(store: Store, people: list[Account]) -> Callable[..., LabelingJob]:
    """Makes a job in progress with some pending objects."""

    def make(*, objects: int = 4, **changes: Any) -> LabelingJob:
        job = create(store, people[0], spec(**changes))
        lines = [(n, f'{{"source-ref":"s3://in/{n}.jpg"}}', ObjectState.PENDING, None) for n in range(objects)]
        do(store, lambda tx: tx.objects.add_lines(job.id, lines))
        return do(store, lambda tx: tx.jobs.set_state(job.id, "start", at=START))

    return make


def spec(**changes: Any) -> JobSpec:
    given = {
        "name": "pets",
        "task_type": "image-classification",
        "input": "s3://in/input.manifest",
        "labels": ["cat", "dog"],
        "workers": {"per_object": 2, "price_usd": "0.5"},
    }
    return JobSpec.model_validate({**given, **changes})


def acts(store: Store, *, at: datetime = START) -> Context:
    return acts_over(store, clock=lambda: at)


def create(store: Store, by: Account, asked: JobSpec) -> LabelingJob:
    return labeling_jobs.create(acts(store), acting(by), asked.model_dump(mode="json"))


def take(store: Store, worker: Account, *, at: datetime = START, holding: tuple[str, ...] = ()) -> Taken | None:
    new = fresh_id()
    return do(
        store,
        lambda tx: assignments.take_next(tx, worker, "pets", at=at, assignment_id=new, holding=holding),
    )


def taken(store: Store, worker: Account, *, at: datetime = START) -> Taken:
    found = take(store, worker, at=at)
    assert found is not None
    return found


def submit(store: Store, worker: Account, found: Taken, answer: Any = ANSWER, *, at: datetime = START) -> Any:
    return do(store, lambda tx: submit_answer(tx, worker, found.assignment.id, answer, 1.0, at=at))


def decline(store: Store, worker: Account, found: Taken) -> None:
    do(store, lambda tx: assignments.give_back(tx, worker, found.assignment.id, "decline", at=START))


class TestTaking:
    def test_nobody_waits_for_a_runner(self, store: Store, people: list[Account], make_job: Any) -> None:
        job = make_job()
        first = taken(store, people[0])
        assert (first.assignment.n, first.line) == (0, '{"source-ref":"s3://in/0.jpg"}')
        assert first.assignment.reward_usd_micros == 500_000
        assert store.read(lambda tx: tx.jobs.counters(job.id)).open == 4

    def test_a_budget_is_never_overspent(self, store: Store, people: list[Account], make_job: Any) -> None:
        job = make_job(stop_when={"budget_usd": "2.5"})
        for _ in range(9):
            for worker in people:
                found = take(store, worker)
                if found is not None:
                    submit(store, worker, found)
        counters = store.read(lambda tx: tx.jobs.counters(job.id))
        assert (counters.spent_usd_micros, counters.annotations, counters.pending) == (2_000_000, 4, 2)

    def test_a_job_with_a_hook_waits_for_the_runner(self, store: Store, people: list[Account], make_job: Any) -> None:
        make_job(hooks={"pre_annotation": "module:function"})
        assert take(store, people[0]) is None

    def test_a_paused_job_gives_out_only_what_is_held(self, store: Store, people: list[Account], make_job: Any) -> None:
        job = make_job()
        held = taken(store, people[0])
        labeling_jobs.pause(acts(store), acting(people[0]), job.name)
        assert take(store, people[1]) is None
        assert taken(store, people[0]).assignment == held.assignment
        submit(store, people[0], held)
        assert take(store, people[0]) is None

    def test_jobs_of_other_teams_do_not_exist(self, store: Store, people: list[Account], make_job: Any) -> None:
        do(store, lambda tx: tx.teams.add(WorkTeam("t", "Vets", TeamKind.PRIVATE, "", START)))
        do(store, lambda tx: tx.teams.add_member("t", people[0].id))
        make_job(workers={"team": "vets"})
        assert take(store, people[0]) is not None
        with pytest.raises(NotFound):
            take(store, people[1])
        assert [row.job.name for row in store.read(lambda tx: assignments.jobs_for(tx, people[0], at=START))] == [
            "pets"
        ]
        assert store.read(lambda tx: assignments.jobs_for(tx, people[1], at=START)) == []

    def test_the_list_says_what_is_left_and_held(self, store: Store, people: list[Account], make_job: Any) -> None:
        make_job()
        submit(store, people[0], taken(store, people[0]))
        held = taken(store, people[0])
        [row] = store.read(lambda tx: assignments.jobs_for(tx, people[0], at=START))
        assert (row.left, row.done, row.held, row.team.name) == (2, 1, (held.assignment.id,), "everyone")


class TestHolding:
    def test_another_s_task_does_not_exist(self, store: Store, people: list[Account], make_job: Any) -> None:
        make_job()
        found = taken(store, people[0]).assignment.id
        for work in (
            lambda tx: assignments.describe(tx, people[1], found),
            lambda tx: assignments.begin(tx, people[1], found, at=START),
            lambda tx: assignments.give_back(tx, people[1], found, "return", at=START),
            lambda tx: assignments.save_draft(tx, people[1], found, "{}", at=START),
            lambda tx: submit_answer(tx, people[1], found, ANSWER, 1.0, at=START),
        ):
            with pytest.raises(NotFound):
                do(store, work)

    def test_a_draft_that_its_own_answer_overtook_is_no_error(
        self, store: Store, people: list[Account], make_job: Any
    ) -> None:
        make_job()
        found = taken(store, people[0]).assignment.id
        do(store, lambda tx: submit_answer(tx, people[0], found, ANSWER, 1.0, at=after(1)))
        do(store, lambda tx: assignments.save_draft(tx, people[0], found, "{}", at=after(2)))
        assert store.read(lambda tx: tx.assignments.draft(found)) is None

    def test_a_draft_comes_back_with_its_task(self, store: Store, people: list[Account], make_job: Any) -> None:
        make_job()
        found = taken(store, people[0]).assignment.id
        do(store, lambda tx: assignments.save_draft(tx, people[0], found, '{"a": 1}', at=after(1)))
        assert taken(store, people[0]).draft == '{"a": 1}'
        assert store.read(lambda tx: assignments.describe(tx, people[0], found)).draft == '{"a": 1}'
        assert [one.draft for one in store.read(lambda tx: assignments.held(tx, people[0], at=START))] == ['{"a": 1}']
        do(store, lambda tx: assignments.give_back(tx, people[0], found, "return", at=after(2)))
        with pytest.raises(Conflict):
            do(store, lambda tx: assignments.save_draft(tx, people[0], found, "{}", at=after(3)))
        with pytest.raises(Conflict):
            store.read(lambda tx: assignments.describe(tx, people[0], found))

    def test_an_object_declined_by_everyone_says_so(self, store: Store, people: list[Account], make_job: Any) -> None:
        job = make_job(objects=1, workers={"per_object": 3})
        for worker in people:
            decline(store, worker, taken(store, worker))
        failed = store.read(lambda tx: tx.objects.get(job.id, 0))
        assert failed.state == ObjectState.FAILED
        assert "3 workers declined and 0 answered" in (failed.failure_reason or "")

    def test_an_object_is_given_up_when_as_many_decline_as_were_asked(
        self, store: Store, people: list[Account], make_job: Any
    ) -> None:
        job = make_job(objects=1)
        decline(store, people[0], taken(store, people[0]))
        assert store.read(lambda tx: tx.objects.get(job.id, 0)).state == ObjectState.OPEN
        decline(store, people[1], taken(store, people[1]))
        assert store.read(lambda tx: tx.objects.get(job.id, 0)).state == ObjectState.FAILED

    def test_an_object_declined_while_somebody_holds_it_waits_for_them(
        self, store: Store, people: list[Account], make_job: Any
    ) -> None:
        job = make_job(objects=1, workers={"per_object": 3, "min_answers": 1})
        held = [taken(store, worker) for worker in people]
        decline(store, people[0], held[0])
        decline(store, people[1], held[1])
        assert store.read(lambda tx: tx.objects.get(job.id, 0)).state == ObjectState.OPEN
        submit(store, people[2], held[2])
        assert store.read(lambda tx: tx.objects.get(job.id, 0)).answered == 1

    def test_declined_by_the_others_is_settled_by_its_answers(
        self, store: Store, people: list[Account], make_job: Any
    ) -> None:
        job = make_job(objects=1)
        submit(store, people[0], taken(store, people[0]))
        for worker in people[1:]:
            decline(store, worker, taken(store, worker))
        assert store.read(lambda tx: tx.objects.get(job.id, 0)).state == ObjectState.ANSWERED

    def test_a_check_that_is_declined_leaves_its_object_alone(
        self, store: Store, people: list[Account], make_job: Any
    ) -> None:
        job = make_job(objects=1, workers={"per_object": 1})
        gold = do(store, lambda tx: tx.tasks.add(job.id, [0], kind=TaskKind.GOLD, wanted=3, at=START))
        for worker in people:
            found = taken(store, worker)
            assert found.assignment.task_id == gold.id
            decline(store, worker, found)
        assert store.read(lambda tx: tx.objects.get(job.id, 0)).state == ObjectState.PENDING


class TestSubmitting:
    def test_the_same_answer_twice_is_one_annotation(self, store: Store, people: list[Account], make_job: Any) -> None:
        job = make_job()
        found = taken(store, people[0])
        first, _ = submit(store, people[0], found, at=after(9))
        again, _ = submit(store, people[0], found, at=after(99))
        assert first == again
        assert store.read(lambda tx: tx.jobs.counters(job.id)).annotations == 1
        with pytest.raises(Conflict, match="another answer"):
            submit(store, people[0], found, {"crowd-image-classifier": {"label": "cat"}})

    @pytest.mark.parametrize(
        "answer",
        [
            {},  # nothing filled in
            {"crowd-image-classifier": {"label": "horse"}},  # not a label of the job
            {"crowd-image-classifier": {"label": 7}},  # not a text
            {"other": 1},  # another element's answer
        ],
    )
    def test_answers_that_do_not_fit_are_refused_and_the_draft_kept(
        self, store: Store, people: list[Account], make_job: Any, answer: Any
    ) -> None:
        make_job()
        found = taken(store, people[0])
        do(store, lambda tx: assignments.save_draft(tx, people[0], found.assignment.id, "{}", at=START))
        with pytest.raises(InvalidAnnotation):
            submit(store, people[0], found, answer)
        assert taken(store, people[0]).draft == "{}"
        submit(store, people[0], found)

    def test_a_stopped_job_takes_no_answers(self, store: Store, people: list[Account], make_job: Any) -> None:
        job = make_job()
        found = taken(store, people[0])
        labeling_jobs.stop(acts(store), acting(people[0]), job.name)
        with pytest.raises(Conflict, match="takes no more answers"):
            submit(store, people[0], found)

    def test_more_time_than_has_passed_is_not_believed(
        self, store: Store, people: list[Account], make_job: Any
    ) -> None:
        make_job()
        for claimed, believed in ((7.0, 7.0), (99.0, 10.0), (0.0, 10.0)):
            found = taken(store, people[0])
            made, _ = do(
                store,
                lambda tx: submit_answer(tx, people[0], found.assignment.id, ANSWER, claimed, at=after(10)),  # noqa: B023
            )
            assert made.time_spent_s == believed


class TestCreating:
    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"task_type": "image-clasification"}, "task_type"),
            ({"labels": ["only one"]}, "labels"),
            ({"workers": {"team": "nobody"}}, "workers.team"),
            ({"workers": {"team": "public", "no_adult_content": True}}, "workers.no_personal_data"),
            ({"workers": {"team": "public", "no_personal_data": True}}, "workers.no_adult_content"),
            ({"consolidation": {"method": "oracle"}}, "consolidation.method"),
            ({"input": None}, "input"),
            ({"stop_when": {"budget_usd": "0.5"}}, "stop_when.budget_usd"),
        ],
    )
    def test_a_specification_that_cannot_work_names_its_field(
        self, store: Store, people: list[Account], changes: dict[str, Any], field: str
    ) -> None:
        with pytest.raises(InvalidSpec) as caught:
            create(store, people[0], spec(**changes))
        assert caught.value.field == field

    def test_a_template_that_does_not_parse_is_refused(self, store: Store, people: list[Account]) -> None:
        broken = spec(template="<crowd-form>{% if task.input %}</crowd-form>")
        with pytest.raises(InvalidTemplate) as caught:
            create(store, people[0], broken)
        assert caught.value.field == "template"

    def test_a_job_begins_by_reading_its_input(self, store: Store, people: list[Account]) -> None:
        job = create(store, people[0], spec(output="s3://out/"))
        assert (job.state, job.output_uri) == (JobState.INITIALIZING, "s3://out/pets")
        assert JobSpec.model_validate(job.spec) == spec(output="s3://out/")
        with pytest.raises(Conflict):
            create(store, people[0], spec(name="PETS"))


class TestExtending:
    def finish(self, store: Store, people: list[Account], job: LabelingJob) -> LabelingJob:
        """One object labeled by two, one failed; the job completed."""
        for worker in people[:2]:
            submit(store, worker, taken(store, worker))
        do(store, lambda tx: tx.labels.put([label_of(job.id, 0)]))
        do(store, lambda tx: tx.objects.move(job.id, [1], "fail", reason="expired"))
        return do(store, lambda tx: tx.jobs.set_state(job.id, "complete", at=after(9)))

    def test_more_annotations_reopen_labeled_objects(self, store: Store, people: list[Account], make_job: Any) -> None:
        job = self.finish(store, people, make_job(objects=2))
        more = Extend(per_object=3)
        again = labeling_jobs.extend(acts(store, at=after(10)), acting(people[0]), job.name, more).job
        assert (again.state, again.counters.open, again.counters.pending) == (JobState.IN_PROGRESS, 1, 1)
        assert again.spec["workers"]["per_object"] == 3
        assert taken(store, people[2]).assignment.n == 0

    def test_a_budget_below_what_is_promised_is_refused(
        self, store: Store, people: list[Account], make_job: Any
    ) -> None:
        job = self.finish(store, people, make_job(objects=2, stop_when={"budget_usd": "9"}))
        with pytest.raises(InvalidSpec) as caught:
            labeling_jobs.extend(acts(store, at=after(10)), acting(people[0]), job.name, Extend(budget_usd="0.9"))
        assert caught.value.field == "stop_when.budget_usd"

    def test_putting_failed_objects_back_wakes_the_job(
        self, store: Store, people: list[Account], make_job: Any
    ) -> None:
        job = self.finish(store, people, make_job(objects=2))
        assert labeling_jobs.put_back(acts(store), acting(people[0]), job.name, [0, 1]) == 1
        assert store.read(lambda tx: tx.jobs.get(job.id)).state == JobState.IN_PROGRESS
        assert labeling_jobs.put_back(acts(store), acting(people[0]), job.name, None) == 0

    def test_a_failed_job_cannot_be_extended(self, store: Store, people: list[Account], make_job: Any) -> None:
        job = make_job()
        do(store, lambda tx: tx.jobs.set_state(job.id, "fail", at=START, reason="a bad input"))
        with pytest.raises(Conflict):
            labeling_jobs.extend(acts(store, at=after(10)), acting(people[0]), job.name, Extend())


def test_returned_is_returned(store: Store, people: list[Account], make_job: Any) -> None:
    make_job()
    found = taken(store, people[0]).assignment.id
    after_it = do(store, lambda tx: assignments.give_back(tx, people[0], found, "return", at=START))
    assert after_it.state == AssignmentState.RETURNED
