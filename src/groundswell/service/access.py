"""Who may do what: one table of (action, role, how the person stands to the thing). Every act asks here.

The tests of access are generated from `POLICY`: a cell that is missing here is refused at every door.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from groundswell.domain.errors import Forbidden, NotFound
from groundswell.domain.people import Account, Principal, Role, WorkTeam
from groundswell.domain.records import LabelingJob
from groundswell.service.ports import Transaction


class Action(StrEnum):
    """What somebody asks to do."""

    SEE_JOB = "see a job"  # its numbers, objects, answers and output
    CREATE_JOB = "create a job"  # and check inputs, preview, keep drafts, upload
    CHANGE_JOB = "change a job"  # pause, resume, stop, extend, put objects back
    WORK = "work on a job"  # take its tasks
    SEE_TEAM = "see a team"
    CREATE_TEAM = "create a team"
    CHANGE_TEAM = "change a team"  # describe, appoint its manager, remove
    MANAGE_TEAM = "manage a team"  # list and remove members, make and revoke invitations
    ADD_TO_TEAM = "add somebody to a team"  # by address, without an invitation
    SEE_ACCOUNTS = "see accounts"
    CHANGE_ACCOUNTS = "change accounts"  # make, disable, roles, passwords, anybody's keys


class Relation(StrEnum):
    """How a person stands to a job or a team."""

    OWN = "own"  # they made it
    WORKSPACE = "workspace"  # of their workspace, and shared in it
    MANAGED = "managed"  # a vendor team they manage, or its job
    MEMBER = "member"  # a team they are in, or its job
    ELSEWHERE = "elsewhere"  # none of these


_HERE = frozenset({Relation.OWN, Relation.WORKSPACE})
_MANAGED = frozenset({Relation.MANAGED})
_MEMBER = frozenset({Relation.MEMBER})
_ANY = frozenset(Relation)

POLICY: Mapping[Action, Mapping[Role, frozenset[Relation]]] = {
    Action.SEE_JOB: {Role.ADMINISTRATOR: _ANY, Role.REQUESTER: _HERE, Role.VENDOR_MANAGER: _MANAGED},
    Action.CREATE_JOB: {Role.ADMINISTRATOR: _ANY, Role.REQUESTER: _HERE},
    Action.CHANGE_JOB: {Role.ADMINISTRATOR: _ANY, Role.REQUESTER: _HERE},
    Action.WORK: {Role.WORKER: _MEMBER},
    Action.SEE_TEAM: {
        Role.ADMINISTRATOR: _ANY,
        Role.REQUESTER: _HERE,
        Role.VENDOR_MANAGER: _MANAGED | _MEMBER,
        Role.WORKER: _MEMBER,
    },
    Action.CREATE_TEAM: {Role.ADMINISTRATOR: _ANY, Role.REQUESTER: _HERE},
    Action.CHANGE_TEAM: {Role.ADMINISTRATOR: _ANY, Role.REQUESTER: _HERE},
    Action.MANAGE_TEAM: {Role.ADMINISTRATOR: _ANY, Role.REQUESTER: _HERE, Role.VENDOR_MANAGER: _MANAGED},
    Action.ADD_TO_TEAM: {Role.ADMINISTRATOR: _ANY, Role.REQUESTER: _HERE, Role.VENDOR_MANAGER: _MANAGED},
    Action.SEE_ACCOUNTS: {Role.ADMINISTRATOR: _ANY, Role.REQUESTER: _HERE},
    Action.CHANGE_ACCOUNTS: {Role.ADMINISTRATOR: _ANY},
}
"""action -> role -> how they must stand to the thing, at least one of these."""


def allows(principal: Principal, action: Action, relations: frozenset[Relation] = _ANY) -> bool:
    """Whether one of the person's roles allows this to somebody who stands so to the thing."""
    rules = POLICY[action]
    return any(rules.get(role, frozenset()) & relations for role in principal.roles)


def require(principal: Principal, action: Action, relations: frozenset[Relation] = _ANY) -> None:
    """Raise Forbidden, naming the roles that may, unless the person may."""
    if not allows(principal, action, relations):
        wanted = " or ".join(role.value for role in POLICY[action])
        mine = ", ".join(sorted(role.value for role in principal.roles)) or "none"
        raise Forbidden(f"to {action.value} needs the role {wanted}; your roles: {mine}. Ask an administrator")


def job_for(tx: Transaction, principal: Principal, name: str, action: Action = Action.SEE_JOB) -> LabelingJob:
    """The job of this name, if this person may do this to it.

    Raises Forbidden where no job of anybody's allows it them; NotFound where they may not know of this one.
    """
    require(principal, action)
    job = tx.jobs.by_name(name)
    relations = job_relations(tx, principal, job)
    if not allows(principal, Action.SEE_JOB, relations):
        raise NotFound(f"there is no labeling job named {name!r}", field="name")
    require(principal, action, relations)
    return job


def job_relations(tx: Transaction, principal: Principal, job: LabelingJob) -> frozenset[Relation]:
    """How the person stands to a job."""
    found = {Relation.OWN if job.created_by == principal.id else Relation.WORKSPACE}
    if tx.teams.get(job.team_id).manager_id == principal.id:
        found.add(Relation.MANAGED)
    return frozenset(found)


def jobs_seen_by_team(tx: Transaction, principal: Principal) -> list[str] | None:
    """Ids of the teams whose jobs this person sees; None: those of any team. Raises Forbidden."""
    require(principal, Action.SEE_JOB)
    if allows(principal, Action.SEE_JOB, frozenset({Relation.WORKSPACE})):
        return None
    return [team.id for team in tx.teams.select() if team.manager_id == principal.id]


def team_for(tx: Transaction, principal: Principal, name: str, action: Action = Action.SEE_TEAM) -> WorkTeam:
    """The team of this name, if this person may do this to it; raises NotFound or Forbidden."""
    team = tx.teams.by_name(name)
    relations = team_relations(tx, principal, team)
    if not allows(principal, Action.SEE_TEAM, relations):
        raise NotFound(f"there is no work team {name!r}; list the teams to see their names")
    require(principal, action, relations)
    return team


def team_relations(tx: Transaction, principal: Principal, team: WorkTeam) -> frozenset[Relation]:
    """How the person stands to a team."""
    found = {Relation.WORKSPACE}
    if team.manager_id == principal.id:
        found.add(Relation.MANAGED)
    if tx.teams.is_member(team.id, principal.id):
        found.add(Relation.MEMBER)
    return frozenset(found)


def refuse_unless_worker(tx: Transaction, account: Account, job: LabelingJob) -> None:
    """Raise NotFound, as for a job that does not exist, unless the account labels for this job's team."""
    if Role.WORKER not in account.roles or not tx.teams.is_member(job.team_id, account.id):
        raise NotFound(f"there is no labeling job named {job.name!r} open to you", field="name")
