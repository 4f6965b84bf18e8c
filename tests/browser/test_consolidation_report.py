"""Reports of `groundswell consolidate` in Chromium: axe, nothing wider than the page, on a phone and in the dark."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from playwright.sync_api import Browser
from typer.testing import CliRunner

from browser.conftest import axe
from groundswell.cli.consolidate import consolidate

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("reports")]

LONG = "private.us-east-1." + "0123456789abcdef" * 2
BOX = [10, 10, 60, 60]
KINDS: dict[str, list[Any]] = {
    "classification": ["owl", "a class with a name that goes on and on"],
    "object-detection": [[BOX], [[14, 12, 64, 66], [200, 100, 240, 110]]],
    "named-entities": [[{"label": "name", "startOffset": 0, "endOffset": 3}], []],
    "numeric": [1, 3],
    "multi-label": [["a", "b"], ["a"]],
    "custom": [{"tone": "calm", "stars": 4}, {"tone": "angry", "stars": 2}],
}


def write_report(folder: Path, task_type: str) -> Path:
    """Twelve objects, three workers with long names, of whom the last gives another answer on some."""
    first, other = KINDS[task_type]
    rows = [
        {"task": f"object-{n}", "worker": f"{LONG}{w}", "label": other if w == 2 and n % 3 == 0 else first}
        for n in range(12)
        for w in range(3)
    ]
    source, report = folder / "answers.jsonl", folder / f"{task_type}.html"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    app = typer.Typer()
    app.command()(consolidate)
    arguments = [source, "--task-type", task_type, "--report", report, "-o", folder / "labels.csv"]
    result = CliRunner().invoke(app, list(map(str, arguments)))
    assert result.exit_code == 0, result.output
    return report


@pytest.mark.parametrize("task_type", KINDS)
def test_reports_can_be_read_by_everybody(browser: Browser, tmp_path: Path, task_type: str) -> None:
    report = write_report(tmp_path, task_type)
    for width, scheme in ((1280, "light"), (390, "dark")):
        context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(report.as_uri())
        assert axe(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        names = page.locator("td:first-child").evaluate_all("cells => cells.map(cell => cell.offsetWidth)")
        assert min(names) >= 90, "names are squeezed to a few letters a line"
        context.close()
