"""Where ports meet adapters: the store, the object storage, the clock and the ids that the settings name."""

from __future__ import annotations

import logging
import os
import secrets
import stat
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from groundswell.domain.arns import Arns
from groundswell.domain.errors import Unavailable
from groundswell.service.context import Context, Limits
from groundswell.service.places import Places
from groundswell.service.ports import BucketFiles, CheckAddress, Mail, ObjectStorage, Seals, Store
from groundswell.settings import Settings

if TYPE_CHECKING:
    from groundswell.domain.hooks import HookCaller
    from groundswell.hooks.surroundings import Access
    from groundswell.hooks.targets import Hooks
    from groundswell.objects.buckets import S3Options

log = logging.getLogger(__name__)
_OURS = ("secret-key", "groundswell.db")  # what says that a folder is a server's
_SECRETS = ("secret-key", "groundswell.db", "groundswell.db-wal", "groundswell.db-shm", "groundswell.db.before-*")


def utc_now() -> datetime:
    """The time, aware UTC."""
    return datetime.now(UTC)


def new_id() -> str:
    """A new unique id: 48 bits of milliseconds, then 72 random bits, as 30 hexadecimal digits; sorts by time."""
    return f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(9)}"


def open_store(settings: Settings) -> Store:
    """The database, migrated to this version."""
    from groundswell.store.opening import open_store as open_url  # SQLAlchemy only where a database is opened

    try:
        keep_to_oneself(settings.data_dir)
    except OSError as error:
        raise Unavailable(
            f"cannot make or read the data directory {settings.data_dir}: {error.strerror or error}; choose a folder "
            "that the server may write in (--data-dir)"
        ) from error
    return open_url(settings.database, seal=lambda secret: open_seals(settings).seal(secret))


def keep_to_oneself(data_dir: Path) -> None:
    """Make the data directory, and keep other accounts of this machine out of it: 0700, what is secret in it 0600.

    One that is there is tightened; where that cannot be, or the folder is not the server's alone, the log says so.
    """
    made = not data_dir.exists()
    data_dir.mkdir(parents=True, exist_ok=True)
    if os.name != "posix":
        return
    shared = stat.S_ISVTX & data_dir.stat().st_mode or not (made or any((data_dir / name).exists() for name in _OURS))
    paths = [] if shared and any(data_dir.iterdir()) else [(data_dir, 0o700)]
    paths += [(path, 0o600) for name in _SECRETS for path in data_dir.glob(name)]
    for path, mode in paths:
        try:
            if stat.S_IMODE(path.stat().st_mode) & ~mode:
                path.chmod(mode)
        except OSError as error:
            log.warning("other accounts of this machine may read %s: %s", path, error)
    if stat.S_IMODE(data_dir.stat().st_mode) & 0o077:
        log.warning("other accounts of this machine may read %s: give the server a folder of its own", data_dir)


def open_hooks(settings: Settings, store: Store) -> Hooks:
    """Functions as the settings allow them; the sandbox is looked for when the first one runs."""
    from groundswell.domain.hooks import endpoint_secret
    from groundswell.hooks.finding import find_sandbox
    from groundswell.hooks.sandbox import SandboxOptions
    from groundswell.hooks.surroundings import Surroundings
    from groundswell.hooks.targets import HookRules, Hooks
    from groundswell.net.networks import Networks
    from groundswell.service.hooks import with_secrets

    seals = open_seals(settings)
    options = SandboxOptions(
        mode=settings.hook_sandbox,
        user=settings.hook_user,
        python=str(settings.hook_python or sys.executable),
        network=settings.hook_network,
        memory_mb=settings.hook_memory_mb,
        hidden=(settings.data_dir.resolve(), *(root.resolve() for root in settings.input_roots)),
    )
    surroundings = Surroundings(settings.own_url, lambda caller: _access_of(settings, store, caller))
    rules = HookRules(
        networks=Networks(settings.allowed_networks),
        modules=settings.hook_modules,
        lambdas=settings.hook_lambdas,
        timeout_s=settings.hook_timeout_s,
        secret=lambda workspace_id, url: endpoint_secret(settings.signing_key, workspace_id, url),
        surroundings=surroundings.of,
        arn=lambda workspace_id, name: _arns(store, workspace_id).function(name),
        way=surroundings.way,
    )
    return Hooks(
        lambda name: with_secrets(seals, store.read(lambda tx: tx.hooks.get(name))),
        lambda: find_sandbox(options),
        rules,
    )


def _arns(store: Store, workspace_id: str) -> Arns:
    workspace = store.read(lambda tx: tx.workspaces.get(workspace_id))
    return Arns(workspace.aws_account, workspace.region)


def _access_of(settings: Settings, store: Store, caller: HookCaller) -> Access:
    """Credentials of a function: it may read what its job has, ask who it is, and nothing else."""
    from groundswell.domain.access_keys import SessionClaims
    from groundswell.hooks.process_hook import MAX_AGE_S
    from groundswell.hooks.surroundings import Access
    from groundswell.service.access_keys import lend

    arns = _arns(store, caller.workspace_id)
    claims = SessionClaims(
        account_id=caller.account_id,
        workspace_id=caller.workspace_id,
        expires_at=utc_now() + timedelta(seconds=2 * MAX_AGE_S),
        services=frozenset({"s3", "sts"}),
        arn=f"arn:{arns.partition}:sts::{arns.account}:assumed-role/groundswell-function/{caller.job or 'trial'}",
        reads=caller.reads,
        writes=caller.writes,
    )
    lent = lend(settings.signing_key, claims)
    return Access(arns.region, lent.access_key, lent.secret, lent.session_token)


def open_storage(settings: Settings) -> ObjectStorage:
    """The object storage: S3 where it is configured, folders of the data directory elsewhere."""
    from groundswell.objects.storage import Storage

    return Storage(settings.data_dir, input_roots=settings.input_roots, s3=_s3_options(settings))


def open_buckets(settings: Settings) -> BucketFiles | None:
    """The buckets that are folders of the data directory; None where S3 is configured."""
    from groundswell.objects.bucket_uploads import LocalBuckets

    if _s3_options(settings) is not None:
        return None
    found = LocalBuckets(settings.data_dir / "s3")
    found.sweep()
    return found


def _s3_options(settings: Settings) -> S3Options | None:
    """How to reach a real S3; None: this server's own folders. Its own address is no other S3."""
    from groundswell.objects.buckets import S3Options

    if settings.s3 == "local":
        return None
    found = S3Options.from_environment(os.environ, endpoint=settings.s3_endpoint)
    if found is not None and found.endpoint and settings.is_own_address(found.endpoint):
        return None
    return S3Options() if settings.s3 == "real" and found is None else found


def open_seals(settings: Settings) -> Seals:
    """How secrets are kept, with the server's key."""
    from groundswell.seals import SecretBoxes

    return SecretBoxes(settings.signing_key)


def check_address_of(settings: Settings) -> CheckAddress:
    """Which addresses others may point this server to."""
    from groundswell.net.client import check_url
    from groundswell.net.networks import Networks

    networks = Networks(settings.allowed_networks)
    return lambda url: check_url(url, networks)


def open_mail(settings: Settings) -> Mail | None:
    """How letters are sent; None where no mail server is named."""
    from groundswell.net.mail import SmtpMail

    return SmtpMail(settings.smtp_url.get_secret_value(), settings.mail_from) if settings.smtp_url else None


def limits_of(settings: Settings) -> Limits:
    """What acts must know of the settings."""
    return Limits(
        session_days=settings.session_days,
        open_registration=settings.registration == "open",
        base_url=(settings.base_url or "").rstrip("/"),
        require_two_step=settings.require_two_step,
    )


def places_of(settings: Settings, storage: ObjectStorage) -> Places:
    """Whose what in the storage is."""
    return Places(
        os.path.abspath(settings.data_dir),
        storage.absolute(settings.uploads),
        keeps_buckets=_s3_options(settings) is None,
    )


def acts_context(settings: Settings, store: Store) -> Context:
    """What acts need, for the server's own command line."""
    storage = open_storage(settings)
    return Context(
        store=store,
        storage=storage,
        places=places_of(settings, storage),
        secret=settings.signing_key,
        seals=open_seals(settings),
        check_address=check_address_of(settings),
        mail=open_mail(settings),
        functions=open_hooks(settings, store),
        bucket_files=open_buckets(settings),
        clock=utc_now,
        new_id=new_id,
        limits=limits_of(settings),
    )
