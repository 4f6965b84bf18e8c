"""Passwords as argon2id hashes. Hashing takes about 20 ms on purpose: do it outside of a transaction."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from groundswell.domain.errors import InvalidInput

MIN_LENGTH = 8
MAX_LENGTH = 1_024

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""OWASP Password Storage Cheat Sheet: argon2id with 19 MiB, 2 passes, 1 lane; many people may sign in at once."""


def hash_password(password: str) -> str:
    """The hash to store; raises InvalidInput for a password too short or absurdly long."""
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise InvalidInput(
            f"expected a password of {MIN_LENGTH} to {MAX_LENGTH} characters, got {len(password)}", field="password"
        )
    return _HASHER.hash(password)


def password_fits(password: str, password_hash: str | None) -> bool:
    """Whether this is the password; takes as long when there is no account to compare with."""
    try:
        _HASHER.verify(password_hash or _nobodys_hash(), password[:MAX_LENGTH])
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


@cache
def _nobodys_hash() -> str:
    return _HASHER.hash("the password of nobody")
