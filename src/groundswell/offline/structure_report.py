"""`--report` for structured answers: how workers agree on boxes, spans, masks, numbers, and the disputed objects drawn.

Elsewhere: the page and its shared figures (`consolidation_report.py`), the drawings (`answer_pictures.py`).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from groundswell.charts import bars, matrices, points
from groundswell.consolidation.bradley_terry import OUTCOMES
from groundswell.consolidation.estimates import LiveConsolidation
from groundswell.consolidation.instance_masks import InstanceMaskKind, instances_of
from groundswell.offline.answer_pictures import PICTURE_KEYS, picture_of
from groundswell.offline.class_tally import CONFIDENCE_STEPS
from groundswell.offline.consolidation_report import Figure, Report, sureness_figure, worker_figure, worker_rows
from groundswell.offline.results import LabelRow, Summary, WorkerRow
from groundswell.offline.structured_answers import StructuredAnswers
from groundswell.quality.distances import Agreement, alpha_by_distance, distance_for, instances_distance, mask_distance
from groundswell.tasktypes import file_forms

_DRAWN = 12  # disputed objects
_LISTED = 40
_COMPARED = 200  # objects whose answers are compared in pairs, evenly spread over all
_RANDOM_PAIRS = 1_000  # what agreement by chance is measured on

Workers = Sequence[WorkerRow]


def structure_report(
    answers: StructuredAnswers,
    live: LiveConsolidation,
    rows: Sequence[LabelRow],
    workers: Workers,
    summary: Summary,
    title: str,
) -> Report:
    """The report of one consolidation of structured answers."""
    names = [worker for worker, _, _ in workers]
    answered, skill = np.array([n for _, n, _ in workers]), np.array([s for _, _, s in workers])
    model = getattr(live, "consolidator", None)
    compared, agreement = _compare(answers)
    figures = [
        *_class_figure(rows),
        sureness_figure(np.histogram([row.confidence for row in rows], bins=CONFIDENCE_STEPS)[0]),
        _agreement_figure(compared),
        worker_figure(names, answered, skill, guide=None),
        *_habit_figures(model, answers),
    ]
    disputed = sorted(range(len(rows)), key=lambda n: rows[n].confidence)[:_LISTED]
    known = {worker: s for worker, _, s in workers}
    return Report(
        title,
        _facts(summary, rows, agreement),
        figures,
        worker_rows(names, answered, skill, more=_habits(model, names)),
        [_said(answers, rows[n], n, known) for n in disputed],
        pictures=list(_pictures(answers, live, rows, disputed[:_DRAWN])),
        picture_key=PICTURE_KEYS.get(answers.kind.live, ""),
        notes=_notes(summary),
    )


def _compare(answers: StructuredAnswers) -> tuple[list[float], Agreement]:
    """How alike the answers to each object are, and agreement over chance, on objects with several answers."""
    several = [n for n, rows in enumerate(answers.rows) if len(rows) > 1]
    chosen = several[:: max(1, -(-len(several) // _COMPARED))]
    values = [{w: _comparable(v, answers.kind.live) for w, v in answers.of_object(n).items()} for n in chosen]
    distance = _distance(answers.kind.live, values)
    each = [1.0 - alpha_by_distance([one], distance, most_pairs=1).observed for one in values]
    return each, alpha_by_distance(values, distance, most_pairs=_RANDOM_PAIRS)


def _comparable(value: Any, live: str) -> Any:
    return instances_of(value) if live == "instance-masks" else value


def _distance(live: str, objects: Sequence[Mapping[str, Any]]) -> Any:
    if live == "instance-masks":
        return instances_distance(InstanceMaskKind())
    if live == "numeric":
        spread = float(np.ptp([v for one in objects for v in one.values()] or [0.0])) or 1.0
        return lambda first, second: abs(first - second) / spread
    if live == "semantic-masks":
        return lambda first, second: mask_distance(first, second) if first.shape == second.shape else 1.0
    return distance_for(live)


def _agreement_figure(alike: Sequence[float]) -> Figure:
    counts, edges = np.histogram(alike, bins=10, range=(0.0, 1.0))
    words = [f"{edge:.1f}+" for edge in edges[:-1]]
    plot = bars.histogram(counts.tolist(), words, said=f"Agreement on {len(alike):,} objects", unit="objects")
    meaning = (
        f"{len(alike):,} objects with several answers, by how alike these are: 1 is the same, 0 nothing in common."
    )
    return Figure("Agreement", meaning, plot)


def _class_figure(rows: Sequence[LabelRow]) -> Iterator[Figure]:
    counts = Counter(name for row in rows for name in _classes_of(row.label))
    if not counts:
        return
    common = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:30]
    plot = bars.bars([name for name, _ in common], [float(n) for _, n in common], unit="marks")
    yield Figure("Labels", "How often each class is in the consolidated labels.", plot)


def _classes_of(label: Any) -> Iterable[str]:
    if isinstance(label, Mapping):
        label = label.get("labels", ())
    if label in OUTCOMES:  # of comparisons; other texts are no classes
        yield label
    for item in label if isinstance(label, list) else ():
        name = item.get("label") if isinstance(item, Mapping) else item[4:] if isinstance(item, list) else item
        name = name[0] if isinstance(name, list) and name else name
        if isinstance(name, str) and name:
            yield name


def _habit_figures(model: Any, answers: StructuredAnswers) -> Iterator[Figure]:
    """What the kind's consolidator knows of workers besides their skill."""
    names = getattr(model, "workers_", [])
    if hasattr(model, "miss_rate_"):
        dots = list(zip(names, model.false_alarms_.tolist(), model.miss_rate_.tolist(), strict=True))
        plot = points.scatter(dots, x="false alarms per object", y="missed", log=False)
        meaning = (
            "Each dot a worker: marks of nothing across, share of existing things missed upwards. Best: bottom left."
        )
        yield Figure("Misses and false alarms", meaning, plot)
    if hasattr(model, "sensitivity_"):
        dots = list(zip(names, (1.0 - model.specificity_).tolist(), model.sensitivity_.tolist(), strict=True))
        plot = points.scatter(dots, x="share of absent labels chosen", y="found", log=False)
        meaning = (
            "Each dot a worker: labels chosen wrongly across, share of right labels found upwards. Best: top left."
        )
        yield Figure("Labels found and invented", meaning, plot)
    if answers.kind.live == "semantic-masks" and len(names):
        classes = ["background", *answers.reading.labels]
        if len(classes) <= matrices.LARGEST:
            plot = matrices.heat_map(model.confusion_.mean(axis=0).tolist(), classes, side=420)
            meaning = "Disputed pixels, mean over workers. Row: the most probable truth. Column: the answer."
            yield Figure("What the crowd paints", meaning, plot)


def _habits(model: Any, names: Sequence[str]) -> dict[str, list[str]]:
    """More columns of the workers' table: name -> a text for each worker."""
    columns = {
        "Misses": ("miss_rate_", "{:.1%}"),
        "False alarms an object": ("false_alarms_", "{:.2f}"),
        "Bias": ("bias_", "{:+.3g}"),
        "Deviation": ("deviation_", "{:.3g}"),
        "Found": ("sensitivity_", "{:.1%}"),
        "Rightly left out": ("specificity_", "{:.1%}"),
    }
    place = {worker: w for w, worker in enumerate(getattr(model, "workers_", []))}
    return {
        title: [form.format(getattr(model, name)[place[worker]]) if worker in place else "–" for worker in names]
        for title, (name, form) in columns.items()
        if hasattr(model, name)
    }


def _pictures(
    answers: StructuredAnswers, live: LiveConsolidation, rows: Sequence[LabelRow], disputed: Sequence[int]
) -> Iterator[tuple[str, Any]]:
    for n in disputed:
        (estimate,) = live.estimate([n])
        picture = picture_of(answers.kind.live, answers.of_object(n), estimate.value, answers.reading.labels)
        if picture is not None:
            yield f"{answers.tasks[n]}, confidence {rows[n].confidence:.3f}", picture


def _facts(summary: Summary, rows: Sequence[LabelRow], agreement: Agreement) -> list[tuple[str, str, str]]:
    each = summary.annotations / max(len(rows), 1)
    unsure = sum(row.confidence < 0.9 for row in rows)
    alpha = "–" if agreement.alpha is None else f"{agreement.alpha:.2f}"
    return [
        (f"{summary.objects:,}", "objects", "with an answer or an abstention"),
        (f"{summary.annotations:,}", "annotations", f"{each:.1f} an object"),
        (f"{summary.workers:,}", "workers", f"mean skill {summary.mean_skill:.0%}"),
        (f"{summary.mean_confidence:.1%}", "mean confidence", "over all objects"),
        (f"{unsure:,}", "unsure", "labels with a confidence below 0.9"),
        (alpha, "Krippendorff's alpha", "1 is full agreement, 0 is chance"),
        (str(summary.method), "kind of answer", "with a method of its own"),
    ]


def _notes(summary: Summary) -> list[str]:
    notes = []
    if summary.replaced:
        notes.append(f"{summary.replaced:,} answers were replaced by the same worker's later answer.")
    if summary.abstentions:
        notes.append(f"{summary.abstentions:,} rows have no label and count as abstentions.")
    if summary.set_aside:
        notes.append(f"{summary.set_aside:,} answers of another size or form than most of their object's do not count.")
    return notes


def _said(answers: StructuredAnswers, row: LabelRow, n: int, skill: Mapping[str, float]) -> dict[str, Any]:
    said = [
        (f"{worker} ({skill.get(worker, 0.0):.0%})", brief(value, answers.kind.live))
        for worker, value in answers.of_object(n).items()
    ]
    return {
        "object": str(row.task),
        "label": brief(row.label, answers.kind.live),
        "confidence": row.confidence,
        "said": said,
    }


def brief(value: Any, live: str) -> str:
    """A value in a line of the table of disputed objects."""
    if isinstance(value, tuple):
        return f"{len(value[1])} instances"
    if isinstance(value, np.ndarray):
        return f"{float((value > 0).mean()):.0%} of the pixels"
    if live == "semantic-masks" and isinstance(value, str):
        return "mask" if len(value) > 160 else value
    if value is None or value in ([], {}, ""):
        return "nothing"
    if live == "boxes":
        value = [file_forms.corners(box) if isinstance(box, Mapping) else box for box in value]
    if isinstance(value, float):
        return f"{value:.4g}"
    text = value if isinstance(value, str) else json.dumps(file_forms.rounded(value), ensure_ascii=False, default=str)
    return text if len(text) <= 160 else text[:160] + "…"
