"""The demo's data, and what it says without scikit-learn."""

from __future__ import annotations

import json
import sys

import pytest

from groundswell.cli.digits import LABELS, bundled_digits, write_digits
from groundswell.domain.errors import Unavailable
from groundswell.testing.memory_storage import MemoryStorage


def test_digits_and_their_truth() -> None:
    storage = MemoryStorage()
    digits = write_digits(storage, bundled_digits(), count=3, seed=1)
    lines = [json.loads(line) for line in storage.read(digits.manifest_uri).splitlines()]
    truth = [json.loads(line) for line in digits.truth]
    assert [line["source-ref"] for line in lines] == [line["source-ref"] for line in truth]
    assert all(storage.read(line["source-ref"]).startswith(b"\x89PNG") for line in lines)
    assert all(line["truth-metadata"]["class-name"] == LABELS[line["truth"]] for line in truth)


def test_without_scikit_learn_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(Unavailable, match=r"pip install 'groundswell\[demo\]'"):
        bundled_digits()
