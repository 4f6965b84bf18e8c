"""A backup's folder: files beside a list of them with their sums, which is written last."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from groundswell.domain.errors import InvalidInput, NotFound

LIST = "backup.json"
DATA = "data"  # the data directory's files
DATABASE = "database"
FORMAT = 1
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class Entry:
    """One file of a backup."""

    bytes: int
    sha256: str


@dataclass(frozen=True)
class Contents:
    """What a backup says of itself."""

    version: str  # of the program that made it
    schema: str  # of the database
    database: str  # sqlite or postgres
    made_at: str  # ISO, UTC
    files: Mapping[str, Entry] = field(default_factory=dict)  # by path, with slashes

    @property
    def bytes(self) -> int:
        """Of all files."""
        return sum(entry.bytes for entry in self.files.values())


def copy_file(source: Path, target: Path) -> Entry:
    """Copy a file's bytes, readable by its owner alone, and what was written."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with source.open("rb") as given, target.open("wb") as made:
        os.chmod(target, 0o600)
        shutil.copyfileobj(given, made, _CHUNK_BYTES)
        made.flush()
        os.fsync(made.fileno())
    shutil.copystat(source, target)  # what is said of an object of a bucket, which counts with its time
    target.chmod(0o600)
    return entry_of(target)


def entry_of(path: Path) -> Entry:
    """The size and the sum of a file."""
    found, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            found.update(chunk)
            size += len(chunk)
    return Entry(size, found.hexdigest())


def write_list(folder: Path, contents: Contents) -> None:
    """Finish a backup: without this file it is none."""
    text = json.dumps({"format": FORMAT, **asdict(contents)}, indent=1)
    fresh = folder / f"{LIST}.part"
    fresh.write_text(text, "utf-8")
    os.replace(fresh, folder / LIST)


def read_list(folder: Path) -> Contents:
    """What a backup says of itself; raises NotFound where there is none, InvalidInput where it cannot be read."""
    try:
        said = json.loads((folder / LIST).read_text("utf-8"))
    except FileNotFoundError:
        raise NotFound(
            f"there is no backup in {folder}: expected {LIST}, which is written last; was it made to its end?"
        ) from None
    except (OSError, ValueError) as error:
        raise InvalidInput(f"cannot read {folder / LIST}: {error}", field="backup") from error
    if said.pop("format", None) != FORMAT:
        raise InvalidInput(f"expected a backup of format {FORMAT} in {folder}; use the version that made it")
    files = {name: Entry(**entry) for name, entry in said.pop("files").items()}
    for name in files:
        if ".." in name.split("/") or not name.startswith((f"{DATA}/", f"{DATABASE}/")):
            raise InvalidInput(f"expected files under {DATA}/ and {DATABASE}/ in {folder / LIST}, got {name!r}")
    return Contents(**said, files=files)


def problems(folder: Path, contents: Contents) -> Iterator[str]:
    """Every file that is not there or not as it was written."""
    for name, entry in sorted(contents.files.items()):
        path = folder / name
        if not path.is_file():
            yield f"{name} is missing"
        elif path.stat().st_size != entry.bytes:
            yield f"{name} has {path.stat().st_size:,} bytes, expected {entry.bytes:,}"
        elif entry_of(path) != entry:
            yield f"{name} has other contents than when it was written"


def verified(folder: Path) -> Contents:
    """What a backup holds, every byte of it looked at; raises InvalidInput with the first problems."""
    contents = read_list(folder)
    found = list(problems(folder, contents))
    if found:
        shown = "; ".join(found[:5]) + (f"; and {len(found) - 5} more" if len(found) > 5 else "")
        raise InvalidInput(f"the backup in {folder} is damaged: {shown}", field="backup")
    return contents


def is_empty(folder: Path) -> bool:
    """Whether a folder is not there or has nothing in it."""
    return not folder.exists() or (folder.is_dir() and not any(folder.iterdir()))
