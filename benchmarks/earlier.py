"""An earlier version of this repository, checked out beside it, for benchmarks that compare both in one run."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent


@contextmanager
def tree(commit: str) -> Iterator[Path | None]:
    """The files of a commit; None where there is no history (an archive, a shallow clone)."""
    with tempfile.TemporaryDirectory(prefix="gs-") as name:
        folder = Path(name) / "tree"
        if _git("worktree", "add", "--detach", str(folder), commit):
            try:
                yield folder
            finally:
                _git("worktree", "remove", "--force", str(folder))
        else:
            yield None


def environment(folder: Path) -> dict[str, str]:
    """This process's environment, in which Python finds the version in this folder."""
    return {**os.environ, "PYTHONPATH": f"{folder / 'src'}{os.pathsep}{folder}"}


def run(folder: Path, module: str, *options: str) -> None:
    """Run a module of that version with this version's Python and packages; its output is not shown."""
    command = [sys.executable, "-m", module, *options]
    subprocess.run(command, cwd=folder, env=environment(folder), check=True, stdout=subprocess.DEVNULL)


def _git(*words: str) -> bool:
    try:
        return subprocess.run(["git", *words], cwd=HERE, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False
