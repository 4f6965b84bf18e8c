"""Domain values as the API's response types."""

from __future__ import annotations

from groundswell.domain.people import Account, Role, WorkTeam
from groundswell.service.ports import Transaction
from groundswell.service.work_teams import TeamView
from groundswell.service.workers import ApiKey
from groundswell.wire import accounts as wire

_ROLE_ORDER = tuple(Role)


def roles_out(worker: Account) -> list[wire.RoleName]:
    """Role names, the most powerful first."""
    return [role.value for role in _ROLE_ORDER if role in worker.roles]


def worker_out(worker: Account) -> wire.Worker:
    """An account."""
    return wire.Worker(
        id=worker.id,
        email=worker.email,
        name=worker.name,
        roles=roles_out(worker),
        created_at=worker.created_at,
        disabled=worker.disabled,
    )


def me_out(tx: Transaction, worker: Account) -> wire.Me:
    """The signed-in person's own account."""
    teams = [team.name for team in tx.teams.select(member_id=worker.id)]
    return wire.Me(**worker_out(worker).model_dump(), preferences=dict(worker.preferences), teams=teams)


def key_out(key: ApiKey) -> wire.Key:
    """An API key, without its secret."""
    return wire.Key(id=key.id, name=key.name, created_at=key.created_at, expires_at=key.expires_at)


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
