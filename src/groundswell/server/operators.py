"""What only who runs this server may read: its numbers and the details of its health."""

from __future__ import annotations

import hmac
from ipaddress import ip_address

from starlette.requests import Request

from groundswell.domain.errors import Forbidden
from groundswell.server.auth import bearer_of
from groundswell.server.context import context

_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")


def is_operator(request: Request) -> bool:
    """Whether the request comes from this machine itself, or brings the token of the setting `metrics_token`."""
    wanted = context(request).settings.metrics_token
    given = bearer_of(request)
    if wanted is not None and given is not None:
        return hmac.compare_digest(given.encode(), wanted.get_secret_value().encode())
    # A proxy on this machine asks from the loopback address for everybody; it says so in one of these.
    if any(name in request.headers for name in _FORWARDED) or request.client is None:
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def require_operator(request: Request) -> None:
    """Raise Forbidden for everybody else."""
    if not is_operator(request):
        raise Forbidden("this is for who runs the server: ask from its machine, or with the token of metrics_token")
