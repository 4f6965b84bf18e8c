"""A server starts without the numeric libraries: they cost seconds and memory, and only a runner needs them."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("numpy", "numba", "scipy", "sklearn", "PIL.Image")


def test_a_server_imports_no_numeric_library() -> None:
    program = "import sys, groundswell.server.app, groundswell.cli.serve; print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)
    assert set(HEAVY).isdisjoint(loaded.stdout.split())
