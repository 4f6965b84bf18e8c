"""Calibration, detection scores, spam, collusion and label errors."""

from __future__ import annotations

import numpy as np
import pytest

from groundswell.consolidation.calibration import calibration_error, gold_accuracy
from groundswell.consolidation.dawid_skene import DawidSkene
from groundswell.consolidation.votes import Votes
from groundswell.domain.errors import InvalidInput
from groundswell.quality.detection import DetectionScore, score_detections
from groundswell.quality.label_errors import disputed_objects, label_error_candidates
from groundswell.quality.spam import collusion, spam_scores, worker_signals


def test_calibration_by_hand() -> None:
    result = calibration_error([0.9] * 10 + [0.6] * 10, [1] * 9 + [0] + [1] * 3 + [0] * 7, bins=10)
    assert result.ece == pytest.approx(0.5 * 0.0 + 0.5 * 0.3)
    assert result.worst == pytest.approx(0.3)
    assert [b.count for b in result.bins] == [10, 10]
    assert calibration_error([1.0, 0.0], [1, 0], equal_mass=True).ece == pytest.approx(0.0)


NAN = float("nan")


@pytest.mark.parametrize(
    ("confidence", "correct"),
    [([], []), ([0.5], [1, 0]), ([1.5], [1]), ([NAN], [1]), ([0.5, 0.5], [1, NAN]), ([0.5], [5])],
)
def test_bad_confidences_are_refused(confidence: list[float], correct: list[int]) -> None:
    with pytest.raises(InvalidInput):
        calibration_error(confidence, correct)


def test_wilsons_interval() -> None:
    assert gold_accuracy(9, 10) == pytest.approx((0.596, 0.982), abs=1e-3)
    assert gold_accuracy(0, 0) == (0.0, 1.0)


def test_detections_are_matched_by_confidence() -> None:
    box = {"label": "x", "left": 0, "top": 0, "width": 10, "height": 10}
    near = {**box, "left": 1}
    score = score_detections([near, box], [box], confidences=[0.5, 0.9])
    assert score.correct == (False, True) and (score.hits, score.inventions, score.misses) == (1, 1, 0)
    assert score_detections([{**box, "label": "y"}], [box]).f1 == 0.0
    assert score_detections([], []).f1 == 1.0
    total = DetectionScore.total([score, score_detections([], [box])])
    assert (total.hits, total.misses, total.f1) == (1, 1, 0.5)


def simulated(rng: np.random.Generator) -> tuple[Votes, DawidSkene]:
    """Five fair workers, one who answers at random, and two who copy from a third, careless one."""
    truth = rng.integers(0, 3, 300)

    def answers(accuracy: float) -> np.ndarray:
        return np.where(rng.random(300) < accuracy, truth, rng.integers(0, 3, 300))

    columns = [answers(0.85) for _ in range(5)] + [rng.integers(0, 3, 300)]
    master = answers(0.5)
    columns += [np.where(rng.random(300) < 0.95, master, answers(0.5)) for _ in range(2)]
    names = ["f0", "f1", "f2", "f3", "f4", "random", "copy1", "copy2"]
    votes = Votes.from_columns(
        task=np.tile(np.arange(300), 8), worker=np.repeat(names, 300), label=np.concatenate(columns)
    )
    return votes, DawidSkene().fit(votes)


def test_spammers_and_copiers_stand_out() -> None:
    votes, model = simulated(np.random.default_rng(0))
    signals = worker_signals(votes, model.posterior_, model.confusion_)
    assert signals[0].worker == "random"
    assert signals[0].information_bits < 0.05 < signals[-1].information_bits
    pairs = collusion(votes, model.posterior_, model.confusion_)
    assert {pairs[0].first, pairs[0].second} == {"copy1", "copy2"}
    assert pairs[0].alike > pairs[0].expected + 50
    assert not any({p.first, p.second} <= {"f0", "f1", "f2", "f3", "f4"} for p in pairs)


def test_spam_scores_of_known_matrices() -> None:
    always = np.array([[1.0, 0.0], [1.0, 0.0]])
    scores = spam_scores(np.stack([np.eye(2), always, np.full((2, 2), 0.5)]))
    assert scores.tolist() == [1.0, 0.0, 0.0]


def test_swapped_labels_are_found_first() -> None:
    rng = np.random.default_rng(1)
    truth = rng.integers(0, 4, 400)
    evidence = np.full((400, 4), 0.1)
    evidence[np.arange(400), truth] = 0.7
    label = truth.copy()
    swapped = rng.choice(400, 20, replace=False)
    label[swapped] = (label[swapped] + 1) % 4
    label[0] = -1  # unlabeled: not a candidate
    found = label_error_candidates(label, evidence)
    assert {c.object for c in found} == set(swapped.tolist()) - {0}
    assert all(c.suggested == truth[c.object] for c in found)


def test_evidence_is_checked() -> None:
    with pytest.raises(InvalidInput, match="class indices"):
        label_error_candidates([5], [[0.5, 0.5]])
    with pytest.raises(InvalidInput, match="probabilities"):
        label_error_candidates([0], [[float("nan"), 0.5]])
    assert label_error_candidates(np.zeros(0, np.int64), np.zeros((0, 3))) == []

    assert label_error_candidates([], np.zeros((0, 3))) == []
    for posterior in ([[NAN, 0.5]], [[-0.5, 1.5]], [0.5, 0.5]):
        with pytest.raises(InvalidInput, match="posterior"):
            disputed_objects(posterior)


def test_signals_need_the_fit_of_these_votes() -> None:
    nothing = Votes.from_columns(task=[], worker=[], label=[])
    assert worker_signals(nothing, np.zeros((0, 0)), np.zeros((0, 0, 0))) == []
    assert collusion(nothing, np.zeros((0, 0)), np.zeros((0, 0, 0))) == []
    votes = Votes.from_columns(task=[1, 1], worker=["a", "b"], label=["x", "y"])
    for measure in (worker_signals, collusion):
        with pytest.raises(InvalidInput, match="posterior"):
            measure(votes, np.ones((2, 2)), np.ones((2, 2, 2)))
        with pytest.raises(InvalidInput, match="confusion"):
            measure(votes, np.full((1, 2), 0.5), np.full((2, 2, 2), NAN))


def test_gold_counts_are_checked() -> None:
    for right in (-1, 4):
        with pytest.raises(InvalidInput, match="right answers"):
            gold_accuracy(right, 3)


def test_the_least_decided_come_first() -> None:
    assert disputed_objects([[1.0, 0.0], [0.5, 0.5], [0.9, 0.1]], most=2) == [
        (1, 1.0),
        (2, pytest.approx(0.469, abs=1e-3)),
    ]


def test_every_predicted_box_has_a_confidence_or_none_has() -> None:
    box = {"label": "x", "left": 0, "top": 0, "width": 4, "height": 4}
    assert score_detections([box, box], [box], confidences=np.array([0.2, 0.4])).correct == (False, True)
    with pytest.raises(InvalidInput, match="one confidence for each"):
        score_detections([box, box], [box], confidences=[0.2])
