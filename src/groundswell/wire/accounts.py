"""Accounts, sign-in, keys and work teams as the API shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

RoleName = Literal["administrator", "requester", "reviewer", "vendor-manager", "worker"]
TeamKindName = Literal["private", "vendor", "public"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Worker(BaseModel):
    """A person with an account."""

    id: str
    email: str
    name: str
    roles: list[RoleName]
    created_at: datetime
    disabled: bool = False
    verified: bool = Field(True, description="Whether the address is known to be theirs")
    two_step: bool = Field(False, description="Whether signing in asks for a code besides the password")


class Me(Worker):
    """The signed-in person, with what only they see."""

    preferences: dict[str, Any] = Field(default_factory=dict, description="Keys of the keyboard, theme")
    teams: list[str] = Field(default_factory=list)
    workspace: str = Field("", description="Where this sign-in or key acts")
    aws_account: str = Field("", description="The account id in that workspace's ARNs")
    region: str = Field("", description="The region in them")
    workspaces: list[str] = Field(default_factory=list, description="Where the account has roles")


class SignIn(_Strict):
    """`POST /api/v1/sessions`."""

    email: str = Field(max_length=320)
    password: str = Field(max_length=1_024)
    code: str | None = Field(None, max_length=40, description="Of the authenticator, where the account has one")


class Session(BaseModel):
    """A new session: the token is a bearer token, and was set as a cookie too."""

    token: str
    worker: Worker


class Register(_Strict):
    """`POST /api/v1/workers`: a worker's account for oneself, on public sign-up or with an invitation."""

    email: str = Field(max_length=320)
    name: str = Field("", max_length=200)
    password: str = Field(max_length=1_024)
    invitation: str | None = Field(None, description="The token at the end of an invitation link")


class NewWorker(_Strict):
    """`POST /api/v1/workers/new`: an account an administrator makes for somebody."""

    email: str = Field(max_length=320)
    name: str = Field("", max_length=200)
    password: str | None = Field(None, max_length=1_024, description="Default: one is made and answered once")
    roles: list[RoleName] = ["worker"]


class WorkerMade(BaseModel):
    """A new account, and the password where the server made it."""

    worker: Worker
    password: str | None = None


class TwoStepSetup(BaseModel):
    """What an authenticator is told: by hand, or as an address it can open."""

    secret: str
    uri: str


class TwoStepCode(_Strict):
    """A code that the authenticator shows now."""

    code: str = Field(max_length=40)


class RecoveryCodes(BaseModel):
    """Codes for when the authenticator is lost, each good for once; shown this once."""

    recovery_codes: list[str]


class PatchMe(_Strict):
    """`PATCH /api/v1/me`; preferences are merged key by key, null removes a key."""

    name: str | None = Field(None, min_length=1, max_length=200)
    preferences: dict[str, Any] | None = None
    password: str | None = Field(None, max_length=1_024)
    current_password: str | None = Field(None, max_length=1_024, description="Needed to change the password")


class PatchWorker(_Strict):
    """`PATCH /api/v1/workers/{id}`, for administrators."""

    name: str | None = Field(None, min_length=1, max_length=200)
    roles: list[RoleName] | None = None
    disabled: bool | None = None
    password: str | None = Field(None, max_length=1_024)
    verified: Literal[True] | None = Field(None, description="Confirm that the address is theirs")
    two_step: Literal[False] | None = Field(None, description="Turn off the second step of who lost it")


class WorkerPage(BaseModel):
    """One page of accounts; pass `next` back as `after`."""

    workers: list[Worker]
    next: str | None = None


class NewKey(_Strict):
    """`POST /api/v1/keys`."""

    name: str = Field("", max_length=100)
    days: int | None = Field(None, ge=1, le=3_650, description="How long it is valid; default: until deleted")


class Key(BaseModel):
    """An API key, without the key."""

    id: str
    name: str
    created_at: datetime
    expires_at: datetime | None


class KeyMade(Key):
    """A new API key; `token` is shown this once."""

    token: str


class NewAccessKey(_Strict):
    """`POST /api/v1/access-keys`."""

    name: str = Field("", max_length=100)
    days: int | None = Field(None, ge=1, le=3_650, description="How long it is valid; default: until deleted")
    role: RoleName | None = Field(None, description="The one role of yours that it has; default: all of them")


class AccessKey(BaseModel):
    """An AWS access key, without its secret."""

    id: str
    name: str
    created_at: datetime
    expires_at: datetime | None
    role: RoleName | None = None


class AccessKeyMade(AccessKey):
    """A new AWS access key; `secret` is shown this once."""

    secret: str
    region: str = Field(description="Of the workspace it acts in")


class SomebodysAccessKey(AccessKey):
    """An AWS access key as administrators see it."""

    email: str
    workspace: str = Field(description="Where it acts, by name")


class SomebodysKey(Key):
    """An API key as administrators see it."""

    worker: str = Field(description="The id of whose account it acts as")
    email: str
    workspace: str = Field(description="Where it acts, by name")


class Workspace(BaseModel):
    """Who owns jobs, teams, keys and events."""

    name: str
    created_at: datetime
    aws_account: str = Field("", description="The account id in this workspace's ARNs")
    region: str = Field("", description="The region in them")


class PatchWorkspace(_Strict):
    """`PATCH /api/v1/workspaces/{name}`: the account id and region that its ARNs carry."""

    aws_account: str | None = Field(None, pattern=r"^[0-9]{12}$")
    region: str | None = Field(None, pattern=r"^[a-z]{2}(-[a-z]{2,12})+-[0-9]{1,2}$")


class NewWorkspace(_Strict):
    """`POST /api/v1/workspaces`."""

    name: str = Field(min_length=1, max_length=100)


class SetMember(_Strict):
    """`PUT /api/v1/workspaces/{name}/members/{id}`: an account's roles there; none ends its membership."""

    roles: list[RoleName] = Field(max_length=10)


class ChooseWorkspace(_Strict):
    """`PUT /api/v1/me/workspace`: where this session acts from now on."""

    name: str = Field(max_length=100)


class NewTeam(_Strict):
    """`POST /api/v1/teams`."""

    name: str = Field(min_length=1, max_length=63)
    kind: Literal["private", "vendor"] = "private"
    description: str = Field("", max_length=2_000)
    manager: str | None = Field(None, description="E-mail address of a vendor team's manager")


class PatchTeam(_Strict):
    """`PATCH /api/v1/teams/{name}`."""

    description: str | None = Field(None, max_length=2_000)
    manager: str | None = None


class Team(BaseModel):
    """A work team."""

    name: str
    kind: TeamKindName
    description: str
    created_at: datetime
    manager: str | None = Field(None, description="E-mail address of a vendor team's manager")
    built_in: bool = False
    members: int = Field(0, description="How many people could work for it")


class NewMember(_Strict):
    """`POST /api/v1/teams/{name}/members`: somebody who has an account already."""

    email: str = Field(max_length=320)


class NewInvitation(_Strict):
    """`POST /api/v1/teams/{name}/invitations`."""

    days: int = Field(14, ge=1, le=365)
    max_uses: int = Field(50, ge=1, le=10_000)


class UsableInvitation(BaseModel):
    """An invitation that can still be used, without its link."""

    id: str
    created_by: str = Field(description="Who made it, by name")
    created_at: datetime
    expires_at: datetime
    max_uses: int
    uses: int


class Invitation(BaseModel):
    """A link that makes whoever opens it a member; shown this once."""

    id: str
    link: str
    token: str
    team: str
    expires_at: datetime
    max_uses: int
