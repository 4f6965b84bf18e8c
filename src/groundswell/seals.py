"""Secrets at rest: sealed with a key made of the server's own, so that a copy of the database alone tells none.

Libsodium's secret box (XSalsa20 and Poly1305) with a fresh nonce for each seal: what was changed is refused, not read.
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode

from groundswell.domain.errors import Unsealable

_MARK = "sealed:1:"  # neither base32 nor base64 nor JSON begins so
_PURPOSE = b"seals of secrets"  # 16 bytes: links are signed with the same secret, never with the same key


class SecretBoxes:
    """`service.ports.Seals` with one key."""

    def __init__(self, secret: bytes) -> None:
        """secret: the server's own, of any length (`Settings.signing_key`)."""
        from nacl.secret import SecretBox  # 15 ms, only where a server runs

        self._box = SecretBox(hashlib.blake2b(secret, digest_size=SecretBox.KEY_SIZE, person=_PURPOSE).digest())

    def seal(self, secret: bytes) -> str:
        return _MARK + urlsafe_b64encode(bytes(self._box.encrypt(secret))).decode()

    def unseal(self, kept: str) -> bytes:
        from nacl.exceptions import CryptoError

        if not kept.startswith(_MARK):
            return kept.encode()
        try:
            return self._box.decrypt(urlsafe_b64decode(kept.removeprefix(_MARK)))
        except (CryptoError, ValueError) as error:
            raise Unsealable(
                "a secret cannot be read: it was sealed with another key than this server's. Give the server the key "
                "that it had (GROUNDSWELL_SECRET_KEY, or secret-key in its data directory), or set the secret anew"
            ) from error
