"""For receivers of webhooks: whether a delivery is from the server it says it is from."""

from __future__ import annotations

import hmac
import time
from collections.abc import Mapping

from groundswell.domain.webhooks import signature


def is_genuine(
    secret: str, headers: Mapping[str, str], body: bytes, *, now: float | None = None, tolerance_s: float = 300
) -> bool:
    """Whether a request's body was signed with the endpoint's secret, less than `tolerance_s` ago.

    headers : the request's; names in any case.      body : its bytes as they came.      now : seconds since 1970.
    """
    given = {name.lower(): value for name, value in headers.items()}
    timestamp, signed = given.get("groundswell-timestamp", ""), given.get("groundswell-signature", "")
    if not timestamp.isdecimal() or len(timestamp) > 15:
        return False
    fresh = abs((time.time() if now is None else now) - int(timestamp)) <= tolerance_s
    return hmac.compare_digest(signature(secret, int(timestamp), body).encode(), signed.encode()) and fresh
