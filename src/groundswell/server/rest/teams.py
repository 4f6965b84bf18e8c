"""Work teams, their members and invitation links."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request

from groundswell.server.auth import Here, SignedIn
from groundswell.server.context import base_url
from groundswell.server.rest.shapes import invitation_out, page_of, team_out, worker_out, worker_page_out
from groundswell.service import invitations, work_teams
from groundswell.wire import accounts as wire

router = APIRouter(tags=["teams"])


@router.get("/teams")
def list_teams(here: Here, principal: SignedIn) -> list[wire.Team]:
    """The teams one may see: requesters all, vendor managers their own, workers those they are in."""
    return [team_out(view) for view in work_teams.visible(here, principal)]


@router.post("/teams", status_code=201)
def create_team(here: Here, principal: SignedIn, body: wire.NewTeam) -> wire.Team:
    """A new private team, or a vendor team with a manager of its own."""
    return team_out(work_teams.create(here, principal, body))


@router.get("/teams/{name}")
def get_team(here: Here, principal: SignedIn, name: str) -> wire.Team:
    """One team."""
    return team_out(work_teams.describe(here, principal, name))


@router.patch("/teams/{name}")
def patch_team(here: Here, principal: SignedIn, name: str, body: wire.PatchTeam) -> wire.Team:
    """Change a team's description or manager."""
    return team_out(work_teams.change(here, principal, name, body))


@router.delete("/teams/{name}", status_code=204)
def delete_team(here: Here, principal: SignedIn, name: str) -> None:
    """Remove a team that no job uses."""
    work_teams.remove(here, principal, name)


@router.get("/teams/{name}/members")
def list_members(
    here: Here, principal: SignedIn, name: str, limit: int = 100, after: str | None = None
) -> wire.WorkerPage:
    """Who is in a team."""
    page = page_of(limit, after)
    return worker_page_out(work_teams.members(here, principal, name, page), page, principal.workspace_id)


@router.post("/teams/{name}/members", status_code=201)
def add_member(here: Here, principal: SignedIn, name: str, body: wire.NewMember) -> wire.Worker:
    """Make somebody who has an account a member."""
    return worker_out(work_teams.add_member(here, principal, name, body), principal.workspace_id)


@router.delete("/teams/{name}/members/{worker_id}", status_code=204)
def remove_member(here: Here, principal: SignedIn, name: str, worker_id: str) -> None:
    """Take somebody out of a team; what they submitted stays."""
    work_teams.remove_member(here, principal, name, worker_id)


@router.post("/teams/{name}/invitations", status_code=201)
def create_invitation(
    request: Request, here: Here, principal: SignedIn, name: str, body: wire.NewInvitation | None = None
) -> wire.Invitation:
    """A link that makes whoever opens it a member; shown this once."""
    made = invitations.create(here, principal, name, body or wire.NewInvitation())
    return wire.Invitation(
        link=f"{base_url(request)}/invite/{made.token}",
        token=made.token,
        team=made.team.name,
        id=made.invitation.digest[:16],
        expires_at=made.invitation.expires_at,
        max_uses=made.invitation.max_uses,
    )


@router.get("/teams/{name}/invitations")
def list_invitations(here: Here, principal: SignedIn, name: str) -> list[wire.UsableInvitation]:
    """The invitations that can still be used, the newest first, without their links."""
    return [invitation_out(view) for view in invitations.usable(here, principal, name)]


@router.delete("/teams/{name}/invitations/{invitation_id}", status_code=204)
def revoke_invitation(here: Here, principal: SignedIn, name: str, invitation_id: str) -> None:
    """Take an invitation back: its link leads nowhere from now on."""
    invitations.revoke(here, principal, name, invitation_id)
