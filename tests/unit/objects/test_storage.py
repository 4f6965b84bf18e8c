"""What a server may read, and where S3 is."""

from __future__ import annotations

from pathlib import Path

import pytest

from groundswell.domain.errors import Forbidden, InvalidInput, NotFound
from groundswell.objects.buckets import S3Options
from groundswell.objects.storage import Storage


def test_only_objects_can_be_read(tmp_path: Path) -> None:
    data, root = tmp_path / "data", tmp_path / "root"
    storage = Storage(data, input_roots=[root])
    for path in ("groundswell.db", str(data / "secret-key"), "/etc/passwd", f"{root}-other/x", ".hidden/x", str(data)):
        with pytest.raises(Forbidden):
            storage.read(path)
    storage.write("uploads/x", b"1")
    assert (data / "uploads" / "x").read_bytes() == b"1"
    assert list(storage.entries("uploads")) == [("uploads/x", 1)]
    assert storage.read(str(data / "uploads" / "x")) == b"1"
    with pytest.raises(NotFound):
        storage.read(str(root / "x"))
    with pytest.raises(NotFound):
        storage.read("uploads/x/y")
    assert Storage(data, input_roots=None).read(str(Path(__file__)))


def test_folders_of_functions_are_not_for_jobs(tmp_path: Path) -> None:
    (tmp_path / "hooks").mkdir()
    (tmp_path / "hooks" / "around.py").write_text("secret")
    storage = Storage(tmp_path)
    for uri in ("hooks/around.py", "./hooks/around.py", (tmp_path / "hooks/around.py").as_uri(), "hooks"):
        with pytest.raises(Forbidden):
            storage.exists(uri)
    with pytest.raises(Forbidden):
        storage.write("hooks/around.py", b"x")


@pytest.mark.parametrize("name", ["127.0.0.1:9#", "a@127.0.0.1", "a%23", "a b", "", "é", "a:80", "a?x", "[::1]", "-a"])
def test_a_buckets_name_cannot_lead_elsewhere(name: str, tmp_path: Path) -> None:
    """`s3://127.0.0.1:9#/x` was asked of 127.0.0.1: the name is a part of the host's."""
    storage = Storage(tmp_path, s3=S3Options(access_key_id="a", secret_access_key="b", region="us-east-1"))
    for scheme in ("s3", "gs", "az"):
        with pytest.raises(InvalidInput):
            storage.exists(f"{scheme}://{name}/key")


def test_file_uris_are_percent_encoded(tmp_path: Path) -> None:
    storage = Storage(tmp_path / "data", input_roots=[tmp_path])
    uri = f"file://{tmp_path}/set/a%20b%25.jpg"
    storage.write(uri, b"x")
    assert (tmp_path / "set" / "a b%.jpg").exists()
    assert list(storage.entries(f"file://{tmp_path}/set")) == [(uri, 1)]


def test_s3_is_real_where_the_environment_says_so() -> None:
    assert S3Options.from_environment({}) is None
    assert S3Options.from_environment({"AWS_REGION": "eu-west-1"}) is None
    given = S3Options.from_environment(
        {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_REGION": "eu-west-1"}
    )
    assert given == S3Options(None, "eu-west-1", "a", "b")
    assert S3Options.from_environment({}, endpoint="http://localhost:9000") == S3Options("http://localhost:9000")
