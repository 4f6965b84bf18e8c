"""Stop with one clear sentence where this Python is too old. Runs before anything is installed, on any Python 3."""

import sys

OLDEST = (3, 11)

if sys.version_info < OLDEST:
    found = ".".join(map(str, sys.version_info[:2]))
    sys.exit(f"Groundswell needs Python 3.11 or newer, this is {found}; try: make PYTHON=python3.11")
