"""Adaptive redundancy: what an annotation is expected to tell, whom to ask, when to stop."""

from __future__ import annotations

import numpy as np
import pytest

from groundswell.consolidation import BCC, AdaptiveRedundancy, Votes, expected_information
from groundswell.domain.errors import InvalidInput


def test_information_of_a_perfect_answer_is_the_entropy_of_the_class() -> None:
    posterior = np.array([[0.5, 0.5], [0.9, 0.1], [1.0, 0.0]])
    entropy = [np.log(2), -(0.9 * np.log(0.9) + 0.1 * np.log(0.1)), 0.0]
    assert np.allclose(expected_information(posterior, np.eye(2)), entropy)


def test_a_spammer_tells_nothing() -> None:
    spammer = np.array([[0.7, 0.3], [0.7, 0.3]])
    assert np.allclose(expected_information(np.array([[0.5, 0.5]]), spammer), 0)


def test_one_confusion_for_each_object() -> None:
    posterior = np.array([[0.5, 0.5], [0.5, 0.5]])
    each = np.stack([np.eye(2), np.full((2, 2), 0.5)])
    assert np.allclose(expected_information(posterior, each), [np.log(2), 0])


def votes() -> Votes:
    """Objects 0 to 9 agreed upon by three workers; 10 disputed by two; 11 with a single annotation."""
    task = [n for n in range(10) for _ in range(3)] + [10, 10, 11]
    worker = ["u", "v", "w"] * 10 + ["u", "v", "u"]
    label = [k for n in range(10) for k in ["ab"[n % 2]] * 3] + ["a", "b", "a"]
    return Votes.from_columns(task=task, worker=worker, label=label)


def test_objects_short_of_annotations_come_first_then_the_most_undecided() -> None:
    rule = AdaptiveRedundancy(stop_at_confidence=0.9)
    model = BCC().fit(votes())
    assert rule.next_objects(model, 5).tolist()[:2] == [11, 10]
    assert not rule.is_finished(model)


def test_nobody_is_asked_twice_about_an_object() -> None:
    model = BCC().fit(votes())
    assert AdaptiveRedundancy().next_objects(model, 99, worker="u").tolist() == []
    assert set(AdaptiveRedundancy(stop_at_confidence=0.9).next_objects(model, 99, worker="w")) == {10, 11}


def test_it_stops_at_confidence_and_at_the_limit() -> None:
    rule = AdaptiveRedundancy(stop_at_confidence=0.9, min_per_object=2, max_per_object=4)
    more = rule.wants_more(np.array([0.95, 0.95, 0.5, 0.5]), np.array([1, 2, 3, 4]))
    assert more.tolist() == [True, False, True, False]


@pytest.mark.parametrize("options", [{"stop_at_confidence": 0.0}, {"min_per_object": 5, "max_per_object": 4}])
def test_impossible_rules_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(InvalidInput):
        AdaptiveRedundancy(**options)  # type: ignore[arg-type]


def test_a_limit_below_none_is_refused() -> None:
    model = BCC().fit(votes())
    assert AdaptiveRedundancy().next_objects(model, 0).tolist() == []
    with pytest.raises(InvalidInput, match="limit"):
        AdaptiveRedundancy().next_objects(model, -1)
