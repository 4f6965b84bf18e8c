"""Buckets that this server keeps itself, and what is said of the objects in them.

Whose an address is that is not in such a bucket: `service/places.py`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from groundswell.domain.addresses import name_problem, shown_name
from groundswell.domain.errors import Conflict, Forbidden, InvalidInput, NotFound

LEAST_PART_BYTES = 5 << 20
MOST_PARTS = 10_000
MOST_PUT_BYTES = 5 << 30
MOST_METADATA_BYTES = 2 << 10
_PART_BYTES = 255  # of one part of a key: what file systems take
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+")
_PARTIAL = re.compile(r"\.\d+-\d+\.partial")
OWN_FOLDER = ".groundswell"
"""Beside the buckets' folders: what this server keeps of them that is not an object."""
FOLDER_MARK = ".s3-folder"
"""The file that stands for the object whose key is its folder's name with the slash."""


@dataclass(frozen=True)
class Bucket:
    """A bucket and whose it is."""

    name: str
    workspace_id: str
    created_at: datetime
    created_by: str | None = None  # the account; None: nobody made it by name, a job wrote there
    cors: Sequence[CorsRule] = ()
    told: bool = False  # whether events say which objects come and go


@dataclass(frozen=True)
class CorsRule:
    """Which pages may read a bucket in a browser."""

    origins: tuple[str, ...]
    methods: tuple[str, ...]
    headers: tuple[str, ...] = ()
    exposed: tuple[str, ...] = ()
    max_age_s: int | None = None
    id: str | None = None


@dataclass(frozen=True)
class Described:
    """What whoever stores an object says of it besides its bytes."""

    content_type: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)  # Cache-Control and its like, by lower-case name
    metadata: Mapping[str, str] = field(default_factory=dict)  # x-amz-meta-*, without that beginning


@dataclass(frozen=True)
class StoredObject:
    """An object without its bytes."""

    key: str
    size: int
    etag: str  # without quotes
    modified_at: datetime
    described: Described = Described()
    checksums: Mapping[str, str] = field(default_factory=dict)  # base64, by algorithm: crc32, sha256, ...
    composite: bool = False  # whether the checksums are of the parts' checksums
    parts: Sequence[int] = ()  # the parts' sizes of one that was uploaded in parts


@dataclass(frozen=True)
class Listing:
    """One page of a bucket's objects and common prefixes, both in byte order."""

    objects: Sequence[StoredObject] = ()
    prefixes: Sequence[str] = ()
    last: str | None = None  # the last key or prefix, where there are more behind it


@dataclass(frozen=True)
class Upload:
    """An upload in parts that is under way."""

    id: str
    key: str
    started_at: datetime
    described: Described = Described()
    algorithm: str | None = None  # the checksum's that its parts have
    composite: bool = False


@dataclass(frozen=True)
class Part:
    """A part of an upload."""

    number: int
    size: int
    etag: str
    modified_at: datetime
    checksums: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Wanted:
    """Under which conditions something is to be stored."""

    absent: bool = False  # only where there is no object yet
    etag: str | None = None  # only over the object with this ETag


class NoSuchBucket(NotFound):
    """There is no bucket of this name."""


class NoSuchKey(NotFound):
    """There is no object of this key."""


class NoSuchUpload(NotFound):
    """There is no upload with this id, or it is complete or given up."""


class BucketAlreadyExists(Conflict):
    """Another workspace has a bucket of this name."""


class BucketAlreadyOwnedByYou(Conflict):
    """This workspace has the bucket already."""


class BucketNotEmpty(Conflict):
    """A bucket with objects cannot be removed."""


class PreconditionFailed(Conflict):
    """What is there is not what the request expects."""


class NotYourBucket(Forbidden):
    """The bucket is of another workspace, or the server's own."""


class InvalidBucketName(InvalidInput):
    """A name that buckets cannot have."""


class InvalidKey(InvalidInput):
    """A key that no object here can have."""


class KeyTooLong(InvalidInput):
    """A key longer than names can be here."""


class KeyInTheWay(InvalidInput):
    """The key is a folder of others' keys, or goes through an object as if it were a folder."""


class InvalidPart(InvalidInput):
    """A part is not there, or its ETag or checksum is another."""


class InvalidPartOrder(InvalidInput):
    """Parts are to be named in ascending order."""


class EntityTooSmall(InvalidInput):
    """A part other than the last is smaller than parts may be."""


class EntityTooLarge(InvalidInput):
    """More bytes than an object may have."""


class BadDigest(InvalidInput):
    """The bytes are not those whose digest was given."""


def check_bucket_name(name: str) -> None:
    """Raise InvalidBucketName for what S3 does not take as a new bucket's name."""
    if not _NAME.fullmatch(name) or ".." in name or _ADDRESS.fullmatch(name):
        raise InvalidBucketName(
            "expected 3 to 63 lower-case letters, digits, dots and hyphens, a letter or digit at both ends, got "
            f"{name!r:.80}",
            field="bucket",
        )


def check_key(key: str) -> None:
    """Raise InvalidKey or KeyTooLong for what cannot be an object's key here.

    What jobs could not read, or some storage would change, is refused: `a//b`, `.` and `..`, control characters. A
    slash at the end is a folder's own object, as S3's tools make them.
    """
    name = key.removesuffix("/")
    if len(key.encode("utf-8", "replace")) > 1_024 or any(
        len(part.encode("utf-8", "replace")) > _PART_BYTES for part in name.split("/")
    ):
        raise KeyTooLong(f"expected a key of at most 900 bytes, {_PART_BYTES} between two slashes", field="key")
    problem = name_problem(name)
    if problem is None and any(part == FOLDER_MARK or _PARTIAL.fullmatch(part) for part in name.split("/")):
        problem = "has a part that this server uses itself"
    if problem is not None:
        kind = KeyTooLong if "longer" in problem else InvalidKey
        raise kind(f"expected a key that jobs can read, got {shown_name(key)[:200]}: it {problem}", field="key")


def cors_as_json(rules: Sequence[CorsRule]) -> list[dict[str, Any]]:
    """Rules as they are kept."""
    return [vars(rule) for rule in rules]


def cors_from_json(kept: Sequence[Mapping[str, Any]]) -> tuple[CorsRule, ...]:
    """The rules that were kept so."""
    lists = ("origins", "methods", "headers", "exposed")
    return tuple(CorsRule(**{**rule, **{name: tuple(rule[name]) for name in lists}}) for rule in kept)
