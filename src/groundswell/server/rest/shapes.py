"""Domain values as the API's response types."""

from __future__ import annotations

from collections.abc import Sequence

from groundswell.domain.people import Account, Role, WorkTeam
from groundswell.service.keys import ApiKey
from groundswell.service.ports import Page
from groundswell.service.work_teams import TeamView
from groundswell.wire import accounts as wire

MAX_PAGE = 1_000
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


def me_out(account: Account, teams: list[str]) -> wire.Me:
    """The signed-in person's own account and teams."""
    return wire.Me(**worker_out(account).model_dump(), preferences=dict(account.preferences), teams=teams)


def page_of(limit: int, after: str | None) -> Page:
    """What part of a listing is asked for."""
    return Page(limit=max(1, min(limit, MAX_PAGE)), after=after)


def worker_page_out(found: Sequence[Account], page: Page) -> wire.WorkerPage:
    """One page of accounts."""
    following = found[-1].id if len(found) == page.limit else None
    return wire.WorkerPage(workers=[worker_out(one) for one in found], next=following)


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
