"""What every object storage does: in memory, in folders, in S3 (a real HTTP server)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from groundswell.domain.errors import InvalidInput, NotFound, Unavailable
from groundswell.objects.buckets import S3Options
from groundswell.objects.s3_listing import ENDPOINT, list_every_key
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
        assert set(storage.missing(part)) == absent & set(part)
    storage.write(names[1], b"")  # written after a listing
    assert list(storage.missing(names[:3])) == [names[2]]
    assert storage.missing([]) == {}


ODD = ["c/./y.jpg", "b//x.jpg", "t\tab.jpg", "\x01c.jpg", "m//d/e.jpg"]


@pytest.mark.parametrize("variable", [None, "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"])
def test_odd_names_are_named_and_refuse_no_other(
    s3_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str | None
) -> None:
    if variable is not None:  # as a server is told where S3 is; the options say the same
        monkeypatch.setenv(variable, s3_server)
    boto3 = pytest.importorskip("boto3")
    storage = _s3_storage(s3_server, tmp_path)
    client = boto3.client(
        "s3",
        endpoint_url=s3_server,
        region_name="us-east-1",
        aws_access_key_id="key",
        aws_secret_access_key="secret",
    )
    many = range(1_200 if variable is None else 2)  # more than a page of each kind
    good = [*(f"{number:04}.jpg" for number in many), "a b.jpg", "50%25#?.jpg", "z.jpg"]
    odds = f"odd-{variable}"
    for name in good + ODD:
        client.put_object(Bucket="contract", Key=f"{odds}/{name}", Body=b"x")
    odd: dict[str, str] = {}
    listed = [uri for uri, _ in storage.entries(f"s3://contract/{odds}", on_odd=odd.__setitem__)]
    assert sorted(listed) == sorted(f"s3://contract/{odds}/{name}" for name in good)
    assert len(odd) == len(ODD)
    assert "control character" in odd[repr(f"s3://contract/{odds}/t\tab.jpg")]
    assert "two slashes" in odd[f"s3://contract/{odds}/b//x.jpg"]
    asked = [f"s3://contract/{odds}/{name}" for name in ["z.jpg", *ODD, "none.jpg"]]
    missing = storage.missing(asked)
    assert set(missing) == set(asked[1:])
    assert "found none" in missing[asked[-1]] and "two slashes" in missing[asked[2]]
    for uri in asked[1:-1]:
        with pytest.raises(InvalidInput, match="its name has"):
            storage.read(uri)
    assert set(storage.missing(["s3://contract", "s3://contract/"])) == {"s3://contract", "s3://contract/"}


def test_a_setting_beats_the_environment(s3_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")
    storage = _s3_storage(s3_server, tmp_path)
    storage.write("s3://contract/beats.txt", b"x")
    assert storage.read("s3://contract/beats.txt") == b"x"


def test_a_listing_that_fails_tells_no_link(s3_server: str) -> None:
    config = {ENDPOINT: s3_server, "region": "us-east-1", "access_key_id": "key", "secret_access_key": "secret"}
    for bucket, where in (("nowhere", s3_server), ("contract", "http://127.0.0.1:1")):
        with pytest.raises(Unavailable) as refused:
            list(list_every_key(bucket, {**config, ENDPOINT: where}, {"allow_http": True}, "odd/", ""))
        assert "X-Amz" not in str(refused.value) and "http://" not in str(refused.value), refused.value


def test_names_as_long_as_they_can_be(place: tuple[ObjectStorage, str]) -> None:
    storage, folder = place
    name = f"{folder}/{'n' * 250}.jpg"
    storage.write(name, b"x")
    storage.write_stream(f"{folder}/really.partial", [b"y"])
    assert [uri for uri, _ in storage.entries(folder)] == [name, f"{folder}/really.partial"]
    if isinstance(storage, Storage) and storage.is_local(name):
        with pytest.raises(InvalidInput):
            storage.write(f"{folder}/{'n' * 256}", b"x")


def test_a_file_outside_the_allowed_folders_is_not_said_to_be_missing(tmp_path: Path) -> None:
    (tmp_path / "outside.jpg").write_bytes(b"x")
    storage = Storage(tmp_path / "data", input_roots=[tmp_path / "root"])
    asked = [f"{tmp_path}/outside.jpg", f"{tmp_path}/root/none.jpg"]
    missing = storage.missing(asked)
    assert "GROUNDSWELL_INPUT_ROOTS" in missing[asked[0]]
    assert "found none" in missing[asked[1]]


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
