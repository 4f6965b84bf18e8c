"""Objects and parts that are being stored: bytes go to a file that nobody sees, with their digests."""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Sequence
from datetime import UTC, datetime

from groundswell.domain.buckets import Described, Part, StoredObject, Wanted
from groundswell.objects.bucket_files import LocalFiles, reporting
from groundswell.objects.bucket_parts import PartPlace
from groundswell.objects.digests import Digests


class IncomingFile:
    """`service.ports.Incoming` over one file."""

    def __init__(
        self, files: LocalFiles, bucket: str, key: str, algorithms: Sequence[str], part: PartPlace | None = None
    ) -> None:
        self._files, self._bucket, self._key, self._part = files, bucket, key, part
        self._digests = Digests(algorithms)
        self._path = files.fresh()
        with reporting(key):
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o644)
        self._open = True
        self.size = 0

    def write(self, data: bytes) -> None:
        view = memoryview(data)
        with reporting(self._key):
            while view:
                view = view[os.write(self._file, view) :]
        self._digests.update(data)
        self.size += len(data)

    def digest(self, algorithm: str) -> bytes:
        return self._digests.digest(algorithm)

    def commit(self, described: Described, *, wanted: Wanted = Wanted(), keep: Sequence[str] = ()) -> StoredObject:
        about = StoredObject(
            self._key,
            self.size,
            self.digest("md5").hex(),
            datetime.now(UTC),
            described,
            {name: b64encode(self.digest(name)).decode() for name in keep},
        )
        try:
            return self._files.put_in_place(self._file, self._path, self._bucket, about, wanted)
        finally:
            self.discard()

    def commit_part(self, keep: Sequence[str] = ()) -> Part:
        assert self._part is not None  # whoever began a part
        sums = {name: b64encode(self.digest(name)).decode() for name in keep}
        try:
            with reporting(self._key):
                os.fsync(self._file)
            return self._part.put(self._path, self.size, self.digest("md5").hex(), sums)
        finally:
            self.discard()

    def discard(self) -> None:
        if self._open:
            self._open = False
            os.close(self._file)
            try:
                os.unlink(self._path)
            except FileNotFoundError:  # it is the object now
                return
