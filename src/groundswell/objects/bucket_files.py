"""The buckets that this server keeps itself: an object is the file of its key under the bucket's folder.

So jobs, people and S3's clients see the same: `folders.Folder` reads these files for jobs. What is said of an object
is in `records`, keys are walked in `bucket_walk`, uploads in parts are `bucket_uploads`. What is not an object (what is
being stored, uploads, records) is in a folder beside the buckets whose name no bucket can have.
"""

from __future__ import annotations

import errno
import itertools
import os
import shutil
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from groundswell.domain.buckets import (
    FOLDER_MARK,
    OWN_FOLDER,
    BucketNotEmpty,
    KeyInTheWay,
    Listing,
    NoSuchKey,
    PreconditionFailed,
    StoredObject,
    Wanted,
)
from groundswell.domain.errors import Unavailable
from groundswell.objects.bucket_walk import END, Walk
from groundswell.objects.records import Record, Records, described_as_json, described_from_json, runs_of, sizes_of

_LOCKS = 256
_LEFT_S = 86_400  # what was being stored this long ago never will be
_counter = itertools.count()


class LocalFiles:
    """Objects by bucket and key under one folder. Safe to share between threads."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.own = root / OWN_FOLDER
        self.records = Records(self.own / "records")
        self._locks = [threading.Lock() for _ in range(_LOCKS)]

    def has_bucket(self, bucket: str) -> bool:
        return bucket != OWN_FOLDER and (self.root / bucket).is_dir()

    def buckets(self) -> list[str]:
        if not self.root.is_dir():
            return []
        return sorted(path.name for path in self.root.iterdir() if path.is_dir() and path.name != OWN_FOLDER)

    def make_bucket(self, bucket: str) -> None:
        with reporting(bucket):
            (self.root / bucket).mkdir(parents=True, exist_ok=True)

    def drop_bucket(self, bucket: str) -> None:
        folder = self.root / bucket
        if next(iter(Walk(os.fsencode(folder) + b"/")), None) is not None:
            raise BucketNotEmpty(f"the bucket {bucket!r} has objects: delete them first", field="bucket")
        shutil.rmtree(self.own / "uploads" / bucket, ignore_errors=True)
        for path, _, _ in os.walk(folder, topdown=False):
            try:
                os.rmdir(path)
            except OSError as error:
                raise BucketNotEmpty(f"the bucket {bucket!r} has files that are no objects: {path}") from error

    def head(self, bucket: str, key: str) -> StoredObject:
        path = self.path(bucket, key)
        with reading(key):
            found = os.stat(path)
            if not _is_file(found):
                raise NoSuchKey("The specified key does not exist.", field="key")
            return self._about(key, found, self.records.find(path, f"{bucket}/{key}", found))

    def open(self, bucket: str, key: str) -> OpenedFile:
        with reading(key):
            file = os.open(self.path(bucket, key), os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        try:
            found = os.fstat(file)
            if not _is_file(found):
                raise NoSuchKey("The specified key does not exist.", field="key")
            return OpenedFile(file, self._about(key, found, self.records.find(file, f"{bucket}/{key}", found)))
        except BaseException:
            os.close(file)
            raise

    def delete(self, bucket: str, key: str) -> bool:
        path, folder = self.path(bucket, key), str(self.root / bucket)
        with self.lock(bucket, key), reporting(key):
            try:
                os.unlink(path)
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError, PermissionError) as error:
                if isinstance(error, PermissionError) and not os.path.isdir(path):
                    raise
                return False
            self.records.drop(f"{bucket}/{key}")
            while (path := os.path.dirname(path)) != folder:
                try:
                    os.rmdir(path)  # folders without objects are none
                except OSError:
                    break
        return True

    def list_objects(
        self, bucket: str, *, prefix: str = "", delimiter: str = "", after: str = "", limit: int = 1_000
    ) -> Listing:
        root = os.fsencode(self.root / bucket) + b"/"
        begin = _bytes(after)
        if _is_group(after, prefix, delimiter):
            begin += END  # what begins so was told
        walk = Walk(root, _bytes(prefix), begin, _bytes(delimiter))
        objects: list[StoredObject] = []
        prefixes: list[str] = []
        last = None
        with reporting(prefix):
            for found, is_prefix in islice(walk, limit + 1) if limit else ():
                if len(objects) + len(prefixes) == limit:
                    return Listing(objects, prefixes, last)
                last = found.decode()
                if is_prefix:
                    prefixes.append(last)
                    continue
                try:
                    objects.append(self.head(bucket, last))
                except NoSuchKey:  # deleted since
                    continue
        return Listing(objects, prefixes)

    def path(self, bucket: str, key: str) -> str:
        """The file of an object."""
        return f"{self.root}/{bucket}/{key}{FOLDER_MARK if key.endswith('/') else ''}"

    @contextmanager
    def lock(self, bucket: str, key: str) -> Iterator[None]:
        """One after the other where the same key is changed."""
        with self._locks[hash((bucket, key)) % _LOCKS]:
            yield

    def fresh(self) -> str:
        """A new file's path where things are that are being stored."""
        folder = self.own / "incoming"
        path = str(folder / f"{os.getpid()}-{next(_counter)}")
        if not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True)
        return path

    def sweep(self) -> None:
        """Remove what was left by processes that were killed."""
        folder = self.own / "incoming"
        for path in folder.iterdir() if folder.is_dir() else ():
            if path.stat().st_mtime < time.time() - _LEFT_S:
                path.unlink(missing_ok=True)

    def put_in_place(self, file: int, fresh: str, bucket: str, about: StoredObject, wanted: Wanted) -> StoredObject:
        """Have a file that is whole be the object: durable, and all at once. Raises PreconditionFailed, KeyInTheWay."""
        key, path = about.key, self.path(bucket, about.key)
        with reporting(key), self.lock(bucket, key):
            self._check(bucket, key, wanted)
            self.records.keep(file, f"{bucket}/{key}", _record(about))
            os.fsync(file)
            _replace(fresh, path)
            return self._about(key, os.fstat(file), _record(about))

    def _check(self, bucket: str, key: str, wanted: Wanted) -> None:
        if not wanted.absent and wanted.etag is None:
            return
        try:
            there = self.head(bucket, key).etag
        except NoSuchKey:
            if wanted.etag is None:
                return
            raise
        if wanted.absent or wanted.etag not in (there, "*"):
            raise PreconditionFailed("At least one of the pre-conditions you specified did not hold")

    def _about(self, key: str, found: os.stat_result, record: Record | None) -> StoredObject:
        modified = datetime.fromtimestamp(found.st_mtime_ns // 1_000_000 / 1_000, UTC)
        if record is None:
            # Nobody has read it to tell its MD5; that it is none is what the "-1" says.
            etag = f"{found.st_ino & (1 << 64) - 1:016x}{found.st_mtime_ns & (1 << 64) - 1:016x}-1"
            return StoredObject(key, found.st_size, etag, modified)
        return StoredObject(
            key,
            found.st_size,
            record["etag"],
            modified,
            described_from_json(record),
            record.get("sums", {}),
            record.get("composite", False),
            sizes_of(record.get("parts", [])),
        )


class OpenedFile:
    """An object's open file."""

    def __init__(self, file: int, about: StoredObject) -> None:
        self.file = file
        self.about = about

    def read(self, start: int, length: int) -> bytes:
        return os.pread(self.file, length, start)

    def close(self) -> None:
        os.close(self.file)


def _record(about: StoredObject) -> dict[str, Any]:
    found: dict[str, Any] = {"etag": about.etag, **described_as_json(about.described)}
    if about.checksums:
        found |= {"sums": dict(about.checksums), "composite": about.composite}
    if about.parts:
        found["parts"] = runs_of(list(about.parts))
    return found


def _make_folders(path: str) -> None:
    """Make folders that others may remove meanwhile; raises FileExistsError where a file stands in the way."""
    try:
        os.makedirs(path, exist_ok=True)
    except FileNotFoundError:
        return
    except FileExistsError:  # also said of a folder that went between being found and being looked at
        above = path
        while above != os.path.dirname(above):
            if os.path.lexists(above) and not os.path.isdir(above):
                raise
            above = os.path.dirname(above)


def _replace(fresh: str, path: str) -> None:
    for _ in range(50):  # somebody may remove the folder, being empty, before the file is in it
        try:
            os.replace(fresh, path)
            return
        except FileNotFoundError:
            _make_folders(os.path.dirname(path))
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            _copy_over(fresh, path)
            return
    raise Unavailable("the folder of this object is removed again and again; try again")


def _copy_over(fresh: str, path: str) -> None:
    """To a bucket that is on another file system."""
    beside = os.path.join(os.path.dirname(path), f".{os.getpid()}-{next(_counter)}.partial")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    try:
        shutil.copy2(fresh, beside)  # with its attributes
        with open(beside, "rb") as file:
            os.fsync(file.fileno())
        os.replace(beside, path)
    except BaseException:
        if os.path.exists(beside):
            os.unlink(beside)
        raise
    os.unlink(fresh)


def _is_group(text: str, prefix: str, delimiter: str) -> bool:
    """Whether a text is a common prefix, and no key."""
    if not delimiter or not text.startswith(prefix):
        return False
    place = text.find(delimiter, len(prefix))
    return place >= 0 and place + len(delimiter) == len(text)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _is_file(found: os.stat_result) -> bool:
    return stat.S_ISREG(found.st_mode)


@contextmanager
def reading(key: str) -> Iterator[None]:
    """As `reporting`, where a key that goes through an object is the key of none."""
    with reporting(key):
        try:
            yield
        except NotADirectoryError as error:
            raise FileNotFoundError(key) from error


@contextmanager
def reporting(key: str) -> Iterator[None]:
    """The operating system's errors as ours."""
    try:
        yield
    except FileNotFoundError as error:
        raise NoSuchKey("The specified key does not exist.", field="key") from error
    except (NotADirectoryError, IsADirectoryError, FileExistsError) as error:
        raise KeyInTheWay(
            f"expected a key that is not a folder of other objects and goes through none, got {key!r:.200}: here an "
            "object and a folder cannot have one name",
            field="key",
        ) from error
    except OSError as error:
        if error.errno in (errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ):
            raise NoSuchKey("The specified key does not exist.", field="key") from error
        if error.errno == errno.ENOTEMPTY:
            raise KeyInTheWay(f"the key {key!r:.200} is a folder of other objects", field="key") from error
        raise Unavailable(f"the bucket cannot be used: {error.strerror or error}") from error
