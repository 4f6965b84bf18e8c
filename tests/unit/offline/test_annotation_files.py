"""Reading annotations: folders of parts, standard input, ids and classes of any type, and the line of every mistake."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pyarrow as pa
import pytest
import typer
from pyarrow import parquet
from typer.testing import CliRunner

from groundswell.cli.consolidate import consolidate
from groundswell.offline.annotation_files import read_annotations
from groundswell.offline.csv_rows import CsvRows

APP = typer.Typer()
APP.command()(consolidate)
COLUMNS = {"task": "task", "worker": "worker", "label": "label"}

ROWS = [(f"t{n}", worker, "cat" if n % 2 else "dog") for n in range(6) for worker in "abc"]


def run(*arguments: object, code: int = 0, stdin: str | bytes | None = None) -> str:
    result = CliRunner().invoke(APP, [str(argument) for argument in arguments], input=stdin)
    assert result.exit_code == code, (result.output, result.exception)
    return result.output


def csv_of(rows: list[tuple[str, str, str]]) -> str:
    return "task,worker,label\n" + "".join(",".join(row) + "\n" for row in rows)


def write_part(path: Path, rows: list[tuple[str, str, str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".parquet":
        parquet.write_table(pa.table(dict(zip(COLUMNS, map(list, zip(*rows, strict=True)), strict=True))), path)
    elif path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(dict(zip(COLUMNS, row, strict=True))) + "\n" for row in rows), "utf-8")
    else:
        path.write_text(csv_of(rows), "utf-8")


@pytest.mark.parametrize("suffix", ["csv", "parquet", "jsonl"])
def test_a_folder_of_parts_is_one_table(tmp_path: Path, suffix: str) -> None:
    write_part(tmp_path / f"whole.{suffix}", ROWS)
    write_part(tmp_path / "parts" / f"b.{suffix}", ROWS[7:])
    write_part(tmp_path / "parts" / f"a.{suffix}", ROWS[:7])
    (tmp_path / "parts" / "_metadata.json").write_text("{}", encoding="utf-8")  # such as writers of parts leave
    assert run(tmp_path / "parts") == run(tmp_path / f"whole.{suffix}")
    table = read_annotations(tmp_path / "parts", COLUMNS)
    assert table.place(0).startswith(str(tmp_path / "parts" / f"a.{suffix}"))
    assert table.place(7).startswith(str(tmp_path / "parts" / f"b.{suffix}"))


def test_a_folder_of_several_kinds_or_of_nothing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "but" in run(tmp_path / "empty", code=2)
    write_part(tmp_path / "mixed" / "a.csv", ROWS)
    write_part(tmp_path / "mixed" / "b.parquet", ROWS)
    assert "has .csv and .parquet files" in " ".join(run(tmp_path / "mixed", code=2).split())


def test_csv_from_standard_input(tmp_path: Path) -> None:
    write_part(tmp_path / "a.csv", ROWS)
    assert run("-", stdin=csv_of(ROWS)) == run(tmp_path / "a.csv")
    assert "standard input line 3: expected 3 values" in run("-", stdin="task,worker,label\na,b,c\nd\n", code=2)
    printed = run("-", "--labels", "x", stdin='task,worker,label\n"a\nb",w,x\nt,w,y\n', code=2)
    assert "row 1 has 'y'" in printed and "(row 1 is standard input line 4)" in printed


def test_lines_are_counted_as_editors_count_them(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('task,worker,label\n\nt0,w,a\n\n"t\n1",w,b\nt2,w,c\n', encoding="utf-8")
    table = read_annotations(path, COLUMNS)
    assert [table.place(row) for row in range(3)] == [f"{path} line {line}" for line in (3, 6, 7)]


def test_lines_are_found_by_reading_once_more_however_many_are_asked_for() -> None:
    opened: list[BytesIO] = []

    def open_again() -> BytesIO:
        opened.append(BytesIO(csv_of(ROWS).encode()))
        return opened[-1]

    rows = CsvRows("votes", open_again, COLUMNS)
    assert len(list(rows)) == len(ROWS)
    assert [rows.place(row) for row in range(len(ROWS))] == [f"votes line {row + 2}" for row in range(len(ROWS))]
    assert len(opened) == 2


def test_numbers_in_columns_meet_text_in_options(tmp_path: Path) -> None:
    table = pa.table({"task": [1, 1, 2, 2], "worker": [7, 8, 7, 8], "label": [0, 1, 1, 1]})
    parquet.write_table(table, tmp_path / "a.parquet")
    (tmp_path / "g.csv").write_text("task,label\n1,1\n", encoding="utf-8")
    vote = (tmp_path / "a.parquet", "-m", "majority-vote")
    assert "1,1,0.5\n" in run(*vote, "--labels", "1,0")
    assert "1,1,1\n" in run(*vote, "--gold", tmp_path / "g.csv")
    assert "--labels must be numbers" in run(*vote, "--labels", "cat,dog", code=2)


@pytest.mark.parametrize(
    ("gold", "message"),
    [
        ("task,label\nother,cat\n", "--gold must name tasks of the annotations"),
        ("task,label\n1,cat\n1,cat\n1,dog\n", "g.csv line 4: gold has one label for each task, but task '1' has"),
        ("task,label\nt1,owl\n", "task 't1' has 'owl'; the classes are cat, dog"),
        ("task\nt1\n", "needs a column 'label'"),
    ],
)
def test_gold_that_does_not_fit_is_refused(tmp_path: Path, gold: str, message: str) -> None:
    write_part(tmp_path / "a.csv", ROWS)
    (tmp_path / "g.csv").write_text(gold, encoding="utf-8")
    assert message in " ".join(run(tmp_path / "a.csv", "--gold", tmp_path / "g.csv", code=2).split())


def test_broken_files_are_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1 is not enough")
    assert "expected a Parquet file, but" in run(tmp_path / "a.parquet", code=2)
    (tmp_path / "a.jsonl").write_text('{"task": ["t"], "worker": "w"}\n', encoding="utf-8")
    assert "line 1: 'task' must be a text or a number, but it is ['t']" in run(tmp_path / "a.jsonl", code=2)
    (tmp_path / "a.txt").write_text("t w l", encoding="utf-8")
    assert "annotations are a .csv" in run(tmp_path / "a.txt", code=2)
    table = pa.table({"task": ["t", None], "worker": ["w", "w"], "label": ["a", "b"]})
    parquet.write_table(table, tmp_path / "n.parquet")
    assert f"(row 1 is {tmp_path / 'n.parquet'} row 1)" in run(tmp_path / "n.parquet", code=2)


@pytest.mark.parametrize("more", [(), ("--out-of-core", "-m", "dawid-skene")])
def test_columns_that_hold_no_ids_are_refused(tmp_path: Path, more: tuple[str, ...]) -> None:
    plain = {"task": ["t"], "worker": ["w"], "label": ["a"]}
    for name, value in (("task", b"t"), ("worker", {"id": 1}), ("label", ["a"])):
        parquet.write_table(pa.table({**plain, name: [value]}), tmp_path / "a.parquet")
        printed = run(tmp_path / "a.parquet", *more, "-o", tmp_path / "o.csv", code=2)
        assert f"the {name} column must hold texts or numbers" in printed
        assert ("say what the labels are with --task-type" in printed) == (name == "label")


def test_dates_are_ids_and_nan_is_no_label(tmp_path: Path) -> None:
    days = [datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2)]
    table = pa.table({"task": days, "worker": [1, 2], "label": [float("nan"), 2.0]})
    parquet.write_table(table, tmp_path / "a.parquet")
    summary = json.loads(run(tmp_path / "a.parquet", "--json"))
    assert summary["abstentions"] == 1
    assert [row["task"] for row in summary["labels"]] == [str(day) for day in days]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-o", "labels.txt"), "--output is a file that ends in .csv"),
        (("-o", "nowhere/labels.csv"), "--output: there is no folder"),
        (("--report", "."), "--report is a file, but"),
    ],
)
def test_outputs_that_cannot_be_written_are_refused_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert message in " ".join(run("not-there.csv", *arguments, code=2).split())


def test_labels_as_parquet(tmp_path: Path) -> None:
    write_part(tmp_path / "a.csv", ROWS)
    run(tmp_path / "a.csv", "-o", tmp_path / "o.parquet")
    written = parquet.read_table(tmp_path / "o.parquet")
    assert written.column_names == ["task", "label", "confidence"]
    assert dict(zip(written["task"].to_pylist(), written["label"].to_pylist(), strict=True)) == {
        task: label for task, _, label in ROWS
    }


@pytest.mark.parametrize("suffix", ["csv", "html", "jsonl", "parquet"])
def test_the_same_annotations_give_the_same_bytes(tmp_path: Path, suffix: str) -> None:
    write_part(tmp_path / "a.csv", ROWS)
    for n in range(2):
        folder = tmp_path / str(n)
        folder.mkdir()
        run(tmp_path / "a.csv", *(("--report",) if suffix == "html" else ("-o",)), folder / f"o.{suffix}")
    assert (tmp_path / "0" / f"o.{suffix}").read_bytes() == (tmp_path / "1" / f"o.{suffix}").read_bytes()
