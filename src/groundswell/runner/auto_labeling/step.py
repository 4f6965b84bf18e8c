"""Automated labeling as a step of the runner: to the phase that a job's loop is in, and what happens where one fails.

People never wait for it: whatever goes wrong here is tried again a few times, then people label alone, and the job
says why.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from groundswell.domain.auto_labeling import AutoLabeling, Phase
from groundswell.domain.errors import Conflict, GroundswellError
from groundswell.runner.auto_labeling import studying
from groundswell.runner.auto_labeling.auditing import audit
from groundswell.runner.auto_labeling.labeling import label_certified
from groundswell.runner.auto_labeling.learning import learn
from groundswell.runner.auto_labeling.preparing import begin, prepare
from groundswell.runner.auto_labeling.progress import at_hand, loop_of
from groundswell.runner.auto_labeling.releasing import give_up, release_rest
from groundswell.runner.desk import Desk

_FAILURES = 4  # in a row, before people go on alone
_RESTS_S = 2.0
log = logging.getLogger(__name__)

PHASES: Mapping[Phase, Callable[[Desk, AutoLabeling], bool]] = {
    Phase.LEARNING: learn,
    Phase.AUDITING: audit,
    Phase.LABELING: label_certified,
    Phase.RELEASING: release_rest,
}


def auto_label(desk: Desk) -> bool:
    """Move the job's loop of automated labeling on, if it has one; whether anything moved."""
    if not desk.spec.auto_labeling.enabled:
        return False
    loop = loop_of(desk) or begin(desk)
    hand = at_hand(desk)
    if loop.is_over:
        hand.audited, hand.drawn = set(), set()
    elif len(hand.drawn) != len(loop.notes.get("random", ())):
        hand.drawn = set(loop.notes["random"])
    if loop.phase is Phase.ENDED:
        return False
    if loop.phase is Phase.PREPARING:
        return prepare(desk, loop, studying.refusal(desk.task_type, desk.spec))
    if desk.tools.monotonic() < hand.memory.get("rests_until", -1e9):
        return False
    try:
        return PHASES[loop.phase](desk, loop)
    except Conflict:
        raise
    except Exception as error:
        return _failed(desk, loop, error)


def is_labeling(desk: Desk) -> bool:
    """Whether certified labels are being written: the job does not end before they are."""
    loop = loop_of(desk) if desk.spec.auto_labeling.enabled else None
    return loop is not None and loop.phase is Phase.LABELING


def _failed(desk: Desk, loop: AutoLabeling, error: Exception) -> bool:
    """Count a failure and rest; after a few people go on alone."""
    hand = at_hand(desk)
    hand.failures += 1
    hand.training = hand.computing = None
    said = error.message if isinstance(error, GroundswellError) else f"{type(error).__name__}: {error}"
    log.warning("job %s: automated labeling failed %d times: %s", desk.job.name, hand.failures, said)
    if loop.phase is Phase.RELEASING or hand.failures < _FAILURES:
        hand.memory["rests_until"] = desk.tools.monotonic() + _RESTS_S * 2**hand.failures
    else:
        give_up(desk, loop, f"automated labeling failed {hand.failures} times, the last time so: {said}")
    return True
