"""Documents that cannot rot: the README's program runs, links lead somewhere, and nothing public goes unmentioned."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from groundswell import consolidation, quality
from groundswell.cli.main import COMMANDS
from groundswell.domain.errors import GroundswellError
from groundswell.domain.events import KINDS
from groundswell.settings import Settings
from groundswell.tasktypes import registry

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def text_of(*names: str) -> str:
    return "\n".join((ROOT / name).read_text("utf-8") for name in names)


def kinds(base: type[GroundswellError] = GroundswellError) -> Iterator[type[GroundswellError]]:
    yield base
    for derived in base.__subclasses__():
        yield from kinds(derived)


def test_program_of_the_readme_runs(capsys: pytest.CaptureFixture[str]) -> None:
    programs = re.findall(r"```python\n(.*?)```", text_of("README.md"), re.S)
    assert programs
    for program in programs:
        exec(compile(program, "README.md", "exec"), {})
    assert "cat" in capsys.readouterr().out


@pytest.mark.parametrize(
    "page", [*sorted((DOCS / "concepts").glob("consolidation-*.md")), DOCS / "concepts/quality.md"]
)
def test_programs_of_the_concepts_run(page: Path) -> None:
    names: dict[str, object] = {}
    for program in re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.S):
        exec(compile(program, page.name, "exec"), names)  # later ones go on from earlier ones


def test_programs_of_the_guide_to_consolidation_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [f"{n}.jpg,{worker},{'owl' if n % 2 else 'duck'}\n" for n in range(9) for worker in ("ann", "bob", "cem")]
    (tmp_path / "annotations.csv").write_text("task,worker,label\n" + "".join(rows), "utf-8")
    monkeypatch.chdir(tmp_path)
    for program in re.findall(r"```python\n(.*?)```", text_of("docs/guides/consolidate.md"), re.S):
        exec(compile(program, "consolidate.md", "exec"), {"__name__": "guide"})
    assert "9 labels by consolidator" in capsys.readouterr().out
    assert (tmp_path / "labels.csv").exists() and (tmp_path / "report.html").exists()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text("utf-8")):
        if "://" in target or target.startswith("mailto:") or "generated/" in target:
            continue
        assert (page.parent / target).exists(), f"{page.name} links to {target}, which is not there"


def test_every_make_target_of_the_readme_is_there() -> None:
    makefile = text_of("Makefile")
    for target in re.findall(r"(?:^|`)make ([a-z-]+)", text_of("README.md", "CONTRIBUTING.md"), re.M):
        assert re.search(rf"^{target}:", makefile, re.M), f"the Makefile has no target {target}"


def test_every_command_is_in_a_guide() -> None:
    guides = "\n".join(page.read_text("utf-8") for page in PAGES if "generated" not in page.parts)
    assert [name for name in COMMANDS if f"groundswell {name}" not in guides] == []


def test_every_kind_of_event_is_in_the_guide() -> None:
    guide = text_of("docs/guides/audit.md")
    assert [kind for kind in KINDS if f"| `{kind}` |" not in guide] == []


def test_every_method_is_explained_and_every_public_name_says_what_it_is() -> None:
    concepts = text_of("docs/concepts/consolidation-categorical.md").lower().replace("`", "")
    methods = [type(consolidation.consolidator_named(name)).__name__ for name in consolidation.METHOD_NAMES]
    assert [name for name in methods if name.lower() not in concepts] == []
    public = [getattr(room, name) for room in (consolidation, quality) for name in room.__all__]
    assert [one.__name__ for one in public if callable(one) and not (one.__doc__ or "").strip()] == []


def test_every_task_type_has_a_summary_and_every_error_a_meaning() -> None:
    assert [one.name for one in registry.every().values() if not one.summary.strip()] == []
    assert [kind.__name__ for kind in kinds() if not (kind.__doc__ or "").strip()] == []


def test_every_setting_says_what_it_is() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_no_paths_of_one_machine_are_named() -> None:
    forbidden = re.compile(r"/(?:root|home/\w+|tmp/\w+)/")
    named = [f"{page.name}: {found[0]}" for page in PAGES if (found := forbidden.search(page.read_text("utf-8")))]
    assert named == []
