"""`consolidate_files`: the command's work as a library, with typed results and messages that name arguments."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from groundswell.domain.errors import InvalidInput, InvalidVotes
from groundswell.offline import consolidate_files

ROWS = [(f"t{n}", worker, "cat" if n % 2 else "dog") for n in range(6) for worker in "abc"]


@pytest.fixture
def votes(tmp_path: Path) -> Path:
    path = tmp_path / "votes.csv"
    path.write_text("task,worker,label\n" + "".join(",".join(row) + "\n" for row in ROWS), "utf-8")
    return path


def test_labels_workers_and_figures_come_back(votes: Path) -> None:
    found = consolidate_files(votes, "dawid-skene")
    assert [(row.task, row.label) for row in found.labels] == [(f"t{n}", ("dog", "cat")[n % 2]) for n in range(6)]
    assert all(0.9 < row.confidence <= 1.0 for row in found.labels)
    assert [(one.worker, one.annotations) for one in found.workers] == [("a", 6), ("b", 6), ("c", 6)]
    summary = found.summary
    assert (summary.objects, summary.annotations, summary.classes, summary.method) == (6, 18, 2, "dawid-skene")
    assert found.report is None and "set_aside" not in summary.as_dict()


def test_gold_rates_and_classes_are_values_or_files(votes: Path) -> None:
    rates = {"cat": 0.4, "dog": 0.4, "owl": 0.2}
    found = consolidate_files(votes, gold={"t0": "cat"}, prior=rates, labels=["dog", "cat", "owl"])
    assert found.labels[0].label == "cat" and found.summary.classes == 3
    (votes.parent / "gold.csv").write_text("task,label\nt0,cat\n", "utf-8")
    assert consolidate_files(votes, gold=votes.parent / "gold.csv").labels[0].label == "cat"


def test_structured_answers_are_numbers_and_lists(tmp_path: Path) -> None:
    path = tmp_path / "boxes.csv"
    path.write_text('task,worker,label\nt,a,"[[1,2,30,40]]"\nt,b,"[[1,2,30,40]]"\n', "utf-8")
    found = consolidate_files(path, task_type="object-detection")
    assert found.labels[0].label == [[1, 2, 30, 40]] and found.summary.set_aside == 0


def test_out_of_core_leaves_labels_in_their_file(votes: Path, tmp_path: Path) -> None:
    found = consolidate_files(votes, "dawid-skene", output=tmp_path / "o.csv", out_of_core=True)
    assert found.written_to == tmp_path / "o.csv" and len(found.labels) == 0
    assert (tmp_path / "o.csv").read_text("utf-8").count("\n") == 7


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"task_type": "dreams"}, "task_type= is one of"),
        ({"labels": ["cat", "cat"]}, "labels= are different classes"),
        ({"labels": ["cat"], "order": ["dog"]}, "order= puts the classes of labels= in order"),
        ({"gold": {"other": "cat"}}, "gold= must name tasks of the annotations"),
        ({"method": "glad", "prior": "uniform"}, "leave prior= out"),
        ({"method": "bcc", "task_type": "numeric"}, "method= is for classes; leave it out with task_type=numeric"),
        ({"output": "nowhere/labels.csv"}, "output=: there is no folder"),
        ({"out_of_core": True}, "out_of_core= fits dawid-skene: add method=dawid-skene"),
        ({"label_column": "answer"}, "name yours with label_column="),
    ],
)
def test_messages_name_arguments(votes: Path, arguments: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        consolidate_files(votes, **arguments)  # type: ignore[arg-type]


def test_errors_of_rows_say_where_these_stand(votes: Path) -> None:
    with pytest.raises(InvalidVotes, match=rf"\(row 0 is {votes} line 2\)"):
        consolidate_files(votes, labels=["cat"])


def test_the_library_knows_nothing_of_the_command_line_and_servers() -> None:
    program = "import sys, groundswell.offline; print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert not {"typer", "fastapi", "sqlalchemy", "httpx", "pyarrow", "groundswell.server"} & set(loaded)
