"""One consolidation of a table of annotations: single classes by `Votes`, structured answers by their own algorithm."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from groundswell.cli.annotation_files import AnnotationTable
from groundswell.consolidation.methods import STRUCTURED_TYPES, consolidator_named, structured_consolidator
from groundswell.consolidation.votes import Votes
from groundswell.domain.errors import InvalidInput, InvalidVotes

CLASS_TYPES = ("classification", "image-classification", "text-classification")
TASK_TYPES = (*CLASS_TYPES, *STRUCTURED_TYPES)

Prior = str | Mapping[str, float]


@dataclass(frozen=True)
class RunOptions:
    """What the command was asked to do."""

    method: str
    title: str
    prior: Prior | None
    gold: Mapping[Any, Any] | None
    labels: Sequence[str] | None
    report: bool


@dataclass(frozen=True)
class Run:
    """What came out."""

    labels: Sequence[tuple[Any, Any, float]]  # (task, label, confidence)
    workers: Sequence[tuple[Any, int, float]]  # (worker, annotations, skill)
    summary: Mapping[str, Any]
    report: str | None  # the page


def parse_prior(text: str | None) -> Prior | None:
    """ "learned", "uniform" or class=rate pairs. Raises: InvalidInput."""
    if text is None or text == "learned":
        return None
    if text == "uniform":
        return text
    try:
        rates = {name.strip(): float(rate) for name, _, rate in (pair.rpartition("=") for pair in text.split(","))}
    except ValueError:
        rates = {}
    if not rates or "" in rates or any(not rate > 0 for rate in rates.values()):
        raise InvalidInput(
            f"--prior is learned, uniform, or rates above 0 such as cat=0.7,dog=0.3; given was {text!r}", field="prior"
        )
    return rates


def consolidate_classes(table: AnnotationTable, options: RunOptions) -> Run:
    """Single-class labels. Raises: InvalidVotes, InvalidInput."""
    label = table.label if hasattr(table.label, "type") else [_as_class(value) for value in table.label]
    votes = Votes.from_columns(task=table.task, worker=table.worker, label=label, labels=options.labels)
    arguments = {} if options.prior is None else {"class_rates": _rates(options.prior, votes)}
    try:
        model = consolidator_named(options.method, **arguments)
    except TypeError as error:
        raise InvalidInput(
            f"the method {options.method!r} learns its class rates; leave --prior out", field="prior"
        ) from error
    gold = None if options.gold is None else _gold_of(options.gold, votes)
    model.fit(votes, gold=gold)
    report = None
    if options.report:
        from groundswell.cli.consolidation_report import classification_report

        report = classification_report(votes, model, title=options.title, method=options.method).html()
    confidence = model.confidence_.tolist()
    summary = {
        "objects": votes.n_objects,
        "annotations": len(votes),
        "workers": votes.n_workers,
        "labels": votes.n_labels,
        "method": options.method,
        "iterations": model.n_iter_,
        "converged": bool(model.converged_),
        "mean_confidence": float(np.mean(confidence)) if confidence else 0.0,
        "mean_skill": float(model.skill_.mean()) if votes.n_workers else 0.0,
        "replaced": votes.replaced,
        "abstentions": votes.abstentions,
    }
    return Run(
        list(zip(votes.objects.tolist(), model.labels_.tolist(), confidence, strict=True)),
        list(zip(votes.workers.tolist(), votes.counts_by_worker.tolist(), model.skill_.tolist(), strict=True)),
        summary,
        report,
    )


def _as_class(value: Any) -> str | None:
    """A class as text, as CSV would have it."""
    if value is None or isinstance(value, str):
        return value or None
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _rates(prior: Prior, votes: Votes) -> dict[Any, float]:
    if isinstance(prior, str):
        return {label: 1.0 for label in votes.labels.tolist()}
    return {label: prior[str(label)] for label in votes.labels.tolist() if str(label) in prior}


def _gold_of(gold: Mapping[Any, Any], votes: Votes) -> dict[Any, Any]:
    """Known labels of the objects there are; a gold file may know others."""
    return {task: _as_class(label) for task, label in gold.items() if task in votes.object_positions}


def consolidate_structures(table: AnnotationTable, task_type: str, options: RunOptions) -> Run:
    """Boxes, spans, texts, ... Raises: InvalidVotes, naming the row."""
    if options.gold or options.prior:
        raise InvalidInput(f"--gold and --prior are for classes; leave them out with --task-type {task_type}")
    model = structured_consolidator(task_type)
    read, write = _SHAPES.get(task_type, (_same, _same))
    tasks, workers, labels = (
        c.to_pylist() if hasattr(c, "to_pylist") else c for c in (table.task, table.worker, table.label)
    )
    objects: dict[Any, dict[str, Any]] = {}
    answered: dict[str, int] = {}
    for row, (task, worker, label) in enumerate(zip(tasks, workers, labels, strict=True)):
        answers = objects.setdefault(task, {})
        name = str(worker)
        if label is not None:
            value = read(label if task_type in _TEXTS else _decoded(label, row), row)
            if name not in answers:
                answered[name] = answered.get(name, 0) + 1
            earlier = answers.get(name, []) if task_type in _SEVERAL_ROWS else []
            answers[name] = [*earlier, *(item for item in value if item not in earlier)] if earlier else value
    consolidated = model.fit(list(objects.values())).consolidate_all(list(objects.values()))
    confidence = np.array([result.confidence for result in consolidated])
    skill = dict(zip(model.workers_, model.skill_.tolist(), strict=True))
    summary = {
        "objects": len(objects),
        "annotations": sum(answered.values()),
        "workers": len(skill),
        "method": task_type,
        "mean_confidence": float(confidence.mean()) if confidence.size else 0.0,
        "mean_skill": float(np.mean(list(skill.values()))) if skill else 0.0,
    }
    rows = [(t, write(r.value), float(r.confidence)) for t, r in zip(objects, consolidated, strict=True)]
    workers_rows = [(worker, answered.get(worker, 0), float(s)) for worker, s in skill.items()]
    report = None
    if options.report:
        said = {
            task: [(f"{name} ({skill.get(name, 0.0):.0%})", _brief(write(value))) for name, value in answers.items()]
            for task, answers in objects.items()
        }
        report = _structure_report(rows, workers_rows, said, options.title, summary)
    return Run(rows, workers_rows, summary, report)


def _decoded(label: Any, row: int) -> Any:
    """A label given as JSON text, or as the value itself (JSON Lines, Parquet); other text stays text."""
    if not isinstance(label, str) or not label.lstrip().startswith(("[", "{")):
        return label
    try:
        return json.loads(label)
    except ValueError as error:
        raise InvalidVotes(f"row {row}: the label must be JSON, but {error}: {label[:80]!r}", row=row) from error


def _same(value: Any, row: int = 0) -> Any:
    return value


def _read_boxes(value: Any, row: int) -> list[Any]:
    """Boxes as [x1, y1, x2, y2] or [x1, y1, x2, y2, class], or already with named fields."""
    if not isinstance(value, list):
        raise InvalidVotes(
            f"row {row}: a label must be a JSON list of boxes [[x1, y1, x2, y2], ...], not {value!r}", row=row
        )
    return [_read_box(box, row) for box in value]


def _read_box(box: Any, row: int) -> Any:
    if isinstance(box, Mapping):
        return box
    if not isinstance(box, list) or len(box) not in (4, 5) or not all(_is_number(edge) for edge in box[:4]):
        raise InvalidVotes(
            f"row {row}: a box must be [x1, y1, x2, y2] or [x1, y1, x2, y2, class], not {box!r}", row=row
        )
    x1, y1, x2, y2 = box[:4]
    if x2 < x1 or y2 < y1:
        raise InvalidVotes(f"row {row}: a box must have x1 <= x2 and y1 <= y2, but it is {box!r}", row=row)
    named = {"left": x1, "top": y1, "width": x2 - x1, "height": y2 - y1}
    return named if len(box) == 4 else {**named, "label": str(box[4])}


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _write_boxes(boxes: Iterable[Mapping[str, Any]]) -> list[list[Any]]:
    """Boxes as [x1, y1, x2, y2], with the class where there is one."""
    rows: list[list[Any]] = []
    for box in boxes:
        left, top = box["left"], box["top"]
        corners = [round(edge, 2) for edge in (left, top, left + box["width"], top + box["height"])]
        rows.append([*corners, box["label"]] if box.get("label") else corners)
    return rows


def _read_labels(value: Any, row: int) -> list[Any]:
    """A JSON list of labels, or one label."""
    return value if isinstance(value, list) else [value]


def _read_number(value: Any, row: int) -> float:
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise InvalidVotes(f"row {row}: the label must be a number, not {value!r}", row=row) from error


_SHAPES: dict[str, tuple[Callable[[Any, int], Any], Callable[[Any], Any]]] = {
    "object-detection": (_read_boxes, _write_boxes),
    "multi-label": (_read_labels, _same),
    "numeric": (_read_number, _same),
}
_TEXTS = ("transcription",)  # labels that are text even where they look like JSON
_SEVERAL_ROWS = ("multi-label",)  # rows of one task and worker add up instead of replacing each other


def _structure_report(
    rows: Sequence[tuple[Any, Any, float]],
    workers: Sequence[tuple[str, int, float]],
    said: Mapping[Any, Sequence[tuple[str, str]]],
    title: str,
    summary: Mapping[str, Any],
) -> str:
    from groundswell.cli.consolidation_report import Report, confidence_figure, worker_figure, worker_rows

    names = [worker for worker, _, _ in workers]
    answered, skill = np.array([n for _, n, _ in workers]), np.array([s for _, _, s in workers])
    facts = [
        (f"{summary['objects']:,}", "objects", str(summary["method"])),
        (f"{summary['annotations']:,}", "annotations", f"{summary['annotations'] / max(len(rows), 1):.1f} an object"),
        (f"{summary['workers']:,}", "workers", f"mean skill {summary['mean_skill']:.0%}"),
        (f"{summary['mean_confidence']:.1%}", "mean confidence", "over all objects"),
    ]
    disputed = [
        {
            "object": str(task),
            "label": _brief(label),
            "confidence": confidence,
            "said": said[task],
        }
        for task, label, confidence in sorted(rows, key=lambda row: row[2])[:40]
    ]
    figures = [
        confidence_figure(np.array([confidence for _, _, confidence in rows])),
        worker_figure(names, answered, skill, guide=None),
    ]
    return Report(title, facts, figures, worker_rows(names, answered, skill), disputed).html()


def _brief(value: Any) -> str:
    if value in ([], {}, ""):
        return "nothing"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 160 else text[:160] + "…"
