"""Ids of their own by which requesters know workers."""

from __future__ import annotations

from groundswell.domain.pseudonyms import pseudonym


def test_a_pseudonym_is_the_same_every_time_and_another_for_each_workspace_worker_and_server() -> None:
    one = pseudonym(b"key", "w1", "nora")
    assert one == pseudonym(b"key", "w1", "nora") and "nora" not in one
    others = {pseudonym(b"key", "w2", "nora"), pseudonym(b"key", "w1", "omar"), pseudonym(b"other", "w1", "nora")}
    assert len(others | {one}) == 4


def test_names_that_run_together_are_told_apart() -> None:
    assert pseudonym(b"key", "w1", "1nora") != pseudonym(b"key", "w11", "nora")
