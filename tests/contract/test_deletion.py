"""Deleting jobs and accounts: what goes, what stays, and what is refused, in every store."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from groundswell.domain.errors import Conflict, Forbidden, NotFound, Unauthenticated
from groundswell.domain.identity import identity_of
from groundswell.domain.people import EVERYONE, Account, Principal, Role
from groundswell.domain.records import LabelingJob
from groundswell.runner.retention import Removal
from groundswell.service import deletion, sign_in
from groundswell.service.passwords import hash_password
from groundswell.service.ports import EventFilter, Page, Store
from groundswell.testing.acting import acting, acts_over, member
from integration.runner_house import START, TEXTS, House
from store_work import after, do

NAMES = ["ann", "bob", "eve"]


class Place:
    """A house with an administrator and three people who have answered a job to its end."""

    def __init__(self, house: House) -> None:
        self.house, self.store = house, house.store
        self.admin = self.add("admin", Role.ADMINISTRATOR)
        self.acts = acts_over(self.store, storage=house.storage, clock=lambda: house.now)
        for name in NAMES:
            self.add(name)
        self.principal = acting(self.admin)

    def add(self, name: str, *roles: Role) -> Account:
        account = member(name, name, *roles, at=START)
        do(self.store, lambda tx: tx.workers.add(account, password_hash=hash_password("correct horse battery")))
        return account

    def job(self, name: str = "Birds-1", *, finished: bool = True) -> LabelingJob:
        self.house.current = name
        self.house.create(TEXTS[:5], name=name, workers={"per_object": 3}, input=f"s3://in/{name}.manifest")
        if finished:
            return self.house.finish(lambda worker, n: "owl", NAMES)
        self.house.tick(2)
        self.house.work(lambda worker, n: "owl", NAMES)
        return self.house.job()

    def read(self, work: Any) -> Any:
        return self.store.read(work)


@pytest.fixture
def place(store: Store) -> Iterator[Place]:
    with ThreadPoolExecutor(4) as pool:
        house = House(store, pool)
        yield Place(house)
        house.runner.close()


def acting_as(place: Place, name: str, *roles: Role) -> Principal:
    return acting(place.add(name, *roles))


class TestJobs:
    def test_everything_of_it_goes_and_nothing_else(self, place: Place) -> None:
        gone, kept = place.job(), place.job("Kept")
        deletion.delete_job(place.acts, place.principal, "birds-1")
        with pytest.raises(NotFound):
            place.read(lambda tx: tx.jobs.by_name("Birds-1"))
        removal = Removal(place.store, lambda: 0.0)
        for _ in range(20):
            removal.round()
        assert place.read(lambda tx: tx.annotations.of_objects(gone.id, range(5))) == []
        assert place.read(lambda tx: tx.annotations.all(gone.id)) == []
        assert place.read(lambda tx: list(tx.labels.all(gone.id))) == []
        assert place.read(lambda tx: tx.labels.history(gone.id, 0)) == []
        assert place.read(lambda tx: list(tx.objects.lines(gone.id))) == []
        assert place.read(lambda tx: tx.assignments.of_object(gone.id, 0)) == []
        with pytest.raises(NotFound):
            place.read(lambda tx: tx.objects.get(gone.id, 0))
        identity = identity_of(TEXTS[0], "")
        assert identity is not None
        assert place.read(lambda tx: tx.objects.same(identity)) == [(kept.id, 0)]
        assert place.read(lambda tx: tx.jobs.get(kept.id)) == kept
        assert len(place.read(lambda tx: tx.annotations.all(kept.id))) == 15
        assert place.read(lambda tx: tx.annotations.of_day("ann", at=place.house.now))[0] == 10  # what was paid stays
        told = place.read(lambda tx: tx.events.page(EventFilter(job_id=gone.id), Page()))
        assert told[0].kind == "job.deleted" and told[-1].kind == "job.started"

    def test_its_name_is_free_and_its_number_is_not_given_again(self, place: Place) -> None:
        gone = place.job()
        deletion.delete_job(place.acts, place.principal, "Birds-1")
        again = place.job()
        assert again.id > gone.id and again.counters.annotations == 15

    def test_one_that_has_not_ended_is_refused(self, place: Place) -> None:
        place.job(finished=False)
        with pytest.raises(Conflict, match="stop it first"):
            deletion.delete_job(place.acts, place.principal, "Birds-1")
        assert place.house.job().counters.annotations > 0

    def test_a_hold_left_over_does_no_harm(self, place: Place) -> None:
        job = place.job(finished=False)
        held = place.house.take("ann") or place.house.take("bob")
        do(place.store, lambda tx: tx.jobs.set_state(job.id, "fail", at=after(1), reason="why"))
        deletion.delete_job(place.acts, place.principal, "Birds-1")
        assert place.read(lambda tx: tx.assignments.held_by("ann")) == []
        place.house.tick(3, seconds=1_000)  # nothing expires of a job that is gone
        assert held is None or held.job_id == job.id

    def test_its_files_stay_unless_they_are_to_go(self, place: Place) -> None:
        first, second = place.job(), place.job("Second")
        manifest = f"{first.output_uri}/manifests/output/output.manifest"
        deletion.delete_job(place.acts, place.principal, "Birds-1")
        assert place.house.storage.exists(manifest)
        deletion.delete_job(place.acts, place.principal, "Second", files=True)
        assert list(place.house.storage.entries(f"{second.output_uri}/")) == []
        assert place.house.storage.exists(manifest) and place.house.storage.exists("s3://in/Second.manifest")

    def test_only_its_owner_and_administrators_delete_it(self, place: Place) -> None:
        place.job()
        other = acting_as(place, "rita", Role.REQUESTER)
        with pytest.raises(Forbidden):
            deletion.delete_job(place.acts, other, "Birds-1")
        with pytest.raises((Forbidden, NotFound)):
            deletion.delete_job(place.acts, acting(place.read(lambda tx: tx.workers.get("ann"))), "Birds-1")


class TestAccounts:
    @pytest.mark.parametrize(("answers", "called"), [("anonymised", deletion.NOBODY), ("kept", "ann")])
    def test_answers_stay_and_count(self, place: Place, answers: deletion.Answers, called: str) -> None:
        job = place.job()
        labels = place.read(lambda tx: list(tx.labels.all(job.id)))
        deletion.delete_account(place.acts, place.principal, "ann", answers=answers)
        assert place.read(lambda tx: tx.annotators.get("ann").name) == called
        gone = place.read(lambda tx: tx.workers.get("ann"))
        assert (gone.email, gone.name, gone.roles, gone.memberships) == ("", called, frozenset(), {})
        assert len(place.read(lambda tx: tx.annotations.all(job.id))) == 15
        assert place.read(lambda tx: list(tx.labels.all(job.id))) == labels
        assert "ann" not in [one.id for one in place.read(lambda tx: tx.workers.page(Page()))]
        with pytest.raises(NotFound):
            place.read(lambda tx: tx.workers.by_email("ann@example.com"))
        with pytest.raises(NotFound):
            place.read(lambda tx: tx.workers.by_email(""))

    def test_nobody_comes_in_with_it_any_more(self, place: Place) -> None:
        ann = place.read(lambda tx: tx.workers.get("ann"))
        token = sign_in.open_session(place.acts, ann)
        assert sign_in.principal(place.acts, token).id == "ann"
        deletion.delete_account(place.acts, place.principal, "ann", answers="anonymised")
        with pytest.raises(Unauthenticated):
            sign_in.principal(place.acts, token)
        again = place.add("ann2")  # the address is free again
        assert again.email == "ann2@example.com"
        fresh = member("new", "ann", at=START)
        do(place.store, lambda tx: tx.workers.add(fresh, password_hash=None))
        deletion.delete_account(place.acts, place.principal, "new", answers="anonymised")
        assert not place.read(lambda tx: tx.teams.is_member(EVERYONE, "new"))

    def test_answers_are_removed_from_jobs_that_have_ended(self, place: Place) -> None:
        job = place.job()
        labels = place.read(lambda tx: list(tx.labels.all(job.id)))
        deletion.delete_account(place.acts, place.principal, "ann", answers="removed")
        made = place.read(lambda tx: tx.annotations.all(job.id))
        assert {one.annotator_id for one in made} == {"bob", "eve"} and len(made) == 10
        assert place.read(lambda tx: tx.jobs.get(job.id)).counters.annotations == 10
        assert [name for name, *_ in place.read(lambda tx: tx.annotations.worker_totals(job.id))] == ["bob", "eve"]
        assert place.read(lambda tx: list(tx.labels.all(job.id))) == labels  # what they helped to make stays
        assert place.read(lambda tx: tx.annotations.jobs_of("ann")) == []

    def test_what_is_refused(self, place: Place) -> None:
        place.job(finished=False)
        with pytest.raises(Conflict, match="Birds-1 still counts on"):
            deletion.delete_account(place.acts, place.principal, "ann", answers="removed")
        with pytest.raises(Conflict, match="signed in with"):
            deletion.delete_account(place.acts, place.principal, "admin", answers="kept")
        with pytest.raises(Forbidden):
            rita = acting_as(place, "rita", Role.REQUESTER)
            deletion.delete_account(place.acts, rita, "ann", answers="kept")
        other = acting_as(place, "second", Role.ADMINISTRATOR)
        deletion.delete_account(place.acts, place.principal, "second", answers="kept")
        with pytest.raises(Conflict, match="last administrator"):
            deletion.delete_account(place.acts, other, "admin", answers="kept")
        with pytest.raises(NotFound, match="was deleted"):
            deletion.delete_account(place.acts, place.principal, "second", answers="kept")
        with pytest.raises(NotFound):
            deletion.delete_account(place.acts, place.principal, "nobody", answers="kept")
        assert place.read(lambda tx: tx.workers.get("ann")).email == "ann@example.com"
