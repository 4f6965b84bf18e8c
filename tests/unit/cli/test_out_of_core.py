"""`groundswell consolidate --out-of-core`: the labels of memory, from Parquet, CSV and JSON Lines."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import typer
from pyarrow import parquet
from typer.testing import CliRunner

from groundswell.cli.consolidate import consolidate

APP = typer.Typer()
APP.command()(consolidate)


def run(*arguments: object, code: int = 0) -> str:
    result = CliRunner().invoke(APP, [str(argument) for argument in arguments])
    assert result.exit_code == code, (result.output, result.exception)
    return result.output


def shuffled(*, text: bool) -> pa.Table:
    """Shuffled answers of nine workers in three classes, some repeated, some without a label."""
    rng = np.random.default_rng(5)
    truth = rng.integers(0, 3, 120)
    task = rng.permutation(np.repeat(np.arange(120), 5))
    worker = rng.integers(0, 9, task.size)
    label = np.where(rng.random(task.size) < 0.7, truth[task], rng.integers(0, 3, task.size))
    columns = {"task": task.tolist(), "worker": worker.tolist(), "label": label.tolist()}
    if text:
        columns = {name: [f"{name}{value}" for value in values] for name, values in columns.items()}
    columns["label"][::50] = [None] * len(columns["label"][::50])
    return pa.table(columns)


def write_table(table: pa.Table, path: Path) -> Path:
    rows = table.to_pylist()
    if path.suffix == ".parquet":
        parquet.write_table(table, path)
    elif path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    else:
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, ["task", "worker", "label"])
            writer.writeheader()
            writer.writerows(rows)
    return path


def rows_in(path: Path, key: str) -> dict[str, dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return {row[key]: row for row in csv.DictReader(file)}


@pytest.mark.parametrize(
    ("suffix", "text"), [("parquet", True), ("parquet", False), ("csv", True), ("csv", False), ("jsonl", True)]
)
def test_labels_and_workers_are_those_of_memory(tmp_path: Path, suffix: str, text: bool) -> None:
    source = write_table(shuffled(text=text), tmp_path / f"a.{suffix}")
    fit = (source, "-m", "dawid-skene", "--json")
    summaries, labels, workers = [], [], []
    for name, more in (("memory", ()), ("disk", ("--out-of-core",))):
        output, skill = tmp_path / f"{name}.csv", tmp_path / f"{name}-w.csv"
        summaries.append(json.loads(run(*fit, "-o", output, "--workers-output", skill, *more)))
        labels.append(rows_in(output, "task"))
        workers.append(rows_in(skill, "worker"))
    assert labels[0].keys() == labels[1].keys()
    for task, row in labels[0].items():
        assert labels[1][task]["label"] == row["label"]
        assert float(labels[1][task]["confidence"]) == pytest.approx(float(row["confidence"]), abs=1e-5)
    for worker, row in workers[0].items():
        assert workers[1][worker]["annotations"] == row["annotations"]
        assert float(workers[1][worker]["skill"]) == pytest.approx(float(row["skill"]), abs=1e-6)
    for name in ("objects", "annotations", "workers", "classes", "method", "replaced", "converged"):
        assert summaries[0][name] == summaries[1][name]
    assert summaries[1]["mean_confidence"] == pytest.approx(summaries[0]["mean_confidence"], abs=1e-6)
    assert not list(tmp_path.glob(".groundswell-*"))


def test_a_folder_of_parts_and_labels_as_parquet(tmp_path: Path) -> None:
    table = shuffled(text=False)
    (tmp_path / "parts").mkdir()
    for i in range(3):
        write_table(table.slice(i * 250, 250), tmp_path / "parts" / f"{i}.parquet")
    output = tmp_path / "o.parquet"
    run(tmp_path / "parts", "--out-of-core", "-m", "dawid-skene", "-o", output, "--labels", "2,1,0")
    run(write_table(table, tmp_path / "a.parquet"), "-m", "dawid-skene", "-o", tmp_path / "m.csv", "--labels", "2,1,0")
    written = parquet.read_table(output).to_pylist()
    memory = rows_in(tmp_path / "m.csv", "task")
    assert {str(row["task"]): str(row["label"]) for row in written} == {t: row["label"] for t, row in memory.items()}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-o", "o.csv"), "--out-of-core fits dawid-skene: add --method dawid-skene"),
        (("-m", "dawid-skene"), "name it with -o labels.parquet"),
        (("-m", "dawid-skene", "-o", "o.csv", "--report", "r.html"), "--report needs all annotations in memory"),
        (("-m", "dawid-skene", "-o", "o.csv", "--prior", "uniform"), "--prior needs all annotations in memory"),
        (("-m", "dawid-skene", "-o", "o.csv", "--task-type", "numeric"), "--out-of-core is for classes"),
        (("-m", "dawid-skene", "-o", "o.csv", "--label-column", "answer"), "'answer'"),
        (("-m", "dawid-skene", "-o", "o.csv", "--labels", "label0"), "every label must be one of ['label0']"),
    ],
)
def test_what_cannot_be_fitted_from_disk_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write_table(shuffled(text=True), tmp_path / "a.parquet")
    assert message in " ".join(run("a.parquet", "--out-of-core", *arguments, code=2).split())


def test_broken_and_empty_files(tmp_path: Path) -> None:
    fit = ("--out-of-core", "-m", "dawid-skene", "-o", tmp_path / "o.csv")
    assert "there is no file" in run(tmp_path / "none.parquet", *fit, code=2)
    (tmp_path / "a.parquet").write_bytes(b"nothing")
    assert "expected Parquet files, but" in run(tmp_path / "a.parquet", *fit, code=2)
    (tmp_path / "a.csv").write_text("task,worker,label\nt,w,a\nu\n", encoding="utf-8")
    assert "line 3: expected 3 values" in run(tmp_path / "a.csv", *fit, code=2)
    (tmp_path / "a.csv").write_text("task,worker,label\n", encoding="utf-8")
    run(tmp_path / "a.csv", *fit)
    assert (tmp_path / "o.csv").read_text(encoding="utf-8") == "task,label,confidence\n"
