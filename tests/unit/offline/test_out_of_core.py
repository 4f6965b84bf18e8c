"""`groundswell consolidate --out-of-core`: the labels of memory, from Parquet, CSV and JSON Lines."""

from __future__ import annotations

import csv
import json
import re
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import typer
from pyarrow import parquet
from typer.testing import CliRunner

from groundswell.cli.consolidate import consolidate
from groundswell.compute.shard_store import ShardStore

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


def assert_same_summary(memory: dict[str, Any], disk: dict[str, Any]) -> None:
    for name, value in memory.items():
        if name != "output":
            assert disk[name] == (pytest.approx(value, abs=1e-9) if isinstance(value, float) else value)


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
    assert_same_summary(*summaries)
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


def in_small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ShardStore, "build", partial(ShardStore.build, shard_annotations=100))


@pytest.mark.parametrize(
    "more",
    [
        pytest.param(("--gold", "g.csv"), id="gold"),
        pytest.param(("--gold", "much.csv"), id="gold enough to set confidences right"),
        pytest.param(("--prior", "uniform"), id="even rates"),
        pytest.param(("--prior", "0=0.6,1=0.3,2=0.1,9=0.5"), id="rates, also of a class nobody gave"),
        pytest.param(("--gold", "g.csv", "--prior", "0=3,1=1,2=1,3=1", "--labels", "2,1,0,3"), id="all, other order"),
    ],
)
def test_gold_and_prior_count_as_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    in_small_shards(monkeypatch)
    write_table(with_abstention(shuffled(text=False)), tmp_path / "a.parquet")
    # Texts here, numbers there; the same task twice; one that only has an abstention; one that is not there.
    known = [f"{n},{n % 3}" for n in range(0, 120, 5)] + ["0,0", "500,2", "elsewhere,7"]
    (tmp_path / "g.csv").write_text("\n".join(["task,label", *known]), encoding="utf-8")
    much = [f"{n},{n % 2}" for n in range(0, 90, 2)]  # most answers are wrong by it
    (tmp_path / "much.csv").write_text("\n".join(["task,label", "500,2", *much]), encoding="utf-8")
    rows, summaries = [], []
    for name, where in (("memory", ()), ("disk", ("--out-of-core",))):
        fit = ("-m", "dawid-skene", "-o", f"{name}.parquet", "--workers-output", f"{name}.csv", "--json")
        summaries.append(json.loads(run("a.parquet", *fit, *more, *where)))
        table = parquet.read_table(f"{name}.parquet").to_pylist()
        rows.append({row["task"]: (str(row["label"]), row["confidence"]) for row in table})
    assert rows[0].keys() == rows[1].keys() and 500 in rows[1]
    for task, (label, confidence) in rows[0].items():
        assert rows[1][task] == (label, pytest.approx(confidence, abs=1e-7))
    assert [said.get("gold_objects") for said in summaries] == [45 if "much.csv" in more else None] * 2
    memory, disk = (rows_in(tmp_path / f"{name}.csv", "worker") for name in ("memory", "disk"))
    for worker, row in memory.items():
        assert disk[worker]["annotations"] == row["annotations"]
        assert float(disk[worker]["skill"]) == pytest.approx(float(row["skill"]), abs=1e-9)
    assert_same_summary(*summaries)


def with_abstention(table: pa.Table) -> pa.Table:
    """Besides an object, the last, that only has an abstention."""
    return pa.concat_tables([table, pa.table({"task": [500], "worker": [0], "label": pa.array([None], pa.int64())})])


@pytest.mark.parametrize("gold", [(), ("--gold", "g.csv"), ("--gold", "much.csv")])
def test_the_report_is_the_page_of_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gold: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    write_table(shuffled(text=True), tmp_path / "a.csv")
    (tmp_path / "g.csv").write_text("task,label\ntask3,label1\ntask5,label2\n", encoding="utf-8")
    much = "".join(f"task{n},label{n % 3}\n" for n in range(40))
    (tmp_path / "much.csv").write_text(f"task,label\n{much}", encoding="utf-8")
    fit = ("a.csv", "-m", "dawid-skene", "-o", "o.csv", *gold)
    run(*fit, "--report", "memory.html")
    run(*fit, "--report", "disk.html", "--out-of-core")
    memory, disk = (Path(f"{name}.html").read_text(encoding="utf-8") for name in ("memory", "disk"))
    assert "Disputed objects" in disk and "alpha" in disk and "count as abstentions" in disk
    assert disk == memory and ("What gold says of confidences" in disk) == ("much.csv" in gold)
    in_small_shards(monkeypatch)
    run(*fit, "--report", "shards.html", "--out-of-core")
    shards = Path("shards.html").read_text(encoding="utf-8")
    facts = [re.findall(r"<dd>(.*?)</dd>", page) for page in (memory, shards)]
    assert len(facts[0]) == 16 and facts[0] == facts[1]
    # Sums in another order may change the last digit of a confidence, and so the order of equally sure objects.
    unsure = [[float(number) for number in re.findall(r"</i></span>([\d.]+)</td>", page)] for page in (memory, shards)]
    assert len(unsure[1]) == 40 and unsure[1] == pytest.approx(unsure[0], abs=2e-3)


@pytest.mark.parametrize(
    ("known", "arguments", "message"),
    [
        ("elsewhere,label0\n", (), "has none of them, only such as 'elsewhere'; the annotations have 'task0'"),
        ("task3,other\n", (), "task 'task3' has 'other'; the classes are label0, label1, label2"),
        ("elsewhere,other\ntask3,label0\ntask3,label1\n", (), "has 'label0' and 'label1'; keep the right one"),
        ("task3,label0\n", ("--prior", "label0=0.5,label1=0.5"), "each of the classes ['label0', 'label1', 'label2']"),
        ("task3,label0\n", ("--prior", "label0"), "--prior is learned, uniform, or rates above 0"),
    ],
)
def test_what_is_wrong_with_gold_and_prior_is_said_as_in_memory(
    tmp_path: Path, known: str, arguments: tuple[str, ...], message: str
) -> None:
    source = write_table(shuffled(text=True), tmp_path / "a.csv")
    (tmp_path / "g.csv").write_text(f"task,label\n{known}", encoding="utf-8")
    fit = (source, "-m", "dawid-skene", "-o", tmp_path / "o.csv", "--gold", tmp_path / "g.csv", *arguments)
    memory, disk = run(*fit, code=2), run(*fit, "--out-of-core", code=2)
    assert message in memory and disk == memory


def test_rows_that_name_no_class_are_refused_as_in_memory(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("task,worker,label\nt,w,\n", encoding="utf-8")
    fit = (tmp_path / "a.csv", "-m", "dawid-skene", "-o", tmp_path / "o.csv")
    memory = run(*fit, code=2)
    assert "give the classes with --labels" in memory and run(*fit, "--out-of-core", code=2) == memory


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-o", "o.csv"), "--out-of-core fits dawid-skene: add --method dawid-skene"),
        (("-m", "dawid-skene"), "name it with --output labels.parquet"),
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
