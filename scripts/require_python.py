"""Stop with one clear sentence where this Python is too old."""

import sys

if sys.version_info < (3, 11):
    sys.exit(
        "Groundswell needs Python 3.11 or newer, this is %d.%d; try: make PYTHON=python3.11" % sys.version_info[:2]
    )
