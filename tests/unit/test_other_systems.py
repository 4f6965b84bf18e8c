"""What is only on Unix is nowhere needed to start: every module loads without it, as on Windows."""

from __future__ import annotations

import subprocess
import sys

WITHOUT = """
import pkgutil, sys
from importlib import import_module
for name in ("fcntl", "resource", "pwd", "grp", "termios", "pty", "uvloop", "syslog"):
    sys.modules[name] = None
import groundswell
from groundswell.domain.errors import Unavailable
LATER = {"pyarrow", "ray", "psycopg", "sklearn", "numba", "llvmlite"}  # extras
for module in pkgutil.walk_packages(groundswell.__path__, "groundswell."):
    if "alembic" in module.name or "migrations.versions" in module.name:
        continue
    try:
        import_module(module.name)
    except Unavailable:  # says which extra to install
        pass
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in LATER:
            print(module.name, missing)
"""


def test_every_module_loads_without_what_only_unix_has() -> None:
    run = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True)
    assert (run.returncode, run.stdout) == (0, ""), run.stdout + run.stderr
