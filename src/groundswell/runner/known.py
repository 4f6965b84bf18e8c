"""Labels that are known, for a job's consolidation: what reviewers stand for, and gold.

They teach how workers answer, and set confidences right where there are enough of them. Each object counts once, and a
worker once for it, whether they were asked by an ordinary task or by a gold one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from groundswell.consolidation.calibration import Calibration
from groundswell.consolidation.estimates import TakesGold
from groundswell.consolidation.recalibration import FEWEST_GOLD
from groundswell.domain.errors import InvalidAnnotation
from groundswell.domain.job_notes import ReliabilityNote
from groundswell.domain.labels import Label
from groundswell.domain.records import TaskKind
from groundswell.runner.answers import votes_of
from groundswell.runner.apart import decoded
from groundswell.runner.desk import Desk
from groundswell.service import label_contexts

_GROWTH = 1.5  # of known labels, as a factor, before they are worth a full fit of their own
_LOOK_EVERY_S = 10.0


def tell_known(desk: Desk) -> None:
    """Tell a job's consolidation what is known by now; it counts from the next full fit on."""
    live, after, count = desk.live, -1, 0
    if not isinstance(live, TakesGold):
        return
    while page := desk.read(lambda tx, after=after: tx.labels.known(desk.job.id, after=after)):  # type: ignore[misc]
        _tell(desk, live, page)
        after, count = page[-1].n, count + len(page)
    desk.memory["known"] = count


def sets_right(desk: Desk) -> bool:
    """Whether as much as was known at the last full fit sets confidences right, which takes several fits more."""
    return bool(desk.memory.get("known", 0) >= FEWEST_GOLD)


def is_known_better(desk: Desk) -> bool:
    """Whether so many more labels are known than at the last full fit that another one pays."""
    if not isinstance(desk.live, TakesGold) or not desk.due("look for known labels", _LOOK_EVERY_S):
        return False
    count = desk.read(lambda tx: tx.labels.known_count(desk.job.id))
    return bool(count >= max(FEWEST_GOLD, _GROWTH * desk.memory.get("known", 0)))


def note_reliability(desk: Desk) -> None:
    """Write down what known labels said of confidences in the last full fit, for the job's page."""
    found = desk.live.recalibration() if isinstance(desk.live, TakesGold) else None
    if found is None or found.before is None or found.after is None:
        return
    note = ReliabilityNote(
        known=found.n_gold,
        before=_bins(found.before),
        after=_bins(found.after),
        error_before=round(found.before.ece, 4),
        error_after=round(found.after.ece, 4),
    )
    desk.note(reliability=note)


def _bins(calibration: Calibration) -> list[tuple[float, float, int]]:
    return [(round(one.confidence, 4), round(one.accuracy, 4), one.count) for one in calibration.bins]


def _tell(desk: Desk, live: TakesGold, labels: Sequence[Label]) -> None:
    gold = {label.n: value for label in labels if (value := _value(desk, label)) is not None}
    _absorb_gold_answers(desk, live, list(gold))
    live.know(gold)


def _value(desk: Desk, label: Label) -> Any:
    """The value as an answer would have it; None where it is none of those that answers can have."""
    try:
        return desk.task_type.read_label(label.value, label.metadata, desk.spec.labels)
    except InvalidAnnotation:
        return None


def _absorb_gold_answers(desk: Desk, live: TakesGold, numbers: Sequence[int]) -> None:
    """Answers to gold tasks tell of workers as others do, where the object's label is known."""
    answers = desk.read(lambda tx: tx.annotations.of_objects(desk.job.id, numbers, checks=True))
    gold = [one for one in answers if one.kind is TaskKind.GOLD]
    if gold:
        live.absorb(votes_of(decoded(desk, gold, label_contexts.decoding(desk.job))))
