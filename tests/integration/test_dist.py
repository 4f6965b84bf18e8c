"""What is published: archives with the elements in them, which install and serve far from the checkout."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]
ELEMENTS = "groundswell/server/static/elements/crowd-html-elements.js"
pytestmark = pytest.mark.slow


def build(source: Path, out: Path, *kinds: str) -> subprocess.CompletedProcess[str]:
    """Run the builder as `make dist` does."""
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), *kinds, str(source)]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.mark.skipif(not (ROOT / "src" / ELEMENTS).exists(), reason="the elements are not built: `make elements`")
def test_a_wheel_made_of_the_sdist_installs_and_serves(tmp_path: Path) -> None:
    made = build(ROOT, tmp_path)  # the wheel is made of the sdist
    assert made.returncode == 0, made.stdout + made.stderr
    (wheel,), (sdist,) = tmp_path.glob("*.whl"), tmp_path.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        assert any(name.endswith(f"src/{ELEMENTS}") for name in archive.getnames())
    with ZipFile(wheel) as archive:
        assert ELEMENTS in archive.namelist()
    smoke = [sys.executable, str(ROOT / "scripts/smoke_dist.py"), str(wheel), "--borrow"]
    run = subprocess.run(smoke, capture_output=True, text=True, cwd=tmp_path)
    assert run.returncode == 0, run.stdout + run.stderr


def test_a_build_without_the_elements_says_what_to_do(tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    (bare / "src/groundswell").mkdir(parents=True)
    for name in ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE", "NOTICE"):
        shutil.copy(ROOT / name, bare)
    shutil.copy(ROOT / "src/groundswell/__init__.py", bare / "src/groundswell")
    for kind in ("--wheel", "--sdist"):
        made = build(bare, tmp_path / "out", kind)
        assert made.returncode != 0
        assert "the custom elements are not built" in made.stdout + made.stderr
        assert "make elements" in made.stdout + made.stderr
