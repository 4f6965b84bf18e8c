"""A server starts without the numeric libraries: they cost seconds and memory, and only a runner needs them."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("numpy", "numba", "scipy", "sklearn", "PIL.Image")


def test_a_server_imports_no_numeric_library() -> None:
    program = "import sys, groundswell.server.app, groundswell.cli.serve; print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)
    assert set(HEAVY).isdisjoint(loaded.stdout.split())


def test_what_a_server_is_made_of_is_not_walked_by_the_garbage_collector() -> None:
    program = """
import gc
from groundswell.cli.serve import keep_for_good
from groundswell.server import app
before = len(gc.get_objects())
keep_for_good()
print(before, len(gc.get_objects()), gc.get_threshold()[0])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)
    before, after, threshold = map(int, done.stdout.split())
    assert before > 50_000 and after < before / 20  # each is a pointer followed in every full collection
    assert threshold > 700
