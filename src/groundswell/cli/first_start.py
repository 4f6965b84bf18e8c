"""The first start of a server: its first administrator."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from groundswell.bootstrap import new_id, utc_now
from groundswell.service import workers
from groundswell.service.passwords import hash_password
from groundswell.service.ports import Store
from groundswell.settings import Settings

DEFAULT_EMAIL = "admin@localhost"


@dataclass(frozen=True)
class FirstAdministrator:
    """Who can sign in to a new server; the password is None when it was chosen, not made."""

    email: str
    password: str | None


def first_start(settings: Settings, store: Store) -> FirstAdministrator | None:
    """Make the first administrator; None when the server has one already."""
    if store.read(workers.has_administrator):
        return None
    chosen = settings.admin_password.get_secret_value() if settings.admin_password else None
    password = chosen or secrets.token_urlsafe(12)
    email, worker_id, at, digest = settings.admin_email or DEFAULT_EMAIL, new_id(), utc_now(), hash_password(password)
    made = store.write(
        lambda tx: workers.first_administrator(tx, worker_id=worker_id, email=email, password_hash=digest, at=at)
    ).result()
    return None if made is None else FirstAdministrator(email, None if chosen else password)
