"""Objects that measure the model get more answers until their own label is sure: people's errors are not the machine's.

Those are the audit's, and those drawn at random, by which the loop judges whether an audit can pay.
"""

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
    """Whether the model is measured by an object, and there is something left to make its label surer."""
    if not desk.spec.auto_labeling.enabled:
        return False
    hand = at_hand(desk)
    return (n in hand.audited or n in hand.drawn) and allowance(desk) > 0


def is_extra(desk: Desk, certainty: float) -> bool:
    """Whether only the measuring of the model asks for a surer label than this one, not the job itself."""
    mine = desk.spec.consolidation.stop_at_confidence
    return mine is None or certainty >= mine


def allowance(desk: Desk) -> int:
    """How many more answers may be asked for than the job itself asks for."""
    counters, wanted = desk.job.counters, desk.spec.workers.per_object
    asked = counters.annotations + counters.outstanding
    extra = asked - wanted * (counters.human_labeled + counters.open + counters.answered + counters.failed)
    return max(0, wanted * counters.total // EXTRA_SHARE - max(0, extra))
