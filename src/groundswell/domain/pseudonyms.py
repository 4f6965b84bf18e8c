"""The ids by which requesters know workers of vendor and public teams: of their own, and the same every time."""

from __future__ import annotations

import hashlib
import hmac

_BYTES = 8


def pseudonym(secret: bytes, workspace_id: str, annotator_id: str) -> str:
    """An annotator's id for one workspace; without the server's secret it leads back to nobody."""
    key = hashlib.sha256(b"groundswell annotators" + secret).digest()
    found = hmac.digest(key, f"{workspace_id}\n{annotator_id}".encode(), "sha256")[:_BYTES]
    return f"w-{found.hex()}"
