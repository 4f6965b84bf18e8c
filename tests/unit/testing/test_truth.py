"""A truth that is no labeled manifest is said with its line."""

from __future__ import annotations

import pytest

from groundswell.domain.errors import InvalidManifest
from groundswell.tasktypes.registry import get
from groundswell.testing.truth import Truth


@pytest.mark.parametrize("line", [b"name: texts", b"[1]", b"3", b"\xff\xd8\xff", b"[" * 100_000])
def test_a_line_that_is_no_object_is_named(line: bytes) -> None:
    with pytest.raises(InvalidManifest, match="line 2 of the truth"):
        Truth([b'{"source": "a"}', line], get("text-classification"), ["owl"])
