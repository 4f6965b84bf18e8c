"""How many objects may be published: window, stopping conditions, budget."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundswell.domain.records import JobCounters
from groundswell.service.window import affordable, allowance, is_finished, room
from groundswell.wire.job_spec import JobSpec


def spec(**fields: Any) -> JobSpec:
    return JobSpec.model_validate({"name": "job", "task_type": "image-classification", **fields})


@pytest.mark.parametrize(
    ("fields", "counters", "expected"),
    [
        # the window alone
        ({"workers": {"max_concurrent_objects": 10}}, JobCounters(total=100, pending=97, open=3), 7),
        # the last objects
        ({}, JobCounters(total=100, pending=2, open=3, human_labeled=95), 2),
        # enough human labels once those under way are done
        (
            {"stop_when": {"human_labeled": 10}},
            JobCounters(total=50, pending=43, open=3, answered=1, human_labeled=4),
            2,
        ),
        ({"stop_when": {"human_labeled": 10}}, JobCounters(total=50, pending=40, human_labeled=10), 0),
        # a percentage is reached, not undershot
        ({"stop_when": {"labeled_percent": 33}}, JobCounters(total=10, pending=10), 4),
        ({"stop_when": {"labeled_percent": 30}}, JobCounters(total=10, pending=10), 3),
        # 3 annotations each at 10 cents: one dollar less 20 cents spent and 20 outstanding pays for two objects
        (
            {"workers": {"price_usd": "0.1"}, "stop_when": {"budget_usd": 1}},
            JobCounters(total=10, pending=9, open=1, outstanding=2, spent_usd_micros=200_000),
            2,
        ),
        # no price, no limit
        ({"stop_when": {"budget_usd": 1}}, JobCounters(total=10, pending=10), 10),
    ],
)
def test_room(fields: dict[str, Any], counters: JobCounters, expected: int) -> None:
    assert room(spec(**fields), counters) == expected


def test_the_end() -> None:
    assert is_finished(spec(), JobCounters(total=3, human_labeled=2, failed=1))
    assert not is_finished(spec(), JobCounters(total=3, human_labeled=2, answered=1))
    assert not is_finished(spec(), JobCounters(total=3, human_labeled=2, pending=1))
    assert is_finished(spec(stop_when={"human_labeled": 2}), JobCounters(total=3, human_labeled=2, pending=1))


@given(st.integers(1, 9), st.integers(1, 50), st.integers(0, 500), st.integers(0, 100))
def test_releasing_never_overspends(per_object: int, price_cents: int, budget_cents: int, outstanding: int) -> None:
    asked = spec(
        workers={"per_object": per_object, "price_usd": f"{price_cents / 100}"},
        stop_when={"budget_usd": f"{max(budget_cents, 1) / 100}"},
    )
    counters = JobCounters(total=1_000, pending=1_000, outstanding=outstanding)
    promised = (outstanding + allowance(asked, counters) * per_object) * price_cents
    assert promised <= max(budget_cents, 1, outstanding * price_cents)
    assert affordable(asked, counters) * price_cents + outstanding * price_cents <= max(
        budget_cents, 1, outstanding * price_cents
    )
