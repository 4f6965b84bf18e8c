"""Buckets that this server keeps: making, finding, listing and removing them, and which pages may read them.

A bucket is a workspace's. One that no row names is a folder that an operator made or an earlier version's job: it is
the first workspace's, unless another's jobs wrote there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from groundswell.domain import events
from groundswell.domain.addresses import parse
from groundswell.domain.buckets import (
    Bucket,
    BucketAlreadyExists,
    CorsRule,
    NoSuchBucket,
    NotYourBucket,
    check_bucket_name,
)
from groundswell.domain.errors import Forbidden, Unavailable
from groundswell.domain.people import MAIN, Principal
from groundswell.service.access import Action, Relation, permits, require_here
from groundswell.service.context import Context
from groundswell.service.places import FUNCTIONS, SERVER
from groundswell.service.ports import BucketFiles, Transaction

_LONGEST_NAME = 255  # of folders that became buckets; new ones have 63
_GONE = "The specified bucket does not exist"


def files_of(context: Context) -> BucketFiles:
    """The buckets' files; raises Unavailable where buckets are in a real S3."""
    if context.bucket_files is None:
        raise Unavailable("this server keeps its buckets in another S3: ask that one")
    return context.bucket_files


def reach(
    context: Context,
    principal: Principal,
    name: str,
    action: Action = Action.SEE_BUCKETS,
    *,
    key: str | None = None,
    begun: bool = False,
) -> Bucket:
    """The bucket, if the principal may do this with it. Cheap: at most one query in five seconds a bucket.

    key : of the object, or what the keys begin with that are listed.      begun : it was allowed as it began.
    Raises NoSuchBucket; NotYourBucket for another workspace's and the server's own; Forbidden.
    """
    if principal.reads is not None:
        return _reach_as_function(context, principal, name, action, key, begun=begun)
    require_here(principal, action)
    bucket = known(context, name)
    if bucket is None:
        raise NoSuchBucket(_GONE, field="bucket")
    relation = Relation.WORKSPACE if bucket.workspace_id == principal.workspace_id else Relation.ELSEWHERE
    if bucket.workspace_id == SERVER or not permits(principal.roles, action, frozenset({relation})):
        raise NotYourBucket(f"the bucket {name!r} belongs to somebody else or to the server", field="bucket")
    return bucket


def _reach_as_function(
    context: Context, principal: Principal, name: str, action: Action, key: str | None, *, begun: bool
) -> Bucket:
    """`reach` for credentials of a function: they are good for addresses that begin so, whatever the roles allow."""
    reads, writes = principal.reads or (), principal.writes
    address = f"s3://{name}/{key or ''}"
    if action is Action.SEE_BUCKETS:
        allowed = address.startswith(reads) if key is not None else any(one.startswith(address) for one in reads)
    else:
        allowed = (begun and bool(writes)) or (key is not None and address.startswith(writes))
    if not allowed:
        may = f"read {', '.join(reads) or 'nothing'} and write {', '.join(writes) or 'nothing'}"
        raise Forbidden(f"these credentials are a function's: they {may}", field="key")
    bucket = known(context, name)
    if bucket is None:
        raise NoSuchBucket(_GONE, field="bucket")
    if bucket.workspace_id not in (SERVER, principal.workspace_id):
        raise NotYourBucket(f"the bucket {name!r} belongs to somebody else", field="bucket")
    return bucket


def known(context: Context, name: str) -> Bucket | None:
    """The bucket of a name, whoever asks."""
    if not name.isprintable() or len(name) > _LONGEST_NAME:
        return None  # no database is asked for what it could not hold
    found = context.buckets.get(name)
    if found is None:
        files = files_of(context)
        found = context.read(lambda tx: find(tx, context, files, name))
        if found is not None:
            context.buckets.put(found)
    return found


def find(tx: Transaction, context: Context, files: BucketFiles, name: str) -> Bucket | None:
    """The bucket of a name as it is now; one without a row that is a folder is the first workspace's."""
    if name in _of_server(context):
        return Bucket(name, SERVER, context.clock())
    row = tx.buckets.find(name)
    if row is not None or not name or "/" in name or name.startswith(".") or not files.has_bucket(name):
        return row
    owner = SERVER if tx.jobs.is_output_of_others(MAIN, f"s3://{name}") else MAIN
    return Bucket(name, owner, context.clock())


def mine(context: Context, principal: Principal) -> list[Bucket]:
    """The buckets of the workspace one acts in, by name."""
    require_here(principal, Action.SEE_BUCKETS)
    if principal.reads is not None:
        raise Forbidden("these credentials are a function's: they list no buckets")
    files = files_of(context)

    def work(tx: Transaction) -> list[Bucket]:
        found = {one.name: one for one in tx.buckets.select(principal.workspace_id)}
        for name in files.buckets() if principal.workspace_id == MAIN else ():
            bucket = found.get(name) or find(tx, context, files, name)
            if bucket is not None and bucket.workspace_id == MAIN:
                found[name] = bucket
        return [found[name] for name in sorted(found)]

    return context.read(work)


def create(context: Context, principal: Principal, name: str) -> Bucket:
    """Make a bucket; one that the workspace has already is answered as it is.

    Raises InvalidBucketName, BucketAlreadyExists for another workspace's.
    """
    require_here(principal, Action.CHANGE_BUCKETS)
    if principal.reads is not None:
        raise Forbidden("these credentials are a function's: they make no buckets")
    check_bucket_name(name)
    files, now = files_of(context), context.clock()

    def work(tx: Transaction) -> Bucket:
        there = find(tx, context, files, name)
        if there is not None and there.workspace_id != principal.workspace_id:
            raise BucketAlreadyExists(
                "The requested bucket name is not available. The bucket namespace is shared by all users of the "
                "system. Please select a different name and try again.",
                field="bucket",
            )
        made = there or Bucket(name, principal.workspace_id, now, principal.id)
        if tx.buckets.add(replace(made, created_by=principal.id)):
            tx.record(events.BucketCreated(at=now, actor=principal.id, workspace=principal.workspace_id, bucket=name))
        return made

    made = context.write(work)
    files.make_bucket(name)
    context.buckets.forget(name)
    return made


def claim(tx: Transaction, context: Context, workspace_id: str, uri: str) -> None:
    """A job of the workspace will write there: a bucket that nobody has is the workspace's from now on."""
    address = parse(uri)
    if context.bucket_files is None or address.scheme != "s3":
        return
    if find(tx, context, context.bucket_files, address.bucket) is None:
        tx.buckets.add(Bucket(address.bucket, workspace_id, context.clock()))


def remove(context: Context, principal: Principal, name: str) -> None:
    """Remove a bucket; raises NoSuchBucket, BucketNotEmpty."""
    reach(context, principal, name, Action.CHANGE_BUCKETS)
    files_of(context).drop_bucket(name)
    _write(context, principal, name, lambda tx: tx.buckets.remove(name), events.BucketRemoved)


def set_cors(context: Context, principal: Principal, name: str, rules: Sequence[CorsRule]) -> None:
    """Which pages may read the bucket in a browser; none: no page but this server's own."""
    bucket = reach(context, principal, name, Action.CHANGE_BUCKETS)

    def work(tx: Transaction) -> None:
        tx.buckets.add(bucket)
        tx.buckets.set_cors(name, rules)

    _write(context, principal, name, work, events.BucketChanged, what="cors")


def set_told(context: Context, principal: Principal, name: str, told: bool) -> None:
    """Whether events say which objects come and go, for webhooks and whoever reads events."""
    bucket = reach(context, principal, name, Action.CHANGE_BUCKETS)

    def work(tx: Transaction) -> None:
        tx.buckets.add(bucket)
        tx.buckets.set_told(name, told)

    _write(context, principal, name, work, events.BucketChanged, what="notification")


def _write(
    context: Context,
    principal: Principal,
    name: str,
    change: Callable[[Transaction], None],
    kind: type[events.BucketEvent],
    **told: str,
) -> None:
    now = context.clock()

    def work(tx: Transaction) -> None:
        change(tx)
        tx.record(kind(at=now, actor=principal.id, workspace=principal.workspace_id, bucket=name, **told))

    context.write(work)
    context.buckets.forget(name)


def _of_server(context: Context) -> frozenset[str]:
    """The buckets with everybody's uploads, which go through uploads alone, and with what functions are given."""
    uploads = parse(context.places.uploads) if context.places.uploads else None
    return frozenset({FUNCTIONS} | ({uploads.bucket} if uploads is not None and uploads.scheme == "s3" else set()))
