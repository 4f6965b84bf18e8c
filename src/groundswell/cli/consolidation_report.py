"""`groundswell consolidate --report`: one self-contained page about a consolidation, for people.

Here: which figures the page shows. Its looks: `consolidation_report.html` beside this; its plots: `plots.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup
from numpy.typing import NDArray

from groundswell.cli import plots
from groundswell.consolidation.base import CategoricalConsolidator
from groundswell.consolidation.kernels import expected_counts
from groundswell.consolidation.votes import Votes
from groundswell.quality.agreement import krippendorff_alpha

_TEMPLATE = Path(__file__).with_name("consolidation_report.html")
_MOST_DISPUTED = 40
_MOST_WORKERS = 200  # rows of the workers' table
_NAMED_WORKERS = 3  # least skilled, named in the plot
_SMALL_MATRICES = 12  # busiest workers whose confusion matrices are drawn
_CONFIDENCE_STEPS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999, 1.0)


@dataclass(frozen=True)
class Figure:
    """One plot with its heading and the sentence that says how to read it."""

    title: str
    meaning: str
    plot: Markup


@dataclass(frozen=True)
class WorkerTable:
    """Workers as texts in columns."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    left_out: int  # workers beyond those shown


@dataclass(frozen=True)
class Report:
    """What the page shows."""

    title: str
    facts: Sequence[tuple[str, str, str]]  # (figure, name, meaning)
    figures: Sequence[Figure]
    workers: WorkerTable
    disputed: Sequence[Mapping[str, Any]]
    matrices: Sequence[tuple[str, Markup]] = ()
    pictures: Sequence[tuple[str, Markup]] = ()  # of disputed objects, with what they are
    picture_key: str = ""  # how to read them
    notes: Sequence[str] = ()

    def html(self) -> str:
        """The page."""
        template = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
        return template.from_string(_TEMPLATE.read_text(encoding="utf-8")).render(report=self)


def classification_report(votes: Votes, model: CategoricalConsolidator, *, title: str, method: str) -> Report:
    """The report of a single-class consolidation."""
    names = [str(label) for label in votes.labels]
    figures = [
        _label_figure(model.label_index_, names),
        confidence_figure(model.confidence_),
        _agreement_figure(votes),
        worker_figure(
            [str(w) for w in votes.workers], votes.counts_by_worker, model.skill_, guide=1 / max(len(names), 1)
        ),
    ]
    matrices: list[tuple[str, Markup]] = []
    if 0 < len(names) <= plots.LARGEST_MATRIX:
        whole = expected_counts(votes.object, votes.worker, votes.label, model.posterior_, votes.n_workers).sum(axis=0)
        shares = whole / np.maximum(whole.sum(axis=1, keepdims=True), 1e-12)
        figures.append(
            Figure(
                "What the crowd answers",
                "Row: the most probable truth. Column: the answer. A perfect crowd fills only the diagonal.",
                plots.heat_map(shares.tolist(), names, side=420),
            )
        )
        figures.append(_confusion_figure(whole, names))
        busiest = np.argsort(-votes.counts_by_worker, kind="stable")[:_SMALL_MATRICES]
        matrices = [
            (
                plots.tail(str(votes.workers[w])),
                plots.heat_map(model.confusion_[w].tolist(), names, figures=False, side=96),
            )
            for w in busiest
        ]
    return Report(
        title,
        _facts(votes, model, method),
        figures,
        worker_rows([str(w) for w in votes.workers], votes.counts_by_worker, model.skill_),
        _disputed(votes, model, names),
        matrices=matrices,
        notes=_notes(votes, model),
    )


def confidence_figure(confidence: NDArray[np.float64]) -> Figure:
    """How sure the labels are."""
    counts, _ = np.histogram(confidence, bins=_CONFIDENCE_STEPS)
    words = [f"{low:g}+" for low in _CONFIDENCE_STEPS[:-1]]
    plot = plots.histogram(counts.tolist(), words, x="confidence", y="objects")
    meaning = "Objects by the probability that their label is right; the steps are finer towards 1."
    return Figure("How sure the labels are", meaning, plot)


def worker_figure(
    names: Sequence[str], answered: NDArray[Any], skill: NDArray[np.float64], *, guide: float | None
) -> Figure:
    """Skill against volume."""
    points = [(name, float(n), float(s)) for name, n, s in zip(names, answered, skill, strict=True)]
    meaning = "Each dot a worker: annotations given across, estimated chance of a right answer upwards."
    if guide is not None:
        meaning += " The dashed line is guessing."
    least = {names[w] for w in np.argsort(skill, kind="stable")[:_NAMED_WORKERS]}
    return Figure("Workers", meaning, plots.scatter(points, x="annotations", y="skill", guide=guide, named=least))


def worker_rows(
    names: Sequence[str],
    answered: NDArray[Any],
    skill: NDArray[np.float64],
    *,
    more: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> WorkerTable:
    """The workers' table, the least skilled first. more : further columns, name -> a text for each worker."""
    order = np.lexsort((-np.asarray(answered), np.asarray(skill)))[:_MOST_WORKERS].tolist()
    rows = [
        (names[w], f"{int(answered[w]):,}", f"{skill[w]:.1%}", *(column[w] for column in more.values())) for w in order
    ]
    return WorkerTable(("Worker", "Annotations", "Skill", *more), rows, len(names) - len(rows))


def _label_figure(label: NDArray[np.int32], names: Sequence[str]) -> Figure:
    counts = np.bincount(label, minlength=len(names))
    order = np.argsort(-counts, kind="stable")[:30]
    plot = plots.bars([names[k] for k in order], [float(counts[k]) for k in order], unit="objects")
    rest = f" The {len(names) - 30} rarest classes are left out." if len(names) > 30 else ""
    return Figure("Labels", "Objects by consolidated label." + rest, plot)


def _confusion_figure(answers: NDArray[np.float64], names: Sequence[str]) -> Figure:
    """The commonest wrong answers. answers : (K, K) [true, given]."""
    wrong = np.where(np.eye(len(names), dtype=bool), 0.0, answers)
    order = np.argsort(-wrong, axis=None, kind="stable")[:12]
    pairs = [(int(k), int(given)) for k, given in zip(*np.unravel_index(order, wrong.shape), strict=True)]
    pairs = [pair for pair in pairs if wrong[pair] >= 0.5]
    words = [f"{names[k]} → {names[given]}" for k, given in pairs]
    plot = plots.bars(words, [round(float(wrong[pair]), 1) for pair in pairs], unit="annotations")
    return Figure("What is confused", "The commonest wrong answers: the probable truth, then the answer given.", plot)


def _agreement_figure(votes: Votes) -> Figure:
    shares = majority_shares(votes)
    counts, edges = np.histogram(shares[votes.counts_by_object > 1], bins=10, range=(0.0, 1.0))
    plot = plots.histogram(counts.tolist(), [f"{edge:.1f}+" for edge in edges[:-1]], x="agreement", y="objects")
    meaning = "Objects with two or more annotations by the share of them that names the commonest class."
    return Figure("Agreement", meaning, plot)


def majority_shares(votes: Votes) -> NDArray[np.float64]:
    """(N,) share of an object's annotations that name its commonest class; 0 without annotations."""
    cell = votes.object.astype(np.int64) * max(votes.n_labels, 1) + votes.label
    named, counts = np.unique(cell, return_counts=True)
    most = np.zeros(votes.n_objects, np.int64)
    np.maximum.at(most, named // max(votes.n_labels, 1), counts)
    return np.asarray(most / np.maximum(votes.counts_by_object, 1))


def _facts(votes: Votes, model: CategoricalConsolidator, method: str) -> list[tuple[str, str, str]]:
    unsure = int(np.count_nonzero(model.confidence_ < 0.9))
    mean = float(model.confidence_.mean()) if votes.n_objects else 0.0
    several = votes.counts_by_object > 1
    alpha = krippendorff_alpha(votes)
    unanimous = float((majority_shares(votes)[several] == 1).mean()) if several.any() else 1.0
    return [
        (f"{votes.n_objects:,}", "objects", f"in {votes.n_labels:,} classes"),
        (f"{len(votes):,}", "annotations", f"{len(votes) / max(votes.n_objects, 1):.1f} an object"),
        (f"{votes.n_workers:,}", "workers", f"mean skill {float(model.skill_.mean()) if votes.n_workers else 0:.0%}"),
        (f"{mean:.1%}", "mean confidence", "the share of labels expected to be right"),
        (f"{unsure:,}", "unsure", "labels with a confidence below 0.9"),
        (f"{unanimous:.1%}", "unanimous", "of the objects with several annotations"),
        ("–" if alpha is None else f"{alpha:.2f}", "Krippendorff's alpha", "1 is full agreement, 0 is chance"),
        (method, "method", f"{model.n_iter_} iterations" if model.n_iter_ else "no iterations"),
    ]


def _notes(votes: Votes, model: CategoricalConsolidator) -> list[str]:
    notes = []
    if votes.replaced:
        notes.append(f"{votes.replaced:,} answers were replaced by the same worker's later answer to the same object.")
    if votes.abstentions:
        notes.append(f"{votes.abstentions:,} rows have no label and count as abstentions.")
    if not model.converged_:
        notes.append(f"The fit stopped after {model.n_iter_} iterations before it settled.")
    return notes


def _disputed(votes: Votes, model: CategoricalConsolidator, names: Sequence[str]) -> list[dict[str, Any]]:
    """The least sure objects with what each worker said."""
    order = np.argsort(model.confidence_, kind="stable")[:_MOST_DISPUTED]
    rows = []
    for n in order:
        span = slice(votes.offsets[n], votes.offsets[n + 1])
        said: dict[str, list[str]] = {}
        for w, k in zip(votes.worker[span], votes.label[span], strict=True):
            said.setdefault(names[k], []).append(f"{votes.workers[w]} ({model.skill_[w]:.0%})")
        rows.append(
            {
                "object": str(votes.objects[n]),
                "label": names[model.label_index_[n]],
                "confidence": float(model.confidence_[n]),
                "said": [(name, ", ".join(workers)) for name, workers in said.items()],
            }
        )
    return rows
