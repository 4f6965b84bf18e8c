"""Who is asking: session cookie or bearer token, and the defence of cookies against other sites."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import Scope

from groundswell.domain.errors import Forbidden, Unauthenticated
from groundswell.domain.people import Principal
from groundswell.server.context import Context, context
from groundswell.service import sign_in
from groundswell.service.tokens import token_digest

COOKIE = "groundswell_session"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def bearer_of(request: HTTPConnection) -> str | None:
    """The token of a header `Authorization: Bearer <token>`."""
    given = request.headers.get("authorization", "")
    return given[7:].strip() if given[:7].lower() == "bearer " else None


def token_of(request: HTTPConnection) -> str | None:
    """The bearer token, or else the session cookie's."""
    given = bearer_of(request)
    return request.cookies.get(COOKIE) if given is None else given


def principal_of(request: Request) -> Principal:
    """Who asks. Cheap: at most one query in ten seconds a token.

    Raises Unauthenticated; Forbidden for a change asked with a cookie from another site's page.
    """
    token = _token_from_here(request)
    return sign_in.principal(context(request), token)


async def principal_soon(request: Request) -> Principal:
    """The same for routes on the event loop: who is not remembered is looked up in a thread."""
    here, token = context(request), _token_from_here(request)
    known = here.tokens.get(token_digest(token)) if token else None
    if known is None:
        return await run_in_threadpool(sign_in.principal, here, token)
    return known


def _token_from_here(request: Request) -> str | None:
    """The token, unless a page of another site makes a browser send it; raises Forbidden."""
    bearer = bearer_of(request)
    if bearer is not None:
        return bearer
    token = request.cookies.get(COOKIE)
    if token:  # a browser sends the cookie by itself, whatever a page adds to it
        refuse_other_sites(request)
    return token


def visitor_of(request: Request) -> Principal | None:
    """Who asks, or None for somebody who is not signed in."""
    try:
        return principal_of(request)
    except Unauthenticated:
        return None


async def is_known(scope: Scope) -> bool:
    """Whether somebody signed in sends this request; asked only of large ones, and outside the event loop."""
    return await run_in_threadpool(_is_signed_in, Request(scope))


def _is_signed_in(request: Request) -> bool:
    try:
        return visitor_of(request) is not None
    except Forbidden:
        return False


def network_of(request: HTTPConnection) -> str:
    """Where a request comes from."""
    return request.client.host if request.client else ""


def refuse_other_sites(request: Request) -> None:
    """Raise Forbidden for a change that a browser sends from a page of another origin (sandboxed pages included)."""
    if request.method in _SAFE_METHODS:
        return
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site in ("same-origin", "none") or (site is None and origin is None):
        return
    base = context(request).settings.base_url
    allowed = {request.headers.get("host", ""), urlsplit(base).netloc if base else ""}
    if site is None and origin is not None and origin != "null" and urlsplit(origin).netloc in allowed:
        return
    raise Forbidden("this change was asked for by a page of another site; open Groundswell's own page and try again")


SignedIn = Annotated[Principal, Depends(principal_of)]
Here = Annotated[Context, Depends(context)]


def is_secure(request: Request) -> bool:
    """Whether people reach this server over TLS only, so that cookies may be kept to it."""
    base = context(request).settings.base_url or ""
    return base.startswith("https:") or request.url.scheme == "https"


def set_cookie(response: Response, request: Request, token: str) -> None:
    """Sign the browser in."""
    here = context(request)
    response.set_cookie(
        COOKIE,
        token,
        max_age=here.settings.session_days * 86_400,
        httponly=True,
        samesite="lax",
        secure=is_secure(request),
        path="/",
    )


def drop_cookie(response: Response) -> None:
    """Sign the browser out."""
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")
