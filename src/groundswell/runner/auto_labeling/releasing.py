"""The end of a loop: what no model may label goes to people."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from groundswell.domain.auto_labeling import AutoLabeling, Phase
from groundswell.domain.events import AutoLabelingEnded
from groundswell.runner.auto_labeling.preparing import RANKED_TOGETHER, pending_objects, rank
from groundswell.runner.auto_labeling.progress import advance, event_of
from groundswell.runner.desk import Desk, storable


def release_rest(desk: Desk, loop: AutoLabeling) -> bool:
    """Give people what is left, a part at a time; then the loop has ended."""
    if desk.slice("auto-release", lambda: _release(desk)):
        advance(desk, loop, phase=Phase.ENDED)
    return True


def give_up(desk: Desk, loop: AutoLabeling, reason: str) -> None:
    """No model labels anything more, for this reason."""
    reason = storable(reason)
    ended = AutoLabelingEnded(**event_of(desk), reason=reason)
    advance(desk, loop, phase=Phase.RELEASING, reason=reason, events=[ended])


def _release(desk: Desk) -> Iterator[None]:
    numbers = pending_objects(desk)
    for start in range(0, len(numbers), RANKED_TOGETHER):
        desk.write(partial(rank, desk.job.id, dict.fromkeys(numbers[start : start + RANKED_TOGETHER], 0)))
        yield
