"""Workspaces and who is in them, for administrators of servers that have several."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from groundswell.domain.people import Principal, Role
from groundswell.server.auth import Here, SignedIn
from groundswell.server.console.people import ROLE_WORDS
from groundswell.server.context import Context
from groundswell.server.forms import SHOWN, errors_of, roles_of, text_of
from groundswell.server.rendering import Form, render
from groundswell.service import workspaces
from groundswell.service.ports import Page
from groundswell.service.requests import request_of
from groundswell.wire import accounts as wire

router = APIRouter(prefix="/console")

PAGE = 100


@router.get("/workspaces")
def list_page(request: Request, here: Here, principal: SignedIn) -> Response:
    """Every workspace, and the form for a new one."""
    return _list(request, here, principal)


@router.post("/workspaces")
def create(request: Request, here: Here, principal: SignedIn, form: Form) -> Response:
    """Make a workspace."""
    name = text_of(form, "name")
    try:
        made = workspaces.create(here, principal, request_of(wire.NewWorkspace, {"name": name}))
    except SHOWN as error:
        return _list(request, here, principal, name=name, errors=errors_of(error, "name"), status=422)
    return RedirectResponse(f"/console/workspaces/{quote(made.name, safe='')}", 303)


@router.get("/workspaces/{name}")
def members_page(request: Request, here: Here, principal: SignedIn, name: str, after: str | None = None) -> Response:
    """Who is in a workspace."""
    return _members(request, here, principal, name, after=after)


@router.post("/workspaces/{name}")
def set_member(request: Request, here: Here, principal: SignedIn, name: str, form: Form) -> Response:
    """Give an account roles in it; none ends its membership."""
    email = text_of(form, "email")
    try:
        account = workspaces.account_named(here, principal, email)
        asked = request_of(wire.SetMember, {"roles": roles_of(form)})
        workspaces.set_member(here, principal, name, account.id, asked)
    except SHOWN as error:
        return _members(request, here, principal, name, email=email, errors=errors_of(error, "email"), status=422)
    return RedirectResponse(f"/console/workspaces/{quote(name, safe='')}", 303)


@router.post("/workspaces/{name}/arns")
def change_arns(request: Request, here: Here, principal: SignedIn, name: str, form: Form) -> Response:
    """Give the workspace's ARNs another account id or region."""
    values = {field: text_of(form, field) for field in ("aws_account", "region")}
    try:
        workspaces.change(here, principal, name, request_of(wire.PatchWorkspace, values))
    except SHOWN as error:
        return _members(request, here, principal, name, arns=values, errors=errors_of(error, "region"), status=422)
    return RedirectResponse(f"/console/workspaces/{quote(name, safe='')}", 303)


def _list(request: Request, here: Context, principal: Principal, **names: Any) -> Response:
    found = workspaces.all_of_them(here, principal)
    shown = {"name": "", "errors": {}} | names
    return render(request, "console/workspaces.html", section="workforce", workspaces=found, **shown)


def _members(
    request: Request, here: Context, principal: Principal, name: str, *, after: str | None = None, **names: Any
) -> Response:
    workspace, found = workspaces.members(here, principal, name, Page(limit=PAGE, after=after))
    arns = {"aws_account": workspace.aws_account, "region": workspace.region}
    shown = {"email": "", "errors": {}, "arns": arns} | names
    return render(
        request,
        "console/workspace.html",
        section="workforce",
        workspace=workspace,
        people=found,
        roles={role: words for role, words in ROLE_WORDS.items() if role is not Role.ADMINISTRATOR},
        next=found[-1].id if len(found) == PAGE else None,
        **shown,
    )
