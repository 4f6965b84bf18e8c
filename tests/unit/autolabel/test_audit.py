"""What an audit certifies, how often it errs at the boundary, and that a restart changes nothing."""

from __future__ import annotations

import numpy as np
import pytest

from groundswell.autolabel.audit import Audit
from groundswell.autolabel.audit_plan import Promise
from groundswell.autolabel.evidence import Evidence
from unit.autolabel.audits import made_plan, run, wrong_at


def test_labels_without_errors_are_certified_for_about_eighty_audits() -> None:
    audit = run(made_plan(4_000, risk=0.001), np.zeros(4_000, bool))
    assert 60 <= len(audit.draws) <= 110
    assert audit.certified().size == 4_000 - len(audit.draws)


def test_audited_objects_are_never_among_the_certified() -> None:
    audit = run(made_plan(1_000, risk=0.005), wrong_at(1_000, 5, 3))
    assert audit.certified().size
    assert not set(audit.certified().tolist()) & {draw.index for draw in audit.draws}


@pytest.mark.parametrize("weighted", [False, True])
def test_a_claim_that_is_false_by_one_label_is_seldom_certified(weighted: bool) -> None:
    false_by_one = 51  # of 1,000: the smallest number that breaks 95 %
    certified = 0
    for seed in range(80):
        evidence = Evidence([1_000], [51.0], np.linspace(0.5, 1.5, 1_000) if weighted else None)
        wrong = wrong_at(1_000, false_by_one, seed)
        plan = made_plan(1_000, seed=seed)
        order = plan.order
        if weighted:
            keys = -np.log(np.random.default_rng(seed).random(1_000)) / np.linspace(0.5, 1.5, 1_000)
            order = np.argsort(keys)
        for place in order[:400]:
            evidence.observe(int(place), float(wrong[place]))
        certified += int(evidence.crossed(0.05)[0])
    assert certified <= 9  # 5 % of 80 and two and a half standard deviations


def test_evidence_gains_nothing_on_average_under_the_null() -> None:
    ends = []
    for seed in range(1_500):
        evidence = Evidence([200], [11.0])
        wrong = wrong_at(200, 11, seed)
        for place in np.random.default_rng(seed + 9_000).permutation(200)[:25]:
            evidence.observe(int(place), float(wrong[place]))
        ends.append(np.exp(evidence.log[0]))
    assert np.mean(ends) <= 1 + 4 * np.std(ends) / np.sqrt(len(ends))


def test_answers_may_come_in_any_order_and_all_at_once() -> None:
    plan, wrong = made_plan(2_000, risk=0.01, seed=5), wrong_at(2_000, 20, 5)
    at_once = run(plan, wrong)
    losses = {draw.index: draw.loss for draw in at_once.draws}
    shuffled = {index: losses[index] for index in np.random.default_rng(0).permutation(list(losses)).tolist()}
    resumed = Audit.resume(plan, shuffled)
    assert resumed.draws == at_once.draws
    assert resumed.certified().tolist() == at_once.certified().tolist()


def test_a_recorded_audit_is_the_same_where_looks_would_now_decide_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    plan, wrong = made_plan(2_000, risk=np.linspace(0.001, 0.1, 2_000), seed=5), wrong_at(2_000, 40, 5)
    first = run(plan, wrong)
    losses = {draw.index: draw.loss for draw in first.draws}
    monkeypatch.setattr("groundswell.autolabel.audit.expected_audits", lambda *_: 1e9)
    again = Audit.resume(plan, losses, [dict(chain) for chain in first.decisions])
    assert again.draws == first.draws
    assert again.certified().tolist() == first.certified().tolist()
    assert Audit.resume(plan, losses).draws != first.draws


def test_what_comes_before_its_turn_waits() -> None:
    plan = made_plan(2_000)
    audit = Audit(plan)
    first, second = audit.next_draws(2)
    audit.observe(int(second), 0.0)
    assert audit.draws == []
    audit.observe(int(first), 0.0)
    assert [draw.index for draw in audit.draws] == [first, second]


def test_hopeless_labels_end_the_audit_without_a_certificate() -> None:
    audit = run(made_plan(3_000, risk=0.02), wrong_at(3_000, 600, 1))
    assert audit.over
    assert audit.certified().size == 0
    assert len(audit.draws) <= 160


def test_a_set_that_was_dropped_cannot_be_certified_by_draws_from_the_stricter_ones() -> None:
    risk = np.repeat([0.001, 0.2], [1_500, 700])
    wrong = np.zeros(2_200, bool)
    wrong[1_500::4] = True  # 8 % of all, the surest two thirds are right
    broken = 0
    for seed in range(12):
        certified = run(made_plan(2_200, risk=risk * 0.4, seed=seed), wrong).certified()
        broken += int(wrong[certified].mean() > 0.05) if certified.size else 0
    assert broken <= 1


def test_every_class_is_proven_apart() -> None:
    plan = made_plan(3_000, risk=0.005, promise=Promise(by_class=True), classes=3)
    assert [chain.name for chain in plan.chains] == ["0", "1", "2"]
    wrong = np.zeros(3_000, bool)
    wrong[2::3][::4] = True  # a quarter of the third class
    certified = run(plan, wrong).certified()
    assert set((certified % 3).tolist()) == {0, 1}


def test_a_twin_is_revealed_with_the_object_it_equals() -> None:
    audit = Audit(made_plan(1_000, risk=0.001, copies=2))
    while not audit.over:
        for index in audit.next_draws(5):
            if not audit.over:
                audit.observe(int(index), 0.0)
    audited = {draw.index for draw in audit.draws}
    assert audit.certified().size == 1_000 - 2 * len(audited)
