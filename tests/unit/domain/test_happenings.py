"""What events keep of many objects, and when a webhook's delivery is tried again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundswell.domain.events.base import is_about, ranges_of
from groundswell.domain.webhooks import BACKOFF, next_attempt

NOW = datetime(2026, 11, 28, tzinfo=UTC)


@pytest.mark.parametrize(
    ("numbers", "ranges"),
    [
        ([], ()),
        ([0], ((0, 0),)),
        ([3, 4, 5], ((3, 5),)),
        ([5, 3, 4, 4], ((3, 5),)),
        ([2, 4], ((2, 2), (4, 4))),  # twice the last is no neighbour
        ([0, 1, 3, 6, 7], ((0, 1), (3, 3), (6, 7))),
    ],
)
def test_neighbours_are_one_range(numbers: list[int], ranges: tuple[tuple[int, int], ...]) -> None:
    assert ranges_of(numbers) == ranges


@given(st.sets(st.integers(0, 40)))
def test_an_event_is_about_the_objects_it_was_told_of(numbers: set[int]) -> None:
    data = {"objects": ranges_of(numbers)}
    assert {n for n in range(42) if is_about(data, n)} == numbers
    assert not is_about({}, 0)


def test_attempts_come_later_each_time_and_end_after_two_days() -> None:
    due = [next_attempt(attempts, NOW) for attempts in range(1, len(BACKOFF) + 2)]
    times = [at for at in due if at is not None]
    assert due[-1] is None and len(times) == len(BACKOFF)
    assert times[0] == NOW + timedelta(seconds=10) and times == sorted(times)
    assert sum(BACKOFF, timedelta()) > timedelta(days=1, hours=18)
