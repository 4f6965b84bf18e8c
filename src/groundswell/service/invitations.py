"""Invitation links: whoever opens one becomes a member of its team. They are listed, and can be taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from groundswell.domain import events
from groundswell.domain.errors import Forbidden, NotFound
from groundswell.domain.people import Account, Invitation, Principal, Role, TeamKind, WorkTeam
from groundswell.service.access import Action, is_in, team_for
from groundswell.service.context import Context
from groundswell.service.ports import Transaction
from groundswell.service.tokens import new_token, token_digest
from groundswell.service.verification import verify
from groundswell.wire import accounts as wire

_ID_LETTERS = 16


@dataclass(frozen=True)
class NewInvitation:
    """An invitation just made; the token is told this once."""

    token: str
    team: WorkTeam
    invitation: Invitation


@dataclass(frozen=True)
class InvitationView:
    """An invitation that can still be used, with who made it."""

    id: str
    invitation: Invitation
    creator: str  # their name


def create(context: Context, principal: Principal, name: str, asked: wire.NewInvitation) -> NewInvitation:
    """A new invitation to a team."""
    token, now = new_token(), context.clock()
    expires, uses = now + timedelta(days=asked.days), asked.max_uses

    def work(tx: Transaction) -> NewInvitation:
        team = team_for(tx, principal, name, Action.MANAGE_TEAM)
        made = Invitation(token_digest(token), team.id, principal.id, now, expires, uses)
        tx.teams.add_invitation(made)
        tx.record(
            events.InvitationCreated(
                at=now,
                actor=principal.id,
                workspace=team.workspace_id,
                team=team.name,
                days=asked.days,
                max_uses=uses,
            )
        )
        return NewInvitation(token, team, made)

    return context.write(work)


def usable(context: Context, principal: Principal, name: str) -> list[InvitationView]:
    """A team's invitations that can still be used, the newest first."""
    now = context.clock()

    def work(tx: Transaction) -> list[InvitationView]:
        team = team_for(tx, principal, name, Action.MANAGE_TEAM)
        found = tx.teams.invitations(team.id, at=now)
        return [InvitationView(one.digest[:_ID_LETTERS], one, tx.workers.get(one.created_by).name) for one in found]

    return context.read(work)


def revoke(context: Context, principal: Principal, name: str, invitation_id: str) -> None:
    """Take an invitation back: its link leads nowhere from now on. Raises NotFound."""
    now = context.clock()

    def work(tx: Transaction) -> None:
        team = team_for(tx, principal, name, Action.MANAGE_TEAM)
        for one in tx.teams.invitations(team.id, at=now):
            if one.digest[:_ID_LETTERS] == invitation_id:
                tx.teams.drop_invitation(one.digest)
                tx.record(
                    events.InvitationRevoked(
                        at=now,
                        actor=principal.id,
                        workspace=team.workspace_id,
                        team=team.name,
                        invitation=invitation_id,
                    )
                )
                return
        raise NotFound(f"there is no invitation {invitation_id!r} to {team.name}; list them to see their ids")

    context.write(work)


def team_of(context: Context, token: str) -> WorkTeam:
    """The team an invitation link leads to; raises NotFound when unknown, expired, used up or taken back."""
    now = context.clock()
    return context.read(lambda tx: tx.teams.get(_usable(tx, token, now).team_id))


def accept(context: Context, principal: Principal, token: str) -> WorkTeam:
    """Become a member by invitation; who is one already costs the link no use.

    Raises NotFound for a link that leads nowhere, Forbidden for one made before the person was taken out of the team.
    """
    now = context.clock()

    def work(tx: Transaction) -> WorkTeam:
        found = _usable(tx, token, now)
        team = tx.teams.get(found.team_id)
        removed = tx.teams.removed_at(team.id, principal.id)
        if removed is not None and found.created_at <= removed:
            raise Forbidden(f"you were taken out of the team {team.name} since this link was made; ask for a new one")
        if not is_in(tx, tx.workers.get(principal.id), team.id):
            use(tx, token, tx.workers.get(principal.id), at=now)
        return team

    joined = context.write(work)
    context.forget_account(principal.id)
    return joined


def use(tx: Transaction, token: str, account: Account, *, at: datetime) -> None:
    """Count one use of an invitation and make the account a member; raises NotFound when it cannot be used."""
    team = tx.teams.get(_usable(tx, token, at).team_id)
    tx.teams.use_invitation(token_digest(token), at=at)
    bring_in(tx, team, verify(tx, account, by=account.id, at=at))
    tx.record(
        events.InvitationUsed(at=at, actor=account.id, workspace=team.workspace_id, team=team.name, account=account.id)
    )


def bring_in(tx: Transaction, team: WorkTeam, account: Account) -> None:
    """Make an account a member, and of a private team's workspace too: a vendor's people label for it alone."""
    if team.kind is TeamKind.PRIVATE:
        mine = account.memberships.get(team.workspace_id, frozenset())
        tx.workers.set_membership(account.id, team.workspace_id, mine | {Role.WORKER})
    elif Role.WORKER not in account.roles_in(team.workspace_id):
        tx.workers.update(account.id, roles=account.roles | {Role.WORKER})
    tx.teams.add_member(team.id, account.id)


def _usable(tx: Transaction, token: str, now: datetime) -> Invitation:
    found = tx.teams.invitation(token_digest(token), at=now)
    if found is None:
        raise NotFound("this invitation is not known, has expired, was used up or taken back; ask for a new link")
    return found
