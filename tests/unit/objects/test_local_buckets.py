"""Objects of buckets that are folders: whole or not there, of several writers one wins, with all that it said."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from groundswell.domain.buckets import (
    Described,
    InvalidKey,
    KeyInTheWay,
    NoSuchKey,
    PreconditionFailed,
    StoredObject,
    Wanted,
    check_key,
)
from groundswell.objects import bucket_walk
from groundswell.objects.bucket_uploads import LocalBuckets

Files = Callable[[], LocalBuckets]


def _refuse(*given: object) -> None:
    raise OSError(95, "not supported")


@pytest.fixture(params=["attributes", "files beside"])
def files(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LocalBuckets:
    """Buckets on a file system that keeps attributes, and on one that does not."""
    if request.param == "files beside":
        monkeypatch.setattr(os, "setxattr", _refuse)
    found = LocalBuckets(tmp_path / "s3")
    found.make_bucket("b")
    return found


def put(files: LocalBuckets, key: str, data: bytes, *, said: str = "", wanted: Wanted = Wanted()) -> StoredObject:
    incoming = files.begin("b", key)
    try:
        incoming.write(data)
        return incoming.commit(Described("text/x", {}, {"said": said}), wanted=wanted)
    finally:
        incoming.discard()


def test_what_is_said_stays_with_the_object(files: LocalBuckets) -> None:
    for key in ("a", "deep/er/a", "ü"):
        stored = put(files, key, b"bytes of it", said=key)
        assert files.head("b", key) == stored
        assert (stored.described.content_type, stored.described.metadata) == ("text/x", {"said": key})
    put(files, "a", b"another", said="new")
    assert files.head("b", "a").described.metadata == {"said": "new"}
    files.delete("b", "a")
    put_plainly(files, "a", b"by hand")
    assert files.head("b", "a").described.metadata == {}


def test_very_much_may_be_said(files: LocalBuckets) -> None:
    long = {f"name-{n}": "x" * 100 for n in range(40)}  # more than a file system keeps with a file
    incoming = files.begin("b", "a")
    incoming.write(b"x")
    incoming.commit(Described(None, {}, long))
    assert files.head("b", "a").described.metadata == long


def test_a_file_changed_in_place_is_not_what_was_said_of_it(files: LocalBuckets, tmp_path: Path) -> None:
    stored = put(files, "a", b"bytes", said="old")
    with (tmp_path / "s3" / "b" / "a").open("ab") as file:
        file.write(b" and more")
    changed = files.head("b", "a")
    assert (changed.size, changed.described.metadata) == (14, {})
    assert changed.etag.endswith("-1") and changed.etag != stored.etag


def put_plainly(files: LocalBuckets, key: str, data: bytes) -> None:
    """As a job or a person puts it there: beside it, then in its place."""
    path = Path(files.path("b", key))
    fresh = path.with_name(".1-1.partial")
    fresh.write_bytes(data)
    os.replace(fresh, path)


def test_of_several_writers_one_wins_with_all_it_said(tmp_path: Path) -> None:
    files = LocalBuckets(tmp_path / "s3")
    files.make_bucket("b")
    put(files, "k", b"first", said="5")
    wrong: list[str] = []
    done = threading.Event()

    def write(number: int) -> None:
        for turn in range(15):
            size = 100 * number + turn + 1
            put(files, "k", b"x" * size, said=str(size))

    def read() -> None:
        while not done.is_set():
            opened = files.open("b", "k")
            size = len(opened.read(0, 1 << 20))
            if not str(size) == opened.about.described.metadata.get("said") == str(opened.about.size):
                wrong.append(f"{size} bytes, {opened.about}")
            opened.close()

    writers = [threading.Thread(target=write, args=(number,)) for number in range(1, 5)]
    reader = threading.Thread(target=read)
    reader.start()
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    done.set()
    reader.join()
    assert wrong == []
    assert [one.key for one in files.list_objects("b").objects] == ["k"]
    assert list((tmp_path / "s3" / ".groundswell" / "incoming").iterdir()) == []


def test_only_one_makes_what_was_not_there(tmp_path: Path) -> None:
    files = LocalBuckets(tmp_path / "s3")
    won: list[int] = []

    def make(number: int) -> None:
        try:
            put(files, "k", b"x", said=str(number), wanted=Wanted(absent=True))
        except PreconditionFailed:
            return
        won.append(number)

    threads = [threading.Thread(target=make, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1 and files.head("b", "k").described.metadata == {"said": str(won[0])}


def test_folders_come_and_go_with_their_objects(tmp_path: Path) -> None:
    files = LocalBuckets(tmp_path / "s3")
    files.make_bucket("b")

    def turn(number: int) -> None:
        for _ in range(25):
            put(files, f"a/b/{number}", b"x")
            files.delete("b", f"a/b/{number}")

    threads = [threading.Thread(target=turn, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list((tmp_path / "s3" / "b").iterdir()) == []
    files.drop_bucket("b")


KILLED = """
import sys, time
from pathlib import Path
from groundswell.objects.bucket_uploads import LocalBuckets
files = LocalBuckets(Path(sys.argv[1]))
incoming = files.begin("b", "whole")
incoming.write(b"half of ")
print("now", flush=True)
time.sleep(60)
"""


def test_who_is_killed_in_the_middle_leaves_nothing(tmp_path: Path) -> None:
    files = LocalBuckets(tmp_path / "s3")
    files.make_bucket("b")
    put(files, "whole", b"as it was")
    child = subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path / "s3")], stdout=subprocess.PIPE)
    assert child.stdout is not None and child.stdout.readline() == b"now\n"
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    opened = files.open("b", "whole")
    assert opened.read(0, 100) == b"as it was"
    opened.close()
    assert [one.key for one in files.list_objects("b").objects] == ["whole"]
    (left,) = (tmp_path / "s3" / ".groundswell" / "incoming").iterdir()
    files.sweep()
    assert left.exists()  # it may be somebody's who still stores
    os.utime(left, (0, time.time() - 2 * 86_400))
    files.sweep()
    assert not left.exists()


def test_what_is_deleted_is_gone(files: LocalBuckets) -> None:
    put(files, "a/b", b"x")
    assert files.delete("b", "a/b") and not files.delete("b", "a/b")
    for key in ("a/b", "a", "a/b/c", "none"):
        with pytest.raises(NoSuchKey):
            files.head("b", key)


def _plain_listing(keys: list[str], prefix: str, delimiter: str, after: str, limit: int) -> list[str]:
    """What a listing is, said the slow way: keys and common prefixes in byte order, each prefix once."""
    found: list[str] = []
    for key in sorted(keys, key=str.encode):
        if not key.startswith(prefix) or key <= after:
            continue
        place = key.find(delimiter, len(prefix)) if delimiter else -1
        shown = key if place < 0 else key[: place + len(delimiter)]
        if shown not in found and not (place >= 0 and shown == after):
            found.append(shown)
    return found[:limit]


@pytest.mark.parametrize("large", [False, True])
def test_any_listing_is_the_plain_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, large: bool) -> None:
    if large:  # folders are remembered, however small and new
        monkeypatch.setattr(bucket_walk, "_LARGE", 0)
        monkeypatch.setattr(bucket_walk, "_SETTLED_NS", -(10**12))
    draw = random.Random(11)
    for turn in range(12):
        files = LocalBuckets(tmp_path / str(turn))
        files.make_bucket("b")
        keys: list[str] = []
        for _ in range(25):
            key = "".join(draw.choice("ab-/.ü") for _ in range(draw.randint(1, 7)))
            try:
                check_key(key)
                put(files, key, b"")
            except (InvalidKey, KeyInTheWay):
                continue
            keys.append(key)
        keys = list(dict.fromkeys(keys))
        texts = ["", "a", "b", "a/", "b/", "a-", "-", ".", "ü", "a/b", "b/a/", "ab", *draw.sample(keys, 3)]
        for _ in range(120):
            prefix, after, limit = draw.choice(texts), draw.choice(texts), draw.choice([1, 2, 3, 100])
            delimiter = draw.choice(["", "/", "-", "ab"])
            found = files.list_objects("b", prefix=prefix, delimiter=delimiter, after=after, limit=limit)
            shown = sorted([one.key for one in found.objects] + list(found.prefixes), key=str.encode)
            plain = _plain_listing(keys, prefix, delimiter, after, 1_000)
            assert shown == plain[:limit], (keys, prefix, delimiter, after, limit)
            assert (found.last is not None) == (len(plain) > limit)
