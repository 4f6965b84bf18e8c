"""Objects as files: paths of this machine, and buckets that are folders under the data directory."""

from __future__ import annotations

import errno
import itertools
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from groundswell.domain.addresses import name_problem, shown_name
from groundswell.domain.buckets import FOLDER_MARK
from groundswell.domain.errors import Forbidden, InvalidInput, NotFound, Unavailable
from groundswell.objects.listings import Listings
from groundswell.service.ports import OnOdd

_PARTIAL = re.compile(rf"\.\d+-\d+\.partial|{re.escape(FOLDER_MARK)}")
"""Names of files that are being written, or stand for their folder in S3."""
_BAD_NAMES = frozenset({errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ})
_counter = itertools.count()


class Folder:
    """The files of one folder, by their keys (paths inside it, with slashes)."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._prefix = f"{root}{os.sep}" if root.parts else ""
        self._known = Listings()

    def read(self, key: str) -> bytes:
        with _reporting(key), open(self._path(key), "rb") as file:
            return file.read()

    def read_range(self, key: str, start: int, length: int) -> bytes:
        with _reporting(key), open(self._path(key), "rb") as file:
            file.seek(start)
            return file.read(length)

    def stream(self, key: str, chunk_bytes: int) -> Iterator[bytes]:
        with _reporting(key), open(self._path(key), "rb") as file:
            while chunk := file.read(chunk_bytes):
                yield chunk

    def write(self, key: str, data: bytes, content_type: str | None) -> None:
        with _reporting(key):
            self._replace(key, (data,), durable=False)

    def write_stream(self, key: str, chunks: Iterable[bytes], content_type: str | None) -> None:
        with _reporting(key):
            self._replace(key, chunks, durable=True)

    def exists(self, key: str) -> bool:
        return os.path.isfile(self._path(key))

    def missing(self, keys: Sequence[str]) -> list[str]:
        """As `Bucket.missing`: reading a folder costs less than asking for each of its files."""
        doubtful = self._known.doubtful(keys)
        for folder in self._known.worth_listing(doubtful):
            if os.path.isdir(self._path(folder)):
                with os.scandir(self._path(folder)) as found:
                    self._known.learn(folder, (folder + entry.name for entry in found if entry.is_file()))
        return [key for key in self._known.doubtful(doubtful) if not os.path.isfile(self._path(key))]

    def size(self, key: str) -> int:
        with _reporting(key):
            path = self._path(key)
            if os.path.isdir(path):
                raise IsADirectoryError(path)
            return os.path.getsize(path)

    def entries(self, key: str) -> Iterator[tuple[str, int]]:
        """(key, bytes) of the file `key`, or of every file under the folder `key`, in byte order of the keys."""
        path = self._path(key)
        if os.path.isfile(path):
            yield key, os.path.getsize(path)
        elif os.path.isdir(path):
            yield from self._walk(path, key if not key or key.endswith("/") else f"{key}/")

    def delete(self, key: str) -> None:
        with _reporting(key):
            try:
                os.unlink(self._path(key))
            except FileNotFoundError:
                return

    def _path(self, key: str) -> str:
        return self._prefix + key.lstrip("/") if self._prefix else key

    def _walk(self, path: str, prefix: str) -> Iterator[tuple[str, int]]:
        with _reporting(prefix), os.scandir(path) as found:
            names = [entry.name + "/" if entry.is_dir() else entry.name for entry in found]
        names.sort(key=os.fsencode)
        for name in names:
            if name.endswith("/"):
                yield from self._walk(os.path.join(path, name[:-1]), prefix + name)
            elif not _PARTIAL.fullmatch(name):
                try:
                    size = os.path.getsize(os.path.join(path, name))
                except FileNotFoundError:  # deleted since the folder was read, or a link that leads nowhere
                    continue
                yield prefix + name, size

    def _replace(self, key: str, chunks: Iterable[bytes], *, durable: bool) -> None:
        """Write beside the file, then rename over it: readers see the old bytes or the new, never a part."""
        path = self._path(key)
        # A short name of its own: one made of the file's would be too long where that is as long as names can be.
        partial = os.path.join(os.path.dirname(path), f".{os.getpid()}-{next(_counter)}.partial")
        try:
            file = open(partial, "wb")
        except FileNotFoundError:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            file = open(partial, "wb")
        try:
            with file:
                for chunk in chunks:
                    file.write(chunk)
                if durable:
                    file.flush()
                    os.fsync(file.fileno())
            os.replace(partial, path)
        except BaseException:
            os.unlink(partial)
            raise


class LocalFiles:
    """Files of this machine by the path a person gave: what inputs are read through where no server is."""

    def __init__(self) -> None:
        self._folder = Folder(Path())

    def exists(self, uri: str) -> bool:
        return self._folder.exists(uri)

    def size(self, uri: str) -> int:
        return self._folder.size(uri)

    def stream(self, uri: str, chunk_bytes: int = 1 << 20) -> Iterator[bytes]:
        return self._folder.stream(uri, chunk_bytes)

    def entries(self, prefix: str, *, on_odd: OnOdd | None = None) -> Iterator[tuple[str, int]]:
        """(path, bytes) of the file, or of every file under the folder."""
        for found, size in self._folder.entries(prefix or "."):
            name = found if prefix else found.removeprefix("./")
            problem = name_problem(name.removeprefix(prefix).lstrip("/") or "x")
            if problem is None:
                yield name, size
            elif on_odd is not None:
                on_odd(shown_name(name), f"its name {problem}")


class _reporting:
    """The operating system's errors as ours, with the address that was asked for."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, FileNotFoundError | NotADirectoryError | IsADirectoryError):
            raise NotFound(f"there is no object at {self._what!r}") from error
        if isinstance(error, PermissionError):
            raise Forbidden(f"this server may not use the file {self._what!r}") from error
        if isinstance(error, OSError) and error.errno in _BAD_NAMES:
            raise InvalidInput(f"expected another name than {self._what!r}: {error.strerror}", field="uri") from error
        if isinstance(error, OSError):
            raise Unavailable(f"{self._what!r} cannot be used: {error.strerror or error}") from error
