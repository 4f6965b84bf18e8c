"""Uploads in parts: begun, sent in parts by whoever may write, put together or given up."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from types import MappingProxyType

from groundswell.domain.buckets import (
    LEAST_PART_BYTES,
    MOST_PARTS,
    BadDigest,
    Described,
    EntityTooSmall,
    InvalidPart,
    InvalidPartOrder,
    NoSuchUpload,
    Part,
    StoredObject,
    Upload,
    Wanted,
    check_key,
)
from groundswell.domain.errors import InvalidInput
from groundswell.domain.people import Principal
from groundswell.service.access import Action
from groundswell.service.bucket_objects import NO_DIGESTS, Digests, check_digests, tell_stored
from groundswell.service.buckets import files_of, reach
from groundswell.service.context import Context
from groundswell.service.ports import BucketFiles, Incoming

NO_CHECKSUMS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class NamedPart:
    """A part as whoever completes an upload names it."""

    number: int
    etag: str
    checksums: Mapping[str, str] = field(default_factory=dict)


def start(
    context: Context,
    principal: Principal,
    bucket: str,
    key: str,
    described: Described,
    *,
    algorithm: str | None = None,
    composite: bool = False,
) -> Upload:
    """Begin an upload in parts; its parts have checksums by the algorithm, if one is given."""
    reach(context, principal, bucket, Action.CHANGE_BUCKETS, key=key)
    check_key(key)
    upload = Upload(context.new_id(), key, context.clock(), described, algorithm, composite)
    files_of(context).start_upload(bucket, upload)
    return upload


def find(context: Context, principal: Principal, bucket: str, key: str, upload_id: str) -> Upload:
    """An upload under way of this key; raises NoSuchUpload."""
    reach(context, principal, bucket, Action.CHANGE_BUCKETS, key=key)
    upload = files_of(context).upload(bucket, upload_id)
    if upload.key != key:
        raise NoSuchUpload("The specified upload does not exist.", field="uploadId")
    return upload


def begin_part(
    context: Context, principal: Principal, bucket: str, upload: Upload, number: int, algorithms: Sequence[str]
) -> Incoming:
    """Begin to send a part; one with the same number that was sent before is replaced."""
    reach(context, principal, bucket, Action.CHANGE_BUCKETS, key=upload.key)
    if not 1 <= number <= MOST_PARTS:
        raise InvalidInput(f"Part number must be an integer between 1 and {MOST_PARTS}, inclusive", field="partNumber")
    return files_of(context).begin_part(bucket, upload.id, number, algorithms)


def finish_part(incoming: Incoming, *, expected: Digests = NO_DIGESTS, keep: Sequence[str] = ()) -> Part:
    """Have a begun part there. Raises BadDigest, NoSuchUpload."""
    check_digests(incoming, expected)
    return incoming.commit_part(keep)


def parts(context: Context, principal: Principal, bucket: str, upload: Upload) -> list[Part]:
    """The parts that are there, by number."""
    reach(context, principal, bucket, Action.CHANGE_BUCKETS, key=upload.key)
    return files_of(context).parts(bucket, upload.id)


def under_way(context: Context, principal: Principal, bucket: str) -> list[Upload]:
    """A bucket's uploads under way, by key and start."""
    reach(context, principal, bucket, key="")
    return files_of(context).uploads(bucket)


def complete(
    context: Context,
    principal: Principal,
    bucket: str,
    upload: Upload,
    named: Sequence[NamedPart],
    *,
    expected: Mapping[str, str] = NO_CHECKSUMS,
    wanted: Wanted = Wanted(),
) -> StoredObject:
    """Put the named parts together.

    expected : checksums of the whole, where the caller has them. Raises InvalidPart, InvalidPartOrder, EntityTooSmall,
    BadDigest, PreconditionFailed, KeyInTheWay.
    """
    found = reach(context, principal, bucket, Action.CHANGE_BUCKETS, key=upload.key)
    files = files_of(context)
    chosen = _chosen(files.parts(bucket, upload.id), named)
    sums, whole = _checksums(files, upload, chosen, expected)
    stored = files.complete(bucket, whole, chosen, sums, wanted=wanted)
    tell_stored(context, principal, found, stored, "CompleteMultipartUpload")
    return stored


def give_up(context: Context, principal: Principal, bucket: str, upload: Upload) -> None:
    """Forget an upload and its parts."""
    reach(context, principal, bucket, Action.CHANGE_BUCKETS, key=upload.key)
    files_of(context).give_up(bucket, upload.id)


def _chosen(there: Sequence[Part], named: Sequence[NamedPart]) -> list[Part]:
    if any(one.number >= later.number for one, later in pairwise(named)):
        raise InvalidPartOrder(
            "The list of parts was not in ascending order. The parts list must be specified in order by part number."
        )
    by_number, found = {part.number: part for part in there}, []
    for one in named:
        part = by_number.get(one.number)
        if (
            part is None
            or part.etag != one.etag
            or any(part.checksums.get(name, value) != value for name, value in one.checksums.items())
        ):
            raise InvalidPart(
                "One or more of the specified parts could not be found. The part may not have been uploaded, or the "
                f"specified entity tag may not match the part's entity tag. Part number: {one.number}"
            )
        found.append(part)
    if any(part.size < LEAST_PART_BYTES for part in found[:-1]):
        raise EntityTooSmall("Your proposed upload is smaller than the minimum allowed size")
    return found


def _checksums(
    files: BucketFiles, upload: Upload, chosen: Sequence[Part], expected: Mapping[str, str]
) -> tuple[dict[str, str], Upload]:
    """The whole's checksums and the upload with their kind. Raises BadDigest."""
    algorithm = upload.algorithm
    if algorithm is None or any(algorithm not in part.checksums for part in chosen):
        return {}, replace(upload, composite=False)
    sums = [(b64decode(part.checksums[algorithm]), part.size) for part in chosen]
    made = b64encode(files.sum_of_parts(algorithm, sums, composite=upload.composite)).decode()
    said = expected.get(algorithm, made).partition("-")[0]
    if said != made:
        raise BadDigest(
            f"The {algorithm.upper()} you specified did not match the calculated checksum.", field=algorithm
        )
    return {algorithm: f"{made}-{len(chosen)}" if upload.composite else made}, upload
