"""The first start of a server: its first administrator."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from groundswell.bootstrap import acts_context
from groundswell.service import sign_in
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
    context = acts_context(settings, store)
    if sign_in.has_administrator(context):
        return None
    chosen = settings.admin_password.get_secret_value() if settings.admin_password else None
    password = chosen or secrets.token_urlsafe(12)
    email = settings.admin_email or DEFAULT_EMAIL
    made = sign_in.first_administrator(context, email=email, password=password)
    return None if made is None else FirstAdministrator(email, None if chosen else password)
