"""Walking as data goes, no room calls back into one that waits for it."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """`scripts/walks.py`."""
    spec = importlib.util.spec_from_file_location("walks", ROOT / "scripts" / "walks.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["walks"] = module  # dataclasses look for their module
    spec.loader.exec_module(module)
    return module


def test_turns_and_climbs_are_counted(script: ModuleType) -> None:
    calls = [
        ("", "cli/a.py", False, []),
        ("cli/a.py", "offline/b.py", False, ["cli/a.py"]),
        ("offline/b.py", "domain/c.py", False, ["offline/b.py", "cli/a.py"]),
        ("cli/a.py", "offline/d.py", False, ["cli/a.py"]),  # back up to a.py
        ("offline/d.py", "cli/a.py", True, ["offline/d.py", "cli/a.py"]),  # handed down
        ("offline/d.py", "store/e.py", False, ["offline/d.py", "cli/a.py"]),
        ("domain/c.py", "offline/b.py", False, ["domain/c.py", "offline/b.py"]),  # a climb
    ]
    walk = script.counted("somewhere", calls)
    assert walk.rooms == ["cli", "offline", "domain", "store"]
    assert walk.files == ["cli/a.py", "offline/b.py", "domain/c.py", "offline/d.py", "store/e.py"]
    assert (walk.turns, walk.file_turns) == (1, 1)
    assert walk.climbs == [("domain", "offline")] and walk.file_climbs == [("domain/c.py", "offline/b.py")]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_no_walk_climbs_between_rooms(script: ModuleType) -> None:
    found = {walk.name: walk for walk in script.walks(ROOT / "src")}
    assert {name: walk.climbs for name, walk in found.items()} == {name: [] for name in found}
    assert found["CSV to labels"].rooms == ["cli", "offline", "tasktypes", "consolidation"]
    assert found["click to annotation"].rooms[0] == found["form to job"].rooms[0] == "server"
