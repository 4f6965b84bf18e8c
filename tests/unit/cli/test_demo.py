"""The demo's data, and what it says without scikit-learn."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from groundswell.cli.demo import local_file
from groundswell.cli.digits import LABELS, bundled_digits, write_digits
from groundswell.domain.errors import Unavailable
from groundswell.settings import Settings
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


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///srv/data/out/a%20b.manifest", "/srv/data/out/a b.manifest"),
        ("s3://bucket/out/a.manifest", "/srv/data/s3/bucket/out/a.manifest"),
        ("output/a.manifest", "/srv/data/output/a.manifest"),
    ],
)
def test_it_says_where_the_manifest_is(uri: str, path: str) -> None:
    assert local_file(Settings(data_dir=Path("/srv/data")), uri) == Path(path)
