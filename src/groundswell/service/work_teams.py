"""Work teams: making them, their members, and the vendor manager who runs one of their own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from groundswell.domain import events
from groundswell.domain.errors import Conflict, InvalidInput, NotFound
from groundswell.domain.people import EVERYONE, PUBLIC, Account, Principal, Role, TeamKind, WorkTeam
from groundswell.domain.records import LabelingJob
from groundswell.service import accounts
from groundswell.service.access import Action, require, require_here, sees_job, sees_team, team_for
from groundswell.service.context import Context
from groundswell.service.invitations import bring_in
from groundswell.service.ports import Page, Transaction
from groundswell.service.tags import Tags, check_tags
from groundswell.wire import accounts as wire

_NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
_BUILT_IN = frozenset({EVERYONE, PUBLIC})


@dataclass(frozen=True)
class TeamView:
    """A team with what a list shows beside it."""

    team: WorkTeam
    manager: Account | None
    members: int

    @property
    def built_in(self) -> bool:
        """Whether the server made it and nobody can change it."""
        return is_built_in(self.team)


def is_built_in(team: WorkTeam) -> bool:
    """Whether this is `everyone` or `public`."""
    return team.name in _BUILT_IN


def visible(context: Context, principal: Principal) -> list[TeamView]:
    """The teams this person may see: requesters all, vendor managers those they manage, workers those they are in."""

    def work(tx: Transaction) -> list[TeamView]:
        teams = [team for team in _near(tx, principal) if sees_team(tx, principal, team)]
        ordered = sorted(teams, key=lambda team: (not is_built_in(team), team.name.lower()))
        return [_view(tx, team) for team in ordered]

    return context.read(work)


def describe(context: Context, principal: Principal, name: str) -> TeamView:
    """One team; raises NotFound."""
    return context.read(lambda tx: _view(tx, team_for(tx, principal, name)))


def create(
    context: Context,
    principal: Principal,
    asked: wire.NewTeam,
    *,
    details: Mapping[str, Any] | None = None,
    tags: Tags | None = None,
) -> TeamView:
    """A new team; raises InvalidInput naming the field, Conflict when the name is taken.

    details : what a client of AWS said of it, kept to be told again.
    """
    require_here(principal, Action.CREATE_TEAM)
    check_tags(tags or {})
    if not _NAME.fullmatch(asked.name):
        raise InvalidInput(f"expected 1 to 63 letters, digits and inner hyphens, got {asked.name!r}", field="name")
    team_id, now = context.new_id(), context.clock()

    def work(tx: Transaction) -> TeamView:
        kind = TeamKind(asked.kind)
        manager = _manager(tx, principal, kind, asked.manager)
        manager_id = manager.id if manager else None
        where = principal.workspace_id
        team = WorkTeam(
            id=team_id,
            name=asked.name,
            kind=kind,
            description=asked.description.strip(),
            created_at=now,
            manager_id=manager_id,
            workspace_id=where,
            details=details or {},
            tags=tags or {},
        )
        tx.teams.add(team)
        tx.record(
            events.TeamCreated(
                at=now, actor=principal.id, workspace=team.workspace_id, team=team.name, team_kind=kind.value
            )
        )
        return _view(tx, team)

    return _forgetting_manager(context, context.write(work))


def change(
    context: Context,
    principal: Principal,
    name: str,
    asked: wire.PatchTeam,
    *,
    details: Mapping[str, Any] | None = None,
) -> TeamView:
    """Change a team's description or manager; those of its details that are given replace the ones of before."""
    require(principal, Action.CHANGE_TEAM)
    now = context.clock()

    def work(tx: Transaction) -> TeamView:
        team = _changeable(team_for(tx, principal, name, Action.CHANGE_TEAM))
        manager = _manager(tx, principal, team.kind, asked.manager) if asked.manager is not None else None
        tx.teams.update(
            team.id,
            description=asked.description,
            manager_id=manager.id if manager else None,
            details=None if details is None else {**team.details, **details},
            at=now,
        )
        tx.record(events.TeamChanged(at=now, actor=principal.id, workspace=team.workspace_id, team=team.name))
        return _view(tx, tx.teams.get(team.id))

    return _forgetting_manager(context, context.write(work))


def remove(context: Context, principal: Principal, name: str) -> None:
    """Remove a team; raises Conflict while jobs use it."""
    require(principal, Action.CHANGE_TEAM)
    now = context.clock()

    def work(tx: Transaction) -> None:
        team = _changeable(team_for(tx, principal, name, Action.CHANGE_TEAM))
        tx.teams.remove(team.id)
        tx.record(events.TeamRemoved(at=now, actor=principal.id, workspace=team.workspace_id, team=team.name))

    context.write(work)


def members(context: Context, principal: Principal, name: str, page: Page) -> list[Account]:
    """Who is in a team, in order of their accounts' making."""
    require(principal, Action.MANAGE_TEAM)

    def work(tx: Transaction) -> list[Account]:
        return tx.workers.page(page, team_id=team_for(tx, principal, name, Action.MANAGE_TEAM).id)

    return context.read(work)


def jobs(context: Context, principal: Principal, name: str, page: Page) -> list[LabelingJob]:
    """The jobs of a team, newest first."""
    require(principal, Action.MANAGE_TEAM)

    def work(tx: Transaction) -> list[LabelingJob]:
        team = team_for(tx, principal, name, Action.MANAGE_TEAM)
        found = tx.jobs.page(page, team_ids=[team.id])
        return [job for job in found if sees_job(tx, principal, job)]

    return context.read(work)


def add_member(context: Context, principal: Principal, name: str, asked: wire.NewMember) -> Account:
    """Make somebody who has an account a member; raises NotFound for an unknown address."""
    require(principal, Action.ADD_TO_TEAM)
    email, now = asked.email.strip(), context.clock()

    def work(tx: Transaction) -> Account:
        team = _changeable(team_for(tx, principal, name, Action.ADD_TO_TEAM))
        found = accounts.find_here(tx, principal, email)
        if found is None:
            raise NotFound(f"nobody here has an account with {email!r}; send an invitation link instead", field="email")
        bring_in(tx, team, found)
        tx.record(
            events.MemberAdded(
                at=now, actor=principal.id, workspace=team.workspace_id, team=team.name, account=found.id
            )
        )
        return tx.workers.get(found.id)

    added = context.write(work)
    context.forget_account(added.id)
    return added


def remove_member(context: Context, principal: Principal, name: str, account_id: str) -> None:
    """Take somebody out of a team; what they submitted stays."""
    require(principal, Action.MANAGE_TEAM)
    now = context.clock()

    def work(tx: Transaction) -> None:
        team = _changeable(team_for(tx, principal, name, Action.MANAGE_TEAM))
        tx.teams.remove_member(team.id, account_id, at=now)
        tx.record(
            events.MemberRemoved(
                at=now, actor=principal.id, workspace=team.workspace_id, team=team.name, account=account_id
            )
        )

    context.write(work)


def _near(tx: Transaction, principal: Principal) -> list[WorkTeam]:
    """The teams of this workspace, and those elsewhere that the person manages or is in."""
    here = tx.teams.select(workspace_id=principal.workspace_id)
    elsewhere = tx.teams.select(manager_id=principal.id) + tx.teams.select(member_id=principal.id)
    return list({team.id: team for team in here + elsewhere}.values())


def _view(tx: Transaction, team: WorkTeam) -> TeamView:
    manager = tx.workers.get(team.manager_id) if team.manager_id else None
    return TeamView(team, manager, tx.teams.member_count(team.id))


def _manager(tx: Transaction, principal: Principal, kind: TeamKind, email: str | None) -> Account | None:
    """The manager, who gets the role of one in this workspace."""
    if not email:
        return None
    if kind is not TeamKind.VENDOR:
        raise InvalidInput("only a vendor team has a manager of its own", field="manager")
    found = accounts.find_here(tx, principal, email)
    if found is None:
        raise InvalidInput(f"nobody here has an account with {email.strip()!r}; make it first", field="manager")
    mine = found.memberships.get(principal.workspace_id, frozenset())
    tx.workers.set_membership(found.id, principal.workspace_id, mine | {Role.VENDOR_MANAGER})
    return tx.workers.get(found.id)


def _forgetting_manager(context: Context, view: TeamView) -> TeamView:
    """A new manager has a role more: drop what is remembered of them."""
    if view.manager is not None:
        context.forget_account(view.manager.id)
    return view


def _changeable(team: WorkTeam) -> WorkTeam:
    if is_built_in(team):
        raise Conflict(f"the team {team.name} is built in and cannot be changed")
    return team
