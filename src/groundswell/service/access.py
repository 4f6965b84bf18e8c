"""Who may do what: one table of (action, role, how the person stands to the thing). Every act asks here.

The tests of access are generated from `POLICY`: a cell that is missing here is refused at every door.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cache

from groundswell.domain.errors import Forbidden, NotFound
from groundswell.domain.people import PUBLIC, Account, Principal, Role, WorkTeam, built_in
from groundswell.domain.records import LabelingJob
from groundswell.service.ports import Transaction


class Action(StrEnum):
    """What somebody asks to do."""

    SEE_JOB = "see a job"  # its numbers, objects, answers and output
    CREATE_JOB = "create a job"  # and check inputs, preview, keep drafts, upload
    CHANGE_JOB = "change a job"  # pause, resume, stop, extend, put objects back
    WITHDRAW_LABELS = "withdraw labels"  # those of a job that models gave
    OVERRULE_LABEL = "overrule a label"  # that a model gave, by one's own
    DELETE_JOB = "delete a job"  # that has ended, with its annotations and labels
    SHARE_JOB = "share a job"  # with the workspace's other requesters and reviewers, or not any more
    WORK = "work on a job"  # take its tasks
    SEE_TEAM = "see a team"
    CREATE_TEAM = "create a team"
    CHANGE_TEAM = "change a team"  # describe, appoint its manager, remove
    MANAGE_TEAM = "manage a team"  # list and remove members; make, list and revoke invitations
    ADD_TO_TEAM = "add somebody to a team"  # by address, without an invitation
    SEE_ACCOUNTS = "see accounts"
    CHANGE_ACCOUNTS = "change accounts"  # make, disable, roles, passwords, anybody's keys
    SEE_EVENTS = "see what happened"  # of this server: the audit page
    RUN_WEBHOOKS = "run webhooks"  # where the workspace's events are sent
    RUN_WORKSPACES = "run workspaces"  # make them, say who is in them
    SEE_MODELS = "see kept models"
    SEE_HOOKS = "see registered functions"
    CHANGE_HOOKS = "change registered functions"  # register, remove, try out
    SEE_BUCKETS = "see buckets"  # which there are, and what is in them
    CHANGE_BUCKETS = "change buckets"  # make and remove them, store and delete what is in them


class Relation(StrEnum):
    """How a person stands to a job, a team or a workspace."""

    OWN = "own"  # a job of theirs, in the workspace they act in
    WORKSPACE = "workspace"  # of the workspace they act in; a job also shared in it
    KEPT = "kept"  # a job of their workspace that its owner does not share
    MANAGED = "managed"  # a vendor team they manage, or its job
    MEMBER = "member"  # a team they are in, or its job
    ELSEWHERE = "elsewhere"  # of another workspace


_HERE = frozenset({Relation.OWN, Relation.WORKSPACE})
_OWN = frozenset({Relation.OWN})
_SHARED = frozenset({Relation.WORKSPACE})
_MANAGED = frozenset({Relation.MANAGED})
_MEMBER = frozenset({Relation.MEMBER})
_ANY = frozenset(Relation)

POLICY: Mapping[Action, Mapping[Role, frozenset[Relation]]] = {
    Action.SEE_JOB: {
        Role.ADMINISTRATOR: _ANY,
        Role.REQUESTER: _HERE,
        Role.REVIEWER: _HERE,
        Role.VENDOR_MANAGER: _MANAGED,
    },
    Action.CREATE_JOB: {Role.ADMINISTRATOR: _ANY, Role.REQUESTER: _SHARED},
    Action.CHANGE_JOB: {Role.ADMINISTRATOR: _ANY, Role.REQUESTER: _HERE},
    Action.WITHDRAW_LABELS: {Role.ADMINISTRATOR: _ANY, Role.REQUESTER: _HERE},
    Action.OVERRULE_LABEL: {Role.ADMINISTRATOR: _ANY, Role.REQUESTER: _HERE, Role.REVIEWER: _HERE},
    Action.DELETE_JOB: {Role.ADMINISTRATOR: _ANY, Role.REQUESTER: _OWN},
    Action.SHARE_JOB: {Role.ADMINISTRATOR: _ANY, Role.REQUESTER: _OWN},
    Action.WORK: {Role.WORKER: _MEMBER},
    Action.SEE_TEAM: {
        Role.ADMINISTRATOR: _ANY,
        Role.REQUESTER: _SHARED,
        Role.REVIEWER: _SHARED,
        Role.VENDOR_MANAGER: _MANAGED | _MEMBER,
        Role.WORKER: _MEMBER,
    },
    Action.CREATE_TEAM: {Role.ADMINISTRATOR: _ANY, Role.REQUESTER: _SHARED},
    Action.CHANGE_TEAM: {Role.ADMINISTRATOR: _ANY, Role.REQUESTER: _SHARED},
    Action.MANAGE_TEAM: {Role.ADMINISTRATOR: _ANY, Role.REQUESTER: _SHARED, Role.VENDOR_MANAGER: _MANAGED},
    Action.ADD_TO_TEAM: {Role.ADMINISTRATOR: _ANY, Role.REQUESTER: _SHARED},
    Action.SEE_ACCOUNTS: {Role.ADMINISTRATOR: _ANY, Role.REQUESTER: _SHARED},
    Action.CHANGE_ACCOUNTS: {Role.ADMINISTRATOR: _ANY},
    Action.SEE_EVENTS: {Role.ADMINISTRATOR: _ANY},
    Action.RUN_WEBHOOKS: {Role.ADMINISTRATOR: _ANY},
    Action.RUN_WORKSPACES: {Role.ADMINISTRATOR: _ANY},
    Action.SEE_MODELS: {Role.ADMINISTRATOR: _ANY, Role.REQUESTER: _SHARED, Role.REVIEWER: _SHARED},
    Action.SEE_HOOKS: {Role.ADMINISTRATOR: _ANY, Role.REQUESTER: _SHARED},
    Action.CHANGE_HOOKS: {Role.ADMINISTRATOR: _ANY},
    Action.SEE_BUCKETS: {Role.ADMINISTRATOR: _ANY, Role.REQUESTER: _SHARED, Role.REVIEWER: _SHARED},
    Action.CHANGE_BUCKETS: {Role.ADMINISTRATOR: _ANY, Role.REQUESTER: _SHARED},
}
"""action -> role -> how they must stand to the thing, at least one of these."""


@cache
def permits(roles: frozenset[Role], action: Action, relations: frozenset[Relation] = _ANY) -> bool:
    """Whether one of the roles allows this to somebody who stands so to the thing."""
    return any(POLICY[action].get(role, frozenset()) & relations for role in roles)


def may(principal: Principal, action: Action) -> bool:
    """Whether there is anything, here or in a team elsewhere, to which this person may do this."""
    return permits(principal.roles_anywhere, action)


def require(principal: Principal, action: Action) -> None:
    """Raise Forbidden, naming the roles that may, unless the person may do this to something."""
    if not may(principal, action):
        _refuse(principal, action)


def require_here(principal: Principal, action: Action) -> None:
    """Raise Forbidden unless the person may do this in the workspace they act in."""
    if not permits(principal.roles, action, _SHARED):
        _refuse(principal, action)


def job_for(tx: Transaction, principal: Principal, name: str, action: Action = Action.SEE_JOB) -> LabelingJob:
    """The job of this name, if this person may do this to it.

    Raises Forbidden where no job of anybody's allows it them; NotFound where they may not know of this one.
    """
    require(principal, action)
    job = tx.jobs.by_name(name)
    if not sees_job(tx, principal, job):
        raise NotFound(f"there is no labeling job named {name!r}", field="name")
    if not permits(_roles(principal, job.workspace_id), action, job_relations(tx, principal, job)):
        _refuse(principal, action)
    return job


def sees_job(tx: Transaction, principal: Principal, job: LabelingJob) -> bool:
    """Whether the person may know of a job."""
    return permits(_roles(principal, job.workspace_id), Action.SEE_JOB, job_relations(tx, principal, job))


def allowed_with(tx: Transaction, principal: Principal, job: LabelingJob) -> frozenset[Action]:
    """What the person may do to a job."""
    relations, roles = job_relations(tx, principal, job), _roles(principal, job.workspace_id)
    return frozenset(action for action in POLICY if permits(roles, action, relations))


def job_relations(tx: Transaction, principal: Principal, job: LabelingJob) -> frozenset[Relation]:
    """How the person stands to a job."""
    if job.workspace_id != principal.workspace_id:
        found = {Relation.ELSEWHERE}
    elif job.created_by == principal.id:
        found = {Relation.OWN}
    else:
        found = {Relation.WORKSPACE if job.shared else Relation.KEPT}
    if tx.teams.get(job.team_id).manager_id == principal.id:
        found.add(Relation.MANAGED)
    return frozenset(found)


def team_for(tx: Transaction, principal: Principal, name: str, action: Action = Action.SEE_TEAM) -> WorkTeam:
    """The team of this name, if this person may do this to it; raises Forbidden or NotFound.

    It is looked for in the workspace they act in, then among the teams elsewhere that they manage or are in.
    """
    require(principal, action)
    team = _team_named(tx, principal, name)
    if not sees_team(tx, principal, team):
        raise NotFound(f"there is no work team {name!r}; list the teams to see their names")
    if not permits(_roles(principal, team.workspace_id), action, team_relations(tx, principal, team)):
        _refuse(principal, action)
    return team


def sees_team(tx: Transaction, principal: Principal, team: WorkTeam) -> bool:
    """Whether the person may know of a team."""
    return permits(_roles(principal, team.workspace_id), Action.SEE_TEAM, team_relations(tx, principal, team))


def team_relations(tx: Transaction, principal: Principal, team: WorkTeam) -> frozenset[Relation]:
    """How the person stands to a team."""
    found = {Relation.WORKSPACE if team.workspace_id == principal.workspace_id else Relation.ELSEWHERE}
    if team.manager_id == principal.id:
        found.add(Relation.MANAGED)
    if is_in(tx, principal.account, team.id):
        found.add(Relation.MEMBER)
    return frozenset(found)


def is_in(tx: Transaction, account: Account, team_id: str) -> bool:
    """Whether the account is in a team. Of the built-in teams the account itself says it: no query."""
    found = built_in(team_id)
    if found is None:
        return tx.teams.is_member(team_id, account.id)
    workspace_id, name = found
    brought_in = Role.WORKER in account.memberships.get(workspace_id, ())
    return brought_in or (name == PUBLIC and Role.WORKER in account.roles)


def refuse_unless_worker(tx: Transaction, account: Account, job: LabelingJob) -> None:
    """Raise NotFound, as for a job that does not exist, unless the account labels for this job's team."""
    if not permits(account.roles_in(job.workspace_id), Action.WORK) or not is_in(tx, account, job.team_id):
        raise NotFound(f"there is no labeling job named {job.name!r} open to you", field="name")


def _roles(principal: Principal, workspace_id: str) -> frozenset[Role]:
    """The person's roles where a thing belongs."""
    return principal.roles if workspace_id == principal.workspace_id else principal.account.roles_in(workspace_id)


def _team_named(tx: Transaction, principal: Principal, name: str) -> WorkTeam:
    try:
        return tx.teams.by_name(principal.workspace_id, name)
    except NotFound:
        mine = tx.teams.select(manager_id=principal.id) + tx.teams.select(member_id=principal.id)
        for team in mine:
            if team.name.casefold() == name.casefold():
                return team
        raise


def _refuse(principal: Principal, action: Action) -> None:
    wanted = " or ".join(role.value for role in POLICY[action])
    mine = ", ".join(sorted(role.value for role in principal.roles)) or "none"
    raise Forbidden(f"to {action.value} needs the role {wanted}; your roles: {mine}. Ask an administrator")
