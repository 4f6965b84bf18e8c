"""What codecs are given in tests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from groundswell.tasktypes.base import LabelContext

ContextFactory = Callable[..., LabelContext]


@pytest.fixture
def context() -> ContextFactory:
    """A context of the job `Birds-1` with labels owl, duck, hawk; any field by keyword."""

    def make(**fields: Any) -> LabelContext:
        given: dict[str, Any] = {
            "labels": ["owl", "duck", "hawk"],
            "label_attribute": "species",
            "job_name": "Birds-1",
            "output_uri": "s3://out/Birds-1",
            "manifest_line": {"source-ref": "s3://in/a.jpg"},
            "created_at": datetime(2026, 11, 20, 8, 1, 16, 123456, UTC),
        }
        return LabelContext(**(given | fields))

    return make
