"""One type for a column: however a table is cut into parts, and whatever types these have, the labels are the same."""

from __future__ import annotations

import csv
import json
import math
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
import typer
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet
from typer.testing import CliRunner

from groundswell.cli.consolidate import consolidate
from groundswell.offline import arrow_columns
from groundswell.offline.column_types import MISSING_WORDS, finder, one_id_for_each, same_id

APP = typer.Typer()
APP.command()(consolidate)
ROLES = ("task", "worker", "label")


@pytest.mark.parametrize(
    ("values", "ids"),
    [
        ([1, "1", None, 1.0, "1.0"], ["1", "1", None, "1", "1"]),
        ([1, 2.0, math.nan], [1, 2, None]),  # numbers by type stay numbers
        ([1, 2.5], [1.0, 2.5]),
        (["1", "01", "1.0"], ["1", "01", "1.0"]),  # zeros in front tell texts apart
        (["1.0", "1.1"], ["1.0", "1.1"]),  # versions
        ([1.5, "1.50", Decimal("1.5")], ["1.5", "1.5", "1.5"]),
        (["cat ", "\tcat", "", "  ", "NA"], ["cat", "cat", None, None, None]),
        ([True, "True", "false", 1], ["true", "true", "false", "1"]),
        (["True", "Yes"], ["True", "Yes"]),
        ([2**70, 2**70 + 1], [str(2**70), str(2**70 + 1)]),
        ([2**53 + 1, 0.5], [str(2**53 + 1), "0.5"]),  # as floats two integers would be one
        ([1e-7, "cat", math.inf], ["1e-07", "cat", "inf"]),
        ([date(2026, 1, 2), datetime(2026, 1, 2), "2026-01-02"], ["2026-01-02"] * 3),  # Arrow's have no zone
        ([datetime(2026, 1, 2, tzinfo=UTC)], ["2026-01-02 00:00:00+00:00"]),
        ([pd.NA, pd.NaT, Decimal("NaN"), "x"], [None, None, None, "x"]),
        ([], []),
    ],
)
def test_every_value_has_one_id(values: list[Any], ids: list[Any]) -> None:
    found = one_id_for_each(values)
    assert found == ids and list(map(type, found)) == list(map(type, ids))


def test_words_for_a_missing_value_are_values_where_somebody_says_so() -> None:
    assert one_id_for_each(["None", "scratch", "NA"], keep=["None"]) == ["None", "scratch", None]
    assert one_id_for_each(["NA"], keep=MISSING_WORDS) == ["NA"]


@pytest.mark.parametrize(
    ("parts", "ids"),
    [
        ([pa.array([1, None]), pa.array([1.0, math.nan, 2.0])], [1, None, 1, None, 2]),
        ([pa.array([1, 2], pa.uint8()), pa.array(["1", "x "])], ["1", "2", "1", "x"]),
        ([pa.array([0.1, 2], pa.float32()), pa.array(["0.1"])], ["0.1", "2", "0.1"]),
        ([pa.array([0.1, 2], pa.float32()), pa.array([3])], [0.1, 2.0, 3.0]),
        ([pa.array([], pa.null()), pa.array(["a", "NA"]).dictionary_encode()], ["a", None]),
        ([pa.array([2**63], pa.uint64()), pa.array([2])], [str(2**63), "2"]),
        ([pa.array([True, False]), pa.array(["True"])], ["true", "false", "true"]),
        ([pa.array([date(2026, 1, 2)]), pa.array(["2026-01-02"], pa.large_string())], ["2026-01-02"] * 2),
        ([pa.chunked_array([[1], [2]]), pa.chunked_array([], pa.string())], [1, 2]),
    ],
)
def test_arrow_columns_have_the_ids_of_lists(parts: list[Any], ids: list[Any]) -> None:
    found = arrow_columns.one_id_for_each(parts).to_pylist()
    assert found == ids and list(map(type, found)) == list(map(type, ids))


def test_ids_are_found_by_another_spelling_the_same_text_first() -> None:
    find = finder([1, "01", "2.0", "2"])
    assert [find(given) for given in ("1", 1.0, "01", "2.0", 2, "3", "")] == [1, 1, "01", "2.0", "2", None, None]
    assert same_id("cat ") == "cat" and same_id(True) == "true"


def written(value: Any, form: str) -> Any:
    """A cell of a part whose column has such a form."""
    if value is None:
        return {"text": "", "spaced": " NaN", "float": math.nan}.get(form)
    if form == "float" and isinstance(value, int):
        return float(value)
    return f"{value}" if form == "text" else f" {value} " if form == "spaced" else value


def write_part(path: Path, rows: list[tuple[Any, ...]], roles: tuple[str, ...]) -> None:
    columns = dict(zip(roles, map(list, zip(*rows, strict=True)) if rows else ([], [], []), strict=True))
    if path.suffix == ".parquet":
        parquet.write_table(pa.table(columns), path)
    elif path.suffix == ".csv":
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([roles, *rows])
    else:
        path.write_text("".join(json.dumps(dict(zip(roles, row, strict=True))) + "\n" for row in rows), "utf-8")


def labels_of(source: Path, *more: str) -> dict[str, tuple[str, float]]:
    output = source.parent / "labels.jsonl"
    run = CliRunner().invoke(APP, [str(source), "-m", "dawid-skene", "-o", str(output), *more])
    assert run.exit_code == 0, run.output
    rows = [json.loads(line) for line in output.read_text("utf-8").splitlines()]
    assert len({same_id(row["task"]) for row in rows}) == len(rows)  # no task twice
    return {same_id(row["task"]): (same_id(row["label"]), row["confidence"]) for row in rows}


@st.composite
def cut_tables(draw: st.DrawFn) -> tuple[str, list[tuple[Any, ...]], list[dict[str, Any]]]:
    """A kind of file, a table, and the same table cut into parts with a form for each column of each."""
    kinds: list[list[Any]] = [[1, 2, 10], ["cat", "dog", "a b"], [1, "cat", 2]]
    values = draw(st.sampled_from(kinds))
    answers = st.tuples(st.integers(1, 4), st.integers(1, 3), st.sampled_from([*values, None]))
    rows = draw(st.lists(answers, min_size=2, max_size=14, unique_by=lambda row: row[:2]))
    rows.append((1, 9, values[0]))  # at least one class
    suffix = draw(st.sampled_from([".csv", ".parquet", ".jsonl"]))
    cuts = sorted(draw(st.lists(st.integers(0, len(rows)), max_size=3)))
    parts = []
    for begin, end in zip([0, *cuts], [*cuts, len(rows)], strict=True):
        part = rows[begin:end]
        forms = {}
        for at, role in enumerate(ROLES):
            of_part, of_all = (any(isinstance(row[at], str) for row in some) for some in (part, rows))
            numbers = ["as it is", "text", *([] if of_all and suffix == ".csv" else ["float"])]
            forms[role] = draw(st.sampled_from(["text", "spaced"] if of_part else numbers))
        parts.append({"rows": part, "forms": forms, "roles": tuple(draw(st.permutations(ROLES)))})
    return suffix, rows, parts


@settings(max_examples=40, deadline=None)
@given(cut_tables())
def test_parts_in_memory_and_on_disk_give_the_labels_of_the_whole(
    cut: tuple[str, list[tuple[Any, ...]], list[dict[str, Any]]],
) -> None:
    suffix, rows, parts = cut
    with TemporaryDirectory() as name:
        folder = Path(name)
        write_part(folder / "whole.csv", [tuple("" if v is None else v for v in row) for row in rows], ROLES)
        (folder / "parts").mkdir()
        for number, part in enumerate(parts):
            order = [ROLES.index(role) for role in part["roles"]]
            cells = [tuple(written(row[at], part["forms"][ROLES[at]]) for at in order) for row in part["rows"]]
            write_part(folder / "parts" / f"{number}{suffix}", cells, part["roles"])
        expected = labels_of(folder / "whole.csv")
        for found in (labels_of(folder / "parts"), labels_of(folder / "parts", "--out-of-core")):
            assert found.keys() == expected.keys()
            for task, (label, confidence) in expected.items():
                assert found[task][0] == label and found[task][1] == pytest.approx(confidence, abs=1e-5)
