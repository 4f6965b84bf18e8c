"""Cells that a spreadsheet would run are text; everything else is as it was."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from groundswell.offline.label_files import write_labels
from groundswell.offline.results import LabelRow
from groundswell.offline.spreadsheets import shown_as_text


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        '=HYPERLINK("http://evil.example")',
        "@SUM(1+1)*cmd|' /C calc'!A0",
        "+cmd|x!A0",
        "-2+3+f(1)",
        "\t=1",
        "\r=1",
    ],
)
def test_formulas_become_text(cell: str) -> None:
    assert shown_as_text(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["-", "+", "+1", "-0.5", "@home", "a=b", "1(2)", "", 7, 0.25, None, "a (b)!"])
def test_everything_else_stays(cell: object) -> None:
    assert shown_as_text(cell) == cell


def test_a_file_of_labels_holds_no_formula(tmp_path: Path) -> None:
    write_labels(tmp_path / "labels.csv", [LabelRow("=1+1", "=cmd|' /C calc'!A0", 0.5, {})])
    with (tmp_path / "labels.csv").open(newline="") as file:
        assert list(csv.reader(file))[1] == ["'=1+1", "'=cmd|' /C calc'!A0", "0.5"]
