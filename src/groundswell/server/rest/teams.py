"""Work teams, their members and invitation links."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request

from groundswell.domain.people import Account, TeamKind
from groundswell.server.auth import Here, Overseer, Requester, SignedIn
from groundswell.server.context import Context, base_url
from groundswell.server.rest.shapes import team_out, worker_out
from groundswell.service import work_teams, workers
from groundswell.service.ports import Page, Transaction
from groundswell.wire import accounts as wire

router = APIRouter(tags=["teams"])


@router.get("/teams")
def list_teams(here: Here, worker: SignedIn) -> list[wire.Team]:
    """The teams one may see: requesters all, vendor managers their own, workers those they are in."""
    return [team_out(view) for view in here.read(lambda tx: work_teams.visible(tx, worker))]


@router.post("/teams", status_code=201)
def create_team(here: Here, requester: Requester, body: wire.NewTeam) -> wire.Team:
    """A new private team, or a vendor team with a manager of its own."""
    team_id, now = here.new_id(), here.clock()

    def work(tx: Transaction) -> wire.Team:
        team = work_teams.create(
            tx,
            team_id=team_id,
            name=body.name,
            kind=TeamKind(body.kind),
            description=body.description,
            manager_email=body.manager,
            by=requester,
            at=now,
        )
        return team_out(work_teams.view(tx, team))

    made = here.write(work)
    _forget_manager(here, body.manager)
    return made


@router.get("/teams/{name}")
def get_team(here: Here, worker: SignedIn, name: str) -> wire.Team:
    """One team."""
    return here.read(lambda tx: team_out(work_teams.view(tx, work_teams.seen(tx, worker, name))))


@router.patch("/teams/{name}")
def patch_team(here: Here, requester: Requester, name: str, body: wire.PatchTeam) -> wire.Team:
    """Change a team's description or manager."""
    now = here.clock()

    def work(tx: Transaction) -> wire.Team:
        team = work_teams.change(
            tx,
            tx.teams.by_name(name),
            by=requester,
            at=now,
            description=body.description,
            manager_email=body.manager,
        )
        return team_out(work_teams.view(tx, team))

    changed = here.write(work)
    _forget_manager(here, body.manager)
    return changed


@router.delete("/teams/{name}", status_code=204)
def delete_team(here: Here, requester: Requester, name: str) -> None:
    """Remove a team that no job uses."""
    now = here.clock()
    here.write(lambda tx: work_teams.remove(tx, tx.teams.by_name(name), by=requester, at=now))


@router.get("/teams/{name}/members")
def list_members(
    here: Here, overseer: Overseer, name: str, limit: int = 100, after: str | None = None
) -> wire.WorkerPage:
    """Who is in a team."""
    page = Page(limit=max(1, min(limit, 1_000)), after=after)

    def work(tx: Transaction) -> list[Account]:
        return tx.workers.page(page, team_id=work_teams.managed(tx, overseer, name).id)

    found = here.read(work)
    return wire.WorkerPage(
        workers=[worker_out(one) for one in found], next=found[-1].id if len(found) == page.limit else None
    )


@router.post("/teams/{name}/members", status_code=201)
def add_member(here: Here, overseer: Overseer, name: str, body: wire.NewMember) -> wire.Worker:
    """Make somebody who has an account a member."""
    now = here.clock()

    def work(tx: Transaction) -> Account:
        return work_teams.add_member(tx, work_teams.managed(tx, overseer, name), body.email, by=overseer, at=now)

    return worker_out(here.write(work))


@router.delete("/teams/{name}/members/{worker_id}", status_code=204)
def remove_member(here: Here, overseer: Overseer, name: str, worker_id: str) -> None:
    """Take somebody out of a team; what they submitted stays."""
    now = here.clock()

    def work(tx: Transaction) -> None:
        work_teams.remove_member(tx, work_teams.managed(tx, overseer, name), worker_id, by=overseer, at=now)

    here.write(work)


@router.post("/teams/{name}/invitations", status_code=201)
def create_invitation(
    request: Request, here: Here, overseer: Overseer, name: str, body: wire.NewInvitation | None = None
) -> wire.Invitation:
    """A link that makes whoever opens it a member; shown this once."""
    return invite(here, overseer, name, body or wire.NewInvitation(), base=base_url(request))


def invite(here: Context, by: Account, name: str, body: wire.NewInvitation, *, base: str) -> wire.Invitation:
    """Make an invitation link below the address `base`."""
    token, now = workers.new_token(), here.clock()

    def work(tx: Transaction) -> wire.Invitation:
        team = work_teams.managed(tx, by, name)
        expires = work_teams.invite(tx, team, token, by=by, at=now, days=body.days, max_uses=body.max_uses)
        return wire.Invitation(
            link=f"{base}/invite/{token}", token=token, team=team.name, expires_at=expires, max_uses=body.max_uses
        )

    return here.write(work)


def _forget_manager(here: Context, email: str | None) -> None:
    """The new manager has a role more: drop what is remembered of them."""
    if email:
        found = here.read(lambda tx: workers.account_of(tx, email))
        if found:
            here.tokens.forget_worker(found[0].id)
