"""Objects in this server's buckets: reading, storing, copying, deleting and listing them.

Uploads in parts are `bucket_uploads`. Everything here waits for disks: no event loop calls it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from urllib.parse import quote_plus

from groundswell.domain import events
from groundswell.domain.buckets import (
    BadDigest,
    Bucket,
    Described,
    InvalidKey,
    KeyTooLong,
    Listing,
    NoSuchKey,
    StoredObject,
    Wanted,
    check_key,
)
from groundswell.domain.people import Principal
from groundswell.service.access import Action
from groundswell.service.buckets import files_of, reach
from groundswell.service.context import Context
from groundswell.service.ports import Incoming, Opened

PAYLOAD = "payload"
"""The digest by which a request's signature knows its body: SHA-256, under a name of its own."""
_COPY_BYTES = 1 << 20
Digests = Mapping[str, bytes]
NO_DIGESTS: Digests = MappingProxyType({})


def head(context: Context, principal: Principal, bucket: str, key: str) -> StoredObject:
    """An object without its bytes; raises NoSuchBucket, NoSuchKey."""
    reach(context, principal, bucket, key=key)
    return files_of(context).head(bucket, readable(key))


def get(context: Context, principal: Principal, bucket: str, key: str, most: int) -> tuple[Opened, bytes | None]:
    """An object with its bytes, and closed, where these are at most so many; a larger one open."""
    opened = open_object(context, principal, bucket, key)
    if opened.about.size > most:
        return opened, None
    try:
        return opened, opened.read(0, opened.about.size)
    finally:
        opened.close()


def open_object(context: Context, principal: Principal, bucket: str, key: str) -> Opened:
    """An object to read from; who opened it closes it."""
    reach(context, principal, bucket, key=key)
    return files_of(context).open(bucket, readable(key))


def list_objects(
    context: Context, principal: Principal, bucket: str, *, prefix: str, delimiter: str, after: str, limit: int
) -> Listing:
    """One page of a bucket's objects."""
    reach(context, principal, bucket, key=prefix)
    return files_of(context).list_objects(bucket, prefix=prefix, delimiter=delimiter, after=after, limit=limit)


def begin(context: Context, principal: Principal, bucket: str, key: str, algorithms: Sequence[str] = ()) -> Incoming:
    """Begin to store an object; `finish` has it there. Raises InvalidKey, KeyTooLong."""
    reach(context, principal, bucket, Action.CHANGE_BUCKETS, key=key)
    check_key(key)
    return files_of(context).begin(bucket, key, algorithms)


def finish(
    context: Context,
    principal: Principal,
    bucket: str,
    incoming: Incoming,
    described: Described,
    *,
    expected: Digests = NO_DIGESTS,
    wanted: Wanted = Wanted(),
    keep: Sequence[str] = (),
    how: str = "Put",
) -> StoredObject:
    """Have a begun object there, whole and durable. Raises BadDigest, PreconditionFailed, KeyInTheWay."""
    found = reach(context, principal, bucket, Action.CHANGE_BUCKETS, begun=True)
    check_digests(incoming, expected)
    stored = incoming.commit(described, wanted=wanted, keep=keep)
    tell_stored(context, principal, found, stored, how)
    return stored


def copy(
    context: Context,
    principal: Principal,
    source: Opened,
    bucket: str,
    key: str,
    described: Described,
    *,
    keep: Sequence[str] = (),
    wanted: Wanted = Wanted(),
) -> StoredObject:
    """Store the bytes of an opened object under another name, or the same with another description."""
    incoming = begin(context, principal, bucket, key, keep)
    try:
        pour(source, incoming, 0, source.about.size)
        return finish(context, principal, bucket, incoming, described, keep=keep, wanted=wanted, how="Copy")
    finally:
        incoming.discard()


def delete(context: Context, principal: Principal, bucket: str, key: str) -> None:
    """Delete an object; one that is not there counts as deleted."""
    found = reach(context, principal, bucket, Action.CHANGE_BUCKETS, key=key)
    try:
        check_key(key)
    except (InvalidKey, KeyTooLong):
        return
    if files_of(context).delete(bucket, key) and found.told:
        _record(context, principal, found, events.ObjectDeleted, "ObjectRemoved:Delete", {"key": quote_plus(key)})


def pour(source: Opened, target: Incoming, start: int, stop: int) -> None:
    """Copy a range of an object's bytes."""
    while start < stop:
        data = source.read(start, min(_COPY_BYTES, stop - start))
        if not data:
            return
        target.write(data)
        start += len(data)


def readable(key: str) -> str:
    """The key; raises NoSuchKey for one that no object here can have."""
    try:
        check_key(key)
    except (InvalidKey, KeyTooLong) as error:
        raise NoSuchKey("The specified key does not exist.", field="key") from error
    return key


def check_digests(incoming: Incoming, expected: Digests) -> None:
    """Raise BadDigest, its `field` naming the algorithm, where what came is not what was meant."""
    for algorithm, digest in expected.items():
        if incoming.digest("sha256" if algorithm == PAYLOAD else algorithm) != digest:
            raise BadDigest(f"The {algorithm.upper()} you specified did not match what we received.", field=algorithm)


def tell_stored(context: Context, principal: Principal, bucket: Bucket, stored: StoredObject, how: str) -> None:
    """Record that an object was stored, where somebody wants to know."""
    if not bucket.told:
        return
    about: dict[str, str | int] = {"key": quote_plus(stored.key), "size": stored.size, "eTag": stored.etag}
    _record(context, principal, bucket, events.ObjectStored, f"ObjectCreated:{how}", about)


def _record(
    context: Context,
    principal: Principal,
    bucket: Bucket,
    kind: type[events.ObjectEvent],
    name: str,
    about: Mapping[str, str | int],
) -> None:
    now = context.clock()
    told = {**about, "sequencer": f"{int(now.timestamp() * 1_000_000):016X}"}
    event = kind(at=now, actor=principal.id, workspace=bucket.workspace_id, bucket=bucket.name, name=name, object=told)
    context.write(lambda tx: tx.record(event))
