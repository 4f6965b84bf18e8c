"""Transcriptions, forms, verdicts, adjustments and answers passed through."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from groundswell.consolidation.alignment import edit_distance
from groundswell.consolidation.boxes import BoxConsolidator
from groundswell.consolidation.estimates import Answer
from groundswell.consolidation.passthrough import PassthroughConsolidator
from groundswell.consolidation.question_answers import QuestionAnswersConsolidator
from groundswell.consolidation.registry import create_live
from groundswell.consolidation.transcriptions import TranscriptionConsolidator, align
from groundswell.consolidation.verification import AdjustmentConsolidator, adjustment_status


def test_rover_votes_word_by_word() -> None:
    answers = {
        "a": "the cat sat on the mat",
        "b": "the cat on the mat",
        "c": "a cat sat on the mat today",
    }
    result = TranscriptionConsolidator().consolidate(answers)
    assert result.value == "the cat sat on the mat"
    assert len(result.details["confidences"]) == 6


def test_texts_without_spaces_are_voted_by_character() -> None:
    assert TranscriptionConsolidator().consolidate({"a": "KL12AB", "b": "KI12AB", "c": "KL12A8"}).value == "KL12AB"


def test_the_careful_typist_wins_against_two_careless_ones() -> None:
    rng = np.random.default_rng(0)
    words = [f"w{i}" for i in range(100)]
    truth = [[words[i] for i in rng.integers(0, 100, 10)] for _ in range(60)]
    habits = {"a": 0.03, "b": 0.05, "c": 0.4, "d": 0.5}

    def typed(text: list[str], wrong: float) -> str:
        return " ".join(words[rng.integers(100)] if rng.random() < wrong else word for word in text)

    objects = [{w: typed(text, wrong) for w, wrong in habits.items()} for text in truth]
    model = TranscriptionConsolidator().fit(objects)
    errors = [
        edit_distance(r.value.split(), text) / 10 for r, text in zip(model.consolidate_all(objects), truth, strict=True)
    ]
    assert np.mean(errors) < 0.02
    assert model.skill_ == pytest.approx([0.97, 0.95, 0.6, 0.5], abs=0.06)


def test_alignment_keeps_every_text_in_order() -> None:
    texts = {"a": ["x", "y", "z"], "b": ["y", "z", "q"], "c": ["x", "z"]}
    places = align(texts)
    for worker, words in texts.items():
        assert [place[worker] for place in places if place[worker]] == words


@pytest.mark.timeout(60)  # in plain Python this takes minutes
def test_long_texts_and_large_crowds_are_aligned_in_no_time() -> None:
    rng = np.random.default_rng(0)

    def typed(size: int) -> str:
        return " ".join(f"w{i}" if rng.random() > 0.1 else f"x{rng.integers(99)}" for i in range(size))

    long, many = {f"w{w}": typed(3000) for w in range(4)}, {f"w{w}": typed(40) for w in range(200)}
    assert TranscriptionConsolidator().consolidate(many).value.split() == [f"w{i}" for i in range(40)]
    found = TranscriptionConsolidator().consolidate(long).value.split()
    assert edit_distance(found, [f"w{i}" for i in range(3000)]) < 60


def test_accents_stay_on_their_letters() -> None:
    composed, apart = "caf\u00e9", "cafe\u0301"
    result = TranscriptionConsolidator().consolidate({"a": composed, "b": apart, "c": "cafe"})
    assert result.value == composed  # the same word to two of three
    tone = "x\u0323\u0302"  # a letter and marks that have no composed form
    assert (
        TranscriptionConsolidator().consolidate({"a": f"{tone}y", "b": f"{tone}z", "c": f"{tone}z"}).value == f"{tone}z"
    )


@pytest.mark.parametrize(("a", "b", "distance"), [("kitten", "sitting", 3), ("", "abc", 3), ("same", "same", 0)])
def test_edit_distance(a: str, b: str, distance: int) -> None:
    assert edit_distance(a, b) == distance


def test_each_question_by_its_kind() -> None:
    answers = {
        "a": {"animal": "cat", "count": 3, "seen": True, "tags": ["x", "y"]},
        "b": {"animal": " cat ", "count": 4, "seen": True, "tags": ["x"]},
        "c": {"animal": "dog", "count": 3.5, "seen": False, "tags": ["x"], "note": None},
    }
    model = QuestionAnswersConsolidator().fit([answers])
    result = model.consolidate(answers)
    assert model.kinds_ == {"animal": "class", "count": "number", "seen": "class", "tags": "labels"}
    assert result.value["animal"].strip() == "cat" and result.value["seen"] is True
    assert 3.0 < result.value["count"] < 4.0 and result.value["tags"] == ["x"]
    assert set(result.details["confidences"]) == {"animal", "count", "seen", "tags"}


def test_passing_through_keeps_every_answer() -> None:
    result = PassthroughConsolidator().consolidate({"b": {"frames": [1]}, "a": {"frames": [2]}, "c": {"frames": [1]}})
    assert result.value == {"frames": [1]}
    assert result.details["answers"] == {"b": {"frames": [1]}, "a": {"frames": [2]}, "c": {"frames": [1]}}


def test_verdicts_bring_their_comments() -> None:
    job = create_live("verification", labels=["good", "bad"], method="majority-vote")
    job.absorb([Answer(0, "b", {"label": "bad", "comment": " loose box "}), Answer(0, "a", "bad")])
    job.absorb([Answer(0, "c", {"label": "good", "comment": ""})])
    job.refit()
    estimate = job.estimate([0])[0]
    assert estimate.value == "bad"
    assert estimate.details["worker_feedback"] == ["loose box"]
    assert set(job.worker_skill()) == {"a", "b", "c"}


def test_adjusted_when_anyone_moved_something() -> None:
    box: dict[str, Any] = {"label": "x", "left": 0, "top": 0, "width": 9, "height": 9}
    other = {**box, "left": 50}
    assert adjustment_status([box, other], {"a": [other, {**box, "left": 0.0}]}) == "unadjusted"
    assert adjustment_status([box], {"a": [box], "b": [{**box, "width": 10}]}) == "adjusted"
    assert adjustment_status("cat", {"a": "cat"}) == "unadjusted"
    plane = np.zeros((2, 2), np.uint8)
    assert adjustment_status(plane, {"a": plane + 1}) == "adjusted"
    model = AdjustmentConsolidator(BoxConsolidator(), {0: [box]}).fit([{"a": [box]}])
    assert model.consolidate({"a": [box]}).details["adjustment_status"] == "unadjusted"


def test_case_and_punctuation_do_not_split_the_vote() -> None:
    answers = {"a": "Hello, World again.", "b": "hello world again", "c": "hello word again", "d": "Hello work, again."}
    # "world" twice, whatever its case; each word as most wrote it, of equals the first as sorted.
    assert TranscriptionConsolidator().consolidate(answers).value == "hello World again"
    most = {"a": "Yes, I can.", "b": "yes I can", "c": "yes I can", "d": "yes, i can"}
    assert TranscriptionConsolidator().consolidate(most).value == "yes I can"


def test_marks_make_no_word_of_its_own() -> None:
    answers = {"a": "well - it is", "b": "well it's", "c": "Well its"}
    assert TranscriptionConsolidator().consolidate(answers).value.split()[0].casefold() == "well"
    result = TranscriptionConsolidator().consolidate({"a": "don't go", "b": "dont go", "c": "don't go"})
    assert result.value == "don't go" and len(result.details["confidences"]) == 2


def test_raw_texts_have_as_few_wrong_words_as_normalised_ones() -> None:
    rng = np.random.default_rng(5)
    vocabulary = [f"wort{k}" for k in range(60)]
    wrong_raw = wrong_plain = 0
    objects, clean, truth = [], [], []
    for _ in range(60):
        words = [vocabulary[k] for k in rng.integers(0, 60, 9)]
        raw, neat = {}, {}
        for w in range(5):
            typed = [str(rng.choice(vocabulary)) if rng.random() < 0.2 else word for word in words]
            neat[f"w{w}"] = " ".join(typed)
            styled = [word.capitalize() if rng.random() < 0.3 else word for word in typed]
            raw[f"w{w}"] = " ".join(word + ("," if rng.random() < 0.3 else "") for word in styled)
        objects.append(raw)
        clean.append(neat)
        truth.append(words)
    for given, plain_result, words in zip(
        TranscriptionConsolidator().fit(objects).consolidate_all(objects),
        TranscriptionConsolidator().fit(clean).consolidate_all(clean),
        truth,
        strict=True,
    ):
        wrong_raw += edit_distance([word.strip(",").lower() for word in given.value.split()], words)
        wrong_plain += edit_distance(plain_result.value.split(), words)
    assert wrong_raw <= wrong_plain + 2
