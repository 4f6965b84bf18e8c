"""The runner as a process would run it."""

from __future__ import annotations

from pathlib import Path

from groundswell.runner.main import own_name, run
from groundswell.settings import Settings


def test_each_living_runner_has_a_name_of_its_own_and_the_next_takes_up_a_dead_ones(tmp_path: Path) -> None:
    with own_name(tmp_path) as first:
        with own_name(tmp_path) as second:
            assert first != second
        with own_name(tmp_path) as third:
            assert third == second
    with own_name(tmp_path) as again:
        assert again == first


def test_a_runner_with_nothing_to_do_ends_when_asked_for_one_round(tmp_path: Path) -> None:
    run(Settings(data_dir=tmp_path), once=True)
