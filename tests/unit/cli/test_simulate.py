"""A simulated crowd that is given nothing more goes home instead of asking for ever."""

from __future__ import annotations

import threading
from typing import cast

import pytest

from groundswell.cli import simulate
from groundswell.cli.simulate import JobWatch, Stillness
from groundswell.domain.errors import Unavailable
from groundswell.sdk import Job


def test_stillness_counts_from_the_last_movement() -> None:
    now = [100.0]
    still = Stillness(30.0, lambda: now[0])
    assert not still.lasts(("InProgress", 1))
    now[0] += 29
    assert not still.lasts(("InProgress", 2))  # something moved
    now[0] += 30
    assert not still.lasts(("InProgress", 2))
    now[0] += 1
    assert still.lasts(("InProgress", 2))


class RestartingJob:
    """A job whose server does not answer at first."""

    def __init__(self) -> None:
        self.state = "InProgress"
        self.asked = 0
        self.completed = threading.Event()

    def refresh(self) -> None:
        self.asked += 1
        if self.asked < 3:
            raise Unavailable("no Groundswell server answers")
        self.state = "Completed"
        self.completed.set()


def test_a_watched_job_is_asked_again_when_its_server_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulate, "POLL_S", 0.001)
    job = RestartingJob()
    watch = JobWatch(cast(Job, job))
    assert job.completed.wait(10)
    watch.close()
    assert watch.ended()
