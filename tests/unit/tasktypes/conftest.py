"""What codecs are given in tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from groundswell.tasktypes.base import DecodeContext, EncodeContext

LABELS = ["owl", "duck", "hawk"]
DecodeFactory = Callable[..., DecodeContext]
EncodeFactory = Callable[..., EncodeContext]


@pytest.fixture
def shown() -> DecodeFactory:
    """What a worker of a job with labels owl, duck, hawk was shown: an image, or another manifest line."""

    def make(manifest_line: Mapping[str, Any] | None = None, *, handed_in: bool = False) -> DecodeContext:
        return DecodeContext(LABELS, manifest_line or {"source-ref": "s3://in/a.jpg"}, handed_in=handed_in)

    return make


@pytest.fixture
def context() -> EncodeFactory:
    """What writing a label of the job `Birds-1` with labels owl, duck, hawk takes; any field by keyword."""

    def make(**fields: Any) -> EncodeContext:
        given: dict[str, Any] = {
            "labels": LABELS,
            "job_name": "Birds-1",
            "output_uri": "s3://out/Birds-1",
            "created_at": datetime(2026, 11, 20, 8, 1, 16, 123456, UTC),
        }
        return EncodeContext(**(given | fields))

    return make
