"""What may be asked of workers: the rules of new tasks and of more answers, and when nobody is left to ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from groundswell.domain.errors import Conflict, InvalidInput, NotFound
from groundswell.domain.records import DataObject, Task, TaskKind
from groundswell.domain.states import object_after


def check_new_task(objects: Sequence[int], found: Sequence[DataObject], kind: TaskKind, wanted: int) -> None:
    """Raise unless a task over these objects may be published; `found` are those of them that there are."""
    if not objects or len(set(objects)) < len(objects) or wanted < 1:
        raise InvalidInput(
            f"expected one or more different data objects and at least one answer, got {list(objects)} and {wanted}"
        )
    check_all_found(objects, found)
    if kind is TaskKind.ORDINARY:
        for one in found:
            object_after(one.state, "release")
            if one.task_id is not None:
                raise Conflict(f"data object {one.n} has had an ordinary task; publish it again by its number")


def check_more(found: Sequence[DataObject], wanted: Mapping[int, int]) -> None:
    """Raise unless so many answers may be asked for; `found` are those of the objects that there are."""
    check_all_found(tuple(wanted), found)
    for one in found:
        object_after(one.state, "ask_more")
        if wanted.get(one.n, one.answered + 1) <= one.answered:
            raise Conflict(
                f"data object {one.n} has {one.answered} annotations; ask for more than that, not {wanted[one.n]}"
            )


def check_all_found(numbers: Sequence[int], found: Sequence[DataObject]) -> None:
    """Raise NotFound for the first number of which there is no data object."""
    missing = set(numbers) - {one.n for one in found}
    if missing:
        raise NotFound(f"this labeling job has no data object {min(missing)}")


def is_refused(one: DataObject | Task, *, asked: int, people: int) -> bool:
    """Whether an open task was declined by everyone: nobody is on it and nobody is left who might answer.

    As in Ground Truth, it is given up when as many workers declined it as were asked; and when all `people` who could
    take it have declined or answered it.
    """
    return bool(one.declined) and not one.held and (one.declined >= asked or one.declined + one.answered >= people)


def refusal(one: DataObject | Task) -> str:
    """Why an object that was declined by everyone fails."""
    workers = "1 worker" if one.declined == 1 else f"{one.declined} workers"
    return (
        f"ClientError: Annotation tasks declined. {workers} declined and {one.answered} answered; nobody is left to "
        "ask. Put the object back to ask again"
    )
