"""Buckets that this server keeps itself: whose they are (rows) and what is in them (files)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from groundswell.domain.buckets import Bucket, CorsRule, Described, Listing, Part, StoredObject, Upload, Wanted


class BucketRepository(Protocol):
    """Whose buckets are."""

    def add(self, bucket: Bucket) -> bool:
        """False where there is one of this name."""
        ...

    def find(self, name: str) -> Bucket | None: ...

    def select(self, workspace_id: str) -> list[Bucket]:
        """By name."""
        ...

    def set_cors(self, name: str, rules: Sequence[CorsRule]) -> None: ...

    def set_told(self, name: str, told: bool) -> None:
        """Whether events say which objects come and go."""
        ...

    def remove(self, name: str) -> None: ...


class Incoming(Protocol):
    """An object that is being stored; nobody sees it before it is whole."""

    @property
    def size(self) -> int: ...

    def write(self, data: bytes) -> None: ...

    def digest(self, algorithm: str) -> bytes:
        """Of what was written, by an algorithm that was asked for (`md5` always is)."""
        ...

    def commit(self, described: Described, *, wanted: Wanted = Wanted(), keep: Sequence[str] = ()) -> StoredObject:
        """Have it there in the place of what was, durable; `keep`: the checksums to tell later.

        Raises PreconditionFailed, KeyInTheWay.
        """
        ...

    def commit_part(self, keep: Sequence[str] = ()) -> Part:
        """The same for a part of an upload. Raises NoSuchUpload."""
        ...

    def discard(self) -> None:
        """Forget it; nothing after `commit`."""
        ...


class Opened(Protocol):
    """An object whose bytes are read: those of one moment, whatever is stored there meanwhile."""

    @property
    def about(self) -> StoredObject: ...

    def read(self, start: int, length: int) -> bytes: ...

    def close(self) -> None: ...


class BucketFiles(Protocol):
    """Objects by bucket and key. Everything here blocks; nothing asks whose a bucket is.

    Keys have passed `domain.buckets.check_key`, bucket names are those of rows or of folders.
    """

    def has_bucket(self, bucket: str) -> bool: ...

    def buckets(self) -> list[str]:
        """The names of those that are there."""
        ...

    def make_bucket(self, bucket: str) -> None: ...

    def drop_bucket(self, bucket: str) -> None:
        """With its unfinished uploads. Raises BucketNotEmpty."""
        ...

    def head(self, bucket: str, key: str) -> StoredObject:
        """Raises NoSuchKey, as `open`."""
        ...

    def open(self, bucket: str, key: str) -> Opened: ...

    def begin(self, bucket: str, key: str, algorithms: Sequence[str] = ()) -> Incoming:
        """Store an object; `algorithms`: the digests wanted besides md5."""
        ...

    def begin_part(self, bucket: str, upload_id: str, number: int, algorithms: Sequence[str] = ()) -> Incoming:
        """Raises NoSuchUpload."""
        ...

    def delete(self, bucket: str, key: str) -> bool:
        """Whether there was one."""
        ...

    def list_objects(
        self, bucket: str, *, prefix: str = "", delimiter: str = "", after: str = "", limit: int = 1_000
    ) -> Listing:
        """Objects whose keys begin with the prefix and come behind `after`, in byte order.

        Keys with the delimiter behind the prefix are told by what is before it, once.
        """
        ...

    def start_upload(self, bucket: str, upload: Upload) -> None: ...

    def upload(self, bucket: str, upload_id: str) -> Upload:
        """Raises NoSuchUpload."""
        ...

    def uploads(self, bucket: str) -> list[Upload]:
        """Those under way, by key and start."""
        ...

    def parts(self, bucket: str, upload_id: str) -> list[Part]:
        """By number."""
        ...

    def complete(
        self, bucket: str, upload: Upload, parts: Sequence[Part], checksums: Mapping[str, str], *, wanted: Wanted
    ) -> StoredObject:
        """Put these parts together; the upload is over."""
        ...

    def sum_of_parts(self, algorithm: str, sums: Sequence[tuple[bytes, int]], *, composite: bool) -> bytes:
        """The checksum of a whole from (checksum, bytes) of its parts: the checksum of these, or that of the bytes."""
        ...

    def give_up(self, bucket: str, upload_id: str) -> None:
        """Raises NoSuchUpload."""
        ...
