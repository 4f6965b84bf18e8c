"""Domain values as the API's response types."""

from __future__ import annotations

from collections.abc import Sequence

from groundswell.domain.access_keys import AccessKey
from groundswell.domain.people import Account, Role, Workspace, WorkTeam
from groundswell.service.invitations import InvitationView
from groundswell.service.keys import ApiKey, SomebodysKey
from groundswell.service.ports import Page
from groundswell.service.profile import OwnAccount
from groundswell.service.work_teams import TeamView
from groundswell.wire import accounts as wire

MAX_PAGE = 1_000
_ROLE_ORDER = tuple(Role)


def worker_out(worker: Account, workspace_id: str) -> wire.Worker:
    """An account with its roles in a workspace, the most powerful first."""
    mine = worker.roles_in(workspace_id)
    return wire.Worker(
        id=worker.id,
        email=worker.email,
        name=worker.name,
        roles=[role.value for role in _ROLE_ORDER if role in mine],
        created_at=worker.created_at,
        disabled=worker.disabled,
        verified=worker.verified,
        two_step=worker.two_step,
    )


def me_out(seen: OwnAccount) -> wire.Me:
    """The signed-in person's own account, teams and workspaces."""
    account, here = seen.account, seen.workspace
    return wire.Me(
        **worker_out(account, here.id).model_dump(),
        preferences=dict(account.preferences),
        teams=seen.teams,
        workspace=here.name,
        aws_account=here.aws_account,
        region=here.region,
        workspaces=[workspace.name for workspace in seen.workspaces],
    )


def page_of(limit: int, after: str | None) -> Page:
    """What part of a listing is asked for."""
    return Page(limit=max(1, min(limit, MAX_PAGE)), after=after)


def worker_page_out(found: Sequence[Account], page: Page, workspace_id: str) -> wire.WorkerPage:
    """One page of accounts."""
    following = found[-1].id if len(found) == page.limit else None
    return wire.WorkerPage(workers=[worker_out(one, workspace_id) for one in found], next=following)


def key_out(key: ApiKey) -> wire.Key:
    """An API key, without its secret."""
    return wire.Key(id=key.id, name=key.name, created_at=key.created_at, expires_at=key.expires_at)


def invitation_out(view: InvitationView) -> wire.UsableInvitation:
    """An invitation, without its secret."""
    one = view.invitation
    return wire.UsableInvitation(
        id=view.id,
        created_by=view.creator,
        created_at=one.created_at,
        expires_at=one.expires_at,
        max_uses=one.max_uses,
        uses=one.uses,
    )


def somebodys_key_out(found: SomebodysKey) -> wire.SomebodysKey:
    """Anybody's API key, without its secret."""
    key = key_out(found.key).model_dump()
    return wire.SomebodysKey(**key, worker=found.account_id, email=found.email, workspace=found.workspace)


def workspace_out(workspace: Workspace) -> wire.Workspace:
    """A workspace."""
    return wire.Workspace(
        name=workspace.name,
        created_at=workspace.created_at,
        aws_account=workspace.aws_account,
        region=workspace.region,
    )


def access_key_out(key: AccessKey) -> wire.AccessKey:
    """An AWS access key without its secret."""
    role = None if key.role is None else key.role.value
    return wire.AccessKey(id=key.id, name=key.name, created_at=key.created_at, expires_at=key.expires_at, role=role)


def team_out(view: TeamView) -> wire.Team:
    """A work team."""
    team: WorkTeam = view.team
    return wire.Team(
        name=team.name,
        kind=team.kind.value,
        description=team.description,
        created_at=team.created_at,
        manager=view.manager.email if view.manager else None,
        built_in=view.built_in,
        members=view.members,
    )
