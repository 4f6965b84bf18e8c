"""A certificate holds for what it was made of, and for nothing else."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from groundswell.autolabel.certificate import certified_labels, check_certificate, make_certificate
from groundswell.autolabel.rounds import Rounds
from unit.autolabel.test_rounds import OBJECTS, SETTINGS, MadeUp, play


@pytest.fixture(scope="module")
def made() -> tuple[dict[str, Any], Rounds]:
    rounds = play(MadeUp(1), Rounds(OBJECTS, SETTINGS))
    sources = [f"object {n}" for n in range(OBJECTS)]
    document = make_certificate(rounds.state, sources=sources, class_names=["a", "b", "c", "d"])
    return json.loads(json.dumps(document)), rounds


def test_it_holds_and_names_the_same_labels(made: tuple[dict[str, Any], Rounds]) -> None:
    document, rounds = made
    assert check_certificate(document) == []
    certified = {row: label for row, label in certified_labels(document).items() if row not in rounds.state.labels}
    assert certified == {row: label for row, (label, _) in rounds.machine_labels().items()}
    assert "at least 0.95" in document["statement"]


def last(document: dict[str, Any]) -> dict[str, Any]:
    attempt: dict[str, Any] = document["attempts"][-1]
    return attempt


def hide_an_error(document: dict[str, Any]) -> None:
    wrong = next((one for one in last(document)["audited"] if one[2] == 1.0), last(document)["audited"][0])
    wrong[2] = 1.0 - wrong[2]


def change_a_machine_label(document: dict[str, Any]) -> None:
    last(document)["plan"]["answers"][7] ^= 1


def leave_out_a_draw(document: dict[str, Any]) -> None:
    last(document)["audited"].pop(3)


def choose_another_seed(document: dict[str, Any]) -> None:
    last(document)["plan"]["seed"] += 1


def certify_more(document: dict[str, Any]) -> None:
    last(document)["certified"] += 50


def claim_more(document: dict[str, Any]) -> None:
    document["machine_labeled"] += 50


def lower_the_level(document: dict[str, Any]) -> None:
    last(document)["plan"]["chains"][0]["level"] = 0.5


def forget_an_attempt(document: dict[str, Any]) -> None:
    last(document)["plan"]["attempt"] += 1


@pytest.mark.parametrize(
    ("tamper", "says"),
    [
        (hide_an_error, "does not follow from its two labels"),
        (change_a_machine_label, "frozen plan"),
        (leave_out_a_draw, "not the ones the seed draws"),
        (choose_another_seed, "frozen plan"),
        (certify_more, "the evidence certifies"),
        (claim_more, "the audits certify"),
        (lower_the_level, "expected a level of at most"),
        (forget_an_attempt, "expected attempt"),
    ],
)
def test_what_was_changed_is_named(
    made: tuple[dict[str, Any], Rounds], tamper: Callable[[dict[str, Any]], None], says: str
) -> None:
    document = copy.deepcopy(made[0])
    tamper(document)
    assert says in "; ".join(check_certificate(document))


def test_what_is_no_certificate_is_said_to_be_none() -> None:
    assert check_certificate({"version": 7})
    assert (
        "cannot be read"
        in check_certificate({"version": 1, "objects": 3, "loss": "zero-one", "attempts": [{"plan": {"promise": {}}}]})[
            0
        ]
    )
