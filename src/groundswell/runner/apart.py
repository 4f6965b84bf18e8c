"""Work of a job that another process does while this runner goes on with other jobs: decoding, estimating, encoding.

Only answers that are pictures take so long that it pays (`Desk.is_heavy`); the rest is done at once. Elsewhere: full
fits (`fits.py`), the processes (`groundswell.compute.futures`).
"""

from __future__ import annotations

import logging
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import Future
from typing import Any, TypeVar

from groundswell.consolidation.estimates import Estimate, EstimatesApart
from groundswell.domain.errors import InvalidAnnotation
from groundswell.domain.records import Annotation
from groundswell.runner.desk import WAIT, Desk
from groundswell.tasktypes import registry
from groundswell.tasktypes.base import DecodeContext, EncodeContext, EncodedLabel

T = TypeVar("T")
Work = Generator[object, None, T]
"""Work in slices that yields `WAIT` while another process has it, and returns its result."""

log = logging.getLogger(__name__)


def wait_for(future: Future[T]) -> Work[T]:
    """The result of a future. Raises what it raises."""
    while not future.done():
        yield WAIT
    return future.result()


def is_apart(desk: Desk) -> bool:
    """Whether this job's answers are worked on in another process."""
    return desk.is_heavy and not desk.tools.elsewhere.is_here


def decode_ahead(desk: Desk, annotations: Sequence[Annotation], context: DecodeContext) -> Work[None]:
    """Put the values of answers on the desk, where `decoded` finds them."""
    if not is_apart(desk):
        return
    desk.values.make_room(len(annotations))
    missing = [one for one in annotations if not desk.values.has(one)]
    submit, name = desk.tools.elsewhere.submit, desk.task_type.name
    under_way = [submit(_decode, name, one.content, context) for one in missing]
    for one, future in zip(missing, under_way, strict=True):
        value, problem = yield from wait_for(future)
        if problem is None:
            desk.values.put(one, value)


def _decode(name: str, content: Mapping[str, Any], context: DecodeContext) -> tuple[Any, str | None]:
    """An answer's value, or why it has none."""
    try:
        return registry.get(name).decode(content, context), None
    except InvalidAnnotation as error:
        return None, error.message


def decoded(desk: Desk, annotations: Sequence[Annotation], context: DecodeContext) -> list[tuple[Annotation, Any]]:
    """Each answer with its value. One that does not fit any more (its task type changed) is left out, and logged."""
    found = []
    for one in annotations:
        try:
            if not desk.values.has(one):
                desk.values.put(one, desk.task_type.decode(one.content, context))
            found.append((one, desk.values.get(one)))
        except InvalidAnnotation as error:
            log.warning("job %s: answer %s is left out: %s", desk.job.name, one.assignment_id, error)
    return found


def estimates_of(desk: Desk, objects: Sequence[int]) -> Work[list[Estimate]]:
    """What the job's consolidation says of some objects."""
    assert desk.live is not None
    if is_apart(desk) and isinstance(desk.live, EstimatesApart):
        return (yield from wait_for(desk.tools.elsewhere.submit(desk.live.begin_estimate(objects))))
    return desk.live.estimate(objects)


def encoded_labels(desk: Desk, work: Sequence[tuple[Estimate, EncodeContext]]) -> Work[list[EncodedLabel]]:
    """The labels that estimates become, in their order."""
    encode = desk.task_type.encode
    if not is_apart(desk):
        return [encode(estimate, context) for estimate, context in work]
    under_way = [desk.tools.elsewhere.submit(_encode, desk.task_type.name, *each) for each in work]
    found = []
    for future in under_way:
        found.append((yield from wait_for(future)))
    return found


def _encode(name: str, estimate: Estimate, context: EncodeContext) -> EncodedLabel:
    return registry.get(name).encode(estimate, context)
