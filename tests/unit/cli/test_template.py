"""`groundswell template check`, `list` and `show`, and what the preview serves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from groundswell.cli import template, template_preview
from groundswell.cli.template import sample_of
from groundswell.cli.template_preview import PreviewServer
from groundswell.domain.errors import InvalidInput

GOOD = '<crowd-form><crowd-input name="a" value="{{ task.input.word }}"></crowd-input></crowd-form>'
runner = CliRunner()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "task.liquid.html"
    path.write_text(GOOD, "utf-8")
    return path


def test_check_is_quiet_about_good_templates(file: Path) -> None:
    result = runner.invoke(template.app, ["check", str(file)])
    assert (result.exit_code, result.output) == (0, f"{file}: no problems found\n")


def test_check_names_problems_with_file_and_line(file: Path, tmp_path: Path) -> None:
    sample = tmp_path / "sample.json"
    sample.write_text('{"task": {"input": {"wort": 1}}}', "utf-8")
    result = runner.invoke(template.app, ["check", str(file), "--input", str(sample)])
    assert result.exit_code == 1
    assert result.output.startswith(f"{file}:1: error: the sample input has nothing for task.input.word")
    as_json = runner.invoke(template.app, ["check", str(file), "--input", str(sample), "--json"])
    assert [(one["line"], one["severity"]) for one in json.loads(as_json.output)] == [(1, "error")]


@pytest.mark.parametrize("text", ['{"word": 1}', '{"taskInput": {"word": 1}}', '{"input": {"word": 1}}'])
def test_sample_may_be_wrapped_as_hooks_answer(tmp_path: Path, text: str) -> None:
    path = tmp_path / "sample.json"
    path.write_text(text, "utf-8")
    assert sample_of(path) == {"word": 1}


@pytest.mark.parametrize(("text", "says"), [("[1]", "must be a JSON object"), ("{", "is not JSON")])
def test_bad_samples_are_refused_in_words(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "sample.json"
    path.write_text(text, "utf-8")
    with pytest.raises(InvalidInput, match=says):
        sample_of(path)


def test_list_and_show() -> None:
    assert "object-detection" in runner.invoke(template.app, ["list"]).output.split()
    assert "crowd-bounding-box" in runner.invoke(template.app, ["show", "object-detection"]).output


def test_missing_file_is_named() -> None:
    result = runner.invoke(template.app, ["check", "nowhere.html"])
    assert isinstance(result.exception, InvalidInput) and "nowhere.html" in result.exception.message


def test_preview_serves_the_task_local_files_and_nothing_beside_them(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = tmp_path / "built"
    built.mkdir()
    (built / "crowd-html-elements.js").write_text("1", "utf-8")
    monkeypatch.setattr(template_preview, "_ELEMENTS", built)
    (tmp_path / "cat.txt").write_text("miau", "utf-8")
    with PreviewServer(lambda: GOOD, lambda: {"word": "wing"}, file.parent) as server:
        assert b'value="wing"' in server.answer("/task")[2]
        assert server.answer("/file/cat.txt")[2] == b"miau"
        assert server.answer("/static/elements/crowd-html-elements.js")[2] == b"1"
        for outside in ("/file/../task_outside", "/file/%2e%2e/x", "/other"):
            assert server.answer(outside)[0] == 404
    with PreviewServer(lambda: "{{ x", lambda: None, file.parent) as server:
        assert b'role="alert"' in server.answer("/task")[2]
