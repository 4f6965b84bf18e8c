"""Uploads in parts: a folder an upload, a file a part, put together into one file at the end."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import orjson

from groundswell.domain.buckets import NoSuchUpload, Part, StoredObject, Upload, Wanted
from groundswell.objects.bucket_files import LocalFiles, reporting
from groundswell.objects.bucket_incoming import IncomingFile
from groundswell.objects.bucket_parts import GONE, PartPlace, parts_in, unless_gone
from groundswell.objects.digests import Digests, combined
from groundswell.objects.records import described_as_json, described_from_json

_ID = re.compile(r"[0-9A-Za-z_-]{8,64}")
_COPY_BYTES = 8 << 20


class LocalBuckets(LocalFiles):
    """`service.ports.BucketFiles` over one folder."""

    def begin(self, bucket: str, key: str, algorithms: Sequence[str] = ()) -> IncomingFile:
        return IncomingFile(self, bucket, key, algorithms)

    def begin_part(self, bucket: str, upload_id: str, number: int, algorithms: Sequence[str] = ()) -> IncomingFile:
        upload = self.upload(bucket, upload_id)
        place = PartPlace(self._folder(bucket, upload_id), number)
        return IncomingFile(self, bucket, upload.key, algorithms, place)

    def start_upload(self, bucket: str, upload: Upload) -> None:
        folder = self._folder(bucket, upload.id)
        said = {
            "key": upload.key,
            "at": upload.started_at.isoformat(),
            "algorithm": upload.algorithm,
            "composite": upload.composite,
            **described_as_json(upload.described),
        }
        with reporting(upload.key):
            folder.mkdir(parents=True)
            (folder / "fresh").write_bytes(orjson.dumps(said))
            os.replace(folder / "fresh", folder / "upload.json")

    def upload(self, bucket: str, upload_id: str) -> Upload:
        try:
            kept = orjson.loads((self._folder(bucket, upload_id) / "upload.json").read_bytes())
        except FileNotFoundError:
            raise NoSuchUpload(GONE, field="uploadId") from None
        started = datetime.fromisoformat(kept["at"])
        described = described_from_json(kept)
        return Upload(upload_id, kept["key"], started, described, kept["algorithm"], kept["composite"])

    def uploads(self, bucket: str) -> list[Upload]:
        found = []
        folder = self.own / "uploads" / bucket
        for path in folder.iterdir() if folder.is_dir() else ():
            try:
                found.append(self.upload(bucket, path.name))
            except NoSuchUpload:  # over since, or not begun yet
                continue
        return sorted(found, key=lambda one: (one.key.encode(), one.started_at, one.id))

    def parts(self, bucket: str, upload_id: str) -> list[Part]:
        self.upload(bucket, upload_id)
        folder = self._folder(bucket, upload_id)
        return [part for _, part in sorted((part.number, part) for part in parts_in(folder))]

    def complete(
        self, bucket: str, upload: Upload, parts: Sequence[Part], checksums: Mapping[str, str], *, wanted: Wanted
    ) -> StoredObject:
        folder, fresh = self._folder(bucket, upload.id), self.fresh()
        md5s = b"".join(bytes.fromhex(part.etag) for part in parts)
        about = StoredObject(
            upload.key,
            sum(part.size for part in parts),
            f"{hashlib.md5(md5s, usedforsecurity=False).hexdigest()}-{len(parts)}",
            datetime.now(UTC),
            upload.described,
            checksums,
            upload.composite,
            tuple(part.size for part in parts),
        )
        file = os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o644)
        try:
            with unless_gone():
                for part in parts:
                    _append(file, PartPlace(folder, part.number).file_of(part))
            stored = self.put_in_place(file, fresh, bucket, about, wanted)
        finally:
            os.close(file)
            if os.path.exists(fresh):
                os.unlink(fresh)
        shutil.rmtree(folder, ignore_errors=True)
        return stored

    def sum_of_parts(self, algorithm: str, sums: Sequence[tuple[bytes, int]], *, composite: bool) -> bytes:
        if not composite:
            return combined(algorithm, sums)
        digests = Digests([algorithm])
        digests.update(b"".join(one for one, _ in sums))
        return digests.digest(algorithm)

    def give_up(self, bucket: str, upload_id: str) -> None:
        self.upload(bucket, upload_id)
        shutil.rmtree(self._folder(bucket, upload_id), ignore_errors=True)

    def _folder(self, bucket: str, upload_id: str) -> Path:
        if not _ID.fullmatch(upload_id):
            raise NoSuchUpload(GONE, field="uploadId")
        return self.own / "uploads" / bucket / upload_id


def _append(target: int, source: Path) -> None:
    """A file's bytes behind another's; the kernel copies where it can."""
    with source.open("rb") as file:
        while True:
            try:
                copied = os.copy_file_range(file.fileno(), target, _COPY_BYTES)
            except (AttributeError, OSError):
                break
            if not copied:
                return
        while data := file.read(_COPY_BYTES):  # from where the kernel's copying ended
            view = memoryview(data)
            while view:
                view = view[os.write(target, view) :]
