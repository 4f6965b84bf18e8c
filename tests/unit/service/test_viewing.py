"""Looking at a job's data is told once a session and job, and where it cannot be told people see it all the same."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

import pytest

from groundswell.domain.errors import Unavailable
from groundswell.domain.people import PUBLIC
from groundswell.service.media_views import MediaViews
from groundswell.service.ports import EventFilter, Page, Transaction
from groundswell.service.viewing import note_view
from groundswell.testing.acting import acting, acts_over, member
from groundswell.testing.memory_store import MemoryStore
from store_work import START, add_job


class FullDisk(MemoryStore):
    """A store that takes no writes while it is full."""

    full = False

    def write(self, work: Callable[[Transaction], Any]) -> Future[Any]:
        if self.full:
            raise Unavailable("the disk is full")
        return super().write(work)


def test_a_view_is_told_once_and_again_after_it_could_not_be() -> None:
    store = FullDisk()
    job_id = add_job(store)
    job = store.read(lambda tx: tx.jobs.get(job_id))
    acts, ann = acts_over(store), acting(member("ann", "ann", at=START))

    def told() -> int:
        return len(store.read(lambda tx: tx.events.page(EventFilter(kind="job.media_viewed"), Page())))

    store.full = True
    note_view(acts, ann, job)
    store.full = False
    assert told() == 0
    for _ in range(3):
        note_view(acts, ann, job)
    assert told() == 1
    note_view(acts, ann, replace(job, id=job_id + 1, team_id=PUBLIC))
    assert told() == 1
    note_view(acts, ann, replace(job, id=job_id + 1))
    assert told() == 2


@pytest.mark.parametrize("size", [1, 3])
def test_only_so_many_sessions_are_remembered(size: int) -> None:
    views = MediaViews(size=size)
    assert all(views.is_first(f"s{n}", 1) for n in range(size + 1))
    assert views.is_first("s0", 1) and not views.is_first("s0", 1)
