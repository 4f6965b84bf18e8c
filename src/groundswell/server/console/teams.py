"""Workforce pages: teams, their members, invitation links, a vendor's manager."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from groundswell.domain.errors import GroundswellError
from groundswell.domain.people import Account, TeamKind
from groundswell.server.auth import Here, Overseer, Requester
from groundswell.server.console.job_form import sentence
from groundswell.server.console.job_list import STATE_WORDS
from groundswell.server.context import Context, base_url
from groundswell.server.rendering import Form, render
from groundswell.server.rest.teams import invite
from groundswell.service import work_teams
from groundswell.service.ports import Page, Transaction
from groundswell.wire import accounts as wire

router = APIRouter(prefix="/console")

MEMBERS_SHOWN = 200
JOBS_SHOWN = 20


@router.get("/workforce")
def workforce_page(request: Request, here: Here, worker: Overseer) -> Response:
    """Teams, and for administrators the way to accounts."""
    return _workforce(request, here, worker)


@router.post("/workforce")
def new_team(request: Request, here: Here, worker: Requester, form: Form) -> Response:
    """Make a team."""
    values = {name: str(form.get(name, "")).strip() for name in ("name", "kind", "description", "manager")}
    team_id, now = here.new_id(), here.clock()
    try:
        team = here.write(
            lambda tx: work_teams.create(
                tx,
                team_id=team_id,
                name=values["name"],
                kind=TeamKind.VENDOR if values["kind"] == "vendor" else TeamKind.PRIVATE,
                description=values["description"],
                manager_email=values["manager"] if values["kind"] == "vendor" else None,
                by=worker,
                at=now,
            )
        )
    except GroundswellError as error:
        errors = {error.field or "name": sentence(error.message)}
        return _workforce(request, here, worker, values=values, errors=errors, status=422)
    return RedirectResponse(f"/console/teams/{team.name}", 303)


def _workforce(request: Request, here: Context, worker: Account, **names: Any) -> Response:
    views = here.read(lambda tx: work_teams.visible(tx, worker))
    given = {"values": {"name": "", "kind": "private", "description": "", "manager": ""}, "errors": {}} | names
    return render(request, "console/workforce.html", section="workforce", teams=views, **given)


@router.get("/teams/{name}")
def team_page(request: Request, here: Here, worker: Overseer, name: str) -> Response:
    """One team: members, invitations, its jobs."""
    return _team(request, here, worker, name)


@router.post("/teams/{name}")
def change_team(request: Request, here: Here, worker: Overseer, form: Form, name: str) -> Response:
    """One of the page's forms; `what` says which."""
    what, now = str(form.get("what", "")), here.clock()
    try:
        if what == "invite":
            wanted = wire.NewInvitation(days=_whole(form, "days", 14), max_uses=_whole(form, "max_uses", 50))
            invitation = invite(here, worker, name, wanted, base=base_url(request))
            return _team(request, here, worker, name, invitation=invitation)
        if what == "delete":
            here.write(lambda tx: work_teams.remove(tx, work_teams.managed(tx, worker, name), by=worker, at=now))
            return RedirectResponse("/console/workforce", 303)
        here.write(lambda tx: _member_change(tx, worker, name, what, form, now))
    except GroundswellError as error:
        return _team(request, here, worker, name, errors={what: sentence(error.message)}, status=422)
    return RedirectResponse(f"/console/teams/{name}", 303)


def _member_change(tx: Transaction, worker: Account, name: str, what: str, form: Form, now: datetime) -> None:
    team = work_teams.managed(tx, worker, name)
    if what == "add":
        work_teams.add_member(tx, team, str(form.get("email", "")), by=worker, at=now)
    elif what == "remove":
        work_teams.remove_member(tx, team, str(form.get("worker", "")), by=worker, at=now)
    elif what == "describe":
        work_teams.change(tx, team, by=worker, at=now, description=str(form.get("description", ""))[:2_000])


def _team(request: Request, here: Context, worker: Account, name: str, **names: Any) -> Response:
    def work(tx: Transaction) -> dict[str, Any]:
        team = work_teams.managed(tx, worker, name)
        return {
            "view": work_teams.view(tx, team),
            "members": tx.workers.page(Page(limit=MEMBERS_SHOWN), team_id=team.id),
            "jobs": tx.jobs.page(Page(limit=JOBS_SHOWN), team_ids=[team.id]),
        }

    given = {"errors": {}, "invitation": None, "words": STATE_WORDS} | names
    return render(request, "console/team.html", section="workforce", **here.read(work), **given)


def _whole(form: Form, name: str, default: int) -> int:
    text = str(form.get(name, ""))
    return max(1, min(int(text), 365 if name == "days" else 10_000)) if text.isdigit() else default
