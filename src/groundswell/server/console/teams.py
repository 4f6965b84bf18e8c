"""Workforce pages: teams, their members, invitation links, a vendor's manager."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from groundswell.domain.errors import InvalidInput
from groundswell.domain.people import Principal
from groundswell.server import once
from groundswell.server.auth import Here, SignedIn
from groundswell.server.console.job_list import STATE_WORDS
from groundswell.server.context import Context, base_url
from groundswell.server.forms import SHOWN, errors_of, given, sentence, text_of
from groundswell.server.rendering import Form, render
from groundswell.service import invitations, work_teams
from groundswell.service.access import Action, permits, require
from groundswell.service.ports import Page
from groundswell.service.requests import request_of
from groundswell.wire import accounts as wire

router = APIRouter(prefix="/console")

MEMBERS_SHOWN = 200
JOBS_SHOWN = 20


@router.get("/workforce")
def workforce_page(request: Request, here: Here, principal: SignedIn) -> Response:
    """Teams, and for administrators the way to accounts."""
    return _workforce(request, here, principal)


@router.post("/workforce")
def new_team(request: Request, here: Here, principal: SignedIn, form: Form) -> Response:
    """Make a team."""
    values = {name: text_of(form, name) for name in ("name", "kind", "description", "manager")}
    asked = {"name": values["name"], **given(form, "kind", "description")}
    if values["kind"] == "vendor":
        asked |= given(form, "manager")
    try:
        view = work_teams.create(here, principal, request_of(wire.NewTeam, asked))
    except SHOWN as error:
        errors = errors_of(error, "name")
        return _workforce(request, here, principal, values=values, errors=errors, status=422)
    return RedirectResponse(f"/console/teams/{view.team.name}", 303)


def _workforce(request: Request, here: Context, principal: Principal, **names: Any) -> Response:
    require(principal, Action.SEE_JOB)
    views = work_teams.visible(here, principal)
    shown = {"values": {"name": "", "kind": "private", "description": "", "manager": ""}, "errors": {}} | names
    return render(request, "console/workforce.html", section="workforce", teams=views, **shown)


@router.get("/teams/{name}")
def team_page(request: Request, here: Here, principal: SignedIn, name: str) -> Response:
    """One team: members, invitations, its jobs."""
    return once.showing(request, _team(request, here, principal, name, told=once.told(request)))


@router.post("/teams/{name}")
def change_team(request: Request, here: Here, principal: SignedIn, form: Form, name: str) -> Response:
    """One of the page's forms; `what` says which."""
    what = text_of(form, "what")
    try:
        if what == "invite":
            asked = request_of(wire.NewInvitation, given(form, "days", "max_uses"))
            made = invitations.create(here, principal, name, asked)
            told = {"link": f"{base_url(request)}/invite/{made.token}", "uses": str(asked.max_uses)}
            return once.redirect(request, f"/console/teams/{made.team.name}", told)
        if what == "delete":
            work_teams.remove(here, principal, name)
            return RedirectResponse("/console/workforce", 303)
        _change_members(here, principal, name, what, form)
    except SHOWN as error:
        return _team(request, here, principal, name, errors={what: sentence(error.message)}, status=422)
    return RedirectResponse(f"/console/teams/{name}", 303)


def _change_members(here: Context, principal: Principal, name: str, what: str, form: Form) -> None:
    if what == "add":
        asked = request_of(wire.NewMember, {"email": text_of(form, "email")})
        work_teams.add_member(here, principal, name, asked)
    elif what == "remove":
        work_teams.remove_member(here, principal, name, text_of(form, "worker"))
    elif what == "revoke":
        invitations.revoke(here, principal, name, text_of(form, "invitation"))
    elif what == "describe":
        work_teams.change(here, principal, name, request_of(wire.PatchTeam, given(form, "description")))
    else:
        raise InvalidInput(f"expected one of this page's buttons, got {what!r:.50}", field="what")


def _team(request: Request, here: Context, principal: Principal, name: str, **names: Any) -> Response:
    shown = {"errors": {}, "told": {}, "words": STATE_WORDS} | names
    return render(
        request,
        "console/team.html",
        section="workforce",
        may_add=permits(principal.roles, Action.ADD_TO_TEAM),
        view=work_teams.describe(here, principal, name),
        members=work_teams.members(here, principal, name, Page(limit=MEMBERS_SHOWN)),
        invitations=invitations.usable(here, principal, name),
        jobs=work_teams.jobs(here, principal, name, Page(limit=JOBS_SHOWN)),
        **shown,
    )
