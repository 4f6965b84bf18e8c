"""Whether the pinned packages have wheels for the Pythons we name: `python scripts/resolve_pythons.py [3.12 ...]`.

Tests run on one Python; of the others this says that an install is resolved. Nothing is installed.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
PINS = ("base", "fast", "demo")
REQUIREMENTS = Path(__file__).resolve().parent.parent / "requirements"


def resolves(python: str) -> bool:
    """Whether every pinned package has a wheel for this Python; pip says which one has not."""
    pins = [argument for name in PINS for argument in ("-r", str(REQUIREMENTS / f"{name}.txt"))]
    with tempfile.TemporaryDirectory() as nowhere:
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--dry-run"]
        asked = ["--ignore-installed", "--only-binary=:all:", "--python-version", python, "--target", nowhere]
        return subprocess.run([*pip, "--no-deps", *asked, *pins], check=False).returncode == 0


def main() -> int:
    """One line a Python; 1 when one has no full set of wheels."""
    found = {python: resolves(python) for python in sys.argv[1:] or PYTHONS}
    for python, good in found.items():
        print(f"Python {python}: {'resolved' if good else 'NOT resolved'}")
    return 0 if all(found.values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
