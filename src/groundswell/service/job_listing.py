"""Labeling jobs in any order and through any filter, as far as somebody sees them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from groundswell.domain.people import Principal, WorkTeam
from groundswell.domain.records import JobSummary
from groundswell.service.access import Action, Relation, permits, require, team_for
from groundswell.service.context import Context
from groundswell.service.ports import JobQuery, Transaction


@dataclass(frozen=True)
class ListedJob:
    """A job of a listing, and what the page after it begins with (`JobQuery.after`)."""

    job: JobSummary
    team: WorkTeam
    after: tuple[int | str, int]


def listing(context: Context, principal: Principal, query: JobQuery) -> list[ListedJob]:
    """The jobs of a query that this person sees."""
    require(principal, Action.SEE_JOB)
    return context.read(lambda tx: _listed(tx, principal, query))


def of_team(context: Context, principal: Principal, name: str, query: JobQuery) -> list[ListedJob]:
    """The same, of one team; raises NotFound for a team that there is not."""
    require(principal, Action.SEE_JOB)

    def work(tx: Transaction) -> list[ListedJob]:
        team = team_for(tx, principal, name)
        return _listed(tx, principal, replace(query, team_ids=frozenset({team.id})))

    return context.read(work)


def _listed(tx: Transaction, principal: Principal, query: JobQuery) -> list[ListedJob]:
    all_here = permits(principal.roles, Action.SEE_JOB, frozenset({Relation.WORKSPACE}))
    kept_too = permits(principal.roles, Action.SEE_JOB, frozenset({Relation.KEPT}))
    if all_here:
        owner = None if kept_too else principal.id
        seen = replace(query, workspace_id=principal.workspace_id, shared_or_of=owner)
    else:
        managed = frozenset(team.id for team in tx.teams.select(manager_id=principal.id))
        seen = replace(query, team_ids=managed if query.team_ids is None else managed & query.team_ids)
    found = tx.jobs.summaries(seen)
    teams = {team_id: tx.teams.get(team_id) for team_id in {job.team_id for job, _ in found}}
    return [ListedJob(job, teams[job.team_id], (key, job.id)) for job, key in found]
