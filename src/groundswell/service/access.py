"""Who may see which labeling job: administrators and requesters all, vendor managers those of their teams."""

from __future__ import annotations

from groundswell.domain.errors import Forbidden, NotFound
from groundswell.domain.people import Account, Role, TeamKind
from groundswell.domain.records import LabelingJob
from groundswell.service.ports import Transaction

_ALL_JOBS = frozenset({Role.ADMINISTRATOR, Role.REQUESTER})


def may_change_jobs(worker: Account) -> bool:
    """Whether this person creates, stops and extends jobs."""
    return not worker.roles.isdisjoint(_ALL_JOBS)


def visible_teams(tx: Transaction, worker: Account) -> list[str] | None:
    """Ids of the teams whose jobs this person sees; None: of all."""
    if may_change_jobs(worker):
        return None
    if Role.VENDOR_MANAGER not in worker.roles:
        raise Forbidden("this needs the role requester; workers find their tasks under /work")
    return [team.id for team in tx.teams.select(kind=TeamKind.VENDOR) if team.manager_id == worker.id]


def job_for(tx: Transaction, worker: Account, name: str) -> LabelingJob:
    """The job of this name, if this person may see it; raises NotFound as if it did not exist."""
    teams = visible_teams(tx, worker)
    job = tx.jobs.by_name(name)
    if teams is not None and job.team_id not in teams:
        raise NotFound(f"there is no labeling job {name!r}")
    return job
