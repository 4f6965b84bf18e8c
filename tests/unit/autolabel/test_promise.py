"""The promise, over many small jobs: seldom broken where it can be, never where models are good."""

from __future__ import annotations

import numpy as np
import pytest

from groundswell.autolabel.rounds import Rounds, Settings
from unit.autolabel.audits import made_plan, run, wrong_at
from unit.autolabel.test_rounds import OBJECTS, MadeUp, play


@pytest.mark.parametrize(
    "errors",
    [
        31,  # of 600: one more than 5 %, so that every certificate is wrong
        29,  # the whole keeps the promise, and its unaudited rest breaks it where the audit is lucky
        26,
    ],
)
def test_the_unaudited_rest_of_a_small_set_breaks_its_promise_seldom(errors: int) -> None:
    broken = 0
    for seed in range(40):
        wrong = wrong_at(600, errors, seed)
        certified = run(made_plan(600, risk=0.01, seed=seed), wrong).certified()
        broken += bool(certified.size) and wrong[certified].mean() > 0.05
    assert broken <= 5  # 4 % of 40 and three standard deviations


def test_jobs_with_models_that_look_better_than_they_are_keep_their_promise() -> None:
    broken = labeled = 0
    for seed in range(3):
        model = MadeUp(seed, noise=0.03)
        machine = play(model, Rounds(OBJECTS, Settings(classes=4, batch=150, seed=seed))).machine_labels()
        wrong = sum(label != model.truth[row] for row, (label, _) in machine.items())
        broken += wrong > 0.05 * len(machine)
        labeled += len(machine)
    assert broken <= 1
    assert labeled < 3 * OBJECTS * 0.8


def test_weighted_draws_prove_as_well_and_err_no_oftener() -> None:
    risk = np.linspace(0.002, 0.06, 1_500)
    good = broken = 0
    for seed in range(10):
        rng = np.random.default_rng(seed)
        wrong = rng.random(1_500) < risk * 0.6
        certified = run(made_plan(1_500, risk=risk, seed=seed, weighted=True), wrong).certified()
        good += certified.size > 700
        broken += bool(certified.size) and wrong[certified].mean() > 0.05
    assert good >= 3
    assert broken == 0
