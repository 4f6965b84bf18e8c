"""The loop as a state machine: it saves work where a model is good, none where it is not, and survives restarts."""

from __future__ import annotations

import json

import numpy as np
import pytest

from groundswell.autolabel.learner import Scores
from groundswell.autolabel.rounds import Origin, Rounds, Settings, Step
from groundswell.autolabel.rounds_state import state_from_json, state_to_json
from groundswell.domain.errors import Conflict

OBJECTS = 2_500


class MadeUp:
    """A model whose sureness is worth something: the surest objects are right, the others err more and more."""

    def __init__(self, seed: int, *, noise: float = 0.0, skill: float = 1.0) -> None:
        rng = np.random.default_rng(seed)
        self.truth = rng.integers(0, 4, OBJECTS)
        self.margin = rng.random(OBJECTS)
        err = np.where(self.margin < 0.25, 0.5, 0.004) * skill + noise
        wrong = rng.random(OBJECTS) < err
        self.best = np.where(wrong, (self.truth + 1) % 4, self.truth)

    def scores(self, rows: np.ndarray | None = None) -> Scores:
        at = slice(None) if rows is None else rows
        return Scores(self.best[at], self.margin[at])


def play(model: MadeUp, rounds: Rounds, *, restart: bool = False) -> Rounds:
    for _ in range(2_000):
        step = rounds.step()
        if step is Step.DONE:
            return rounds
        if step is Step.ASK:
            for row in rounds.asked():
                rounds.answered(int(row), int(model.truth[row]))
        else:
            rows, _ = rounds.training_set()
            rounds.fitted(model.scores(), model.scores(rows))
        if restart:
            stored = json.loads(json.dumps(state_to_json(rounds.state)))
            rounds = Rounds(OBJECTS, rounds.settings, state=state_from_json(stored))
    raise AssertionError("the loop does not end")


SETTINGS = Settings(classes=4, batch=100, seed=3)


def test_a_good_model_labels_most_objects_and_keeps_the_promise() -> None:
    model = MadeUp(1)
    rounds = play(model, Rounds(OBJECTS, SETTINGS))
    machine = rounds.machine_labels()
    wrong = sum(label != model.truth[row] for row, (label, _) in machine.items())
    assert len(machine) > 0.4 * OBJECTS
    assert wrong <= 0.05 * len(machine)
    assert not set(machine) & set(rounds.state.labels)
    assert all(0.3 < confidence <= 1 for _, confidence in machine.values())


def test_labels_that_are_noise_are_left_to_people() -> None:
    rounds = play(MadeUp(2, noise=0.3), Rounds(OBJECTS, SETTINGS))
    assert rounds.machine_labels() == {}
    assert len(rounds.state.labels) == OBJECTS


def test_a_restart_after_every_step_changes_nothing() -> None:
    through = play(MadeUp(4), Rounds(OBJECTS, SETTINGS))
    restarted = play(MadeUp(4), Rounds(OBJECTS, SETTINGS), restart=True)
    assert restarted.machine_labels() == through.machine_labels()
    assert list(restarted.state.labels) == list(through.state.labels)


def test_three_tenths_of_a_batch_are_drawn_at_random() -> None:
    model, rounds = MadeUp(5), Rounds(OBJECTS, SETTINGS)
    for row in rounds.asked():
        rounds.answered(int(row), int(model.truth[row]))
    rounds.fitted(model.scores(), model.scores(rounds.training_set()[0]))
    asked = [rounds.state.origins[row] for row in rounds.asked().tolist()]
    assert asked.count(Origin.RANDOM) == 30
    assert asked.count(Origin.CHOSEN) == 70


def test_a_fit_need_not_wait_for_stragglers() -> None:
    rounds = Rounds(OBJECTS, Settings(classes=4, batch=100, seed=3, enough=0.8))
    for row in rounds.asked()[:80]:
        rounds.answered(int(row), 0)
    assert rounds.step() is Step.FIT
    assert len(rounds.asked()) == 20


def test_what_nobody_can_label_counts_as_an_error_of_the_machine() -> None:
    model, rounds = MadeUp(6), Rounds(OBJECTS, SETTINGS)
    while rounds.audit is None:
        for row in rounds.asked():
            rounds.answered(int(row), int(model.truth[row]))
        rounds.fitted(model.scores(), model.scores(rounds.training_set()[0]))
    first = int(rounds.asked()[0])
    rounds.answered(first, None)
    assert [(draw.index, draw.loss) for draw in rounds.audit.draws] == [(first, 1.0)]
    with pytest.raises(Conflict, match="frozen"):
        rounds.fitted(model.scores(), model.scores(rounds.training_set()[0]))


def test_a_handful_of_objects_is_labeled_by_people() -> None:
    rounds = Rounds(30, Settings(classes=2, batch=50, seed=1))
    for row in rounds.asked():
        rounds.answered(int(row), 0)
    rounds.fitted(Scores(np.zeros(30, np.int64), np.ones(30)), Scores(np.zeros(30, np.int64), np.ones(30)))
    assert rounds.step() is Step.DONE
    assert rounds.machine_labels() == {}
