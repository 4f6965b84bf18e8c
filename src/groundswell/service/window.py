"""The rolling window: how many more data objects may be published now, and whether a job has come to its end.

Pure arithmetic over a job's counters and its specification's limits, and the one function that publishes by it. It has
two callers, each in its own transaction: the runner, and a worker's request for a task that found nothing open, so that
nobody waits for a runner. Rewards are reserved when objects are published (`outstanding` annotations are as good as
spent), so a budget is never overspent.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

from groundswell.domain.auto_labeling import Phase
from groundswell.domain.money import usd_to_micros
from groundswell.domain.records import JobCounters, LabelingJob
from groundswell.service.ports import Transaction
from groundswell.wire.job_spec import JobSpec

UNLIMITED = 2**62


def room(spec: JobSpec, counters: JobCounters) -> int:
    """How many pending objects may be released now: the window's room within what may ever be released."""
    return max(0, min(spec.workers.max_concurrent_objects - counters.open, allowance(spec, counters)))


def allowance(spec: JobSpec, counters: JobCounters) -> int:
    """How many more objects the stopping conditions and the budget allow, whatever is open now."""
    under_way = counters.open + counters.answered
    allowed = counters.pending
    stop = spec.stop_when
    if stop.human_labeled is not None:
        allowed = min(allowed, stop.human_labeled - counters.human_labeled - under_way)
    if stop.labeled_percent is not None:
        enough = math.ceil(counters.total * stop.labeled_percent / 100 - 1e-9)
        allowed = min(allowed, enough - counters.labeled - under_way)
    allowed = min(allowed, affordable(spec, counters) // spec.workers.per_object)
    return max(0, allowed)


def affordable(spec: JobSpec, counters: JobCounters) -> int:
    """How many more annotations the budget pays for, beyond those already asked for."""
    price = usd_to_micros(spec.workers.price_usd)
    if spec.stop_when.budget_usd is None or not price:
        return UNLIMITED
    left = usd_to_micros(spec.stop_when.budget_usd) - counters.spent_usd_micros - counters.outstanding * price
    return max(0, left // price)


def is_finished(spec: JobSpec, counters: JobCounters) -> bool:
    """Whether nothing is under way and nothing more will be released (once the whole input has been read)."""
    return not counters.open and not counters.answered and not allowance(spec, counters)


def next_objects(
    tx: Transaction, job: LabelingJob, spec: JobSpec, *, most: int = 1_000, beyond: bool = False
) -> list[int]:
    """The pending objects that may be published now, in the order of their rank, at most so many.

    beyond : beyond the window, within what may ever be published: for a worker who would have to wait.
    """
    if is_held_up(tx, job, spec):
        return []
    counters = tx.jobs.counters(job.id)
    free = min(allowance(spec, counters) if beyond else room(spec, counters), most)
    return tx.objects.pending(job.id, free) if free > 0 else []


def is_held_up(tx: Transaction, job: LabelingJob, spec: JobSpec) -> bool:
    """Whether nothing may be published yet: a loop of automated labeling has still to say what people see first."""
    if not spec.auto_labeling.enabled:
        return False
    loop = tx.auto_labeling.get(job.id)
    return loop is None or loop.phase is Phase.PREPARING


def publish(tx: Transaction, job: LabelingJob, spec: JobSpec, numbers: Sequence[int], *, at: datetime) -> int:
    """Publish an ordinary task for each of these objects, in the order of their rank; how many were still pending."""
    return tx.tasks.publish(job.id, numbers, wanted=spec.workers.per_object, at=at) if numbers else 0
