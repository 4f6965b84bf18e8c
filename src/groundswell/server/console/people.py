"""Accounts, for administrators: roles, disabling, new ones, passwords."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from groundswell.domain.errors import InvalidInput
from groundswell.domain.people import Principal, Role
from groundswell.server import once
from groundswell.server.auth import Here, SignedIn
from groundswell.server.context import Context
from groundswell.server.forms import SHOWN, errors_of, given, roles_of, sentence, text_of
from groundswell.server.rendering import Form, render
from groundswell.service import accounts
from groundswell.service.access import Action, require
from groundswell.service.ports import Page
from groundswell.service.requests import request_of
from groundswell.wire import accounts as wire

router = APIRouter(prefix="/console")

PAGE = 100
CHANGES: dict[str, dict[str, bool]] = {
    "disable": {"disabled": True},
    "enable": {"disabled": False},
    "verify": {"verified": True},
    "two-step-off": {"two_step": False},
}
ROLE_WORDS = {
    Role.ADMINISTRATOR: "Administrator: everything, accounts included",
    Role.REQUESTER: "Requester: creates jobs and sees their labels",
    Role.REVIEWER: "Reviewer: sees jobs and labels, changes none",
    Role.VENDOR_MANAGER: "Vendor manager: runs a vendor team of their own",
    Role.WORKER: "Worker: labels",
}


@router.get("/people")
def people_page(request: Request, here: Here, principal: SignedIn, after: str | None = None) -> Response:
    """Every account."""
    return once.showing(request, _people(request, here, principal, after=after, told=once.told(request)))


@router.post("/people")
def new_person(request: Request, here: Here, principal: SignedIn, form: Form) -> Response:
    """Make an account for somebody; its password is shown once."""
    asked: dict[str, Any] = {"email": text_of(form, "email"), **given(form, "name")}
    if roles := roles_of(form):
        asked["roles"] = roles
    try:
        made, password = accounts.create(here, principal, request_of(wire.NewWorker, asked))
    except SHOWN as error:
        errors = errors_of(error, "email")
        return _people(request, here, principal, errors=errors, email=asked["email"], status=422)
    return once.redirect(request, "/console/people", {"email": made.email, "password": password or ""})


@router.post("/people/{account_id}")
def change_person(request: Request, here: Here, principal: SignedIn, form: Form, account_id: str) -> Response:
    """Roles, disabled or not, or a new password."""
    what = text_of(form, "what")
    if what not in CHANGES and what not in ("roles", "password"):
        raise InvalidInput(f"expected one of this page's buttons, got {what!r:.50}", field="what")
    try:
        if what == "password":
            made, password = accounts.reset_password(here, principal, account_id)
            return once.redirect(request, "/console/people", {"email": made.email, "password": password})
        asked: dict[str, Any] = {"roles": roles_of(form)} if what == "roles" else dict(CHANGES[what])
        accounts.change(here, principal, account_id, request_of(wire.PatchWorker, asked))
    except SHOWN as error:
        return _people(request, here, principal, problem=sentence(error.message), status=422)
    return RedirectResponse("/console/people", 303)


def _people(
    request: Request, here: Context, principal: Principal, *, after: str | None = None, **names: Any
) -> Response:
    require(principal, Action.CHANGE_ACCOUNTS)
    found = accounts.page(here, principal, Page(limit=PAGE, after=after))
    shown = {"errors": {}, "email": "", "told": {}, "problem": None} | names
    following = found[-1].id if len(found) == PAGE else None
    return render(
        request,
        "console/people.html",
        section="workforce",
        people=found,
        roles=ROLE_WORDS,
        here=principal.workspace_id,
        next=following,
        **shown,
    )
