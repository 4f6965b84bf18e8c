"""Signing in and out."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from groundswell.server.auth import Here, drop_cookie, network_of, refuse_other_sites, set_cookie, token_of
from groundswell.server.rest.shapes import worker_out
from groundswell.service import sign_in
from groundswell.wire import accounts as wire

router = APIRouter(tags=["accounts"])


@router.post("/sessions", status_code=201)
def create_session(request: Request, response: Response, here: Here, body: wire.SignIn) -> wire.Session:
    """Sign in. The token is for programs; browsers get it as a cookie that scripts cannot read."""
    refuse_other_sites(request)
    account, token = sign_in.sign_in(here, body, network=network_of(request))
    set_cookie(response, request, token)
    return wire.Session(token=token, worker=worker_out(account, account.home))


@router.delete("/sessions", status_code=204)
def delete_session(request: Request, response: Response, here: Here) -> None:
    """Sign out: the token of this request is no longer valid."""
    refuse_other_sites(request)
    sign_in.sign_out(here, token_of(request))
    drop_cookie(response)
