"""Who is asking: session cookie or bearer token to worker, the defence of cookies against other sites, and roles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import Scope

from groundswell.domain.errors import Forbidden, Unauthenticated
from groundswell.domain.people import Account, Role
from groundswell.server.context import Context, context
from groundswell.service.workers import token_digest

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


def worker_of(request: Request) -> Account:
    """The signed-in worker. Cheap: at most one query in ten seconds a token.

    Raises Unauthenticated; Forbidden for a change asked with a cookie from another site's page.
    """
    token = token_of(request)
    if not token:
        raise Unauthenticated("expected a session cookie or a header `Authorization: Bearer <token>`; sign in first")
    if token != bearer_of(request):  # a browser sends the cookie by itself, whatever else a page makes it send
        refuse_other_sites(request)
    here = context(request)
    key = token_digest(token)
    worker = here.tokens.get(key)
    if worker is None:
        worker = here.read(lambda tx: tx.workers.by_token(key, at=here.clock()))
        if worker is None:
            raise Unauthenticated("this sign-in or key is not known, has expired or was taken back; sign in again")
        here.tokens.put(key, worker)
    return worker


def visitor_of(request: Request) -> Account | None:
    """The signed-in worker, or None."""
    try:
        return worker_of(request)
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


def has_role(worker: Account, *roles: Role) -> bool:
    """Whether the worker has any of these roles; administrators have all."""
    return Role.ADMINISTRATOR in worker.roles or not worker.roles.isdisjoint(roles)


def require_role(worker: Account, *roles: Role) -> Account:
    """The worker, or Forbidden."""
    if not has_role(worker, *roles):
        wanted = " or ".join(role.value for role in roles) or Role.ADMINISTRATOR.value
        mine = ", ".join(sorted(role.value for role in worker.roles)) or "none"
        raise Forbidden(f"this needs the role {wanted}; your roles: {mine}. Ask an administrator")
    return worker


def _needs(*roles: Role) -> Callable[[Request], Account]:
    def dependency(request: Request) -> Account:
        return require_role(worker_of(request), *roles)

    return dependency


SignedIn = Annotated[Account, Depends(worker_of)]
Requester = Annotated[Account, Depends(_needs(Role.REQUESTER))]
Overseer = Annotated[Account, Depends(_needs(Role.REQUESTER, Role.VENDOR_MANAGER))]
Administrator = Annotated[Account, Depends(_needs())]
Here = Annotated[Context, Depends(context)]


def set_cookie(response: Response, request: Request, token: str) -> None:
    """Sign the browser in."""
    here = context(request)
    secure = (here.settings.base_url or "").startswith("https:") or request.url.scheme == "https"
    response.set_cookie(
        COOKIE,
        token,
        max_age=here.settings.session_days * 86_400,
        httponly=True,
        samesite="lax",
        secure=secure,
        path="/",
    )


def drop_cookie(response: Response) -> None:
    """Sign the browser out."""
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")
