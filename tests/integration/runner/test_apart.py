"""Heavy work of one job, done elsewhere, keeps no other job waiting, and its loss costs time only."""

from __future__ import annotations

import base64
import io
import pickle
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from PIL import Image

from groundswell.domain.errors import Unavailable
from groundswell.domain.records import Annotation
from groundswell.domain.states import JobState
from groundswell.runner import fits
from groundswell.runner.values import Values
from integration.runner.test_kinds import png
from integration.runner_house import TEXTS, House

WORKERS = ["w0", "w1", "w2", "w3"]


@dataclass
class Slow:
    """Begins work when told to."""

    is_here = False
    begun: list[tuple[bytes, Future[Any]]] = field(default_factory=list)

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.begun.append((pickle.dumps((function, arguments)), future))
        return future

    def close(self) -> None:
        self.begun.clear()

    def finish(self) -> None:
        """Do what is begun."""
        while self.begun:
            work, future = self.begun.pop(0)
            function, arguments = pickle.loads(work)
            future.set_result(function(*arguments))

    def lose(self) -> None:
        """What is begun fails: its processes died."""
        while self.begun:
            self.begun.pop(0)[1].set_exception(Unavailable("a process that computes died 3 times"))


@pytest.fixture
def slow(house: House, monkeypatch: pytest.MonkeyPatch) -> Slow:
    monkeypatch.setattr(fits, "_FIRST_HERE", 0)
    house.elsewhere = slow = Slow()
    house.new_runner()
    return slow


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The answers that were decoded, by assignment."""
    found: list[str] = []
    put = Values.put

    def noted(self: Values, one: Annotation, value: Any) -> None:
        found.append(one.assignment_id)
        put(self, one, value)

    monkeypatch.setattr(Values, "put", noted)
    return found


def name_of(work: bytes) -> str:
    """The function that some work calls."""
    function, _ = pickle.loads(work)
    return str(getattr(function, "func", function).__name__)


def rounds(house: House, count: int = 30) -> None:
    house.tick(count)


def truth(worker: str, n: int) -> str:
    return ["owl", "duck", "hawk"][n % 3]


def test_while_one_job_is_fitted_it_and_the_others_go_on(house: House, slow: Slow) -> None:
    house.add_workers(4)
    house.create(TEXTS, name="Birds-1", workers={"per_object": 3})
    rounds(house, 3)
    house.work(truth, WORKERS, rounds=18)
    rounds(house)
    assert slow.begun, "no fit was begun elsewhere"
    assert house.job().counters.human_labeled > 0, "labels waited for the fit"
    house.current = "Birds-2"
    house.create(TEXTS[:5], name="Birds-2", workers={"per_object": 1})
    rounds(house, 3)
    house.work(truth, WORKERS)
    rounds(house)
    slow.finish()
    rounds(house)
    slow.finish()  # the last fit of the small job, where it has one
    rounds(house)
    assert house.job().state is JobState.COMPLETED


def test_a_job_waits_for_its_last_fit_without_moving_and_then_ends(house: House, slow: Slow) -> None:
    house.add_workers(4)
    house.create(TEXTS[:6], workers={"per_object": 3})
    rounds(house, 3)
    house.work(truth, WORKERS)
    rounds(house)
    assert house.job().state is JobState.IN_PROGRESS and house.job().counters.human_labeled == 6
    assert not house.runner.tick() and house.runner.is_waiting
    slow.finish()
    rounds(house, 5)
    assert house.job().state is JobState.COMPLETED and not house.runner.is_waiting


def test_a_lost_fit_is_said_and_begun_again(house: House, slow: Slow) -> None:
    house.add_workers(4)
    house.create(TEXTS[:6], workers={"per_object": 3})
    rounds(house, 3)
    house.work(truth, WORKERS)
    rounds(house)
    slow.lose()
    rounds(house, 1)
    assert "died 3 times" in str(house.job().progress.get("trouble"))
    rounds(house, 10)
    slow.finish()
    rounds(house, 10)
    assert house.job().state is JobState.COMPLETED and "trouble" not in house.job().progress


def test_another_runner_takes_over_a_job_whose_fit_is_under_way(house: House, slow: Slow) -> None:
    house.add_workers(4)
    house.create(TEXTS[:6], workers={"per_object": 3})
    rounds(house, 3)
    house.work(truth, WORKERS)
    rounds(house)
    house.runner.close()
    abandoned, slow.begun = slow.begun, []
    house.new_runner("another")
    rounds(house, 20)
    slow.finish()
    rounds(house, 10)
    assert house.job().state is JobState.COMPLETED
    assert abandoned


def painted() -> dict[str, Any]:
    """A mask of three columns."""
    pixels = np.full((4, 8, 3), 255, np.uint8)
    pixels[:, :3] = (10, 20, 30)
    mask = {
        "labeledImage": {"pngImageData": base64.b64encode(png(pixels=pixels)).decode()},
        "labelMappings": {"owl": {"color": "#0a141e"}},
        "inputImageProperties": {"width": 8, "height": 4},
    }
    return {"crowd-semantic-segmentation": mask}


def test_masks_are_decoded_once_and_made_and_written_elsewhere(house: House, slow: Slow, decoded: list[str]) -> None:
    house.storage.write("s3://in/a.png", png())
    fields = {"task_type": "semantic-segmentation", "labels": ["owl"], "label_attribute": "seg-ref"}
    house.create([{"source-ref": "s3://in/a.png"}], workers={"per_object": 3}, **fields)
    workers, begun = house.add_workers(3), []
    for _ in range(60):
        house.tick()
        for worker in workers if house.job().state is JobState.IN_PROGRESS else ():
            while (held := house.take(worker)) is not None:
                house.submit(held, painted())
        begun += [name_of(work) for work, _ in slow.begun]
        slow.finish()
    assert house.job().state is JobState.COMPLETED
    assert begun.count("_decode") == 3 and {"_estimate", "_encode", "_timed"} <= set(begun)
    assert len(decoded) == 3 and len(set(decoded)) == 3
    image = Image.open(io.BytesIO(house.storage.read(house.output()[0]["seg-ref"])))
    assert np.asarray(image)[0].tolist() == [1, 1, 1, 0, 0, 0, 0, 0]


def test_answers_in_words_are_decoded_once(house: House, decoded: list[str]) -> None:
    house.add_workers(4)
    house.create(TEXTS, workers={"per_object": 3})
    house.finish(truth, WORKERS)
    assert len(decoded) == 90
