"""One suite over every consolidator of structured answers and its live form."""

from __future__ import annotations

import copy
import json
import pickle

import numpy as np
import pytest

from groundswell.consolidation.answers import skill_by_worker
from groundswell.consolidation.estimates import Answer
from groundswell.consolidation.registry import KINDS, create_live
from groundswell.domain.errors import InvalidInput, InvalidVotes
from structured_crowds import CASES, NOISE, Case, consolidator, crowd, live, outcome, plain

every_kind = pytest.mark.parametrize("case", CASES, ids=[case.kind for case in CASES])


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
@pytest.mark.parametrize("worker", ["eve", "new"])
def test_one_worker_is_believed_whatever_the_crowd_is_used_to(case: Case, worker: str) -> None:
    model = consolidator(case).fit(crowd(case, objects=20))
    for seed in range(5):
        answer = case.draw(np.random.default_rng(seed), 0.9)
        found, given = plain(model.consolidate({worker: answer}).value), plain(answer)
        if case.kind in ("boxes", "spans", "keypoints"):  # lists in the order of their places
            found, given = (
                sorted(items, key=lambda item: [item.get(key, 0.0) for key in ("left", "x", "startOffset")])
                for items in (found, given)
            )
        assert found == given


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
def test_fitting_again_forgets_and_copies_remember(case: Case) -> None:
    objects, others = crowd(case), crowd(case, objects=4, seed=9)
    model = consolidator(case).fit(others)
    model.consolidate_all(others)
    expected = outcome(consolidator(case).fit(objects).consolidate_all(objects))
    model.fit(objects)
    for again in (model, pickle.loads(pickle.dumps(model)), copy.deepcopy(model)):
        assert outcome(again.consolidate_all(objects)) == expected
        assert skill_by_worker(again) == skill_by_worker(model)


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
    rows = [Answer(n, worker, value) for n, answers in enumerate(objects) for worker, value in answers.items()]
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
    job.absorb([Answer(0, "ann", first), Answer(0, "bob", None)])
    job.absorb([Answer(0, "ann", second)])
    assert job.estimate([0])[0].details["annotations"] == 1
    assert plain(job.estimate([0])[0].value) == plain(second)
    for absurd in case.absurd:
        with pytest.raises(InvalidVotes):
            job.absorb([Answer(1, "ann", first), Answer(1, "mal", absurd)])
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
