"""When a label counts as disputed."""

from __future__ import annotations

from typing import Any

import pytest

from groundswell.runner.labels import is_disputed


@pytest.mark.parametrize(
    ("value", "confidence", "values", "disputed"),
    [
        ("owl", 0.9, ["owl", "owl", "duck"], False),  # two of three are enough
        ("owl", 0.9, ["owl", "duck", "hawk"], True),
        ("owl", 0.9, ["owl", "owl", "duck", "hawk"], True),  # half
        ("owl", 0.59, ["owl", "owl", "owl"], True),  # agreed, on weak evidence
        ("owl", 0.6, ["owl", "owl", "owl"], False),
        ("owl", 0.1, ["owl"], False),  # one alone disputes nothing
        ([1], 0.9, [[2], [3]], False),  # shapes differ always: the confidence says it
    ],
)
def test_disputed(value: Any, confidence: float, values: list[Any], disputed: bool) -> None:
    assert is_disputed(value, confidence, values) is disputed
