"""Secrets of sessions, keys and invitations, and what the store keeps of them."""

from __future__ import annotations

import secrets
from hashlib import sha256


def new_token() -> str:
    """A secret for a session, a key or an invitation: 256 random bits."""
    return secrets.token_urlsafe(32)


def new_password() -> str:
    """A password made for somebody: 96 random bits, to be told once."""
    return secrets.token_urlsafe(12)


def token_digest(token: str) -> str:
    """What the store keeps of a token. Tokens are long and random, so a plain hash is enough."""
    return sha256(token.encode()).hexdigest()
