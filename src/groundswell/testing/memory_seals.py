"""Seals without a key: what is kept differs from the secret, and that is all."""

from __future__ import annotations

from base64 import b64decode, b64encode

from groundswell.domain.errors import Unsealable

_MARK = "memory:"


class MemorySeals:
    """`service.ports.Seals` for tests."""

    def seal(self, secret: bytes) -> str:
        return _MARK + b64encode(secret).decode()

    def unseal(self, kept: str) -> bytes:
        if not kept.startswith(_MARK):
            return kept.encode()
        try:
            return b64decode(kept.removeprefix(_MARK), validate=True)
        except ValueError as error:
            raise Unsealable("this is no seal") from error
