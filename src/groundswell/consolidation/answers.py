"""What every consolidator of structured answers shares: its protocol, its result, and reading answers with care.

The answers to one object are a mapping from worker to value; what a value is, each kind says (`boxes.py`, `spans.py`,
...). Single-class labels are not here: they are `Votes`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from groundswell.consolidation.columns import sort_ids
from groundswell.domain.errors import InvalidVotes

Floats = NDArray[np.float64]
Answers = Mapping[str, Any]  # worker -> value, all for one object

FARTHEST = 1e7  # coordinates beyond this are no pixel of any image, and would overflow areas


@dataclass(frozen=True)
class Consolidated:
    """The consolidated label of one object."""

    value: Any  # in the shape the answers had
    confidence: float  # in [0, 1]: how right the whole value is expected to be; each kind says in what sense
    details: dict[str, Any] = field(default_factory=dict)  # lists aligned to the value, e.g. "confidences"


class StructuredConsolidator(Protocol):
    """Answers of many workers to one label each, with estimates of the workers. The constructor only stores."""

    workers_: list[str]  # (W,) ids, sorted
    skill_: Floats  # (W,) in [0, 1]

    def check(self, value: Any, *, where: str) -> None:
        """Raises: InvalidVotes naming the place, for a value no answer can have."""

    def fit(self, objects: Sequence[Answers]) -> Self:
        """Estimate the workers from N objects' answers. The order of objects and workers does not matter."""

    def consolidate(self, answers: Answers) -> Consolidated:
        """One object's label with the workers as estimated; unknown workers, and all before `fit`, are average."""

    def consolidate_all(self, objects: Sequence[Answers]) -> list[Consolidated]:
        """Every object's label, in the order given."""


def skill_by_worker(consolidator: StructuredConsolidator) -> dict[str, float]:
    """Worker id to skill; empty before `fit`."""
    if not hasattr(consolidator, "skill_"):
        return {}
    return dict(zip(consolidator.workers_, consolidator.skill_.tolist(), strict=True))


def sorted_workers(objects: Iterable[Answers]) -> list[str]:
    """Ids of everyone who answered, in the order of `sort_ids`: 1 and "1" are two workers, in one order always."""
    return sort_ids({worker for answers in objects for worker in answers})


def leaning_accuracy(
    right: Floats, trials: Floats, *, usual: float, strength: float, bounds: tuple[float, float]
) -> Floats:
    """(W,) accuracies of workers with so many right answers (W,) of so many (W,), leaning on the crowd's.

    The crowd's mean leans on the `usual` one by `strength` pseudo-answers, each worker's on that by as many; `bounds`
    are accuracies a worker is believed to have, so that nobody decides alone.
    """
    crowd = (right.sum() + strength * usual) / (trials.sum() + strength)
    return np.asarray(np.clip((right + strength * crowd) / (trials + strength), *bounds))


def require(condition: bool, message: str, *, row: int | None = None, field: str | None = None) -> None:
    """Raises: InvalidVotes with the message, unless the condition holds."""
    if not condition:
        raise InvalidVotes(message, row=row, field=field)


def read_number(value: Any, *, name: str, where: str, least: float = -FARTHEST, most: float = FARTHEST) -> float:
    """A finite number between bounds. Raises: InvalidVotes naming the place."""
    numeric = isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
    if numeric and least <= value <= most:  # before it becomes a float: integers may be too large for one
        return float(value)
    raise InvalidVotes(
        f"{name} must be a number from {least:g} to {most:g}, but {where} has {value!r}; correct or drop it", field=name
    )


def read_items(value: Any, *, what: str, where: str) -> Sequence[Any]:
    """A list of mappings. Raises: InvalidVotes for anything else."""
    require(
        isinstance(value, Sequence) and not isinstance(value, (str, bytes)),
        f"an answer must be a list of {what}, but {where} has {type(value).__name__}",
    )
    for item in value:
        if not isinstance(item, Mapping):
            raise InvalidVotes(f"each of the {what} must be a mapping, but {where} has {item!r}")
    return list(value)


def read_field(item: Mapping[str, Any], key: str, *, where: str) -> Any:
    """A field that must be there. Raises: InvalidVotes naming it."""
    if key in item:
        return item[key]
    raise InvalidVotes(f"every annotation needs {key!r}, but {where} has only {sorted(map(str, item))}", field=key)


def read_label(item: Mapping[str, Any], *, where: str) -> str:
    """The item's class, "" where the task has none. Raises: InvalidVotes when it is not a text."""
    label = item.get("label", "")
    if isinstance(label, str):
        return label
    raise InvalidVotes(f"'label' must be a text, but {where} has {label!r}", field="label")


def read_points(value: Any, *, least: int, where: str) -> Floats:
    """(V, 2) vertices from a list of {"x", "y"}. Raises: InvalidVotes for fewer than `least` or other shapes."""
    points = read_items(value, what="vertices", where=where)
    require(
        len(points) >= least,
        f"'vertices' must hold at least {least} points, but {where} has {len(points)}",
        field="vertices",
    )
    return np.array(
        [[read_number(read_field(p, axis, where=where), name=axis, where=where) for axis in "xy"] for p in points]
    ).reshape(-1, 2)
