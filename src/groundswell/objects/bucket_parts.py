"""The parts of one upload: a file each, whose name says what it holds."""

from __future__ import annotations

import os
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from groundswell.domain.buckets import NoSuchUpload, Part

GONE = (
    "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or "
    "completed."
)


@dataclass(frozen=True)
class PartPlace:
    """Where one part of an upload is. What is said of it is in its file's name: both are there at once."""

    folder: Path
    number: int

    def put(self, fresh: str, size: int, etag: str, sums: Mapping[str, str]) -> Part:
        """Have a file be the part, in the place of one that was sent before. Raises NoSuchUpload."""
        at = datetime.fromtimestamp(os.stat(fresh).st_mtime, UTC)
        part = Part(self.number, size, etag, at, sums)
        before = [path for path, one in _files(self.folder) if one.number == self.number]
        with unless_gone():
            os.replace(fresh, self.file_of(part))
        for path in before:
            if path != self.file_of(part):
                path.unlink(missing_ok=True)
        return part

    def file_of(self, part: Part) -> Path:
        """The part's file."""
        sums = [f"{name}={b64decode(value).hex()}" for name, value in sorted(part.checksums.items())]
        return self.folder / ".".join([f"{self.number:05}", part.etag, *sums])


class unless_gone:
    """The upload was completed or given up meanwhile."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, FileNotFoundError):
            raise NoSuchUpload(GONE, field="uploadId") from error


def parts_in(folder: Path) -> Iterator[Part]:
    return (part for _, part in _files(folder))


def _files(folder: Path) -> Iterator[tuple[Path, Part]]:
    """The newest file of each part's number."""
    newest: dict[int, tuple[int, Path, Part]] = {}
    with unless_gone():
        listed = list(folder.iterdir())
    for path in listed:
        number, _, rest = path.name.partition(".")
        if not number.isdigit() or not rest:
            continue
        etag, *sums = rest.split(".")
        try:
            found = path.stat()
        except FileNotFoundError:  # sent again meanwhile
            continue
        checksums = {
            name: b64encode(bytes.fromhex(value)).decode() for name, _, value in (one.partition("=") for one in sums)
        }
        part = Part(int(number), found.st_size, etag, datetime.fromtimestamp(found.st_mtime, UTC), checksums)
        kept = newest.get(part.number)
        if kept is None or kept[0] < found.st_mtime_ns:
            newest[part.number] = (found.st_mtime_ns, path, part)
    return ((path, part) for _, path, part in newest.values())
