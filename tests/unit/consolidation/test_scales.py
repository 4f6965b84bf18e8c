"""Classes on a scale: numbers as numbers, declared orders as declared, words without one refused where it matters."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from groundswell.consolidation import OrdinalConsolidator, Votes
from groundswell.consolidation.scales import as_number, in_scale_order
from groundswell.domain.errors import InvalidInput, InvalidVotes
from groundswell.quality.agreement import krippendorff_alpha

WORDS = ["low", "medium", "high"]

DECLARED: dict[str, Callable[[list[Any]], Any]] = {
    "pandas": lambda values: pd.Series(pd.Categorical(values, categories=WORDS, ordered=True)),
    "bare pandas": lambda values: pd.Categorical(values, categories=WORDS, ordered=True),
    "polars": lambda values: pl.Series(values, dtype=pl.Enum(WORDS)),
    "arrow": lambda values: pa.DictionaryArray.from_arrays(
        pa.array([None if v is None else WORDS.index(v) for v in values], pa.int8()), WORDS, ordered=True
    ),
}


def ratings(*, seed: int = 0, size: int = 10) -> tuple[dict[str, list[Any]], list[int]]:
    """Ratings 1 to `size` that miss by one or two, four an object, and the truth."""
    random = np.random.default_rng(seed)
    truth = random.integers(1, size + 1, 60)
    given = np.clip(truth[:, None] + np.rint(random.normal(0, 0.8, (60, 4))).astype(int), 1, size)
    rows = [(n, f"w{w}", int(given[n, w])) for n in range(60) for w in range(4)]
    task, worker, label = (list(column) for column in zip(*rows, strict=True))
    return {"task": task, "worker": worker, "label": label}, truth.tolist()


@pytest.mark.parametrize("spell", [str, "{:.1f}".format, "{:02d}".format, Decimal, float])
def test_ratings_spelled_as_text_are_the_same_scale(spell: Callable[[int], Any]) -> None:
    columns, _ = ratings()
    votes = Votes.from_columns(**columns)
    spelled = Votes.from_columns(**columns | {"label": [spell(k) for k in columns["label"]]})
    assert spelled.ordered and spelled.labels.tolist() == [spell(k) for k in votes.labels.tolist()]
    plain, model = OrdinalConsolidator().fit(votes), OrdinalConsolidator().fit(spelled)
    np.testing.assert_allclose(model.posterior_, plain.posterior_)
    assert krippendorff_alpha(spelled, level="ordinal") == krippendorff_alpha(votes, level="ordinal")


@pytest.mark.parametrize("kind", DECLARED)
def test_an_ordered_categorical_keeps_its_order(kind: str) -> None:
    frame = {"task": [0, 0, 1, 1], "worker": [0, 1, 0, 1], "label": DECLARED[kind](["high", "low", None, "high"])}
    votes = Votes.from_frame(frame)
    assert votes.labels.tolist() == WORDS  # with the one nobody gave: it is on the scale
    assert votes.ordered and votes.abstentions == 1
    assert votes.labels[votes.label].tolist() == ["high", "low", "high"]


@pytest.mark.parametrize("kind", DECLARED)
def test_tasks_and_workers_are_those_that_occur_whatever_their_column_declares(kind: str) -> None:
    column = DECLARED[kind](["high", "low"])
    votes = Votes.from_columns(task=column, worker=column, label=[1, 2])
    assert votes.objects.tolist() == votes.workers.tolist() == ["high", "low"]


@pytest.mark.parametrize(
    ("label", "ordered"),
    [
        (WORDS, False),
        (["1", "10", "two"], False),  # one word is enough
        ([1, "low", "high"], False),
        (["1", 2, 3.5], True),
        ([date(2026, 1, day) for day in (3, 1, 2)], True),
        ([True, False, True], True),
        (pd.Series(WORDS, dtype="category"), False),  # sorted by the alphabet, declared by nobody
    ],
)
def test_what_is_a_scale(label: Any, ordered: bool) -> None:
    votes = Votes.from_columns(task=[0, 1, 2], worker=["a", "a", "a"], label=label)
    assert votes.ordered is ordered


def test_words_without_a_declared_order_are_refused_where_it_matters() -> None:
    columns: dict[str, Any] = {"task": [0, 0, 1], "worker": ["a", "b", "a"], "label": WORDS}
    with pytest.raises(InvalidVotes, match=r"words such as high, low, medium have none .* labels=\[\.\.\.\]"):
        OrdinalConsolidator().fit(Votes.from_columns(**columns))
    with pytest.raises(InvalidInput, match="ordinal agreement needs to know the order"):
        krippendorff_alpha(Votes.from_columns(**columns), level="ordinal")
    declared = Votes.from_columns(**columns, labels=WORDS)
    assert OrdinalConsolidator().fit(declared).labels_.tolist()[1] == "high"
    assert krippendorff_alpha(declared, level="ordinal") is not None


def test_of_two_words_either_order_is_the_same_scale() -> None:
    columns: dict[str, Any] = {
        "task": [0, 0, 1, 1],
        "worker": ["a", "b", "a", "b"],
        "label": ["yes", "no", "yes", "yes"],
    }
    one = OrdinalConsolidator().fit(Votes.from_columns(**columns))
    other = OrdinalConsolidator().fit(Votes.from_columns(**columns, labels=["yes", "no"]))
    np.testing.assert_allclose(one.posterior_, other.posterior_[:, ::-1])


def test_numbers_are_read_exactly() -> None:
    assert in_scale_order(["9007199254740993", "9007199254740992", "-1e3", ".5"])[0] == [
        "-1e3",
        ".5",
        "9007199254740992",
        "9007199254740993",
    ]
    assert [as_number(text) for text in ("1,5", "0x10", "nan", "1_000", "", "١", float("inf"))] == [None] * 7
