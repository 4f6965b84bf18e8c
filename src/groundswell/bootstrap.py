"""Where ports meet adapters: the store, the object storage, the clock and the ids that the settings name."""

from __future__ import annotations

import os
import secrets
import time
from datetime import UTC, datetime

from groundswell.service.context import Context, Limits
from groundswell.service.ports import ObjectStorage, Store
from groundswell.settings import Settings


def utc_now() -> datetime:
    """The time, aware UTC."""
    return datetime.now(UTC)


def new_id() -> str:
    """A new unique id: 48 bits of milliseconds, then 72 random bits, as 30 hexadecimal digits; sorts by time."""
    return f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(9)}"


def open_store(settings: Settings) -> Store:
    """The database, migrated to this version."""
    from groundswell.store.opening import open_store as open_url  # SQLAlchemy only where a database is opened

    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return open_url(settings.database)


def open_storage(settings: Settings) -> ObjectStorage:
    """The object storage: S3 where it is configured, folders of the data directory elsewhere."""
    from groundswell.objects.buckets import S3Options
    from groundswell.objects.storage import Storage

    s3 = None if settings.s3 == "local" else S3Options.from_environment(os.environ, endpoint=settings.s3_endpoint)
    if settings.s3 == "real" and s3 is None:
        s3 = S3Options()
    return Storage(settings.data_dir, input_roots=settings.input_roots, s3=s3)


def limits_of(settings: Settings) -> Limits:
    """What acts must know of the settings."""
    return Limits(
        session_days=settings.session_days,
        open_registration=settings.registration == "open",
        uploads=settings.uploads,
    )


def acts_context(settings: Settings, store: Store) -> Context:
    """What acts need, for the server's own command line."""
    return Context(
        store=store, storage=open_storage(settings), clock=utc_now, new_id=new_id, limits=limits_of(settings)
    )
