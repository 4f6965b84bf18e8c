"""Passwords as argon2id hashes. Hashing takes about 20 ms on purpose: do it outside of a transaction."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from groundswell.domain.errors import InvalidInput

MIN_LENGTH = 8
MAX_LENGTH = 1_024
MIN_GUESSES = 1_000_000
"""Fewer than these and a throttled guesser comes through; zxcvbn's score 2 begins here."""
_LOOKED_AT = 72  # letters of a password: what is longer is judged by its beginning

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""OWASP Password Storage Cheat Sheet: argon2id with 19 MiB, 2 passes, 1 lane; many people may sign in at once."""


def hash_password(password: str, *, about: Sequence[str] = ()) -> str:
    """The hash to store; raises InvalidInput for a password too short, absurdly long, or among the first to be tried.

    about : what others know of the account, such as its address and name; a password made of these is soon guessed.
    """
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise InvalidInput(
            f"expected a password of {MIN_LENGTH} to {MAX_LENGTH} characters, got {len(password)}", field="password"
        )
    _refuse_common(password, about)
    return _HASHER.hash(password)


def _refuse_common(password: str, about: Sequence[str]) -> None:
    """Raise InvalidInput for a password that guessing finds early: a common one, a word, a date, keys in a row.

    Source: Wheeler 2016, zxcvbn: Low-Budget Password Strength Estimation, USENIX Security.
    """
    from zxcvbn import zxcvbn  # its lists of words take a tenth of a second to read

    found = zxcvbn(password[:_LOOKED_AT], user_inputs=[part for text in about for part in (text, *text.split("@"))])
    if found["guesses"] < MIN_GUESSES:
        warning = found["feedback"]["warning"].rstrip(".") or "it is among the first that are tried"
        raise InvalidInput(f"expected a password that is harder to guess: {warning.lower()}", field="password")


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
