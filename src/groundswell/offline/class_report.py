"""`--report` for classes: labels, confidences, agreement, workers and what they confuse, the disputed objects.

Here: `Outcome`, what the page is made of wherever the annotations are, and the page of those in memory. Elsewhere: sums
over objects (`class_tally.py`), annotations on disk (`out_of_core_report.py`), the page and the figures it shares
(`consolidation_report.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from groundswell.charts import bars, points
from groundswell.charts.drawing import tail
from groundswell.charts.matrices import LARGEST, heat_map
from groundswell.consolidation.base import CategoricalConsolidator
from groundswell.consolidation.calibration import Calibration
from groundswell.consolidation.kernels import expected_counts
from groundswell.consolidation.recalibration import BorneOut, Recalibration
from groundswell.consolidation.votes import Votes
from groundswell.offline.class_tally import AGREEMENT_STEPS, Disputed, Tally, least_sure
from groundswell.offline.consolidation_report import Figure, Report, sureness_figure, worker_figure, worker_rows
from groundswell.quality.agreement import nominal_alpha

_SMALL_MATRICES = 12  # busiest workers whose confusion matrices are drawn
_MOST_LABELS = 30  # bars

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Confusions:
    """How answers are mistaken; (K, K) [true, given]."""

    crowd: Floats  # expected answers of all workers together
    busiest: Sequence[tuple[int, Floats]]  # workers with the most annotations, and their confusion matrices


@dataclass(frozen=True)
class Outcome:
    """A consolidation of classes, however many annotations there were."""

    labels: Sequence[str]  # the K classes
    workers: Sequence[str]  # W
    answered: NDArray[Any]  # (W,) annotations of each
    skill: Floats  # (W,)
    tally: Tally
    confusions: Confusions | None  # None where there are too many classes to draw
    method: str
    iterations: int
    converged: bool
    replaced: int
    abstentions: int


def classification_report(
    votes: Votes, model: CategoricalConsolidator, *, title: str, method: str, truth: Recalibration | None = None
) -> Report:
    """The report of annotations in memory; truth : what gold made of the confidences."""
    places = least_sure(model.confidence_).tolist()
    tally = Tally.of(
        votes.offsets,
        votes.label,
        model.label_index_,
        model.confidence_,
        n_labels=votes.n_labels,
        disputed=[_disputed_object(votes, model, n) for n in places],
    )
    confusions = None
    if can_be_drawn(votes.n_labels):
        counts = expected_counts(votes.object, votes.worker, votes.label, model.posterior_, votes.n_workers)
        busy = busiest(votes.counts_by_worker)
        confusions = Confusions(counts.sum(axis=0), [(w, model.confusion_[w]) for w in busy])
    outcome = Outcome(
        [str(label) for label in votes.labels],
        [str(worker) for worker in votes.workers],
        votes.counts_by_worker,
        model.skill_,
        tally,
        confusions,
        method=method,
        iterations=model.n_iter_,
        converged=model.converged_,
        replaced=votes.replaced,
        abstentions=votes.abstentions,
    )
    return with_reliability(report_of(outcome, title), truth)


def with_reliability(report: Report, truth: BorneOut | None) -> Report:
    """The page with what gold says of confidences, where it says something."""
    if truth is None or truth.before is None or truth.after is None:
        return report
    return replace(report, figures=[*report.figures, _reliability_figure(truth.n_gold, truth.before, truth.after)])


def _reliability_figure(n_gold: int, before: Calibration, after: Calibration) -> Figure:
    """Gold objects by stated confidence, before and after other gold objects set it right."""
    series = [
        (f"before (error {before.ece:.3f})", [(b.confidence, b.accuracy, b.count) for b in before.bins]),
        (f"after (error {after.ece:.3f})", [(b.confidence, b.accuracy, b.count) for b in after.bins]),
    ]
    meaning = (
        f"{n_gold:,} gold objects by confidence, as fits say that do not know their label: stated across, right up. "
        "On the dashed line confidences are honest; above it they are too low, below it too high."
    )
    return Figure("What gold says of confidences", meaning, points.reliability(series))


def _disputed_object(votes: Votes, model: CategoricalConsolidator, n: int) -> Disputed:
    span = slice(votes.offsets[n], votes.offsets[n + 1])
    answers = list(zip(votes.worker[span].tolist(), votes.label[span].tolist(), strict=True))
    return Disputed(votes.objects[n], int(model.label_index_[n]), float(model.confidence_[n]), answers)


def can_be_drawn(n_labels: int) -> bool:
    """Whether a heat map of so many classes can be read."""
    return 0 < n_labels <= LARGEST


def busiest(answered: NDArray[Any]) -> list[int]:
    """The workers with the most annotations (W,), whose confusion matrices are drawn."""
    order: list[int] = np.argsort(-answered, kind="stable")[:_SMALL_MATRICES].tolist()
    return order


def report_of(outcome: Outcome, title: str) -> Report:
    """The page."""
    names, tally = outcome.labels, outcome.tally
    figures = [
        _label_figure(tally, names),
        sureness_figure(tally.sureness),
        _agreement_figure(tally),
        worker_figure(outcome.workers, outcome.answered, outcome.skill, guide=1 / max(len(names), 1)),
    ]
    matrices: list[tuple[str, Markup]] = []
    if outcome.confusions is not None:
        crowd = outcome.confusions.crowd
        figures += [_crowd_figure(crowd, names), _confusion_figure(crowd, names)]
        matrices = [
            (tail(outcome.workers[w]), heat_map(matrix.tolist(), names, figures=False, side=96))
            for w, matrix in outcome.confusions.busiest
        ]
    return Report(
        title,
        _facts(outcome),
        figures,
        worker_rows(outcome.workers, outcome.answered, outcome.skill),
        [_disputed_row(entry, outcome) for entry in tally.disputed],
        matrices=matrices,
        notes=_notes(outcome),
    )


def _label_figure(tally: Tally, names: Sequence[str]) -> Figure:
    order = np.argsort(-tally.labels, kind="stable")[:_MOST_LABELS]
    plot = bars.bars([names[k] for k in order], [float(tally.labels[k]) for k in order], unit="objects")
    rest = f" The {len(names) - _MOST_LABELS} rarest classes are left out." if len(names) > _MOST_LABELS else ""
    return Figure("Labels", "Objects by consolidated label." + rest, plot)


def _agreement_figure(tally: Tally) -> Figure:
    words = [f"{low:.1f}+" for low in AGREEMENT_STEPS[:-1]]
    said = f"Agreement of {tally.n_several:,} objects with several annotations; {tally.unanimous:,} are unanimous"
    plot = bars.histogram(tally.agreement.tolist(), words, said=said, unit="objects")
    meaning = "Objects with two or more annotations by the share of them that names the commonest class."
    return Figure("Agreement", meaning, plot)


def _crowd_figure(answers: Floats, names: Sequence[str]) -> Figure:
    shares = answers / np.maximum(answers.sum(axis=1, keepdims=True), 1e-12)
    meaning = "Row: the most probable truth. Column: the answer. A perfect crowd fills only the diagonal."
    return Figure("What the crowd answers", meaning, heat_map(shares.tolist(), names, side=420))


def _confusion_figure(answers: Floats, names: Sequence[str]) -> Figure:
    """The commonest wrong answers. answers : (K, K) [true, given]."""
    wrong = np.where(np.eye(len(names), dtype=bool), 0.0, answers)
    order = np.argsort(-wrong, axis=None, kind="stable")[:12]
    pairs = [(int(k), int(given)) for k, given in zip(*np.unravel_index(order, wrong.shape), strict=True)]
    pairs = [pair for pair in pairs if wrong[pair] >= 0.5]
    words = [f"{names[k]} → {names[given]}" for k, given in pairs]
    plot = bars.bars(words, [round(float(wrong[pair]), 1) for pair in pairs], unit="annotations")
    return Figure("What is confused", "The commonest wrong answers: the probable truth, then the answer given.", plot)


def _facts(outcome: Outcome) -> list[tuple[str, str, str]]:
    tally = outcome.tally
    annotations, objects = int(outcome.answered.sum()), tally.n_objects
    skill = float(outcome.skill.mean()) if len(outcome.skill) else 0.0
    alpha = nominal_alpha(tally.meetings)
    unanimous = f"{tally.unanimous / tally.n_several:.1%}" if tally.n_several else "–"
    of_these = "of the objects with several annotations" if tally.n_several else "no object has several annotations"
    return [
        (f"{objects:,}", "objects", f"in {len(outcome.labels):,} classes"),
        (f"{annotations:,}", "annotations", f"{annotations / max(objects, 1):.1f} an object"),
        (f"{len(outcome.workers):,}", "workers", f"mean skill {skill:.0%}"),
        (f"{tally.confidence / max(objects, 1):.1%}", "mean confidence", "the share of labels expected to be right"),
        (f"{tally.unsure:,}", "unsure", "labels with a confidence below 0.9"),
        (unanimous, "unanimous", of_these),
        ("–" if alpha is None else f"{alpha:.2f}", "Krippendorff's alpha", "1 is full agreement, 0 is chance"),
        (outcome.method, "method", f"{outcome.iterations} iterations" if outcome.iterations else "no iterations"),
    ]


def _notes(outcome: Outcome) -> list[str]:
    notes = []
    if outcome.replaced:
        notes.append(
            f"{outcome.replaced:,} answers were replaced by the same worker's later answer to the same object."
        )
    if outcome.abstentions:
        notes.append(f"{outcome.abstentions:,} rows have no label and count as abstentions.")
    if not outcome.converged:
        notes.append(f"The fit stopped after {outcome.iterations} iterations before it settled.")
    return notes


def _disputed_row(entry: Disputed, outcome: Outcome) -> dict[str, Any]:
    """An object with what each worker said."""
    said: dict[str, list[str]] = {}
    for w, k in entry.answers:
        said.setdefault(outcome.labels[k], []).append(f"{outcome.workers[w]} ({outcome.skill[w]:.0%})")
    return {
        "object": str(entry.object),
        "label": outcome.labels[entry.label],
        "confidence": entry.confidence,
        "said": [(name, ", ".join(workers)) for name, workers in said.items()],
    }
