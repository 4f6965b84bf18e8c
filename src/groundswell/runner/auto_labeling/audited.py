"""Objects of an audit get more answers until their own label is sure: an error of people's is not the machine's."""

from __future__ import annotations

from groundswell.runner.auto_labeling.progress import at_hand
from groundswell.runner.desk import Desk

SURE = 0.995
"""Labels wrong at random in 2 % of the audit would take a tenth of the machine's share."""
MOST = 9
"""Answers to an audited object, where the job itself asks for fewer."""
EXTRA_SHARE = 20
"""More answers than the job itself asks for are at most one of so many of all that it asks for."""


def enough(desk: Desk, n: int) -> float | None:
    """How sure the label of an object has to be; None: whatever its answers say."""
    mine = desk.spec.consolidation.stop_at_confidence
    return max(SURE, mine or 0.0) if is_audited(desk, n) else mine


def most(desk: Desk, n: int) -> int:
    """The most answers an object may get."""
    mine = desk.spec.max_per_object
    return max(mine, MOST) if is_audited(desk, n) else mine


def is_audited(desk: Desk, n: int) -> bool:
    """Whether an object is in the audit that is under way, and there is something left to make it surer."""
    if not desk.spec.auto_labeling.enabled:
        return False
    return n in at_hand(desk).audited and _may_cost_more(desk)


def _may_cost_more(desk: Desk) -> bool:
    counters, wanted = desk.job.counters, desk.spec.workers.per_object
    extra = counters.annotations - wanted * (counters.human_labeled + counters.open + counters.answered)
    return extra * EXTRA_SHARE < wanted * counters.total
