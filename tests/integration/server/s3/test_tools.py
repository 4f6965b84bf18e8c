"""Public tools, unmodified, against this server and moto's: the AWS CLI, s3fs, obstore."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import obstore
import pytest
from obstore.store import S3Store

from integration.server.s3.places import Place


@pytest.mark.skipif(find_spec("awscli") is None, reason="the AWS CLI is not installed (awscli of PyPI)")
def test_the_aws_cli(place: Place, bucket: str, tmp_path: Path) -> None:
    def aws(*words: str) -> str:
        command = [sys.executable, "-W", "ignore", "-m", "awscli", "s3", *words]
        environment = {
            **os.environ,
            **place.environment(),
            "AWS_CONFIG_FILE": str(tmp_path / "none"),
            "HOME": str(tmp_path),
        }
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    here, there = tmp_path / "here", tmp_path / "there"
    for name in ("a.txt", "sub/b ü.txt", "sub/deep/c.bin"):
        (here / name).parent.mkdir(parents=True, exist_ok=True)
        (here / name).write_text(f"content of {name}")
    (here / "large.bin").write_bytes(bytes(range(256)) * 40_000)  # in parts: more than 8 MB
    aws("sync", str(here), f"s3://{bucket}/set/")
    assert "large.bin" in aws("ls", f"s3://{bucket}/set/")
    assert aws("sync", str(here), f"s3://{bucket}/set/") == ""  # nothing is new
    aws("cp", f"s3://{bucket}/set/a.txt", f"s3://{bucket}/copy.txt")
    aws("rm", "--recursive", f"s3://{bucket}/set/sub/deep/")
    aws("sync", f"s3://{bucket}/set/", str(there))
    found = {path.relative_to(there).as_posix() for path in there.rglob("*") if path.is_file()}
    assert found == {"a.txt", "sub/b ü.txt", "large.bin"}
    assert (there / "large.bin").read_bytes() == (here / "large.bin").read_bytes()
    aws("rb", "--force", f"s3://{bucket}")


def test_s3fs(place: Place, bucket: str) -> None:
    s3fs = pytest.importorskip("s3fs", reason="s3fs is not installed: its aiobotocore asks for one botocore exactly")
    options: dict[str, Any] = {"endpoint_url": place.url, "skip_instance_cache": True, "asynchronous": False}
    files = s3fs.S3FileSystem(key=place.key[0], secret=place.key[1], **options)
    with files.open(f"{bucket}/a/b.txt", "wb") as file:
        file.write(b"hello")
    assert files.ls(f"{bucket}/a") == [f"{bucket}/a/b.txt"]
    assert files.cat(f"{bucket}/a/b.txt") == b"hello"
    assert files.info(f"{bucket}/a/b.txt")["size"] == 5
    files.cp(f"{bucket}/a/b.txt", f"{bucket}/c.txt")
    files.rm(f"{bucket}/a", recursive=True)
    assert files.find(bucket) == [f"{bucket}/c.txt"]


def test_obstore(place: Place, bucket: str) -> None:
    config: Any = {
        "endpoint": place.url,
        "access_key_id": place.key[0],
        "secret_access_key": place.key[1],
        "region": "us-east-1",
    }
    store = S3Store(bucket, config=config, client_options={"allow_http": True}, virtual_hosted_style_request=False)
    data = bytes(range(256)) * 50_000
    obstore.put(store, "a/b c.txt", b"hello", attributes={"Content-Type": "text/plain"}, use_multipart=False)
    obstore.put(store, "large", data, use_multipart=True, chunk_size=5 << 20)
    assert bytes(obstore.get(store, "large").bytes()) == data
    assert bytes(obstore.get_range(store, "large", start=1_000, length=50)) == data[1_000:1_050]
    assert sorted(one["path"] for page in obstore.list(store) for one in page) == ["a/b c.txt", "large"]
    assert obstore.list_with_delimiter(store)["common_prefixes"] == ["a"]
    obstore.copy(store, "a/b c.txt", "copy")
    assert obstore.head(store, "copy")["size"] == 5
    obstore.delete(store, ["a/b c.txt", "copy", "large"])
    assert [one for page in obstore.list(store) for one in page] == []
    if place.name == "ours":
        link = obstore.sign(store, "GET", "large", timedelta(minutes=1))
        assert "X-Amz-Signature" in link
