"""What every object storage does: in memory, in folders, in S3 (a real HTTP server)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from groundswell.domain.errors import NotFound
from groundswell.objects.buckets import S3Options
from groundswell.objects.storage import Storage
from groundswell.service.ports import ObjectStorage
from groundswell.testing.memory_storage import MemoryStorage

NAMES = ["a b.jpg", "ä/ü 😀.png", "per%20cent#hash?.txt", "a+b&c=d.txt", "sub/deep/x.bin", "שלום.txt"]


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The address of moto's S3 server, with an empty bucket named contract."""
    server = pytest.importorskip("moto.server").ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(params=["memory", "folder", "path", "file-uri", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[ObjectStorage, str]:
    """A storage and the URI of an empty folder in it."""
    kind = request.param
    if kind == "memory":
        return MemoryStorage(), "s3://contract/test"
    if kind == "s3":
        endpoint = request.getfixturevalue("s3_server")
        return _s3_storage(endpoint, tmp_path), f"s3://contract/{tmp_path.name}"
    storage = Storage(tmp_path / "data", input_roots=[tmp_path / "root"])
    if kind == "folder":
        return storage, "s3://contract/test"
    return storage, f"{tmp_path}/root/test" if kind == "path" else f"file://{tmp_path}/root/test"


def _s3_storage(endpoint: str, tmp_path: Path) -> Storage:
    import httpx

    httpx.put(f"{endpoint}/contract").raise_for_status()
    return Storage(tmp_path, s3=S3Options(endpoint, "us-east-1", "key", "secret"))


def test_what_is_written_is_read(place: tuple[ObjectStorage, str]) -> None:
    storage, folder = place
    uri = f"{folder}/x/one.bin"
    assert not storage.exists(uri)
    storage.write(uri, b"first", content_type="application/octet-stream")
    storage.write(uri, b"0123456789")
    assert storage.exists(uri)
    assert storage.size(uri) == 10
    assert storage.read(uri) == b"0123456789"
    assert storage.read_range(uri, 2, 3) == b"234"
    assert storage.read_range(uri, 8, 30) == b"89"
    storage.write(uri, b"")
    assert storage.read(uri) == b"" and storage.size(uri) == 0
    storage.delete(uri)
    storage.delete(uri)
    assert not storage.exists(uri)


def test_streams_larger_than_a_part(place: tuple[ObjectStorage, str]) -> None:
    storage, folder = place
    data = bytes(range(256)) * 40_000  # 10 MB: more than one part of a multipart upload
    uri = f"{folder}/large.bin"
    storage.write_stream(uri, (data[start : start + 100_000] for start in range(0, len(data), 100_000)))
    assert storage.size(uri) == len(data)
    assert b"".join(storage.stream(uri, 64_000)) == data
    storage.write_stream(uri, iter(()))
    assert storage.read(uri) == b""


@pytest.mark.parametrize("verb", ["read", "size", "read_range", "stream"])
def test_what_is_not_there_is_not_found(place: tuple[ObjectStorage, str], verb: str) -> None:
    storage, folder = place
    arguments = {"read_range": (0, 1)}.get(verb, ())
    with pytest.raises(NotFound, match=r"missing\.bin"):
        result = getattr(storage, verb)(f"{folder}/missing.bin", *arguments)
        list(result)


def test_names_survive_and_are_listed_in_byte_order(place: tuple[ObjectStorage, str]) -> None:
    storage, folder = place
    if folder.startswith("file://"):
        pytest.skip("file URIs are percent-encoded: tested on their own")
    for number, name in enumerate(NAMES):
        storage.write(f"{folder}/set/{name}", b"x" * number)
    storage.write(f"{folder}/settings/other", b"")
    listed = list(storage.entries(f"{folder}/set"))
    expected = sorted(((f"{folder}/set/{name}", number) for number, name in enumerate(NAMES)), key=_bytes)
    assert listed == expected
    assert list(storage.entries(f"{folder}/set/")) == expected
    assert list(storage.entries(f"{folder}/set/a b.jpg")) == [(f"{folder}/set/a b.jpg", 0)]
    assert list(storage.entries(f"{folder}/nothing")) == []
    for name in NAMES:
        assert storage.size(f"{folder}/set/{name}") == NAMES.index(name)


def test_missing_objects_are_found_in_bulk(place: tuple[ObjectStorage, str]) -> None:
    storage, folder = place
    names = [f"{folder}/many/{number:04}" for number in range(450)]
    for name in names[::3]:
        storage.write(name, b"")
    absent = {name for index, name in enumerate(names) if index % 3}
    for start in range(0, len(names), 150):
        part = names[start : start + 150]
        assert storage.missing(part) == absent & set(part)
    storage.write(names[1], b"")  # written after a listing
    assert storage.missing(names[:3]) == {names[2]}
    assert storage.missing([]) == set()


def test_a_failed_stream_leaves_the_old_object(place: tuple[ObjectStorage, str]) -> None:
    storage, folder = place
    uri = f"{folder}/atomic.bin"
    storage.write(uri, b"old")

    def chunks() -> Iterator[bytes]:
        yield b"new"
        raise RuntimeError("the source broke")

    with pytest.raises(Exception, match="the source broke"):
        storage.write_stream(uri, chunks())
    assert storage.read(uri) == b"old"
    assert [found for found, _ in storage.entries(folder)] == [uri]


def test_readers_never_see_a_half_written_object(place: tuple[ObjectStorage, str]) -> None:
    storage, folder = place
    uri = f"{folder}/race.bin"
    storage.write(uri, b"a" * 100_000)
    done = threading.Event()

    def write() -> None:
        for round_ in range(20):
            storage.write(uri, bytes([98 + round_ % 2]) * 100_000)
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    while not done.is_set():
        assert len(set(storage.read(uri))) == 1
    writer.join()


def _bytes(entry: tuple[str, int]) -> bytes:
    return entry[0].encode()
