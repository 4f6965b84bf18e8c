"""Fixtures every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

from random_examples import PROFILE

settings.load_profile(PROFILE)

CHECKOUT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data sets beside the checkout; tests that need it are skipped where it is absent."""
    shared = Path(os.environ.get("GROUNDSWELL_SHARED", CHECKOUT.parent / "shared"))
    data = shared / "data"
    if not data.is_dir():
        pytest.skip(f"the real data sets are not here: no folder {data}")
    return data
