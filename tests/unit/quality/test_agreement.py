"""Agreement coefficients against published examples and scikit-learn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from groundswell.consolidation.votes import Votes
from groundswell.domain.errors import InvalidInput
from groundswell.quality.agreement import (
    alpha_by_label,
    cohen_kappa,
    fleiss_kappa,
    gwet_ac1,
    krippendorff_alpha,
    pairwise_agreement,
    percent_agreement,
)
from groundswell.quality.distances import (
    alpha_by_distance,
    distance_for,
    jaccard_distance,
    masi_distance,
)

# Krippendorff 2011, "Computing Krippendorff's alpha-reliability", section C: four observers, twelve units.
OBSERVERS = {
    "A": "1 2 3 3 2 1 4 1 2 . . .",
    "B": "1 2 3 3 2 2 4 1 2 5 . 3",
    "C": ". 3 3 3 2 3 4 2 2 5 1 .",
    "D": "1 2 3 3 2 4 4 1 2 5 1 .",
}
# Fleiss's kappa 0.210: ten subjects, fourteen raters, five categories.
FLEISS = [
    [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
]  # fmt: skip


def observed() -> Votes:
    rows = [
        (unit, worker, int(value))
        for worker, line in OBSERVERS.items()
        for unit, value in enumerate(line.split())
        if value != "."
    ]
    task, worker, label = zip(*rows, strict=True)
    return Votes.from_columns(task=task, worker=worker, label=label)


def counted(table: list[list[int]]) -> Votes:
    rows = [
        (n, w, k)
        for n, counts in enumerate(table)
        for w, k in enumerate(k for k, c in enumerate(counts) for _ in range(c))
    ]
    task, worker, label = zip(*rows, strict=True)
    return Votes.from_columns(task=task, worker=worker, label=label)


@pytest.mark.parametrize(
    ("level", "alpha"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)]
)
def test_krippendorffs_own_example(level: str, alpha: float) -> None:
    assert krippendorff_alpha(observed(), level=level) == pytest.approx(alpha, abs=5e-4)


def test_alpha_by_distance_is_alpha() -> None:
    votes = observed()
    objects: list[dict[str, Any]] = [{} for _ in votes.objects]
    for n, w, k in zip(votes.object, votes.worker, votes.label, strict=True):
        objects[n][str(votes.workers[w])] = int(votes.labels[k])
    agreement = alpha_by_distance(objects, lambda a, b: float((a - b) ** 2))
    assert agreement.alpha == pytest.approx(krippendorff_alpha(votes, level="interval"))


def test_alpha_of_numbers_is_that_of_the_interval_level() -> None:
    votes = observed()
    numbers: list[dict[str, float]] = [{} for _ in range(votes.n_objects)]
    for n, w, k in zip(votes.object, votes.worker, votes.label, strict=True):
        numbers[n][str(votes.workers[w])] = float(votes.labels[k])
    expected = krippendorff_alpha(votes, level="interval")
    assert alpha_by_distance(numbers, distance_for("numeric")).alpha == pytest.approx(expected)


def test_fleiss_example() -> None:
    assert fleiss_kappa(counted(FLEISS)) == pytest.approx(0.210, abs=5e-4)
    assert percent_agreement(counted(FLEISS)) == pytest.approx(0.378, abs=5e-4)


def test_gwets_example_where_kappa_fails() -> None:
    # 118 yes and yes, 5 yes and no, 2 no and yes: kappa -0.02, AC1 0.94.
    pairs = [("y", "y")] * 118 + [("y", "n")] * 5 + [("n", "y")] * 2
    rows = [(n, w, label) for n, pair in enumerate(pairs) for w, label in zip("ab", pair, strict=True)]
    task, worker, label = zip(*rows, strict=True)
    votes = Votes.from_columns(task=task, worker=worker, label=label)
    assert gwet_ac1(votes) == pytest.approx(0.9408, abs=1e-4)
    assert cohen_kappa(votes, "a", "b") == pytest.approx(-0.0234, abs=1e-4)


def test_pairs_match_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    answers = rng.integers(0, 3, (60, 3))
    answers[rng.random((60, 3)) < 0.3] = -1
    n, w = np.nonzero(answers >= 0)
    votes = Votes.from_arrays(
        n.astype(np.int32), w.astype(np.int32), answers[n, w].astype(np.int32), n_objects=60, n_workers=3, n_labels=3
    )
    assert {type(value) for value in vars(pairwise_agreement(votes)[0]).values()} == {int, float}
    assert type(krippendorff_alpha(votes)) is float
    for pair in pairwise_agreement(votes):
        both = (answers[:, pair.first] >= 0) & (answers[:, pair.second] >= 0)
        expected = cohen_kappa_score(answers[both, pair.first], answers[both, pair.second])
        assert pair.common == both.sum() and pair.kappa == pytest.approx(expected)


def test_by_label() -> None:
    rows = [
        ("t1", "a", "cat"),
        ("t1", "b", "cat"),
        ("t2", "a", "dog"),
        ("t2", "b", "cow"),
        ("t3", "a", "cow"),
        ("t3", "b", "dog"),
    ]
    task, worker, label = zip(*rows, strict=True)
    by_label = alpha_by_label(Votes.from_columns(task=task, worker=worker, label=label))
    assert by_label["cat"] == 1.0
    assert by_label["dog"] is not None and by_label["dog"] < 0


@pytest.mark.parametrize("measure", [krippendorff_alpha, fleiss_kappa, gwet_ac1, percent_agreement])
def test_edges_are_stated(measure: Any) -> None:
    nothing = Votes.from_columns(task=["t1", "t2"], worker=["a", "b"], label=["x", "y"])
    assert measure(nothing) is None  # no object has two answers
    same = Votes.from_columns(task=["t1", "t1"], worker=["a", "b"], label=["x", "x"])
    assert measure(same) == 1.0  # one class only
    assert measure(Votes.from_columns(task=[], worker=[], label=[])) is None


def test_levels_are_checked() -> None:
    with pytest.raises(InvalidInput, match="a level is one of"):
        krippendorff_alpha(observed(), level="metric")
    with pytest.raises(InvalidInput, match="numbers"):
        krippendorff_alpha(Votes.from_columns(task=["t", "t"], worker=["a", "b"], label=["x", "y"]), level="interval")


@pytest.mark.parametrize(("level", "low"), [("interval", float("inf")), ("interval", "nan"), ("ratio", -1.0)])
def test_labels_without_a_distance_are_refused(level: str, low: Any) -> None:
    votes = Votes.from_columns(task=["t", "t", "u", "u"], worker=["a", "b"] * 2, label=[low, 1.0, 2.0, 2.0])
    with pytest.raises(InvalidInput, match=r"numbers|at least 0"):
        krippendorff_alpha(votes, level=level)


def test_set_distances() -> None:
    assert jaccard_distance(["a", "b"], ["b", "c"]) == pytest.approx(2 / 3)
    assert jaccard_distance([], []) == 0.0
    assert masi_distance(["a"], ["a", "b"]) == pytest.approx(1 - 0.5 * 2 / 3)
    assert masi_distance(["a"], ["b"]) == 1.0


def test_structured_distances() -> None:
    box = {"label": "x", "left": 0, "top": 0, "width": 10, "height": 10}
    half = {**box, "width": 5}
    boxes = distance_for("boxes")
    assert boxes([box], [box]) == 0.0 and boxes([box], []) == 1.0 and boxes([], []) == 0.0
    assert boxes([box], [half]) == pytest.approx(0.5)
    assert boxes([box], [{**half, "label": "y"}]) == 1.0
    span = {"label": "x", "startOffset": 0, "endOffset": 10}
    assert distance_for("spans")([span], [{**span, "endOffset": 5}]) == pytest.approx(0.5)
    plane = np.array([[1, 1, 0]])
    assert distance_for("semantic-masks")(plane, np.array([[1, 0, 0]])) == pytest.approx(0.5)
    instances = distance_for("instance-masks")
    assert instances((plane, ["x"]), (np.array([[1, 0, 0]]), ["x"])) == pytest.approx(0.5)
    assert instances((plane, ["x"]), (plane, ["y"])) == 1.0
    for masks, other in (("semantic-masks", plane.T), ("instance-masks", (plane.T, ["x"]))):
        with pytest.raises(InvalidInput, match="one size"):
            distance_for(masks)(plane if masks == "semantic-masks" else (plane, ["x"]), other)
    assert distance_for("question-answers")({"q": 1}, {"q": 2}) == 1.0
    crowd = [{"a": [box], "b": [half]}, {"a": [{**box, "left": 500}], "b": [{**box, "left": 500}]}]
    alpha = alpha_by_distance(crowd, boxes).alpha
    assert alpha is not None and 0.5 < alpha < 1.0


@pytest.mark.parametrize(
    ("kind", "first", "second", "expected"),
    [
        pytest.param("ranking", {"help": [1, 2, 3]}, {"help": [1, 3, 2]}, 1 / 3, id="one pair of three"),
        pytest.param("ranking", {"help": [1, 1]}, {"help": [1, 2]}, 1.0, id="a tie is an order of its own"),
        pytest.param("ranking", {"help": [1, 2]}, {"help": [1, 2], "tone": [1, 2]}, 0.5, id="a dimension is missing"),
        pytest.param("ranking", {"help": [1, 2]}, {"help": [1, 2, 3]}, 1.0, id="other responses"),
        pytest.param("ranking", {}, {}, 0.0, id="no dimensions"),
        pytest.param("ranking", {"help": [1]}, {"help": [1]}, 0.0, id="one response"),
        pytest.param("question-answers", {"a": 1, "b": "x"}, {"a": 1, "b": "y"}, 0.5, id="one question of two"),
        pytest.param("question-answers", {}, {}, 0.0, id="no questions"),
        pytest.param("transcription", "the cat sat", "the hat sat", 1 / 3, id="one word of three"),
        pytest.param("transcription", "a b c d", "b c d a", 0.5, id="a word moved, either way round"),
        pytest.param("transcription", "", "", 0.0, id="no words"),
        pytest.param("transcription", "a", "", 1.0, id="words and none"),
        pytest.param("passthrough", [1], [2], 1.0, id="equality"),
    ],
)
def test_distances_of_rankings_forms_and_texts(kind: str, first: Any, second: Any, expected: float) -> None:
    distance = distance_for(kind)
    assert distance(first, second) == pytest.approx(expected)
    assert distance(second, first) == pytest.approx(expected)
    assert distance(first, first) == 0.0
