"""When nobody is left to ask."""

from __future__ import annotations

import pytest

from groundswell.domain.asking import is_refused
from groundswell.domain.records import DataObject
from groundswell.domain.states import ObjectState


@pytest.mark.parametrize(
    ("declined", "answered", "held", "expected"),
    [
        (0, 4, 0, False),  # everybody answered: nobody refused
        (1, 0, 0, False),  # two more may be asked
        (2, 0, 0, True),  # as many declined as were asked
        (1, 3, 0, True),  # all four people declined or answered
        (1, 2, 0, False),
        (2, 0, 1, False),  # somebody is on it
        (1, 3, 1, False),
        (1, 4, 0, True),  # and one of them has left the team since
    ],
)
def test_declined_by_everyone(declined: int, answered: int, held: int, expected: bool) -> None:
    one = DataObject(1, 0, ObjectState.OPEN, wanted=5, declined=declined, answered=answered, held=held)
    assert is_refused(one, asked=2, people=4) is expected
