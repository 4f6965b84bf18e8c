"""Votes: every kind of column gives the same arrays; bad rows are named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundswell.consolidation import Votes
from groundswell.domain.errors import InvalidVotes

TEXT: dict[str, list[Any]] = {
    "task": ["b", "a", "a", "c"],
    "worker": ["x", "y", "x", "x"],
    "label": ["L", "M", "L", None],
}
NUMBERS: dict[str, list[Any]] = {"task": [5, 3, 3, 900000], "worker": [1, 2, 1, 1], "label": [0, 1, 0, 1]}

KINDS: dict[str, Callable[[list[Any]], Any]] = {
    "list": list,
    "tuple": tuple,
    "numpy": np.array,
    "numpy objects": lambda values: np.array(values, object),
    "pandas": pd.Series,
    "pandas categories": lambda values: pd.Series(values, dtype="category"),
    "polars": pl.Series,
    "arrow": pa.array,
    "arrow chunks": lambda values: pa.chunked_array([values[:1], values[1:]]),
    "arrow dictionary": lambda values: pa.array(values).dictionary_encode(),
}


def test_small_integer_types_do_not_overflow() -> None:
    task = np.array([-128, 127, -128, 0], np.int8)
    votes = Votes.from_columns(task=task, worker=[0, 0, 1, 1], label=np.array([250, 3, 250, 3], np.uint8))
    assert votes.objects.tolist() == [-128, 0, 127]
    assert votes.object.tolist() == [0, 0, 1, 2]
    assert votes.labels.tolist() == [3, 250]


@pytest.mark.parametrize("kind", KINDS)
def test_text_columns_of_every_kind_agree(kind: str) -> None:
    votes = Votes.from_columns(**{name: KINDS[kind](values) for name, values in TEXT.items()})
    assert votes.objects.tolist() == ["a", "b", "c"]
    assert votes.workers.tolist() == ["x", "y"]
    assert votes.labels.tolist() == ["L", "M"]
    assert votes.object.tolist() == [0, 0, 1]
    assert votes.worker.tolist() == [1, 0, 0]
    assert votes.label.tolist() == [1, 0, 0]
    assert votes.offsets.tolist() == [0, 2, 3, 3]
    assert votes.abstentions == 1


@pytest.mark.parametrize("kind", KINDS)
def test_integer_columns_of_every_kind_agree(kind: str) -> None:
    votes = Votes.from_columns(**{name: KINDS[kind](values) for name, values in NUMBERS.items()})
    assert votes.objects.tolist() == [3, 5, 900000]
    assert votes.worker.tolist() == [1, 0, 0, 0]
    assert votes.label.tolist() == [1, 0, 0, 1]
    assert len(votes) == 4


def test_polars_categories_are_read_by_their_text() -> None:
    votes = Votes.from_columns(**{name: pl.Series(values, dtype=pl.Categorical) for name, values in TEXT.items()})
    assert votes.objects.tolist() == ["a", "b", "c"]
    assert votes.label.tolist() == [1, 0, 0]


@pytest.mark.parametrize("library", [pd.DataFrame, pl.DataFrame, pa.table, dict])
def test_tables_are_read_by_column_name(library: Callable[[Any], Any]) -> None:
    frame = library({"hit": TEXT["task"], "worker": TEXT["worker"], "label": TEXT["label"]})
    assert Votes.from_frame(frame, task="hit").objects.tolist() == ["a", "b", "c"]
    with pytest.raises(InvalidVotes, match=r"needs a column 'task'.*hit"):
        Votes.from_frame(frame)


@pytest.mark.parametrize("table", [[{"task": 1, "worker": 1, "label": 1}], None, 3])
def test_what_is_no_table_is_refused(table: Any) -> None:
    with pytest.raises(InvalidVotes, match="a table is"):
        Votes.from_frame(table)


def test_votes_are_shown_in_one_line() -> None:
    assert repr(Votes.from_columns(**TEXT)) == "Votes(3 annotations of 3 objects by 2 workers in 2 classes)"


def test_integers_that_a_data_frame_made_floats_are_integers_again() -> None:
    votes = Votes.from_columns(task=[1, 2, 3], worker=[1, 1, 1], label=np.array([1.0, np.nan, 0.0]))
    assert votes.labels.tolist() == [0, 1]
    assert votes.labels.dtype.kind == "i"


def test_every_nan_in_a_list_is_an_abstention() -> None:
    nan = float("nan")
    votes = Votes.from_columns(task=[1, 1, 2, 2, 3], worker=[1, 2, 1, 2, 1], label=[nan, "a", float("nan"), None, nan])
    assert votes.abstentions == 4
    assert votes.labels.tolist() == ["a"]


def test_the_last_of_a_workers_answers_counts() -> None:
    votes = Votes.from_columns(task=["t", "u", "t", "t"], worker=["w", "w", "v", "w"], label=["A", "A", "A", "B"])
    assert votes.replaced == 1
    assert [(votes.workers[w], votes.labels[k]) for w, k in zip(votes.worker, votes.label, strict=True)] == [
        ("v", "A"),
        ("w", "B"),
        ("w", "A"),
    ]


def test_ids_of_mixed_types_are_sorted_by_type_then_value() -> None:
    votes = Votes.from_columns(task=["b", 10, "a", 9, "10"], worker=[0] * 5, label=[0] * 5)
    assert votes.objects.tolist() == [9, 10, "10", "a", "b"]


def test_named_labels_and_objects_are_kept_in_order() -> None:
    votes = Votes.from_columns(task=["b"], worker=["w"], label=["no"], labels=["yes", "no"], objects=["a", "b"])
    assert votes.labels.tolist() == ["yes", "no"]
    assert votes.objects.tolist() == ["a", "b"]
    assert votes.counts_by_object.tolist() == [0, 1]


def test_no_rows_give_no_objects() -> None:
    votes = Votes.from_columns(task=[], worker=[], label=[])
    assert (len(votes), votes.n_objects, votes.n_workers, votes.n_labels) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("columns", "row", "match"),
    [
        pytest.param({"task": [1, 2], "worker": [1], "label": [0, 0]}, 1, "worker has 1", id="ragged"),
        pytest.param({"task": [1, None], "worker": [1, 1], "label": [0, 0]}, 1, "needs a task", id="missing task"),
        pytest.param(
            {"task": [1, 2], "worker": [float("nan"), 1], "label": [0, 0]}, 0, "needs a worker", id="nan worker"
        ),
        pytest.param({"task": [1, 2], "worker": [1, 1], "label": [[1], 0]}, 0, "plain values", id="unhashable label"),
        pytest.param({"task": [1], "worker": [1], "label": [None]}, None, "no annotation names a class", id="no class"),
        pytest.param({"task": "abc", "worker": [1], "label": [None]}, None, "must be a column", id="text as column"),
    ],
)
def test_bad_columns_are_refused_with_their_row(columns: dict[str, Any], row: int | None, match: str) -> None:
    with pytest.raises(InvalidVotes, match=match) as caught:
        Votes.from_columns(**columns)
    assert caught.value.row == row


def test_a_label_not_among_the_named_ones_is_refused_with_its_row() -> None:
    with pytest.raises(InvalidVotes, match="one of \\['A', 'B'\\], but row 1 has 'C'") as caught:
        Votes.from_columns(task=[1, 2], worker=[1, 1], label=["A", "C"], labels=["A", "B"])
    assert caught.value.row == 1


def test_indices_out_of_range_are_refused_with_their_row() -> None:
    with pytest.raises(InvalidVotes, match=r"worker must lie in 0\.\.1, but row 2 has 7"):
        Votes.from_arrays(
            np.array([0, 0, 0]), np.array([0, 1, 7]), np.array([0, 0, 0]), n_objects=1, n_workers=2, n_labels=1
        )


@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.integers(0, 3), st.sampled_from("ABC")), max_size=30, unique_by=lambda r: r[:2]
    )
)
def test_the_order_of_rows_does_not_matter(rows: list[tuple[int, int, str]]) -> None:
    def read(some: list[tuple[int, int, str]]) -> set[tuple[int, int, str]]:
        task, worker, label = zip(*some, strict=True) if some else ((), (), ())
        votes = Votes.from_columns(task=task, worker=worker, label=label)
        assert np.all(np.diff(votes.object) >= 0)
        return {
            (int(votes.objects[n]), int(votes.workers[w]), str(votes.labels[k]))
            for n, w, k in zip(votes.object, votes.worker, votes.label, strict=True)
        }

    assert read(rows) == read(rows[::-1]) == set(rows)


def test_inputs_are_not_changed() -> None:
    task, worker, label = (np.array(values, np.int32) for values in ([0, 0, 1], [0, 0, 1], [1, 0, 1]))
    copies = [task.copy(), worker.copy(), label.copy()]
    votes = Votes.from_arrays(task, worker, label, n_objects=2, n_workers=2, n_labels=2)
    assert votes.replaced == 1
    untouched = Votes.from_arrays(task[1:], worker[1:], label[1:], n_objects=2, n_workers=2, n_labels=2)
    assert untouched.replaced == 0
    for column, copy in zip((task, worker, label), copies, strict=True):
        np.testing.assert_array_equal(column, copy)
        assert column.flags.writeable


def test_only_some_annotations() -> None:
    votes = Votes.from_columns(task=["a", "a", "b", "c", "c"], worker=list("uvuvw"), label=list("xyxyx"), objects=["d"])
    part = votes.only(np.array([True, False, False, True, True]))
    same = Votes.from_columns(
        task=["a", "c", "c"], worker=list("uvw"), label=list("xyx"), labels=["x", "y"], objects=list("abcd")
    )
    assert part.counts_by_object.tolist() == [1, 0, 2, 0] and part.objects.tolist() == same.objects.tolist()
    assert (part.object.tolist(), part.worker.tolist(), part.label.tolist()) == ([0, 2, 2], [0, 1, 2], [0, 1, 0])
    assert part.workers.tolist() == ["u", "v", "w"] and part.offsets.tolist() == same.offsets.tolist()
