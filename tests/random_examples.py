"""How many random examples a property test tries.

A run of the tests tries the same ones as the last run. `EXAMPLES=50 make test` tries fifty times as many, others in
each run, and is how new ones are looked for.
"""

from __future__ import annotations

import os

from hypothesis import settings

PROFILE = "groundswell"
TIMES = int(os.environ.get("EXAMPLES", "1"))


def examples(usual: int = 100) -> int:
    """As many as asked for, of a test that usually tries so many."""
    return usual * TIMES


settings.register_profile(
    PROFILE, derandomize=TIMES == 1, max_examples=examples(), deadline=None, print_blob=TIMES > 1, database=None
)
