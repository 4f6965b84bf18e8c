"""What consolidators of structured answers do with input nobody expects: odd ids, huge numbers, answers that clash."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from groundswell.consolidation.estimates import Answer
from groundswell.consolidation.registry import create_live
from groundswell.domain.errors import InvalidVotes
from structured_crowds import CASES, NOISE, Case, consolidator, crowd, live, outcome, plain

every_kind = pytest.mark.parametrize("case", CASES, ids=[case.kind for case in CASES])


@every_kind
def test_ids_of_different_types_are_different_workers(case: Case) -> None:
    objects = crowd(case)
    odd: dict[str, Any] = dict(zip(NOISE, (1, "1", ("team", 2), None), strict=True))
    renamed: list[Any] = [{odd[worker]: value for worker, value in answers.items()} for answers in objects]
    expected = outcome(consolidator(case).fit(objects).consolidate_all(objects))
    model = consolidator(case).fit(renamed)
    assert outcome(model.consolidate_all(renamed)) == expected
    assert model.workers_ == [1, "1", None, ("team", 2)]  # numbers, texts, others by the name of their type
    job = live(case)
    job.absorb([Answer(n, w, value) for n, answers in enumerate(renamed) for w, value in answers.items()])
    job.refit()
    assert outcome(job.estimate(range(len(objects)))) == expected


@every_kind
def test_a_fit_that_fails_changes_nothing(case: Case) -> None:
    objects = crowd(case)
    model = consolidator(case).fit(objects)
    before = outcome(model.consolidate_all(objects))
    for absurd in case.absurd:
        with pytest.raises(InvalidVotes):
            model.fit([*objects[:3], {"new": objects[0]["ann"], "mal": absurd}])
        assert outcome(model.consolidate_all(objects)) == before


def test_every_process_gives_the_same_bytes() -> None:
    script = "import structured_crowds as s; print([s.fitted_bytes(case) for case in s.CASES])"
    tests = Path(__file__).resolve().parents[1]

    def run(seed: str) -> str:
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(tests)}
        command = [sys.executable, "-W", "error", "-c", script]
        return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout

    assert run("1") == run("2")


HUGE = 10**400  # JSON has such numbers, floats have not
TOO_LARGE: dict[str, Any] = {
    "boxes": [{"label": "cat", "left": HUGE, "top": 0, "width": 1, "height": 1}],
    "polygons": [{"label": "cat", "vertices": [{"x": x, "y": 0} for x in (0, 1, -HUGE)]}],
    "keypoints": [{"label": "cat", "x": 1, "y": HUGE}],
    "spans": [{"label": "cat", "startOffset": 0, "endOffset": HUGE}],
    "ranking": {"helpful": [1, HUGE]},
    "numeric": HUGE,
    "question-answers": {"size": HUGE},
}


@pytest.mark.parametrize("kind", TOO_LARGE)
def test_numbers_too_large_are_refused_at_once(kind: str) -> None:
    with pytest.raises(InvalidVotes, match="object 0, worker 'ann'"):
        create_live(kind, labels=["cat"]).absorb([Answer(0, "ann", TOO_LARGE[kind])])


@pytest.mark.parametrize("labels", [None, 5, "cat"])
def test_labels_of_instances_are_a_list(labels: Any) -> None:
    with pytest.raises(InvalidVotes, match="must be a list of labels"):
        create_live("instance-masks", labels=["cat"]).absorb([Answer(0, "ann", (np.ones((2, 2), int), labels))])


CLASHES: dict[str, tuple[Any, Any]] = {  # what most workers answer, and what cannot be taken together with it
    "semantic-masks": (np.ones((3, 3), np.uint8), np.ones((4, 4), np.uint8)),
    "instance-masks": ((np.ones((3, 3), np.uint8), ["cat"]), (np.ones((4, 4), np.uint8), ["cat"])),
    "ranking": ({"best": [1, 2]}, {"best": [1, 2, 3]}),
    "pairwise": ({"left": "p", "right": "q", "winner": "left"}, {"left": "p", "right": "r", "winner": "left"}),
}


@pytest.mark.parametrize("kind", CLASHES)
def test_answers_that_clash_are_refused_and_set_aside_in_a_live_job(kind: str) -> None:
    usual, other = CLASHES[kind]
    job = create_live(kind, labels=["cat"])
    job.absorb([Answer(0, "eve", other), Answer(0, "ann", usual), Answer(0, "bob", usual)])
    job.refit()
    estimate = job.estimate([0])[0]
    assert plain(estimate.value) == plain(usual)
    assert estimate.details["set_aside"] == ["eve"]
    assert estimate.details["annotations"] == 3
    with pytest.raises(InvalidVotes, match="object 0, worker"):
        job.consolidator.fit([{"ann": usual, "bob": usual, "eve": other}])  # type: ignore[attr-defined]
    job.absorb([Answer(0, "eve", usual)])
    assert "set_aside" not in job.estimate([0])[0].details


@pytest.mark.parametrize("kind", ["multi-label", "boxes"])
def test_a_label_named_twice_is_one(kind: str) -> None:
    answers: dict[str, Any] = {
        "multi-label": ["cat"],
        "boxes": [{"label": "cat", "left": 0, "top": 0, "width": 9, "height": 9}],
    }
    twice, once = (create_live(kind, labels=labels) for labels in (["cat", "cat", "dog"], ["cat", "dog"]))
    for job in (twice, once):
        job.absorb([Answer(0, worker, answers[kind]) for worker in ("ann", "bob")])
        job.refit()
    assert twice.estimate([0]) == once.estimate([0])


@pytest.mark.parametrize(
    ("kind", "options", "labels"),
    [
        ("semantic-masks", {}, [f"c{i}" for i in range(256)]),  # a plane of bytes has no room for the last
        ("semantic-masks", {"window": 4}, ["cat"]),
        ("semantic-masks", {"smoothing": -1.0}, ["cat"]),
        ("keypoints", {"reach": 0.0}, ["cat"]),
        ("numeric", {"tolerance": float("nan")}, None),
    ],
)
def test_options_without_meaning_are_refused(kind: str, options: dict[str, Any], labels: list[str] | None) -> None:
    answer = {
        "semantic-masks": np.ones((3, 3), np.uint16),
        "keypoints": [{"label": "cat", "x": 1, "y": 1}],
        "numeric": 1,
    }
    with pytest.raises(InvalidVotes):
        create_live(kind, labels=labels, **options).absorb([Answer(0, "ann", answer[kind])])
