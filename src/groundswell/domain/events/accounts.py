"""Events of accounts, keys, work teams and invitations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from groundswell.domain.events.base import Event


@dataclass(frozen=True, kw_only=True)
class AccountEvent(Event, about="account"):
    """Something that happened to an account."""

    account: str


@dataclass(frozen=True, kw_only=True)
class AccountRegistered(AccountEvent, kind="account.registered"):
    """An account was made."""

    roles: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class AccountChanged(AccountEvent, kind="account.changed"):
    """An account's roles, name, password or whether it is disabled."""

    roles: Sequence[str]
    disabled: bool
    password: bool  # whether it got a new one


@dataclass(frozen=True, kw_only=True)
class AccountDeleted(AccountEvent, kind="account.deleted"):
    """An account was deleted; its answers were kept, anonymised or removed."""

    answers: str  # anonymised, kept, removed
    removed: int  # how many answers


@dataclass(frozen=True, kw_only=True)
class AccountVerified(AccountEvent, kind="account.verified"):
    """An account's address was confirmed."""


@dataclass(frozen=True, kw_only=True)
class TwoStepChanged(AccountEvent, kind="account.two_step"):
    """The second step of signing in was turned on or off."""

    active: bool


@dataclass(frozen=True, kw_only=True)
class SignedIn(AccountEvent, kind="account.signed_in"):
    """Somebody signed in."""

    network: str  # the address they came from


@dataclass(frozen=True, kw_only=True)
class SignedOut(AccountEvent, kind="account.signed_out"):
    """Somebody signed out."""


@dataclass(frozen=True, kw_only=True)
class SignInFailed(AccountEvent, kind="account.sign_in_failed"):
    """A wrong password, or an account that is unknown (subject: nothing) or disabled."""

    network: str


@dataclass(frozen=True, kw_only=True)
class WorkspaceCreated(Event, kind="workspace.created", about="name"):
    """A workspace was made."""

    name: str


@dataclass(frozen=True, kw_only=True)
class WorkspaceChanged(Event, kind="workspace.changed", about="name"):
    """The account id or the region of a workspace's ARNs."""

    name: str
    aws_account: str
    region: str


@dataclass(frozen=True, kw_only=True)
class KeyAdded(Event, kind="key.added", about="key"):
    """An API key, or an AWS access key, was made."""

    key: str
    name: str


@dataclass(frozen=True, kw_only=True)
class KeyDropped(Event, kind="key.dropped", about="key"):
    """An API key, or an AWS access key, was taken back."""

    key: str


@dataclass(frozen=True, kw_only=True)
class TeamEvent(Event, about="team"):
    """Something that happened to a work team."""

    team: str  # its name


@dataclass(frozen=True, kw_only=True)
class TeamCreated(TeamEvent, kind="team.created"):
    """A work team was made."""

    team_kind: str


@dataclass(frozen=True, kw_only=True)
class TeamChanged(TeamEvent, kind="team.changed"):
    """Its description or manager."""


@dataclass(frozen=True, kw_only=True)
class TeamRemoved(TeamEvent, kind="team.removed"):
    """A work team was removed."""


@dataclass(frozen=True, kw_only=True)
class MemberEvent(TeamEvent):
    """Something between a team and one person."""

    account: str


@dataclass(frozen=True, kw_only=True)
class MemberAdded(MemberEvent, kind="team.member_added"):
    """Somebody was made a member."""


@dataclass(frozen=True, kw_only=True)
class MemberRemoved(MemberEvent, kind="team.member_removed"):
    """Somebody was taken out of a team."""


@dataclass(frozen=True, kw_only=True)
class InvitationCreated(TeamEvent, kind="invitation.created"):
    """An invitation link to a team was made."""

    days: int
    max_uses: int


@dataclass(frozen=True, kw_only=True)
class InvitationRevoked(TeamEvent, kind="invitation.revoked"):
    """An invitation was taken back."""

    invitation: str  # its id


@dataclass(frozen=True, kw_only=True)
class InvitationUsed(MemberEvent, kind="invitation.used"):
    """Somebody joined a team by an invitation link."""
