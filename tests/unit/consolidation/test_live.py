"""Live consolidation: new annotations count at once, a full fit forgets the way there."""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groundswell.consolidation import DawidSkene, Votes
from groundswell.consolidation.estimates import Answer
from groundswell.consolidation.live import LiveClassification
from groundswell.consolidation.methods import METHOD_NAMES
from groundswell.domain.errors import InvalidInput, InvalidVotes

LABELS = ["cat", "dog", "owl"]


def crowd(n_objects: int, per_object: int, seed: int) -> tuple[list[Answer], list[str]]:
    """Annotations of ten workers, of whom the last guesses, and the truth."""
    rng = np.random.default_rng(seed)
    skill = np.append(np.linspace(0.6, 0.95, 9), 1 / 3)
    truth = rng.integers(0, 3, n_objects)
    annotations = []
    for n in range(n_objects):
        for w in rng.permutation(10)[:per_object]:
            k = truth[n] if rng.random() < skill[w] else rng.integers(0, 3)
            annotations.append(Answer(n, f"w{w}", LABELS[k]))
    return annotations, [LABELS[k] for k in truth]


def posteriors(live: LiveClassification, n_objects: int) -> np.ndarray:
    return np.array([list(e.details["posterior"].values()) for e in live.estimate(range(n_objects))])


@pytest.mark.parametrize("method", METHOD_NAMES)
def test_a_full_fit_is_a_fit_from_scratch_whatever_came_before(method: str) -> None:
    annotations, _ = crowd(60, 4, seed=1)
    live = LiveClassification(LABELS, method)
    for start in range(0, len(annotations), 7):
        live.absorb(annotations[start : start + 7])
        if start % 70 == 0:
            live.refit()
    live.refit()
    at_once = LiveClassification(LABELS, method)
    at_once.absorb(annotations[::-1])
    at_once.refit()
    np.testing.assert_allclose(posteriors(live, 60), posteriors(at_once, 60), atol=1e-9)
    assert live.worker_skill() == pytest.approx(at_once.worker_skill(), abs=1e-9)


def test_a_full_fit_has_the_estimators_posteriors() -> None:
    annotations, _ = crowd(60, 4, seed=2)
    live = LiveClassification(LABELS, "dawid-skene")
    live.absorb(annotations)
    live.refit()
    task, worker, label = zip(*((a.object, a.worker, a.value) for a in annotations), strict=True)
    model = DawidSkene().fit(Votes.from_columns(task=task, worker=worker, label=label, labels=LABELS))
    np.testing.assert_allclose(posteriors(live, 60), model.posterior_, atol=1e-9)


def test_between_fits_it_is_nearly_as_right_and_knows_its_workers() -> None:
    annotations, truth = crowd(600, 5, seed=3)
    live = LiveClassification(LABELS, "dawid-skene")
    for start in range(0, len(annotations), 11):
        live.absorb(annotations[start : start + 11])
    stepwise = np.mean([e.value == t for e, t in zip(live.estimate(range(600)), truth, strict=True)])
    skill = live.worker_skill()
    live.refit()
    full = np.mean([e.value == t for e, t in zip(live.estimate(range(600)), truth, strict=True)])
    assert stepwise > full - 0.01
    assert min(skill, key=lambda worker: skill[worker]) == "w9"


def test_a_new_answer_moves_its_object_only_a_little_else() -> None:
    annotations, _ = crowd(200, 4, seed=4)
    live = LiveClassification(LABELS, "dawid-skene")
    live.absorb(annotations)
    live.refit()
    before = posteriors(live, 200)
    target = int(np.argmin(before.max(axis=1)))
    newcomer = Answer(target, "w8", LABELS[int(np.argsort(before[target])[-2])])
    live.absorb([newcomer])
    after = posteriors(live, 200)
    assert after[target, LABELS.index(newcomer.value)] > before[target, LABELS.index(newcomer.value)]
    others = np.arange(200) != target
    np.testing.assert_array_equal(after[others], before[others])


def test_a_later_answer_of_the_same_worker_replaces_the_earlier() -> None:
    changed, plain = LiveClassification(LABELS), LiveClassification(LABELS)
    changed.absorb([Answer(0, "a", "cat"), Answer(0, "a", "dog")])
    plain.absorb([Answer(0, "a", "dog")])
    assert changed.estimate([0]) == plain.estimate([0])
    assert changed.estimate([0])[0].details["annotations"] == 1


def test_majority_vote_is_a_plain_vote_at_all_times() -> None:
    live = LiveClassification(LABELS, "majority-vote")
    live.absorb([Answer(0, "a", "dog"), Answer(0, "b", "owl"), Answer(0, "c", "owl")])
    (estimate,) = live.estimate([0])
    assert estimate.value == "owl" and estimate.confidence == pytest.approx(2 / 3)
    live.refit()
    assert live.estimate([0])[0].confidence == pytest.approx(2 / 3)


def test_nothing_absorbed_is_the_class_rates() -> None:
    live = LiveClassification(LABELS)
    live.refit()
    (estimate,) = live.estimate([3])
    assert estimate.value == "cat" and estimate.confidence == pytest.approx(1 / 3)
    assert live.worker_skill() == {}
    live.absorb([Answer(1, "a", None)])
    live.refit()
    assert live.estimate([1])[0].details["annotations"] == 0


def test_gold_is_certain_and_teaches() -> None:
    live = LiveClassification(LABELS, "dawid-skene", gold={n: "dog" for n in range(8)})
    live.absorb([Answer(n, "good", "dog") for n in range(8)] + [Answer(n, "bad", "cat") for n in range(8)])
    assert live.estimate([0])[0].confidence == 1.0
    live.absorb([Answer(9, "good", "dog"), Answer(9, "bad", "cat")])
    assert live.estimate([9])[0].value == "dog"
    live.refit()
    assert live.estimate([0])[0].value == live.estimate([9])[0].value == "dog"
    assert live.worker_skill()["good"] > live.worker_skill()["bad"]


def test_a_foreign_class_is_refused_and_nothing_is_counted() -> None:
    live = LiveClassification(LABELS)
    with pytest.raises(InvalidVotes, match="object 1 by 'b' is 'fox'"):
        live.absorb([Answer(0, "a", "cat"), Answer(1, "b", "fox")])
    assert live.estimate([0])[0].details["annotations"] == 0
    with pytest.raises(InvalidVotes, match="'fox'"):
        LiveClassification(LABELS, gold={1: "fox"})


def test_an_unknown_method_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InvalidInput, match=r"majority-vote.*'best'"):
        LiveClassification(LABELS, "best")


def test_one_more_annotation_is_fast_in_a_large_job() -> None:
    annotations, _ = crowd(5000, 4, seed=5)
    live = LiveClassification(LABELS, "dawid-skene")
    live.absorb(annotations)
    started = time.perf_counter()
    for n in range(100):
        live.absorb([Answer(n, "late", "cat")])
        live.estimate([n])
    assert (time.perf_counter() - started) / 100 < 0.005


def test_certainty_is_what_more_annotations_can_reach() -> None:
    """A weak crowd's label is never called certain, yet asking on has to end."""
    rng = np.random.default_rng(3)
    labels = [str(k) for k in range(10)]
    truth = rng.integers(0, 10, 150)
    skill = np.linspace(0.55, 0.9, 12)
    annotations = [
        Answer(n, f"w{w}", labels[truth[n] if rng.random() < skill[w] else rng.integers(0, 10)])
        for n in range(150)
        for w in rng.choice(12, 6, replace=False)
    ]
    live = LiveClassification(labels, "consolidator")
    live.absorb(annotations)
    live.refit()
    estimates = live.estimate(range(150))
    assert max(one.confidence for one in estimates) < 0.98
    sure = [one for one in estimates if one.details["certainty"] > 0.98]
    assert len(sure) > 75
    assert np.mean([one.value == labels[truth[one.object]] for one in sure]) > 0.95
    assert all(abs(sum(one.details["posterior"].values()) - 1) < 1e-9 for one in estimates)


def test_objects_below_0_are_refused_and_change_nothing() -> None:
    live = LiveClassification(LABELS)
    live.absorb([Answer(0, "a", "cat"), Answer(1, "a", "dog")])
    before = live.estimate([0, 1])
    with pytest.raises(InvalidVotes, match="from 0"):
        live.absorb([Answer(0, "b", "dog"), Answer(-1, "b", "owl")])
    with pytest.raises(InvalidVotes, match="from 0"):
        live.estimate([-1])
    assert live.estimate([0, 1]) == before and live.worker_skill().keys() == {"a"}


def test_a_class_named_twice_is_one() -> None:
    live = LiveClassification(["cat", "dog", "cat"])
    live.absorb([Answer(0, "a", "dog")])
    live.refit()
    assert list(live.estimate([0])[0].details["posterior"]) == ["cat", "dog"]


def reviewed_crowd(rng: np.random.Generator) -> tuple[LiveClassification, np.ndarray]:
    """A job whose workers all take one object in four for the other class, and the truth (300,)."""
    truth = rng.integers(0, 2, 300)
    seen = np.where(rng.random(300) < 0.25, 1 - truth, truth)
    live = LiveClassification(["no", "yes"], "consolidator")
    live.absorb(
        [
            Answer(n, f"w{w}", ["no", "yes"][seen[n] if rng.random() < 0.93 else 1 - seen[n]])
            for n in range(300)
            for w in rng.permutation(20)[:5]
        ]
    )
    return live, truth


def test_labels_that_a_reviewer_vouches_for_set_confidences_right() -> None:
    rng = np.random.default_rng(7)
    live, truth = reviewed_crowd(rng)
    live.refit()
    others = range(80, 300)
    right = np.mean([one.value == ["no", "yes"][truth[one.object]] for one in live.estimate(others)])
    stated = np.mean([one.confidence for one in live.estimate(others)])
    live.know({n: ["no", "yes"][truth[n]] for n in range(80)})
    live.refit()
    estimates = live.estimate(range(300))
    learnt = np.mean([one.confidence for one in estimates[80:]])
    assert abs(stated - right) > 0.1 and abs(learnt - right) < 0.06
    assert all(one.value == ["no", "yes"][truth[one.object]] and one.confidence == 1.0 for one in estimates[:80])
    assert all(one.confidence == one.details["posterior"][one.value] for one in estimates)
    assert all(abs(sum(one.details["posterior"].values()) - 1.0) < 1e-9 for one in estimates)


def test_a_reviewers_label_must_be_one_of_the_jobs_classes() -> None:
    live, _ = reviewed_crowd(np.random.default_rng(8))
    with pytest.raises(InvalidVotes, match="one of the job's classes"):
        live.know({0: "no", 1: "perhaps"})
    live.refit()
    assert live.estimate([0])[0].confidence < 1.0  # nothing was taken in


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10**6), times=st.integers(2, 4), at_start=st.booleans(), again=st.booleans())
def test_gold_cannot_be_counted_twice(seed: int, times: int, at_start: bool, again: bool) -> None:
    """However often it is told, and whether or not a worker is asked about the object a second time."""
    annotations, truth = crowd(60, 4, seed)
    gold = dict(enumerate(truth[:40]))
    once = LiveClassification(LABELS, gold=gold)
    once.absorb(annotations)
    once.refit()
    often = LiveClassification(LABELS, gold=gold if at_start else None)
    often.absorb(annotations)
    for _ in range(times):
        often.know(gold)
        if again:
            often.absorb([one for one in annotations if one.object in gold])
        often.refit()
    np.testing.assert_array_equal(posteriors(often, 60), posteriors(once, 60))
    assert often.worker_skill() == once.worker_skill()
    found = often.recalibration()
    assert found is not None and found.n_gold == 40


def carried(work: Callable[[], Any]) -> Callable[[], Any]:
    """The work as another process would have it."""
    return cast(Callable[[], Any], pickle.loads(pickle.dumps(work)))


@pytest.mark.parametrize("method", METHOD_NAMES)
def test_a_fit_elsewhere_is_a_fit_here(method: str) -> None:
    annotations, _ = crowd(60, 4, seed=7)
    here, apart = LiveClassification(LABELS, method), LiveClassification(LABELS, method)
    for live in (here, apart):
        live.absorb(annotations)
    here.refit()
    apart.take_fit(carried(apart.begin_fit())())
    np.testing.assert_allclose(posteriors(apart, 60), posteriors(here, 60), atol=1e-12)
    assert apart.worker_skill() == pytest.approx(here.worker_skill(), abs=1e-12)


def test_answers_that_come_during_a_fit_count_on_top_of_it() -> None:
    annotations, _ = crowd(80, 4, seed=8)
    early, late = annotations[:240], [*annotations[240:], Answer(0, "w0", "owl"), Answer(0, "late", "owl")]
    live, other = LiveClassification(LABELS), LiveClassification(LABELS)
    for each in (live, other):
        each.absorb(early)
    work = carried(live.begin_fit())
    live.absorb(late[:-1])
    live.absorb(late[-1:])
    live.take_fit(work())
    other.refit()
    other.absorb(late)
    np.testing.assert_allclose(posteriors(live, 80), posteriors(other, 80), atol=1e-9)
    assert live.worker_skill().keys() == other.worker_skill().keys()
    live.refit()
    other.refit()
    np.testing.assert_allclose(posteriors(live, 80), posteriors(other, 80), atol=1e-9)


def test_steps_are_as_sure_as_the_fit_they_follow_and_no_surer() -> None:
    """A method that knows that workers err together believes half of what the product of chances says."""
    annotations, _ = crowd(300, 4, seed=9)
    task, worker, label = zip(*((a.object, a.worker, a.value) for a in annotations), strict=True)
    votes = Votes.from_columns(task=task, worker=worker, label=label, labels=LABELS)
    model = DawidSkene().fit(votes)
    doubtful = np.sqrt(model.posterior_ / model.prior_) * model.prior_
    doubtful /= doubtful.sum(axis=1, keepdims=True)
    for belief in (model.posterior_, doubtful):
        live = LiveClassification(LABELS, "dawid-skene")
        live.absorb(annotations)
        fitted = SimpleNamespace(
            prior_=model.prior_, confusion_=model.confusion_, posterior_=model.posterior_, belief_=belief
        )
        live.take_fit(cast(Any, (votes, fitted, None)))
        again = [Answer(300 + a.object, a.worker, a.value) for a in annotations[:80]]  # the same on objects not fitted
        live.absorb(again)
        np.testing.assert_allclose(posteriors(live, 320)[300:], belief[:20], atol=0.1)


def test_a_newcomer_errs_as_the_crowd_does() -> None:
    rng = np.random.default_rng(3)
    truth = rng.integers(0, 3, 400)
    live = LiveClassification(LABELS, "dawid-skene")
    said = []
    for n, k in enumerate(truth):
        for w in rng.choice(9, 4, replace=False):
            mistaken = k == 0 and rng.random() < 0.4  # cats are called dogs, and nothing else goes wrong
            said.append(Answer(n, f"w{w}", LABELS[1 if mistaken else int(k)]))
    live.absorb(said)
    live.refit()
    live.absorb([Answer(400, "nobody knows them", "dog"), Answer(401, "nor them", "owl")])
    dog, owl = (one.details["posterior"] for one in live.estimate([400, 401]))
    assert 0.2 < dog["cat"] < 0.4 and dog["owl"] < 0.05
    assert owl["owl"] > 0.9
