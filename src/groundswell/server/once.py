"""What a page tells once: a secret just made, shown after the redirect that follows the form, and not again.

It travels in a cookie that scripts cannot read, goes to that page only and is taken back as it is shown: so reloading
makes no second secret, and any process of the server may answer.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from groundswell.server.auth import is_secure

COOKIE = "groundswell_once"
_SECONDS = 120


def redirect(request: Request, path: str, told: Mapping[str, str]) -> Response:
    """Go to a page of this server, which tells this once."""
    response = RedirectResponse(path, 303)
    packed = base64.urlsafe_b64encode(json.dumps(dict(told)).encode()).decode()
    response.set_cookie(
        COOKIE, packed, max_age=_SECONDS, path=path, httponly=True, samesite="lax", secure=is_secure(request)
    )
    return response


def told(request: Request) -> dict[str, str]:
    """What the page of this request is to tell; empty mostly."""
    try:
        found = json.loads(base64.urlsafe_b64decode(request.cookies.get(COOKIE, "")))
    except (ValueError, binascii.Error):
        return {}
    return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else {}


def showing(request: Request, response: Response) -> Response:
    """The page with what it told taken back."""
    if COOKIE in request.cookies:
        response.delete_cookie(COOKIE, path=request.url.path, httponly=True, samesite="lax")
        response.headers["Cache-Control"] = "no-store"
    return response
