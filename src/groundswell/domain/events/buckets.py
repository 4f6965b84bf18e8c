"""Events of buckets; of their objects only where somebody asked to be told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from groundswell.domain.events.base import Event


@dataclass(frozen=True, kw_only=True)
class BucketEvent(Event, about="bucket"):
    """Something that happened to a bucket."""

    bucket: str


@dataclass(frozen=True, kw_only=True)
class BucketCreated(BucketEvent, kind="bucket.created"):
    """A bucket was made."""


@dataclass(frozen=True, kw_only=True)
class BucketChanged(BucketEvent, kind="bucket.changed"):
    """Which pages may read a bucket, or whether events tell of its objects."""

    what: str  # cors, notification


@dataclass(frozen=True, kw_only=True)
class BucketRemoved(BucketEvent, kind="bucket.removed"):
    """An empty bucket was removed."""


@dataclass(frozen=True, kw_only=True)
class ObjectEvent(BucketEvent):
    """Something that happened to an object, as S3 tells it."""

    name: str  # ObjectCreated:Put, ObjectCreated:Copy, ObjectCreated:CompleteMultipartUpload, ObjectRemoved:Delete
    object: Mapping[str, Any]  # key (as URLs write it), size, eTag, sequencer: S3's own record of the object


@dataclass(frozen=True, kw_only=True)
class ObjectStored(ObjectEvent, kind="bucket.object_created"):
    """An object was stored."""


@dataclass(frozen=True, kw_only=True)
class ObjectDeleted(ObjectEvent, kind="bucket.object_removed"):
    """An object was deleted."""
