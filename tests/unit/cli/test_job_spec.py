"""A specification's file: what YAML may say arrives, and what cannot be a specification is said in a sentence."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from groundswell.cli.job import read_spec
from groundswell.domain.errors import InvalidSpec

ROOT = Path(__file__).parents[3]


def spec_in(folder: Path, text: str) -> Path:
    path = folder / "spec.yaml"
    path.write_text(text, "utf-8")
    return path


def test_a_question_mark_in_braces_needs_no_quotes(tmp_path: Path) -> None:
    path = spec_in(tmp_path, "instructions: {header: Which sport is played?, short: Choose.}")
    assert read_spec(path) == {"instructions": {"header": "Which sport is played?", "short": "Choose."}}


@pytest.mark.parametrize("page", ["README.md", "docs/tutorial.md", "docs/reference/job-spec.md"])
def test_the_specifications_of_the_pages_are_read(tmp_path: Path, page: str) -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", (ROOT / page).read_text("utf-8"), re.S)
    specs = [read_spec(spec_in(tmp_path, block)) for block in blocks if "task_type:" in block]
    assert specs
    assert all(one["name"] == "sports" for one in specs)


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-01: x",  # a date as a name
        "labels: &all [a, *all]",  # contains itself
        "sample_percent: .nan",
        "sample_percent: .inf",
        "name: 2026-13-41",  # looks like a date, is none
        "labels: " + "[" * 5_000,
    ],
)
def test_what_json_cannot_say_is_said(tmp_path: Path, text: str) -> None:
    with pytest.raises(InvalidSpec, match=re.escape("spec.yaml")):
        read_spec(spec_in(tmp_path, text))
