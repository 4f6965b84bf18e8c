"""Where a job's loop is, written down; and what this runner has at hand of it, which a crash may take."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from groundswell.autolabel.learner import Rows
from groundswell.domain.auto_labeling import AutoLabeling, Decision, DecisionKind
from groundswell.domain.errors import Conflict
from groundswell.domain.events import AutoLabelingEvent
from groundswell.runner.desk import Desk
from groundswell.service.ports import Transaction

T = TypeVar("T")


@dataclass
class AtHand:
    """What this runner remembers of a loop between its rounds."""

    raw: list[Any] = field(default_factory=list)  # objects read so far for their features
    features: bytes | None = None  # packed
    groups: Rows | None = None  # (N,) exact duplicates share a number
    computing: Future[Any] | None = None  # features that another process computes
    training: Future[Any] | None = None  # a model that another process trains
    failures: int = 0  # of the learner, of endpoints and of disks, since the last success
    audited: set[int] = field(default_factory=set)  # objects of the audit under way
    drawn: set[int] = field(default_factory=set)  # objects drawn at random: the model is measured by them
    memory: dict[str, Any] = field(default_factory=dict)  # a phase's own


def at_hand(desk: Desk) -> AtHand:
    """What is remembered of the job's loop."""
    found: AtHand = desk.memory.setdefault("auto_labeling", AtHand())
    return found


def loop_of(desk: Desk) -> AutoLabeling | None:
    """Where the job's loop is."""
    return desk.read(lambda tx: tx.auto_labeling.get(desk.job.id))


def event_of(desk: Desk) -> dict[str, Any]:
    """What every event of the loop says."""
    return {"at": desk.now, "workspace": desk.job.workspace_id, "job": desk.job.id, "name": desk.job.name}


def advance(
    desk: Desk,
    loop: AutoLabeling,
    *,
    with_work: Callable[[Transaction], T] | None = None,
    decisions: Sequence[tuple[DecisionKind, int, Mapping[str, Any]]] = (),
    events: Sequence[AutoLabelingEvent] = (),
    **changes: Any,
) -> AutoLabeling:
    """Write down what became of the loop, with decisions, events and other work, in one transaction.

    Raises Conflict where another runner, or somebody's act, moved it since `loop` was read.
    """
    after = replace(loop, **{**changes, "changed_at": desk.now})

    def work(tx: Transaction) -> None:
        if tx.auto_labeling.get(desk.job.id) != loop:
            raise Conflict("somebody else moved the loop of automated labeling")
        tx.auto_labeling.put(after)
        for kind, number, data in decisions:
            tx.auto_labeling.decide(Decision(desk.job.id, kind, number, desk.now, data))
        for event in events:
            tx.record(event)
        if with_work is not None:
            with_work(tx)

    desk.write(work)
    return after
