"""Classes from files: scales, declared orders, words for nothing, and what a page says where nobody can disagree."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import typer
from typer.testing import CliRunner

from groundswell.cli.consolidate import consolidate

APP = typer.Typer()
APP.command()(consolidate)


def run(*arguments: object, code: int = 0) -> str:
    result = CliRunner().invoke(APP, [str(argument) for argument in arguments])
    assert result.exit_code == code, (result.output, result.exception)
    return " ".join(result.output.split()) if code else result.output


def labels_of(source: Path, *more: object) -> dict[str, str]:
    found = json.loads(run(source, *more, "--json"))["labels"]
    return {row["task"]: str(row["label"]) for row in found}


@pytest.fixture
def ratings() -> pd.DataFrame:
    """Four ratings of 1 to 10 for each of 60 tasks, near the truth of the task's name."""
    random = np.random.default_rng(5)
    rows = [
        (f"t{n}-{n % 10 + 1}", f"w{w}", int(np.clip(n % 10 + 1 + round(random.normal(0, 0.9)), 1, 10)))
        for n in range(60)
        for w in random.permutation(8)[:4]
    ]
    return pd.DataFrame(rows, columns=["task", "worker", "label"])


def test_ratings_are_a_scale_whatever_file_they_are_in(tmp_path: Path, ratings: pd.DataFrame) -> None:
    ratings.to_csv(tmp_path / "a.csv", index=False)
    ratings.to_parquet(tmp_path / "a.parquet")
    ratings.to_json(tmp_path / "a.jsonl", orient="records", lines=True)
    found = [labels_of(tmp_path / f"a.{suffix}", "-m", "ordinal") for suffix in ("csv", "parquet", "jsonl")]
    assert found[0] == found[1] == found[2]
    errors = [abs(int(label) - int(task.partition("-")[2])) for task, label in found[0].items()]
    assert np.mean(errors) < 0.5  # in the order of texts: 2.1


def test_an_ordered_categorical_in_parquet_keeps_its_order(tmp_path: Path, ratings: pd.DataFrame) -> None:
    words = ["awful", "bad", "middling", "good", "fine", "great", "superb", "best", "unique", "divine"]
    ratings["label"] = pd.Categorical([words[k - 1] for k in ratings["label"]], categories=words, ordered=True)
    ratings.to_parquet(tmp_path / "a.parquet")
    ratings.astype({"label": str}).to_parquet(tmp_path / "words.parquet")
    ordered = labels_of(tmp_path / "a.parquet", "-m", "ordinal")
    assert ordered == labels_of(tmp_path / "words.parquet", "-m", "ordinal", "--order", ",".join(words))
    disk = run(tmp_path / "a.parquet", "-m", "dawid-skene", "--out-of-core", "-o", tmp_path / "o.csv", "--json")
    assert json.loads(disk)["classes"] == 10


def test_words_need_a_declared_order(tmp_path: Path) -> None:
    source = tmp_path / "a.csv"
    source.write_text("task,worker,label\nt,a,low\nt,b,mid\nt,c,high\n", encoding="utf-8")
    printed = run(source, "-m", "ordinal", code=2)
    assert "words such as high, low, mid have none of their own" in printed and "--order low,medium,high" in printed
    assert labels_of(source, "-m", "ordinal", "--order", "low,mid,high") == {"t": "mid"}
    assert labels_of(source, "-m", "ordinal", "--labels", "low,mid,high") == {"t": "mid"}
    assert "but they differ" in run(source, "--order", "low,mid,high", "--labels", "low,mid", code=2)
    assert "--order are different classes" in run(source, "--order", "low,low", code=2)
    assert "every label must be one of" in run(source, "--order", "low,mid", code=2)


def test_words_for_nothing_are_abstentions_unless_they_are_named(tmp_path: Path) -> None:
    source = tmp_path / "a.csv"
    source.write_text("task,worker,label\nt,a,None\nt,b,None\nt,c,scratch\nt,d,nan\n", encoding="utf-8")
    assert json.loads(run(source, "--json"))["abstentions"] == 3
    assert labels_of(source, "--labels", "None,scratch") == {"t": "None"}
    run(source, "--labels", "None,scratch", "--out-of-core", "-m", "dawid-skene", "-o", tmp_path / "o.csv")
    assert (tmp_path / "o.csv").read_text("utf-8").startswith("task,label,confidence\nt,None,")


@pytest.mark.parametrize("more", [(), ("--out-of-core", "-m", "dawid-skene")])
def test_nobody_is_unanimous_alone(tmp_path: Path, more: tuple[str, ...]) -> None:
    source, page = tmp_path / "a.csv", tmp_path / "r.html"
    source.write_text("task,worker,label\nt1,a,cat\nt2,b,dog\n", encoding="utf-8")
    run(source, "--report", page, "-o", tmp_path / "o.csv", *more)
    shown = " ".join(page.read_text("utf-8").split())
    assert "<dt>unanimous</dt><dd>–</dd><dd>no object has several annotations</dd>" in shown
    source.write_text("task,worker,label\nt1,a,cat\nt2,b,dog\nt2,c,dog\n", encoding="utf-8")
    run(source, "--report", page, "-o", tmp_path / "o.csv", *more)
    assert "<dt>unanimous</dt><dd>100.0%</dd>" in " ".join(page.read_text("utf-8").split())


def test_gold_and_prior_meet_classes_of_another_spelling(tmp_path: Path) -> None:
    frame = pd.DataFrame({"task": [1.0, 1.0, 2.0, None], "worker": [1, 2, 1, 2], "label": [1.0, 2.0, 2.0, None]})
    frame.dropna(subset=["task"]).to_parquet(tmp_path / "a.parquet")
    (tmp_path / "g.csv").write_text("task,label\n1.0,1.0\n", encoding="utf-8")
    found = labels_of(tmp_path / "a.parquet", "--gold", tmp_path / "g.csv", "--prior", "1=0.5,2.0=0.5")
    assert {str(task): label for task, label in found.items()} == {"1": "1", "2": "2"}
