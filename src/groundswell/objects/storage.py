"""Bytes by URI: each scheme sent to a folder of this machine or to a bucket.

Local buckets: without a configured S3, `s3://bucket/key` is the file `<data_dir>/s3/bucket/key`.
Paths: relative ones are in the data directory; absolute ones must be under one of the roots the administrator named.
The data directory's own files (the database, the key) and hidden folders are never objects.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

from groundswell.domain.addresses import Address, is_absolute, name_problem, parse, shown_name
from groundswell.domain.buckets import OWN_FOLDER
from groundswell.domain.errors import Forbidden, InvalidInput
from groundswell.objects.buckets import Bucket, S3Options
from groundswell.objects.folders import Folder
from groundswell.service.ports import OnOdd

_PRIVATE = frozenset({"hooks"})
"""Folders of the data directory that are not for jobs: where earlier versions looked for functions."""


class Storage:
    """`service.ports.ObjectStorage` over folders and buckets. Safe to share between threads.

    `input_roots`: folders whose files may be read and written besides the data directory; None: any.
    `s3`: how to reach S3; None: buckets are folders.
    """

    def __init__(self, data_dir: Path, *, input_roots: Sequence[Path] | None = (), s3: S3Options | None = None) -> None:
        self._data_dir = Path(os.path.abspath(data_dir))
        self._roots = None if input_roots is None else tuple(Path(os.path.abspath(root)) for root in input_roots)
        self._s3 = s3
        self._paths = Folder(Path())
        self._buckets: dict[tuple[str, str], Folder | Bucket] = {}

    def read(self, uri: str) -> bytes:
        """Raises NotFound, Forbidden, Unavailable, InvalidInput (as every method here does)."""
        store, key = self._find(parse(uri))
        return store.read(key)

    def read_range(self, uri: str, start: int, length: int) -> bytes:
        """Fewer bytes than asked where the object ends before."""
        store, key = self._find(parse(uri))
        if isinstance(store, Bucket):
            length = max(0, min(length, store.size(key) - start))
        return store.read_range(key, start, length)

    def stream(self, uri: str, chunk_bytes: int = 1 << 20) -> Iterator[bytes]:
        store, key = self._find(parse(uri))
        return store.stream(key, chunk_bytes)

    def write(self, uri: str, data: bytes, *, content_type: str | None = None) -> None:
        store, key = self._find(parse(uri))
        store.write(key, data, content_type)

    def write_stream(self, uri: str, chunks: Iterable[bytes], *, content_type: str | None = None) -> None:
        store, key = self._find(parse(uri))
        store.write_stream(key, chunks, content_type)

    def exists(self, uri: str) -> bool:
        store, key = self._find(parse(uri))
        return bool(key) and store.exists(key)

    def missing(self, uris: Sequence[str]) -> dict[str, str]:
        """Those of the URIs where there is no object that this server may read, each with why."""
        absent: dict[str, str] = {}
        groups: dict[str, list[str]] = {}  # what is before an object's name, to the URIs that begin so
        for uri in uris:
            groups.setdefault(uri[: uri.rfind("/") + 1], []).append(uri)
        for members in groups.values():
            absent |= self._missing_together(members)
        return absent

    def _missing_together(self, uris: Sequence[str]) -> dict[str, str]:
        """`missing` of objects in one folder."""
        absent: dict[str, str] = {}
        named: dict[str, str] = {}  # key -> URI
        store: Folder | Bucket | None = None
        for uri in uris:
            try:
                store, key = self._find(parse(uri))
                if not key:
                    raise InvalidInput(f"expected the address of an object, got a whole bucket: {uri!r}")
                named[key] = uri
            except (InvalidInput, Forbidden) as error:
                absent[uri] = error.message
        if store is not None:
            absent |= {
                named[key]: f"expected an object at {named[key]}, found none" for key in store.missing(list(named))
            }
        return absent

    def size(self, uri: str) -> int:
        store, key = self._find(parse(uri))
        return store.size(key)

    def entries(self, prefix: str, *, on_odd: OnOdd | None = None) -> Iterator[tuple[str, int]]:
        """An address without objects yields nothing; a URI of one object yields that object."""
        address = parse(prefix)
        store, key = self._find(address)
        before, after = self._naming(prefix, address, key)
        for found, size in store.entries(key):
            problem = name_problem(found.lstrip("/"))
            if problem is None:
                yield before + after(found), size
            elif on_odd is not None:
                on_odd(shown_name(before + found), f"its name {problem}")

    def delete(self, uri: str) -> None:
        """An object that is not there counts as deleted."""
        store, key = self._find(parse(uri))
        store.delete(key)

    def absolute(self, uri: str) -> str:
        """Relative paths as `file:` addresses in the data directory, the rest as it is."""
        if is_absolute(uri):
            return uri
        return f"file://{quote(os.path.normpath(os.path.join(self._data_dir, parse(uri).key)))}"

    def is_local(self, uri: str) -> bool:
        """Whether the object is a file of this machine, where asking for it costs next to nothing."""
        return parse(uri).scheme == "file" or isinstance(self._find(parse(uri))[0], Folder)

    def _find(self, address: Address) -> tuple[Folder | Bucket, str]:
        if address.scheme == "file":
            return self._paths, self._allowed(address.key)
        problem = name_problem(address.key.removesuffix("/")) if address.key else None
        if problem is not None:
            where = shown_name(f"{address.scheme}://{address.bucket}/{address.key}")
            raise InvalidInput(f"expected the address of an object, got {where}: its name {problem}", field="uri")
        if address.bucket == OWN_FOLDER:
            raise Forbidden(f"{OWN_FOLDER!r} is this server's own: expected a bucket's name")
        key = (address.scheme, address.bucket)
        store = self._buckets.get(key)
        if store is None:
            local = address.scheme == "s3" and self._s3 is None
            store = (
                Folder(self._data_dir / "s3" / address.bucket)
                if local
                else Bucket.open(address.scheme, address.bucket, self._s3)
            )
            self._buckets[key] = store
        return store, address.key

    def _allowed(self, path: str) -> str:
        full = os.path.normpath(os.path.join(self._data_dir, path))
        if full.startswith(f"{self._data_dir}{os.sep}"):
            inside = Path(full).relative_to(self._data_dir).parts
            private = inside[0].startswith(".") or inside[0] in _PRIVATE
            if not private and (len(inside) > 1 or os.path.isdir(full)):
                return full
        elif self._roots is None or any(
            full == str(root) or full.startswith(f"{root}{os.sep}") for root in self._roots
        ):
            return full
        raise Forbidden(
            f"this server may not use the file {path!r}: expected one under its data directory or its input roots "
            "(GROUNDSWELL_INPUT_ROOTS)"
        )

    def _naming(self, prefix: str, address: Address, key: str) -> tuple[str, Callable[[str], str]]:
        """How the keys found under a prefix are written as URIs: in the form in which the prefix was given."""
        if address.scheme != "file":
            return f"{address.scheme}://{address.bucket}/", _as_is
        if prefix.startswith("file://"):
            return "file://", quote
        if os.path.isabs(address.key):
            return "", _as_is
        return "", lambda found: os.path.relpath(found, self._data_dir)


def _as_is(key: str) -> str:
    return key
