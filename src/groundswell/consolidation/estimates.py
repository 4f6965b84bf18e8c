"""What live consolidation takes and gives: answers of workers in, estimates of objects out.

Light to import, for rooms that only hand such values on. Elsewhere: the consolidations (`live.py`, `live_objects.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from groundswell.consolidation.recalibration import Recalibration


@dataclass(frozen=True)
class Answer:
    """One worker's answer to one object."""

    object: int  # index n of the data object in its job
    worker: str
    value: Any  # as the task type decoded it: a class, boxes, ...; None is an abstention


@dataclass(frozen=True)
class Estimate:
    """What the answers so far say of one object."""

    object: int
    value: Any
    confidence: float  # probability that the value is right, in [0, 1]
    details: Mapping[str, Any] = field(default_factory=dict)
    """What a kind of answer adds, by these names:

    "posterior": class -> probability.    "certainty": what more answers could raise to 1.
    "annotations": number of answers.    "set_aside": workers whose answers were of another form than most.
    "confidences": one for each part of the value (a box, a question, a dimension), aligned to it or by its name.
    "posteriors", "chosen": of a set of labels, every label's probability and those that anybody chose.
    "answers": worker -> value, where everybody's are kept.    "worker_feedback": comments on a label looked at.
    """


class LiveConsolidation(Protocol):
    """One job's consolidation, rebuilt from its annotations after a restart."""

    def absorb(self, annotations: Sequence[Answer]) -> None:
        """Count new answers at once; a worker's later answer to an object replaces the earlier one."""

    def estimate(self, objects: Iterable[int]) -> list[Estimate]:
        """The present estimates of some objects, in the order asked."""

    def refit(self) -> None:
        """Fit everything again: the same answer as a fit from scratch."""

    def worker_skill(self) -> dict[str, float]:
        """Each worker's chance of a right answer, in [0, 1]."""


@runtime_checkable
class FitsApart(Protocol):
    """A live consolidation whose full fits another process can do, while answers go on being absorbed here."""

    def begin_fit(self) -> Callable[[], Any]:
        """A full fit of what is absorbed now: to be called, or pickled for another process, before more is absorbed."""

    def take_fit(self, fitted: Any) -> None:
        """Use what the fit begun last has given; answers absorbed since then count on top of it."""


@runtime_checkable
class TakesGold(LiveConsolidation, Protocol):
    """A live consolidation that learns from objects whose value is known: about workers, and about confidences."""

    def know(self, gold: Mapping[int, Any]) -> None:
        """Take in the values of objects that are known, besides earlier ones; they count from the next full fit on.

        Raises: InvalidVotes, for a value no answer can have; nothing is taken in then.
        """

    def recalibration(self) -> Recalibration | None:
        """What gold made of confidences in the last full fit; None before one with gold."""


@runtime_checkable
class EstimatesApart(Protocol):
    """A live consolidation whose estimates take long, and which another process can make."""

    def begin_estimate(self, objects: Iterable[int]) -> Callable[[], list[Estimate]]:
        """`LiveConsolidation.estimate` by what is known now: to be called, or pickled, before more is absorbed."""
