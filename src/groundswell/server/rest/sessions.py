"""Signing in and out."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from groundswell.domain.errors import Unauthenticated
from groundswell.domain.people import Account
from groundswell.server.auth import Here, drop_cookie, refuse_other_sites, set_cookie, token_of
from groundswell.server.context import Context, context
from groundswell.server.rest.shapes import worker_out
from groundswell.service import workers
from groundswell.wire import accounts as wire

router = APIRouter(tags=["accounts"])


def sign_in(request: Request, email: str, password: str) -> tuple[Account, str]:
    """The worker and a new session's token; raises Unauthenticated, TooManyRequests.

    Failures are counted by address and caller, so that nobody locks somebody else out.
    """
    here = context(request)
    key = f"{request.client.host if request.client else ''} {email.strip().lower()}"
    here.sign_ins.check(key)
    found = here.read(lambda tx: workers.account_of(tx, email))
    now, network = here.clock(), request.client.host if request.client else ""
    try:
        with here.sign_ins.counting_failures(key):
            worker = workers.check_sign_in(found, password)
    except Unauthenticated:
        here.write(lambda tx: workers.note_failed_sign_in(tx, found[0] if found else None, at=now, network=network))
        raise
    token, days = workers.new_token(), here.settings.session_days
    here.write(lambda tx: workers.open_session(tx, worker, token, at=now, days=days, network=network))
    return worker, token


def sign_out(request: Request, here: Context) -> None:
    """Drop the session of this request, if it has one."""
    token = token_of(request)
    if token:
        digest, now = workers.token_digest(token), here.clock()
        here.write(lambda tx: workers.close_session(tx, tx.workers.by_token(digest, at=now), digest, at=now))
        here.tokens.forget_token(digest)


@router.post("/sessions", status_code=201)
def create_session(request: Request, response: Response, here: Here, body: wire.SignIn) -> wire.Session:
    """Sign in. The token is for programs; browsers get it as a cookie that scripts cannot read."""
    refuse_other_sites(request)
    worker, token = sign_in(request, body.email, body.password)
    set_cookie(response, request, token)
    return wire.Session(token=token, worker=worker_out(worker))


@router.delete("/sessions", status_code=204)
def delete_session(request: Request, response: Response, here: Here) -> None:
    """Sign out: the token of this request is no longer valid."""
    refuse_other_sites(request)
    sign_out(request, here)
    drop_cookie(response)
