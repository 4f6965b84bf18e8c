"""Consolidation of structured answers: boxes, masks, spans, texts, forms, by what a job of their kind uses.

Elsewhere: reading and writing one label (`answer_kinds.py`), the report (`structure_report.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from groundswell.consolidation.estimates import Answer, Estimate, LiveConsolidation
from groundswell.consolidation.live_objects import PerObjectConsolidation
from groundswell.consolidation.methods import DEFAULT_METHOD
from groundswell.domain.errors import InvalidInput
from groundswell.offline.annotation_files import AnnotationTable
from groundswell.offline.answer_kinds import AnswerKind
from groundswell.offline.consolidation_runs import RunOptions
from groundswell.offline.results import Consolidation, LabelRow, Summary, WorkerRow
from groundswell.offline.structured_answers import StructuredAnswers

_CHUNK_OBJECTS = 64  # consolidated between two reports of progress


def consolidate_structures(table: AnnotationTable, kind: AnswerKind, options: RunOptions) -> Consolidation:
    """Boxes, spans, masks, ... Raises: InvalidVotes, naming the row."""
    _refuse_options_of_classes(kind, options)
    answers = StructuredAnswers.of(table, kind, options)
    if kind.form.needs_labels and not answers.reading.labels:
        raise InvalidInput(
            "masks hold numbers: name the classes in the order of their pixel values 1, 2, ... with labels=cat,dog",
            field="labels",
        )
    live = kind.consolidation(answers.reading.labels if options.labels or kind.form.needs_labels else ())
    _absorb(live, answers, options)
    options.progress("Estimating workers", None)
    live.refit()
    skill = live.worker_skill()
    rows = list(_labels(live, answers, options))
    workers = [WorkerRow(worker, n, skill.get(worker, 0.0)) for worker, n in _counts(answers).items()]
    confidence = [row.confidence for row in rows]
    summary = Summary(
        task_type=kind.name,
        objects=len(rows),
        annotations=sum(one.annotations for one in workers),
        workers=len(workers),
        method=kind.live,
        mean_confidence=float(np.mean(confidence)) if confidence else 0.0,
        mean_skill=float(np.mean([one.skill for one in workers])) if workers else 0.0,
        replaced=answers.replaced,
        abstentions=answers.abstentions,
        set_aside=sum(len(row.more.get("set_aside", ())) for row in rows),
    )
    report = None
    if options.report:
        from groundswell.offline.structure_report import structure_report

        options.progress("Drawing the report", None)
        report = structure_report(answers, live, rows, workers, summary, options.title).html()
    return Consolidation(rows, workers, summary, report)


def _refuse_options_of_classes(kind: AnswerKind, options: RunOptions) -> None:
    given = {"method": options.method != DEFAULT_METHOD, "gold": options.gold, "prior": options.prior}
    for option, value in given.items():
        if value:
            raise InvalidInput(f"{option}= is for classes; leave it out with task_type={kind.name}", field=option)


def _absorb(live: LiveConsolidation, answers: StructuredAnswers, options: RunOptions) -> None:
    """Give every answer to the consolidation, each checked by its row."""
    check = live.consolidator.check if isinstance(live, PerObjectConsolidation) else None
    show = options.progress("Reading answers", len(answers.tasks))
    for n in range(len(answers.tasks)):
        values = answers.of_object(n)
        for worker, value in values.items():
            if check is not None:
                check(value, where=answers.place(n, worker))
        # An object everyone abstained from is one nobody annotated: a worker without value makes it known.
        live.absorb([Answer(n, w, v) for w, v in values.items()] or [Answer(n, "", None)])
        if n % _CHUNK_OBJECTS == 0:
            show(n)


def _labels(live: LiveConsolidation, answers: StructuredAnswers, options: RunOptions) -> Iterator[LabelRow]:
    show = options.progress("Consolidating", len(answers.tasks))
    for start in range(0, len(answers.tasks), _CHUNK_OBJECTS):
        chunk = range(start, min(start + _CHUNK_OBJECTS, len(answers.tasks)))
        for n, estimate in zip(chunk, live.estimate(chunk), strict=True):
            yield label_row(estimate, answers, n, options)
        show(chunk.stop)


def label_row(estimate: Estimate, answers: StructuredAnswers, n: int, options: RunOptions) -> LabelRow:
    """A label as files have it, with the confidences of its parts where it has parts."""
    task = answers.tasks[n]
    label = answers.kind.form.write(estimate, answers.reading, lambda png: options.keep_mask(png, task))
    more: dict[str, Any] = {}
    parts = estimate.details.get("confidences")
    if parts is not None:
        named = isinstance(parts, Mapping)
        more["confidences"] = {k: round(p, 6) for k, p in parts.items()} if named else [round(p, 6) for p in parts]
    if estimate.details.get("set_aside"):
        more["set_aside"] = list(estimate.details["set_aside"])
    return LabelRow(task, label, float(estimate.confidence), more)


def _counts(answers: StructuredAnswers) -> dict[str, int]:
    """Worker -> objects answered, workers in order."""
    counts: dict[str, int] = {}
    for rows in answers.rows:
        for worker in rows:
            counts[worker] = counts.get(worker, 0) + 1
    return dict(sorted(counts.items()))
