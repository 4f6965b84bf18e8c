"""One consolidation of a table of annotations: its options, and single classes by `Votes`.

Elsewhere: structured answers (`structure_runs.py`), what files hold (`answer_kinds.py`), what comes out (`results.py`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from groundswell.consolidation.methods import DEFAULT_METHOD, ORDINAL_METHODS, consolidator_named
from groundswell.consolidation.scales import scale_problem
from groundswell.consolidation.verification import verdict_of
from groundswell.consolidation.votes import Votes
from groundswell.domain.errors import InvalidInput, InvalidVotes
from groundswell.offline.annotation_files import AnnotationTable, require_plain
from groundswell.offline.answer_kinds import AnswerKind
from groundswell.offline.column_types import finder, spelling_of
from groundswell.offline.mask_files import KeepMask, as_text, loader
from groundswell.offline.results import Consolidation, LabelRow, Summary, WorkerRow
from groundswell.offline.worker_responses import Response
from groundswell.tasktypes.answer_parts import labels_in
from groundswell.tasktypes.file_forms import Reading

if TYPE_CHECKING:  # algorithms bring compiled code with them
    from groundswell.consolidation.base import CategoricalConsolidator
    from groundswell.consolidation.recalibration import Recalibration

Prior = str | Mapping[str, float]


@dataclass(frozen=True)
class RunOptions:
    """What a consolidation was asked to do."""

    method: str
    title: str
    prior: Prior | None = None
    gold: Mapping[Any, Any] | None = None
    gold_is_random: bool = False
    labels: Sequence[str] | None = None
    report: bool = False
    keep_mask: KeepMask = as_text
    progress: Callable[[str, int | None], Callable[[int], None]] = lambda words, total: lambda done: None


def consolidate_classes(table: AnnotationTable, kind: AnswerKind, options: RunOptions) -> Consolidation:
    """Single-class labels. Raises: InvalidVotes, InvalidInput."""
    options.progress("Consolidating", None)
    table, comments, labels = _read_classes(table, kind, options)
    votes = Votes.from_columns(task=table.task, worker=table.worker, label=table.label, labels=labels)
    _require_scale(votes, options.method)
    arguments: dict[str, Any] = {}
    if options.prior is not None:
        arguments["class_rates"] = class_rates(options.prior, votes.labels.tolist())
    if options.gold_is_random:
        _require_default(options.method)
        arguments["gold_is_random"] = True
    try:
        model = consolidator_named(options.method, **arguments)
    except TypeError as error:
        raise InvalidInput(
            f"the method {options.method!r} learns its class rates; leave prior= out", field="prior"
        ) from error
    truth = _fit(model, votes, options)
    report = None
    if options.report:
        from groundswell.offline.class_report import classification_report

        page = classification_report(votes, model, title=options.title, method=options.method, truth=truth)
        report = page.html()
    chosen = zip(votes.objects.tolist(), model.labels_.tolist(), model.confidence_.tolist(), strict=True)
    return Consolidation(
        [
            LabelRow(task, label, p, {"comments": comments[task]} if task in comments else {})
            for task, label, p in chosen
        ],
        list(map(WorkerRow, votes.workers.tolist(), votes.counts_by_worker.tolist(), model.skill_.tolist())),
        _summary_of(model, kind, options.method, truth),
        report,
    )


def _fit(model: CategoricalConsolidator, votes: Votes, options: RunOptions) -> Recalibration | None:
    """Fit; where there is enough gold, set the model's confidences right by it, and say how."""
    if options.gold is None:
        model.fit(votes)
        return None
    from groundswell.consolidation.recalibration import recalibrate

    gold = gold_of_objects(options.gold, votes.objects.tolist(), votes.labels.tolist())
    truth = recalibrate(model.fit(votes, gold=gold), gold)
    model.confidence_ = truth.confidence
    return truth


def _require_default(method: str) -> None:
    """Raises: InvalidInput, for a method that takes gold for part of the objects in any case."""
    if method != DEFAULT_METHOD:
        raise InvalidInput(
            f"gold_is_random= is for the method {DEFAULT_METHOD!r}; the method {method!r} counts gold for class rates "
            "in any case: leave it out",
            field="gold_is_random",
        )


def _summary_of(model: CategoricalConsolidator, kind: AnswerKind, method: str, truth: Recalibration | None) -> Summary:
    votes = model.votes_
    return Summary(
        task_type=kind.name,
        objects=votes.n_objects,
        annotations=len(votes),
        workers=votes.n_workers,
        method=method,
        mean_confidence=float(np.mean(model.confidence_)) if votes.n_objects else 0.0,
        mean_skill=float(model.skill_.mean()) if votes.n_workers else 0.0,
        replaced=votes.replaced,
        abstentions=votes.abstentions,
        classes=votes.n_labels,
        iterations=model.n_iter_,
        converged=bool(model.converged_),
        gold_objects=None if truth is None or truth.before is None else truth.n_gold,
        calibration_error=None if truth is None or truth.before is None else truth.before.ece,
        recalibrated_error=None if truth is None or truth.after is None else truth.after.ece,
    )


def reading_of(table: AnnotationTable, labels: Sequence[str] | None) -> Reading:
    """What readers of labels need: the classes given, else those that Ground Truth's answers name."""
    column = table.label if isinstance(table.label, list) else ()
    contents = [] if labels else [label.content for label in column if isinstance(label, Response)]
    return Reading(labels or labels_in(contents), loader(table.folder))


def _require_scale(votes: Votes, method: str) -> None:
    """Refuse an ordinal method for words in no order. Raises: InvalidVotes."""
    if method not in ORDINAL_METHODS or votes.ordered:
        return
    problem = scale_problem(votes.labels.tolist(), f"the method {method}", "order=, such as order=low,medium,high")
    if problem is not None:
        raise InvalidVotes(problem, field="order")


def _read_classes(
    table: AnnotationTable, kind: AnswerKind, options: RunOptions
) -> tuple[AnnotationTable, dict[Any, list[str]], list[Any] | None]:
    """The table with classes of one type; comments by task; the classes in order where their order is declared."""
    comments: dict[Any, list[str]] = {}
    if hasattr(table.label, "type"):
        from groundswell.offline import arrow_columns

        require_plain(table.folder, label=table.label)
        names = options.labels or arrow_columns.declared_order(table.label)
        spelling = arrow_columns.spelling_of([table.label], options.labels or ())
        label = arrow_columns.with_ids(table.label, spelling)
        return replace(table, label=label), comments, spelling.declared(names) if names else None
    given = table.label
    if not {Response, list, dict}.isdisjoint(map(type, given)):
        given, comments = _decoded(table, kind, options)
    spelling = spelling_of(given, options.labels or ())
    declared = spelling.declared(options.labels) if options.labels else None
    return replace(table, label=spelling.ids_of(given)), comments, declared


def _decoded(table: AnnotationTable, kind: AnswerKind, options: RunOptions) -> tuple[list[Any], dict[Any, list[str]]]:
    """The classes of Ground Truth's answers, and of lists and objects as JSON; comments by task."""
    reading = reading_of(table, options.labels)
    given, comments = [], dict[Any, list[str]]()
    for row, value in enumerate(table.label):
        if isinstance(value, Response):
            value = kind.value(value, reading, table.place(row))
            if isinstance(value, Mapping):  # a verdict with a comment
                comments.setdefault(table.task[row], []).append(value["comment"])
            value = verdict_of(value)
        given.append(as_class(value) if isinstance(value, (list, Mapping)) else value)
    return given, comments


def as_class(value: Any) -> str | None:
    """A class as text, as CSV would have it; None for an abstention."""
    if value is None or isinstance(value, str):
        return value or None
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def class_rates(prior: Prior, labels: Iterable[Any]) -> dict[Any, float]:
    """The given rates by class; a class they do not name has none."""
    if isinstance(prior, str):
        return {label: 1.0 for label in labels}
    find = finder(labels)
    return {known: rate for name, rate in prior.items() if (known := find(name)) is not None}


def gold_of_objects(gold: Mapping[Any, Any], tasks: Iterable[Any], labels: Sequence[Any]) -> dict[Any, Any]:
    """Known labels of the objects there are; a gold file may know others. Ids and classes may differ in type alone.

    tasks : ids of the objects, at least of those that gold knows.    labels : the classes.
    Raises: InvalidInput, when it knows none of them, or names a class that nobody gave.
    """
    tasks = list(tasks)
    object_of, class_of = finder(tasks), finder(labels)
    known = {found: label for task, label in gold.items() if (found := object_of(task)) is not None}
    if not known:
        raise InvalidInput(
            f"gold= must name tasks of the annotations, but it has none of them, only such as "
            f"{next(iter(gold), None)!r}; the annotations have {next(iter(tasks), None)!r}",
            field="gold",
        )
    for task, label in known.items():
        if class_of(label) is None:
            raise InvalidInput(
                f"gold= must name known classes, but task {task!r} has {as_class(label)!r}; the classes are "
                f"{', '.join(map(str, labels[:10]))}; add it with labels=",
                field="gold",
            )
    return {task: class_of(label) for task, label in known.items()}
