"""A simulated crowd that is given nothing more goes home instead of asking for ever."""

from __future__ import annotations

from groundswell.cli.simulate import Stillness


def test_stillness_counts_from_the_last_movement() -> None:
    now = [100.0]
    still = Stillness(30.0, lambda: now[0])
    assert not still.lasts(("InProgress", 1))
    now[0] += 29
    assert not still.lasts(("InProgress", 2))  # something moved
    now[0] += 30
    assert not still.lasts(("InProgress", 2))
    now[0] += 1
    assert still.lasts(("InProgress", 2))
