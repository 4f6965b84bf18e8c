"""Work teams: making them, their members, and the vendor manager who runs one of their own."""

from __future__ import annotations

import re
from dataclasses import dataclass

from groundswell.domain import events
from groundswell.domain.errors import Conflict, InvalidInput, NotFound
from groundswell.domain.people import EVERYONE, PUBLIC, Account, Principal, Role, TeamKind, WorkTeam
from groundswell.domain.records import LabelingJob
from groundswell.service import accounts
from groundswell.service.access import Action, allows, require, team_for, team_relations
from groundswell.service.context import Context
from groundswell.service.ports import Page, Transaction
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
        teams = [
            team
            for team in tx.teams.select()
            if allows(principal, Action.SEE_TEAM, team_relations(tx, principal, team))
        ]
        ordered = sorted(teams, key=lambda team: (not is_built_in(team), team.name.lower()))
        return [_view(tx, team) for team in ordered]

    return context.read(work)


def describe(context: Context, principal: Principal, name: str) -> TeamView:
    """One team; raises NotFound."""
    return context.read(lambda tx: _view(tx, team_for(tx, principal, name)))


def create(context: Context, principal: Principal, asked: wire.NewTeam) -> TeamView:
    """A new team; raises InvalidInput naming the field, Conflict when the name is taken."""
    require(principal, Action.CREATE_TEAM)
    if not _NAME.fullmatch(asked.name):
        raise InvalidInput(f"expected 1 to 63 letters, digits and inner hyphens, got {asked.name!r}", field="name")
    team_id, now = context.new_id(), context.clock()

    def work(tx: Transaction) -> TeamView:
        kind = TeamKind(asked.kind)
        manager = _manager(tx, kind, asked.manager)
        team = WorkTeam(team_id, asked.name, kind, asked.description.strip(), now, manager.id if manager else None)
        tx.teams.add(team)
        tx.record(events.TeamCreated(at=now, actor=principal.id, team=team.name, team_kind=kind.value))
        return _view(tx, team)

    return _forgetting_manager(context, context.write(work))


def change(context: Context, principal: Principal, name: str, asked: wire.PatchTeam) -> TeamView:
    """Change a team's description or manager."""
    require(principal, Action.CHANGE_TEAM)
    now = context.clock()

    def work(tx: Transaction) -> TeamView:
        team = _changeable(team_for(tx, principal, name, Action.CHANGE_TEAM))
        manager = _manager(tx, team.kind, asked.manager) if asked.manager is not None else None
        tx.teams.update(team.id, description=asked.description, manager_id=manager.id if manager else None)
        tx.record(events.TeamChanged(at=now, actor=principal.id, team=team.name))
        return _view(tx, tx.teams.get(team.id))

    return _forgetting_manager(context, context.write(work))


def remove(context: Context, principal: Principal, name: str) -> None:
    """Remove a team; raises Conflict while jobs use it."""
    require(principal, Action.CHANGE_TEAM)
    now = context.clock()

    def work(tx: Transaction) -> None:
        team = _changeable(team_for(tx, principal, name, Action.CHANGE_TEAM))
        tx.teams.remove(team.id)
        tx.record(events.TeamRemoved(at=now, actor=principal.id, team=team.name))

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
        return tx.jobs.page(page, team_ids=[team_for(tx, principal, name, Action.MANAGE_TEAM).id])

    return context.read(work)


def add_member(context: Context, principal: Principal, name: str, asked: wire.NewMember) -> Account:
    """Make somebody who has an account a member; raises NotFound for an unknown address."""
    require(principal, Action.ADD_TO_TEAM)
    email, now = asked.email.strip(), context.clock()

    def work(tx: Transaction) -> Account:
        team = _changeable(team_for(tx, principal, name, Action.ADD_TO_TEAM))
        found = accounts.find(tx, email)
        if found is None:
            raise NotFound(f"nobody has an account with {email!r}; send an invitation link instead", field="email")
        join(tx, team, found[0].id)
        tx.record(events.MemberAdded(at=now, actor=principal.id, team=team.name, account=found[0].id))
        return found[0]

    return context.write(work)


def remove_member(context: Context, principal: Principal, name: str, account_id: str) -> None:
    """Take somebody out of a team; what they submitted stays."""
    require(principal, Action.MANAGE_TEAM)
    now = context.clock()

    def work(tx: Transaction) -> None:
        team = _changeable(team_for(tx, principal, name, Action.MANAGE_TEAM))
        tx.teams.remove_member(team.id, account_id)
        tx.record(events.MemberRemoved(at=now, actor=principal.id, team=team.name, account=account_id))

    context.write(work)


def join(tx: Transaction, team: WorkTeam, account_id: str) -> None:
    """Make an account a member."""
    tx.teams.add_member(team.id, account_id)


def _view(tx: Transaction, team: WorkTeam) -> TeamView:
    manager = tx.workers.get(team.manager_id) if team.manager_id else None
    return TeamView(team, manager, tx.teams.member_count(team.id))


def _manager(tx: Transaction, kind: TeamKind, email: str | None) -> Account | None:
    """The manager, who gets the role of one."""
    if not email:
        return None
    if kind is not TeamKind.VENDOR:
        raise InvalidInput("only a vendor team has a manager of its own", field="manager")
    found = accounts.find(tx, email)
    if found is None:
        raise InvalidInput(f"nobody has an account with {email.strip()!r}; make the account first", field="manager")
    account = found[0]
    if Role.VENDOR_MANAGER not in account.roles:
        account = tx.workers.update(account.id, roles=account.roles | {Role.VENDOR_MANAGER})
    return account


def _forgetting_manager(context: Context, view: TeamView) -> TeamView:
    """A new manager has a role more: drop what is remembered of them."""
    if view.manager is not None:
        context.tokens.forget_account(view.manager.id)
    return view


def _changeable(team: WorkTeam) -> WorkTeam:
    if is_built_in(team):
        raise Conflict(f"the team {team.name} is built in and cannot be changed")
    return team
