"""A job's answers as its live consolidation takes them: in order of submission, after a restart all of them again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from groundswell.consolidation.estimates import Answer
from groundswell.domain.records import Annotation
from groundswell.runner.apart import Work, decode_ahead, decoded
from groundswell.runner.desk import Desk
from groundswell.service import label_contexts


def votes_of(answers: Sequence[tuple[Annotation, Any]]) -> list[Answer]:
    """Answers as consolidation absorbs them."""
    return [Answer(one.n, one.annotator_id, value) for one, value in answers]


def catch_up(desk: Desk) -> Work[None]:
    """Absorb every annotation not absorbed yet; after a restart that is all of them, into a new consolidation."""
    if desk.live is None:
        spec = desk.spec.consolidation
        desk.live = desk.task_type.consolidation(desk.spec.labels, spec.method, spec.options)
        desk.absorbed.clear()
        desk.last_absorbed = None
    context, limit = label_contexts.decoding(desk.job), (1 if desk.is_heavy else 4) * desk.batch_size
    while page := desk.read(lambda tx: tx.annotations.all(desk.job.id, after=desk.last_absorbed, limit=limit)):
        yield from decode_ahead(desk, page, context)
        desk.live.absorb(votes_of(decoded(desk, page, context)))
        for one in page:
            desk.absorbed[one.n] = desk.absorbed.get(one.n, 0) + 1
        desk.last_absorbed = page[-1].assignment_id
        yield None


def absorb_of(desk: Desk, answers: Mapping[int, Sequence[tuple[Annotation, Any]]]) -> None:
    """Make sure that these objects' answers count, also the newest that `catch_up` must not pass over yet.

    To absorb an answer twice changes nothing: a worker's later answer to an object replaces the earlier one.
    """
    assert desk.live is not None
    for n, mine in answers.items():
        if desk.absorbed.pop(n, 0) < len(mine):
            desk.live.absorb(votes_of(mine))
