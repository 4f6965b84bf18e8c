"""One suite over every consolidator of structured answers and its live form."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from groundswell.consolidation.answers import skill_by_worker
from groundswell.consolidation.live import Annotation
from groundswell.consolidation.live_objects import PerObjectConsolidation
from groundswell.consolidation.registry import KINDS, create_live
from groundswell.domain.errors import InvalidInput, InvalidVotes

Rng = np.random.Generator
NOISE = {"ann": 0.02, "bob": 0.1, "cid": 0.2, "eve": 0.7}  # how often, or how far, each worker is off
LABELS = ["cat", "dog"]


@dataclass(frozen=True)
class Case:
    """How one kind's answers are simulated."""

    kind: str
    draw: Callable[[Rng, float], Any]  # an answer by a worker with that much noise
    nothing: Any  # the answer of a worker who saw nothing, None where a kind has none
    absurd: tuple[Any, ...]  # values no answer can have
    labels: list[str] | None = None


def jitter(rng: Rng, noise: float, scale: float = 20.0) -> float:
    return float(rng.normal(0, noise * scale))


def label(rng: Rng, noise: float) -> str:
    return "dog" if rng.random() < noise else "cat"


def boxes(rng: Rng, noise: float) -> list[dict[str, Any]]:
    made = [
        {"label": label(rng, noise), "left": x + jitter(rng, noise), "top": 40.0, "width": 80.0, "height": 60.0}
        for x in (10.0, 300.0)
        if rng.random() > noise / 2
    ]
    return made + [{"label": "dog", "left": 600.0 * rng.random(), "top": 500.0, "width": 9, "height": 9}] * int(
        rng.random() < noise
    )


def outlines(rng: Rng, noise: float) -> list[dict[str, Any]]:
    corners = np.array([[20.0, 20.0], [120.0, 30.0], [110.0, 140.0], [10.0, 120.0]])
    return [{"label": "cat", "vertices": points(corners + rng.normal(0, noise * 20, corners.shape))}]


def lines(rng: Rng, noise: float) -> list[dict[str, Any]]:
    corners = np.array([[0.0, 20.0], [120.0, 30.0], [210.0, 140.0]])
    return [{"label": "cat", "vertices": points(corners + rng.normal(0, noise * 20, corners.shape))}]


def points(corners: Any) -> list[dict[str, float]]:
    return [{"x": x, "y": y} for x, y in corners.tolist()]


def keypoints(rng: Rng, noise: float) -> list[dict[str, Any]]:
    return [
        {"label": name, "x": x + jitter(rng, noise), "y": 50 + jitter(rng, noise)}
        for name, x in (("cat", 30.0), ("dog", 200.0))
        if rng.random() > noise / 2
    ]


def spans(rng: Rng, noise: float) -> list[dict[str, Any]]:
    return [
        {"label": label(rng, noise), "startOffset": start + int(rng.random() < noise), "endOffset": start + 9}
        for start in (5, 40)
        if rng.random() > noise / 2
    ]


def plane(rng: Rng, noise: float) -> Any:
    mask = np.zeros((24, 32), np.uint8)
    off = round(noise * 6)
    mask[4 + off : 16 + off, 5 : 20 - off] = 1
    wrong = rng.random(mask.shape) < noise / 4
    mask[wrong] = rng.integers(0, 3, int(wrong.sum()))
    return mask


def instances(rng: Rng, noise: float) -> Any:
    mask = np.zeros((40, 60), np.uint16)
    names = []
    for left in (4, 34):
        if rng.random() > noise / 2:
            names.append("cat")
            off = round(rng.random() * noise * 8)
            mask[5 + off : 30, left : left + 20 - off] = len(names)
    return mask, names


def sets(rng: Rng, noise: float) -> list[str]:
    return [name for name, here in (("cat", True), ("dog", False)) if here != (rng.random() < noise)]


def ranks(rng: Rng, noise: float) -> dict[str, list[int]]:
    order = np.argsort(np.argsort(np.arange(4) + rng.normal(0, noise * 4, 4))) + 1
    return {"helpful": order.tolist()}


def winner(rng: Rng, noise: float) -> str:
    return "right" if rng.random() < noise else "left"


def text(rng: Rng, noise: float) -> str:
    return " ".join(w if rng.random() > noise else f"w{rng.integers(9)}" for w in "a quick brown fox jumps".split())


def number(rng: Rng, noise: float) -> float:
    return 50.0 + jitter(rng, noise, 60.0)


def form(rng: Rng, noise: float) -> dict[str, Any]:
    return {"what": label(rng, noise), "sure": bool(rng.random() > noise), "size": number(rng, noise)}


NAN = math.nan
BAD_SHAPES = (3, "boxes", [3], [{"label": "cat"}])
CASES = [
    Case("boxes", boxes, [], (*BAD_SHAPES, [{"label": "cat", "left": NAN, "top": 0, "width": 1, "height": 1}]), LABELS),
    Case("polygons", outlines, [], (*BAD_SHAPES, [{"label": "cat", "vertices": points(np.ones((2, 2)))}]), LABELS),
    Case("polylines", lines, [], (*BAD_SHAPES, [{"label": "cow", "vertices": points(np.ones((2, 2)))}]), LABELS),
    Case("lines", lines, [], BAD_SHAPES, LABELS),
    Case("keypoints", keypoints, [], (*BAD_SHAPES, [{"label": "cat", "x": 1e300, "y": 0}]), LABELS),
    Case("spans", spans, [], (*BAD_SHAPES, [{"label": "cat", "startOffset": -1, "endOffset": 3}]), LABELS),
    Case("semantic-masks", plane, np.zeros((24, 32), np.uint8), ([[0]], np.full((2, 2), 9), np.zeros((2, 2))), LABELS),
    Case(
        "instance-masks", instances, (np.zeros((40, 60), np.uint16), []), (3, (np.ones((2, 2), np.uint8), [])), LABELS
    ),
    Case("multi-label", sets, [], ("cat", [3], ["cow"]), LABELS),
    Case("ranking", ranks, None, (3, {"helpful": "abc"}, {"helpful": [NAN]}, {"helpful": [0, 1]})),
    Case("pairwise", winner, None, (3, "cat", {"winner": "both"})),
    Case("transcription", text, "", (3, None.__class__, ["a"])),
    Case("numeric", number, None, ("3", NAN, math.inf, True)),
    Case("question-answers", form, None, (3, {"what": NAN}, {"what": {"deep": 1}})),
    Case("passthrough", lambda rng, noise: {"answer": label(rng, noise)}, None, ()),
]
every_kind = pytest.mark.parametrize("case", CASES, ids=[case.kind for case in CASES])


def live(case: Case) -> PerObjectConsolidation:
    made = create_live(case.kind, labels=case.labels)
    assert isinstance(made, PerObjectConsolidation)
    return made


def consolidator(case: Case) -> Any:
    return live(case).consolidator


def crowd(case: Case, *, objects: int = 8, seed: int = 0) -> list[dict[str, Any]]:
    rng = np.random.default_rng(seed)
    return [{worker: case.draw(rng, noise) for worker, noise in NOISE.items()} for _ in range(objects)]


def plain(value: Any) -> Any:
    """Values as nested lists with rounded numbers, to compare."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return round(value, 6) if isinstance(value, float) else value


def outcome(results: list[Any]) -> list[Any]:
    return [[plain(r.value), round(r.confidence, 6)] for r in results]


@every_kind
def test_everyone_agreeing_wins(case: Case) -> None:
    answer = case.draw(np.random.default_rng(1), 0.0)
    unanimous = dict.fromkeys(NOISE, answer)
    for model in (consolidator(case), consolidator(case).fit(crowd(case)), consolidator(case).fit([unanimous] * 3)):
        assert plain(model.consolidate(unanimous).value) == plain(answer)


@every_kind
def test_one_worker_alone_is_believed(case: Case) -> None:
    answer = case.draw(np.random.default_rng(2), 0.3)
    result = consolidator(case).fit([{"ann": answer}]).consolidate({"ann": answer})
    assert plain(result.value) == plain(answer)
    assert 0.0 <= result.confidence <= 1.0


@every_kind
def test_nothing_is_an_answer_too(case: Case) -> None:
    model = consolidator(case).fit([])
    assert 0.0 <= model.consolidate({}).confidence <= 1.0
    assert model.skill_.tolist() == []
    if case.nothing is not None:
        result = (
            consolidator(case)
            .fit([dict.fromkeys(NOISE, case.nothing), {}])
            .consolidate_all([dict.fromkeys(NOISE, case.nothing), {}])
        )
        assert plain(result[0].value) == plain(case.nothing)
        assert result[0].confidence > 0.5


@every_kind
def test_order_changes_nothing(case: Case) -> None:
    objects = crowd(case)
    expected = outcome(consolidator(case).fit(objects).consolidate_all(objects))
    shuffled = [dict(reversed(answers.items())) for answers in reversed(objects)]
    again = outcome(consolidator(case).fit(shuffled).consolidate_all(shuffled))
    assert again[::-1] == expected


@every_kind
def test_names_of_workers_change_nothing(case: Case) -> None:
    objects = crowd(case)
    name = dict(zip(NOISE, ("z", "y", "b", "a"), strict=True))
    renamed = [{name[w]: value for w, value in answers.items()} for answers in objects]
    first, second = consolidator(case).fit(objects), consolidator(case).fit(renamed)
    assert outcome(first.consolidate_all(objects)) == outcome(second.consolidate_all(renamed))
    skills = skill_by_worker(second)
    assert {name[w]: pytest.approx(s, abs=1e-6) for w, s in skill_by_worker(first).items()} == skills


@every_kind
def test_the_same_twice_and_inputs_untouched(case: Case) -> None:
    objects = crowd(case)
    before = copy.deepcopy(objects)
    first, second = (consolidator(case).fit(objects).consolidate_all(objects) for _ in range(2))
    assert repr(first) == repr(second)
    assert plain(objects) == plain(before)


@every_kind
def test_confidences_are_probabilities_and_details_are_aligned(case: Case) -> None:
    objects = crowd(case, seed=3)
    model = consolidator(case).fit(objects)
    for result in model.consolidate_all(objects):
        assert 0.0 <= result.confidence <= 1.0
        confidences = result.details.get("confidences", [])
        numbers = list(confidences.values()) if isinstance(confidences, dict) else confidences
        assert all(0.0 <= c <= 1.0 for c in numbers)
        if isinstance(result.value, list):
            assert len(numbers) == len(result.value)
        json.dumps(result.details)
    assert ((model.skill_ >= 0.0) & (model.skill_ <= 1.0)).all()
    if hasattr(model, "objective_"):
        assert (np.diff(model.objective_) > -1e-8).all()


@every_kind
def test_the_worst_worker_is_found(case: Case) -> None:
    skills = skill_by_worker(consolidator(case).fit(crowd(case, objects=30)))
    assert min(skills, key=lambda w: skills[w]) == "eve"


@every_kind
def test_absurd_answers_are_refused_and_named(case: Case) -> None:
    good = case.draw(np.random.default_rng(4), 0.1)
    for absurd in case.absurd:
        with pytest.raises(InvalidVotes, match="object 1, worker 'mal'"):
            consolidator(case).fit([{"ann": good}, {"mal": absurd}])


@every_kind
def test_live_equals_from_scratch(case: Case) -> None:
    objects = crowd(case)
    rows = [Annotation(n, worker, value) for n, answers in enumerate(objects) for worker, value in answers.items()]
    growing, whole = live(case), live(case)
    for start in range(0, len(rows), 7):
        growing.absorb(rows[start : start + 7])
        if start % 14 == 0:
            growing.refit()
        growing.estimate([0, len(objects) + 5])
    growing.refit()
    whole.absorb(rows[::-1])
    whole.refit()
    numbers = range(len(objects))
    assert outcome(growing.estimate(numbers)) == outcome(whole.estimate(numbers))
    assert growing.worker_skill() == pytest.approx(whole.worker_skill())
    direct = consolidator(case).fit(objects).consolidate_all(objects)
    assert outcome(growing.estimate(numbers)) == outcome(direct)


@every_kind
def test_a_later_answer_replaces_and_a_bad_batch_counts_nothing(case: Case) -> None:
    rng = np.random.default_rng(5)
    job = live(case)
    first, second = case.draw(rng, 0.9), case.draw(rng, 0.0)
    job.absorb([Annotation(0, "ann", first), Annotation(0, "bob", None)])
    job.absorb([Annotation(0, "ann", second)])
    assert job.estimate([0])[0].details["annotations"] == 1
    assert plain(job.estimate([0])[0].value) == plain(second)
    for absurd in case.absurd:
        with pytest.raises(InvalidVotes):
            job.absorb([Annotation(1, "ann", first), Annotation(1, "mal", absurd)])
    assert job.estimate([1])[0].details["annotations"] == 0


def test_every_kind_is_tried_here() -> None:
    assert {case.kind for case in CASES} | {"classification", "verification"} == set(KINDS)


def test_unknown_kinds_and_missing_labels_are_named() -> None:
    with pytest.raises(InvalidInput, match="a kind of answer is one of"):
        create_live("boxen")
    with pytest.raises(InvalidInput, match="labels"):
        create_live("semantic-masks")
    with pytest.raises(InvalidInput, match="labels"):
        create_live("verification")
