"""Invitation links: whoever opens one becomes a member of its team."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from groundswell.domain import events
from groundswell.domain.errors import NotFound
from groundswell.domain.people import Principal, WorkTeam
from groundswell.service.access import Action, require, team_for
from groundswell.service.context import Context
from groundswell.service.ports import Transaction
from groundswell.service.tokens import new_token, token_digest
from groundswell.service.work_teams import join
from groundswell.wire import accounts as wire


@dataclass(frozen=True)
class NewInvitation:
    """An invitation just made; the token is told this once."""

    token: str
    team: WorkTeam
    expires_at: datetime
    max_uses: int


def create(context: Context, principal: Principal, name: str, asked: wire.NewInvitation) -> NewInvitation:
    """A new invitation to a team."""
    require(principal, Action.MANAGE_TEAM)
    token, now = new_token(), context.clock()
    expires, uses = now + timedelta(days=asked.days), asked.max_uses

    def work(tx: Transaction) -> NewInvitation:
        team = team_for(tx, principal, name, Action.MANAGE_TEAM)
        tx.teams.add_invitation(
            token_digest(token), team.id, created_by=principal.id, expires_at=expires, max_uses=uses
        )
        tx.record(events.InvitationCreated(at=now, actor=principal.id, team=team.name, days=asked.days, max_uses=uses))
        return NewInvitation(token, team, expires, uses)

    return context.write(work)


def team_of(context: Context, token: str) -> WorkTeam:
    """The team an invitation link leads to; raises NotFound when unknown, expired or used up."""
    now = context.clock()
    return context.read(lambda tx: _team(tx, token, now))


def accept(context: Context, principal: Principal, token: str) -> WorkTeam:
    """Become a member by invitation; who is one already costs the link no use."""
    now = context.clock()

    def work(tx: Transaction) -> WorkTeam:
        team = _team(tx, token, now)
        if not tx.teams.is_member(team.id, principal.id):
            tx.teams.use_invitation(token_digest(token), at=now)
            join(tx, team, principal.id)
            tx.record(events.InvitationUsed(at=now, actor=principal.id, team=team.name, account=principal.id))
        return team

    return context.write(work)


def _team(tx: Transaction, token: str, now: datetime) -> WorkTeam:
    team = tx.teams.invitation(token_digest(token), at=now)
    if team is None:
        raise NotFound("this invitation is not known, has expired or was used up; ask for a new link")
    return team
