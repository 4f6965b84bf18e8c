"""Everybody's API keys and AWS access keys, for administrators: whose, where, until when; and taking them back."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from groundswell.server.auth import Here, SignedIn
from groundswell.server.forms import text_of
from groundswell.server.rendering import Form, render
from groundswell.service import access_keys, keys

router = APIRouter(prefix="/console")


@router.get("/keys")
def keys_page(request: Request, here: Here, principal: SignedIn) -> Response:
    """Every key of this server."""
    found = keys.everybodys(here, principal)
    signing = access_keys.everybodys(here, principal)
    several = len({one.workspace for one in found} | {one.workspace for one in signing}) > 1
    return render(request, "console/keys.html", section="workforce", keys=found, access_keys=signing, several=several)


@router.post("/keys")
def revoke_key(here: Here, principal: SignedIn, form: Form) -> Response:
    """Take a key back."""
    if text_of(form, "what") == "access-key":
        access_keys.revoke(here, principal, text_of(form, "key"))
    else:
        keys.revoke(here, principal, text_of(form, "key"))
    return RedirectResponse("/console/keys", 303)
