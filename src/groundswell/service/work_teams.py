"""Work teams: making them, inviting people, members, and the vendor manager who runs one of their own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from groundswell.domain import events
from groundswell.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from groundswell.domain.people import EVERYONE, PUBLIC, Account, Role, TeamKind, WorkTeam
from groundswell.service.ports import Transaction
from groundswell.service.workers import token_digest

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


def create(
    tx: Transaction,
    *,
    team_id: str,
    name: str,
    kind: TeamKind,
    description: str,
    manager_email: str | None,
    by: Account,
    at: datetime,
) -> WorkTeam:
    """A new team; raises InvalidInput naming the field, Conflict when the name is taken."""
    if not _NAME.fullmatch(name):
        raise InvalidInput(f"expected 1 to 63 letters, digits and inner hyphens, got {name!r}", field="name")
    if kind is TeamKind.PUBLIC:
        raise InvalidInput("expected private or vendor: the public team is built in", field="kind")
    manager = _manager(tx, kind, manager_email)
    team = WorkTeam(team_id, name, kind, description.strip(), at, manager.id if manager else None)
    tx.teams.add(team)
    tx.record(events.TeamCreated(at=at, actor=by.id, team=name, team_kind=kind.value))
    return team


def visible(tx: Transaction, worker: Account) -> list[TeamView]:
    """The teams this person may see: requesters all, vendor managers those they manage, workers those they are in."""
    teams = tx.teams.select()
    if not worker.roles & {Role.ADMINISTRATOR, Role.REQUESTER}:
        mine = {team.id for team in tx.teams.select(member_id=worker.id)}
        teams = [team for team in teams if team.manager_id == worker.id or team.id in mine]
    ordered = sorted(teams, key=lambda team: (not is_built_in(team), team.name.lower()))
    return [view(tx, team) for team in ordered]


def view(tx: Transaction, team: WorkTeam) -> TeamView:
    """A team with its manager and the number of its members."""
    manager = tx.workers.get(team.manager_id) if team.manager_id else None
    return TeamView(team, manager, tx.teams.member_count(team.id))


def managed(tx: Transaction, worker: Account, name: str) -> WorkTeam:
    """The team of this name, if this person may manage it; raises NotFound or Forbidden."""
    team = seen(tx, worker, name)
    if team.manager_id != worker.id and not worker.roles & {Role.ADMINISTRATOR, Role.REQUESTER}:
        raise Forbidden(f"the work team {team.name} is managed by somebody else; ask its manager")
    return team


def seen(tx: Transaction, worker: Account, name: str) -> WorkTeam:
    """The team of this name, if this person may know of it; raises NotFound."""
    team = tx.teams.by_name(name)
    allowed = worker.roles & {Role.ADMINISTRATOR, Role.REQUESTER} or team.manager_id == worker.id
    if not allowed and not tx.teams.is_member(team.id, worker.id):
        raise NotFound(f"there is no work team {name!r}; list the teams to see their names")
    return team


def change(
    tx: Transaction,
    team: WorkTeam,
    *,
    by: Account,
    at: datetime,
    description: str | None = None,
    manager_email: str | None = None,
) -> WorkTeam:
    """Change a team's description or manager."""
    _refuse_built_in(team)
    manager = _manager(tx, team.kind, manager_email) if manager_email is not None else None
    tx.teams.update(team.id, description=description, manager_id=manager.id if manager else None)
    tx.record(events.TeamChanged(at=at, actor=by.id, team=team.name))
    return tx.teams.get(team.id)


def remove(tx: Transaction, team: WorkTeam, *, by: Account, at: datetime) -> None:
    """Remove a team; raises Conflict while jobs use it."""
    _refuse_built_in(team)
    tx.teams.remove(team.id)
    tx.record(events.TeamRemoved(at=at, actor=by.id, team=team.name))


def add_member(tx: Transaction, team: WorkTeam, email: str, *, by: Account, at: datetime) -> Account:
    """Make somebody who has an account a member; raises NotFound for an unknown address."""
    _refuse_built_in(team)
    try:
        worker, _ = tx.workers.by_email(email.strip())
    except NotFound:
        raise NotFound(
            f"nobody has an account with {email.strip()!r}; send an invitation link instead", field="email"
        ) from None
    tx.teams.add_member(team.id, worker.id)
    tx.record(events.MemberAdded(at=at, actor=by.id, team=team.name, account=worker.id))
    return worker


def remove_member(tx: Transaction, team: WorkTeam, worker_id: str, *, by: Account, at: datetime) -> None:
    """Take somebody out of a team; what they submitted stays."""
    _refuse_built_in(team)
    tx.teams.remove_member(team.id, worker_id)
    tx.record(events.MemberRemoved(at=at, actor=by.id, team=team.name, account=worker_id))


def invite(
    tx: Transaction, team: WorkTeam, token: str, *, by: Account, at: datetime, days: int, max_uses: int
) -> datetime:
    """Remember an invitation link's token; when it expires."""
    expires = at + timedelta(days=days)
    tx.teams.add_invitation(token_digest(token), team.id, created_by=by.id, expires_at=expires, max_uses=max_uses)
    tx.record(events.InvitationCreated(at=at, actor=by.id, team=team.name, days=days, max_uses=max_uses))
    return expires


def invited_to(tx: Transaction, token: str, *, at: datetime) -> WorkTeam:
    """The team an invitation link leads to; raises NotFound when unknown, expired or used up."""
    team = tx.teams.invitation(token_digest(token), at=at)
    if team is None:
        raise NotFound("this invitation is not known, has expired or was used up; ask for a new link")
    return team


def accept(tx: Transaction, token: str, worker: Account, *, at: datetime) -> WorkTeam:
    """Make a person who has an account a member by invitation; a member already costs no use of the link."""
    team = invited_to(tx, token, at=at)
    if not tx.teams.is_member(team.id, worker.id):
        tx.teams.use_invitation(token_digest(token), at=at)
        tx.teams.add_member(team.id, worker.id)
        tx.record(events.InvitationUsed(at=at, actor=worker.id, team=team.name, account=worker.id))
    return team


def _manager(tx: Transaction, kind: TeamKind, email: str | None) -> Account | None:
    """The manager, who gets the role of one."""
    if not email:
        return None
    if kind is not TeamKind.VENDOR:
        raise InvalidInput("only a vendor team has a manager of its own", field="manager")
    try:
        worker, _ = tx.workers.by_email(email.strip())
    except NotFound:
        raise InvalidInput(
            f"nobody has an account with {email.strip()!r}; make the account first", field="manager"
        ) from None
    if Role.VENDOR_MANAGER not in worker.roles:
        worker = tx.workers.update(worker.id, roles=worker.roles | {Role.VENDOR_MANAGER})
    return worker


def _refuse_built_in(team: WorkTeam) -> None:
    if is_built_in(team):
        raise Conflict(f"the team {team.name} is built in and cannot be changed")
