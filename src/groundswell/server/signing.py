"""Signed, expiring tokens in URLs: for the frame that shows a task and for the media inside it.

A token is `<base64url payload>.<expiry, seconds>.<base64url HMAC-SHA-256>`. It tells nothing secret; it proves that this
server made it and until when it holds. `purpose` keeps a token made for one use from serving another.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime

from groundswell.domain.errors import Forbidden


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Signer:
    """Makes and checks tokens with one secret key."""

    def __init__(self, secret_key: str) -> None:
        self._key = secret_key.encode()

    def _signature(self, purpose: str, payload: str, expires: str) -> str:
        message = f"{purpose}\n{payload}\n{expires}".encode()
        return _encode(hmac.new(self._key, message, hashlib.sha256).digest())

    def sign(self, purpose: str, payload: str, *, expires_at: datetime) -> str:
        """A token that carries `payload` until `expires_at`. The same arguments give the same token (so it caches)."""
        body, expires = _encode(payload.encode()), str(int(expires_at.timestamp()))
        return f"{body}.{expires}.{self._signature(purpose, body, expires)}"

    def verify(self, purpose: str, token: str, *, at: datetime) -> str:
        """The payload; raises Forbidden when the token was not made here for this purpose, or has expired."""
        body, _, rest = token.partition(".")
        expires, _, signature = rest.partition(".")
        if not hmac.compare_digest(self._signature(purpose, body, expires).encode(), signature.encode()):
            raise Forbidden("this link was not made by this server, or was cut short: open the page again")
        if at.timestamp() > int(expires):
            raise Forbidden("this link has expired: open the page again")
        return _decode(body).decode()
