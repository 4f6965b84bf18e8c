"""`groundswell consolidate --report`: one self-contained page about a consolidation, for people.

Here: the page and the figures that all kinds of answers share. Its looks: `consolidation_report.html` beside this.
Elsewhere: charts (`groundswell.charts`), what it shows of classes (`class_report.py`) and of other answers
(`structure_report.py`).
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

from groundswell.charts import bars, points
from groundswell.charts.drawing import STYLES
from groundswell.offline.class_tally import CONFIDENCE_STEPS, UNSURE

_TEMPLATE = Path(__file__).with_name("consolidation_report.html")
_MOST_WORKERS = 200  # rows of the workers' table
_NAMED_WORKERS = 3  # least skilled, named in the plot


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
        return template.from_string(_TEMPLATE.read_text(encoding="utf-8")).render(
            report=self, chart_styles=Markup(STYLES.read_text(encoding="utf-8"))
        )


def sureness_figure(counts: NDArray[np.int64]) -> Figure:
    """How sure the labels are. counts : objects between `CONFIDENCE_STEPS`."""
    words = [f"{low:g}+" for low in CONFIDENCE_STEPS[:-1]]
    weak = int(counts[: CONFIDENCE_STEPS.index(UNSURE)].sum())
    said = f"Confidence of {int(counts.sum()):,} labels; {weak:,} are below {UNSURE:g}"
    plot = bars.histogram(counts.tolist(), words, said=said, unit="objects", low=CONFIDENCE_STEPS.index(UNSURE))
    meaning = "Objects by the probability that their label is right; the steps are finer towards 1."
    return Figure("How sure the labels are", meaning, plot)


def worker_figure(
    names: Sequence[str], answered: NDArray[Any], skill: NDArray[np.float64], *, guide: float | None
) -> Figure:
    """Skill against volume."""
    dots = [(name, float(n), float(s)) for name, n, s in zip(names, answered, skill, strict=True)]
    meaning = "Each dot a worker: annotations given across, estimated chance of a right answer upwards."
    if guide is not None:
        meaning += " The dashed line is guessing."
    least = {names[w] for w in np.argsort(skill, kind="stable")[:_NAMED_WORKERS]}
    return Figure("Workers", meaning, points.scatter(dots, x="annotations", y="skill", guide=guide, named=least))


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
