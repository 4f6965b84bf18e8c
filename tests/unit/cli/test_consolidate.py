"""`groundswell consolidate`: every input kind, its outputs, and clear errors."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pyarrow as pa
import pytest
import typer
from pyarrow import parquet
from typer.testing import CliRunner

from groundswell.cli.consolidate import consolidate

APP = typer.Typer()
APP.command()(consolidate)

ROWS = [
    (task, worker, ("owl" if worker == "c" and task == "t1" else label))
    for task, label in [("t0", "cat"), ("t1", "dog"), ("t2", "owl"), ("t3", "cat")]
    for worker in "abc"
]
TRUTH = {"t0": "cat", "t1": "dog", "t2": "owl", "t3": "cat"}


def run(*arguments: object, code: int = 0) -> str:
    result = CliRunner().invoke(APP, [str(argument) for argument in arguments])
    assert result.exit_code == code, result.output
    return result.output


def labels_in(path: Path) -> dict[str, str]:
    with path.open(newline="", encoding="utf-8") as file:
        return {row["task"]: row["label"] for row in csv.DictReader(file)}


def write_csv(path: Path, rows: list[tuple[str, str, str]], header: str = "task,worker,label") -> Path:
    path.write_text(header + "\n" + "".join(",".join(row) + "\n" for row in rows), encoding="utf-8")
    return path


def write_parquet(path: Path) -> Path:
    columns = list(zip(*ROWS, strict=True))
    parquet.write_table(pa.table(dict(zip(("task", "worker", "label"), map(list, columns), strict=True))), path)
    return path


def write_json_lines(path: Path) -> Path:
    lines = [json.dumps({"task": t, "worker": w, "label": k, "more": 1}) for t, w, k in ROWS]
    path.write_text("\n".join(lines) + "\n\n", encoding="utf-8")
    return path


def write_worker_responses(folder: Path) -> Path:
    for task in TRUTH:
        answers = [
            {"workerId": w, "answerContent": {"crowd-image-classifier": {"label": f" {k} "}}}
            for t, w, k in ROWS
            if t == task
        ]
        file = folder / "iteration-1" / task / "2026-01-01_00:00:00.json"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps({"answers": answers}), encoding="utf-8")
    return folder


@pytest.mark.parametrize("kind", ["a.csv", "a.parquet", "a.jsonl", "worker-response"])
def test_every_kind_of_input_gives_the_same_labels(tmp_path: Path, kind: str) -> None:
    writers = {
        "a.csv": lambda path: write_csv(path, ROWS),
        "a.parquet": write_parquet,
        "a.jsonl": write_json_lines,
        "worker-response": write_worker_responses,
    }
    source, output = writers[kind](tmp_path / kind), tmp_path / "labels.csv"
    run(source, "-o", output)
    assert labels_in(output) == TRUTH
    with output.open(encoding="utf-8") as file:
        assert file.readline() == "task,label,confidence\n"


def test_workers_report_and_summary(tmp_path: Path) -> None:
    workers, report = tmp_path / "w.csv", tmp_path / "r.html"
    source = write_csv(tmp_path / "a.csv", [*ROWS, ("t0", "a", "cat"), ("t9", "b", "")])
    printed = run(source, "--json", "--workers-output", workers, "--report", report, "-m", "dawid-skene")
    summary = json.loads(printed)
    assert (summary["objects"], summary["annotations"], summary["workers"]) == (5, 12, 3)
    assert (summary["replaced"], summary["abstentions"]) == (1, 1)
    assert (summary["task_type"], summary["classes"]) == ("classification", 3)
    assert {row["task"]: row["label"] for row in summary["labels"]}.items() >= TRUTH.items()
    with workers.open(encoding="utf-8") as file:
        skill = {row["worker"]: float(row["skill"]) for row in csv.DictReader(file)}
    assert skill["c"] < skill["a"]
    page = report.read_text(encoding="utf-8")
    assert "Disputed objects" in page and "<svg" in page and "light-dark(" in page
    assert "http://" not in page and "https://" not in page


def test_the_report_escapes_what_workers_wrote(tmp_path: Path) -> None:
    source = write_csv(tmp_path / "a.csv", [("<b>", "<i>w", "<script>alert(1)</script>")] * 2)
    run(source, "-o", tmp_path / "o.csv", "--report", tmp_path / "r.html")
    assert "<script" not in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_labels_are_printed_without_an_output(tmp_path: Path) -> None:
    printed = run(write_csv(tmp_path / "a.csv", ROWS), "--method", "majority-vote")
    assert printed.splitlines()[0] == "task,label,confidence"
    assert "t0,cat," in printed


def test_json_lines_out(tmp_path: Path) -> None:
    run(write_csv(tmp_path / "a.csv", ROWS), "-o", tmp_path / "o.jsonl")
    first = json.loads((tmp_path / "o.jsonl").read_text(encoding="utf-8").splitlines()[0])
    assert first["task"] == "t0" and first["label"] == "cat" and 0 < first["confidence"] <= 1


def test_other_column_names_gold_and_prior(tmp_path: Path) -> None:
    source = write_csv(tmp_path / "a.csv", [("x", "u", "A"), ("x", "v", "B")], header="hit,who,answer")
    gold = write_csv(tmp_path / "g.csv", [("x", "B"), ("unknown", "A")], header="hit,answer")  # type: ignore[list-item]
    names = ("--task-column", "hit", "--worker-column", "who", "--label-column", "answer")
    assert "x,B,1\n" in run(source, *names, "--gold", gold)
    assert "x,B," in run(source, *names, "-m", "dawid-skene", "--prior", "A=0.01,B=0.99")
    assert "x,B," in run(source, *names, "-m", "majority-vote", "--labels", "B,A")


def test_boxes_come_back_as_they_were_given(tmp_path: Path) -> None:
    rows = [("i", w, f'"[[{x}, 10, {x + 40}, 50]]"') for w, x in (("a", 10), ("b", 11), ("c", 12))]
    output = tmp_path / "o.csv"
    run(
        write_csv(tmp_path / "a.csv", rows),
        "--task-type",
        "object-detection",
        "-o",
        output,
        "--report",
        tmp_path / "r.html",
    )
    (box,) = json.loads(labels_in(output)["i"])
    assert box == pytest.approx([11, 10, 51, 50], abs=1.5)


@pytest.mark.parametrize(
    ("text", "arguments", "message"),
    [
        ("task,worker,label\nt,w,a,b\n", (), "line 2: expected 3 values, as in the header, but found 4"),
        ("task,worker,label\nt,,a\n", (), "line 2: a task and a worker must be given"),
        ("hit,worker,label\nt,w,a\n", (), "needs a column 'task'"),
        ("", (), "is empty"),
        ("task,worker,label\nt,w,a\n", ("-m", "best"), "one of consolidator"),
        ("task,worker,label\nt,w,a\n", ("--task-type", "video"), "--task-type is one of"),
        ("task,worker,label\nt,w,a\n", ("--labels", "b,c"), "one of ['b', 'c'], but row 0 has 'a'"),
        ("task,worker,label\nt,w,a\n", ("--prior", "a"), "--prior is learned, uniform"),
        ('task,worker,label\nt,w,"[[1,2,0,4]]"\n', ("--task-type", "object-detection"), "x1 <= x2"),
        ('task,worker,label\nt,w,"[[1,2"\n', ("--task-type", "object-detection"), "csv line 2: the label must be JSON"),
    ],
)
def test_bad_input_is_one_clear_error(tmp_path: Path, text: str, arguments: tuple[str, ...], message: str) -> None:
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    assert message in " ".join(run(tmp_path / "a.csv", *arguments, code=2).split())


def test_text_that_is_not_utf8_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"task,worker,label\nt,w,\xff\xfe\n")
    assert "expected CSV in UTF-8" in run(tmp_path / "a.csv", code=2)
    assert "there is no file" in run(tmp_path / "none.csv", code=2)


def test_ground_truths_real_answers_consolidate(shared_data: Path, tmp_path: Path) -> None:
    output = tmp_path / "o.csv"
    run(shared_data / "acs/ic_data/worker-response", "-o", output)
    labels = labels_in(output)
    manifest = (shared_data / "acs/ic_data/output.manifest").read_text(encoding="utf-8").splitlines()
    produced = [json.loads(line)["birds-open-images-clone-metadata"]["class-name"] for line in manifest]
    same = sum(labels[str(n)] == label for n, label in enumerate(produced))
    assert len(labels) == 302 and same >= 295


@pytest.mark.parametrize(
    ("task_type", "answers", "expected"),
    [
        pytest.param("multi-label", ['"[""a"", ""b""]"', '"[""a""]"', "a"], '["a"]', id="lists and single labels"),
        pytest.param("numeric", ["10", "11", "12"], "11", id="numbers"),
        pytest.param("transcription", ["the cat sat", "the cat sat", "the hat sat"], "the cat sat", id="texts"),
        pytest.param("pairwise", ["left", "left", "tie"], "left", id="comparisons"),
    ],
)
def test_other_structures(tmp_path: Path, task_type: str, answers: list[str], expected: str) -> None:
    rows = [(f"t{n}", worker, answer) for n in range(5) for worker, answer in zip("abc", answers, strict=True)]
    output = tmp_path / "o.csv"
    run(write_csv(tmp_path / "a.csv", rows), "--task-type", task_type, "-o", output, "--report", tmp_path / "r.html")
    label = labels_in(output)["t0"]
    assert label == expected or float(label) == pytest.approx(float(expected), abs=0.5)


def test_a_multi_label_answer_may_take_several_rows(tmp_path: Path) -> None:
    rows = [("t", w, label) for w in "abc" for label in ("x", "y")]
    printed = run(write_csv(tmp_path / "a.csv", rows), "--task-type", "multi-label")
    assert '"[""x"", ""y""]"' in printed


def misled_crowd(folder: Path) -> tuple[Path, Path, dict[str, str]]:
    """200 objects of which every fourth is taken for another by everybody, the truth of 50 others, and all truth."""
    truth = {f"o{n}": "cat" if n % 2 else "dog" for n in range(200)}
    other = {"cat": "dog", "dog": "cat"}
    rows = []
    for n, (task, label) in enumerate(truth.items()):
        seen = other[label] if n % 8 in (3, 6) else label
        rows += [(task, w, other[seen] if (n * 7 + i * 13) % 17 == 0 else seen) for i, w in enumerate("abcde")]
    gold = [(task, label) for n, (task, label) in enumerate(truth.items()) if n % 4 == 2 or n % 8 == 3]
    source = write_csv(folder / "a.csv", rows)
    return source, write_csv(folder / "g.csv", gold, header="task,label"), truth  # type: ignore[arg-type]


def test_enough_gold_sets_confidences_right(tmp_path: Path) -> None:
    source, gold, truth = misled_crowd(tmp_path)
    alone, told = (
        json.loads(run(source, "--json", *more)) for more in ((), ("--gold", gold, "--report", tmp_path / "r.html"))
    )
    known = {row["task"] for row in told["labels"] if row["confidence"] == 1.0}
    assert len(known) == told["gold_objects"] == 75
    right = [row["label"] == truth[row["task"]] for row in told["labels"] if row["task"] not in known]
    stated = [row["confidence"] for row in told["labels"] if row["task"] not in known]
    assert told["recalibrated_error"] < told["calibration_error"]
    assert sum(stated) / len(stated) < alone["mean_confidence"] - 0.1
    assert len(right) == 125 and "gold_objects" not in alone
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "What gold says of confidences" in page and "75 gold objects" in page
    printed = run(source, "--gold", gold, "-o", tmp_path / "o.csv")
    assert "75 gold objects set confidences right: calibration error" in printed


def test_gold_drawn_at_random_is_declared_for_the_default_alone(tmp_path: Path) -> None:
    source, gold, _ = misled_crowd(tmp_path)
    assert "o0," in run(source, "--gold", gold, "--gold-is-random")
    message = run(source, "--gold", gold, "--gold-is-random", "-m", "dawid-skene", code=2)
    assert "--gold-is-random is for the method 'consolidator'" in " ".join(message.split())
