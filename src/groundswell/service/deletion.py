"""Deleting jobs and accounts, and what that means for annotations.

A job goes with everything that belongs to it: data objects, assignments, annotations, labels. What was paid and what
happened (events) stay. An account goes with its address, password, keys, roles and memberships; of its answers the
administrator says whether they stay under no name, under the name, or go.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from groundswell.domain import events
from groundswell.domain.errors import Conflict, InvalidInput, NotFound
from groundswell.domain.people import Account, Principal
from groundswell.domain.records import LabelingJob
from groundswell.domain.states import ENDED
from groundswell.service.access import Action, job_for, require_here
from groundswell.service.accounts import keep_an_administrator
from groundswell.service.context import Context
from groundswell.service.ports import Transaction

Answers = Literal["anonymised", "kept", "removed"]
NOBODY = "former worker"
_TOGETHER = 2_000


def delete_job(
    context: Context, principal: Principal, name: str, *, files: bool = False, typed: str | None = None
) -> None:
    """Delete a job that has ended; its name is free again at once, its rows go in the background.

    files : the output's files too; they stay otherwise, for whoever reads the manifest.
    typed : what a person typed to say that they mean it: the job's name, or InvalidInput is raised.
    Raises Conflict for a job that has not ended, Forbidden for one that is only shared with the person.
    """
    now = context.clock()

    def work(tx: Transaction) -> LabelingJob:
        job = job_for(tx, principal, name, Action.DELETE_JOB)
        _check_typed(typed, job.name)
        if job.state not in ENDED:
            raise Conflict(f"the labeling job {job.name} is {job.state.value}: stop it first, and wait until it has")
        counters = job.counters
        tx.jobs.remove(job.id, at=now)
        tx.record(
            events.JobDeleted(
                at=now,
                actor=principal.id,
                workspace=job.workspace_id,
                job=job.id,
                name=job.name,
                objects=counters.total,
                annotations=counters.annotations,
                files=files,
            )
        )
        return job

    job = context.write(work)
    if files:
        _delete_files(context, job.output_uri)


@dataclass(frozen=True)
class AtStake:
    """An account, and what its deletion would touch."""

    account: Account
    jobs: tuple[str, ...]  # that have answers by it
    going_on: tuple[str, ...]  # those that count on them still: answers cannot be removed


def account_at_stake(context: Context, principal: Principal, account_id: str) -> AtStake:
    """What there is to know before an account is deleted; raises NotFound."""
    require_here(principal, Action.CHANGE_ACCOUNTS)

    def work(tx: Transaction) -> AtStake:
        account = _there(tx, account_id)
        jobs = [tx.jobs.brief_by_id(job_id) for job_id in tx.annotations.jobs_of(account_id)]
        going_on = tuple(job.name for job in jobs if job.state not in ENDED)
        return AtStake(account, tuple(job.name for job in jobs), going_on)

    return context.read(work)


def delete_account(
    context: Context, principal: Principal, account_id: str, *, answers: Answers, typed: str | None = None
) -> None:
    """Delete somebody's account. Jobs and labels they made stay; nobody can tell whose they were.

    answers : anonymised: they go on counting in statistics, under an id that names nobody; kept: the same under the
        person's name; removed: they are deleted from jobs that have ended, labels made of them stay.
    typed : what the administrator typed to say that they mean it: the account's address.
    Raises Conflict for oneself, the last administrator, and removed answers while a job with them has not ended.
    """
    require_here(principal, Action.CHANGE_ACCOUNTS)
    if account_id == principal.id:
        raise Conflict("you cannot delete the account you are signed in with; ask another administrator")
    account, jobs = context.read(lambda tx: _checked(tx, account_id, answers))
    _check_typed(typed, account.email)
    removed = sum(_remove_answers(context, account_id, job_id) for job_id in jobs)
    now = context.clock()

    def work(tx: Transaction) -> None:
        account, _ = _checked(tx, account_id, "kept")
        tx.workers.erase(account_id, called=account.name if answers == "kept" else NOBODY)
        tx.record(
            events.AccountDeleted(
                at=now,
                actor=principal.id,
                workspace=principal.workspace_id,
                account=account_id,
                answers=answers,
                removed=removed,
            )
        )

    context.write(work)
    context.forget_account(account_id)


def _check_typed(typed: str | None, wanted: str) -> None:
    if typed is not None and typed.casefold() != wanted.casefold():
        raise InvalidInput(f"nothing was deleted: expected {wanted!r} to be typed, got {typed!r:.100}", field="typed")


def _checked(tx: Transaction, account_id: str, answers: Answers) -> tuple[Account, list[int]]:
    """The account, and the jobs whose answers are to be removed."""
    account = _there(tx, account_id)
    keep_an_administrator(tx, account, frozenset(), True)
    jobs = tx.annotations.jobs_of(account_id) if answers == "removed" else []
    going_on = [job.name for job in map(tx.jobs.brief_by_id, jobs) if job.state not in ENDED]
    if going_on:
        raise Conflict(
            f"{', '.join(going_on[:5])} still counts on this person's answers: stop such jobs first, or keep the "
            "answers under no name (anonymised)"
        )
    return account, jobs


def _there(tx: Transaction, account_id: str) -> Account:
    account = tx.workers.get(account_id)
    if not account.email:
        raise NotFound(f"there is no account {account_id!r}: it was deleted")
    return account


def _remove_answers(context: Context, account_id: str, job_id: int) -> int:
    removed = 0
    while found := context.write(lambda tx: tx.annotations.remove_of(account_id, job_id, _TOGETHER)):
        removed += found
    return removed


def _delete_files(context: Context, folder: str) -> None:
    for uri in [uri for uri, _ in context.storage.entries(f"{folder.rstrip('/')}/")]:
        context.storage.delete(uri)
