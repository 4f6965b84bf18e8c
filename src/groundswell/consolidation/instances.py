"""Lists of drawn or marked things from many workers, consolidated into one list: the model every such kind shares.

In three steps, each in a file of its own: which marks of different workers are one thing (`matching.py`); which things
exist, and who misses or invents them (`existence.py`); their class (`site_classes.py`) and their place (each kind).
Here: the consolidator around the steps. Elsewhere: the tables between them (`instance_tables.py`), what is particular
to boxes, polygons, lines, keypoints, spans and instance masks (one file each, as an `InstanceKind`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from groundswell.consolidation import existence, site_classes
from groundswell.consolidation.answers import Answers, Consolidated, read_items, sorted_workers
from groundswell.consolidation.columns import sort_ids
from groundswell.consolidation.existence import EXISTS, ExistenceModel, fit_existence
from groundswell.consolidation.fast import for_each_object
from groundswell.consolidation.geometry import overlapping_pairs
from groundswell.consolidation.instance_tables import Items, Row, Shape, TableBuilder, Tables
from groundswell.consolidation.matching import cluster_instances
from groundswell.consolidation.site_classes import ClassModel, fit_classes
from groundswell.domain.errors import InvalidVotes

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_OTHER_CLASS = 0.75  # marks of different classes are this much less alike
_SKILL_STRENGTH = 5.0  # pseudo-marks with which a worker's skill leans on the crowd's


class Placement(Protocol):
    """Workers' precision as fitted, and the shapes it leads to."""

    def place(self, items: Items) -> Sequence[Shape]:
        """One shape a site."""


class InstanceKind(Protocol):
    """What is particular to one kind of thing."""

    what: str  # plural, for messages

    def read(self, item: Mapping[str, Any], *, where: str) -> tuple[str, Shape]:
        """The item's class and shape. Raises: InvalidVotes."""

    def write(self, label: str, shape: Shape) -> dict[str, Any]:
        """The inverse of `read`."""

    def bounds(self, shapes: Sequence[Shape]) -> Floats:
        """(A, 4) boxes such that only shapes whose boxes touch can be alike."""

    def similarity(self, shapes: Sequence[Shape], first: Ints, second: Ints) -> Floats:
        """(P,) in [0, 1] for pairs of indices."""

    def fit(self, items: Items, sure: Floats) -> Placement:
        """Workers' precision; `sure` (sites,) is each site's chance to exist."""


class InstanceConsolidator:
    """Consolidates lists of instances. Subclasses name the kind.

    Parameters
    ----------
    labels : the classes allowed; without it, those that occur.
    keep_at : things are in the label when they exist with at least this probability, or everyone marked them.
    join_at : marks of different workers are one thing from this mean similarity on.

    Confidence of an object: the expected F1 of its list, 2 * right / (kept + there); of an empty list, the chance that
    nothing is there. Each thing's own confidence (`details["confidences"]`) is the chance that it exists and has the
    class given. Fitted: `workers_`, `skill_` (W,) the expected F1 of each worker's lists with
    each hit counting as much as its place and class are right, `miss_rate_` (W,) share of
    existing things a worker left out, `false_alarms_` (W,) marks of nothing per object, `class_accuracy_` (W,),
    `objective_` (log posterior of the existence model, never falls), `converged_`, `n_iter_`.
    """

    kind: InstanceKind
    default_join_at = 0.3

    def __init__(
        self, *, labels: Sequence[str] | None = None, keep_at: float = 0.5, join_at: float | None = None
    ) -> None:
        self.labels = labels
        self.keep_at = keep_at
        self.join_at = join_at

    def check(self, value: Any, *, where: str) -> None:
        """Raises: InvalidVotes, for a value no answer can have."""
        self._read_answer(value, where=where)

    @for_each_object
    def fit(self, objects: Sequence[Answers]) -> Self:
        """Estimate the workers from N objects' answers. Raises: InvalidVotes."""
        workers = sorted_workers(objects)
        tables = self._tabulate(objects, workers, list(self.labels or ()))
        items, size = tables.items, len(workers)
        model = fit_existence(tables.marks)
        sure = model.site_posterior(tables.marks)[:, EXISTS].sum(axis=1)
        classes = fit_classes(
            items.site, items.worker, items.label, sure, n_workers=size + 1, n_labels=len(tables.labels)
        )
        self.workers_: list[str] = workers
        self.labels_ = list(tables.labels)
        self.existence_: ExistenceModel = model
        self.classes_: ClassModel = classes
        self.placement_ = self.kind.fit(items, sure)
        self.class_accuracy_ = classes.accuracy[:size]
        self.objective_, self.n_iter_ = model.objective, len(model.objective)
        self.converged_ = model.converged
        self._describe_workers(tables, sure, size)
        return self

    def _likeness(self, items: Items) -> Floats:
        """(A,) how alike each mark is with the consolidated shape of its site."""
        if not items.n_sites:
            return np.zeros(0)
        shapes = [*items.shapes, *self.placement_.place(items)]
        return self.kind.similarity(shapes, np.arange(len(items.site)), items.site + len(items.site))

    def consolidate(self, answers: Answers) -> Consolidated:
        """One object's list. Raises: InvalidVotes."""
        return self.consolidate_all([answers])[0]

    @for_each_object
    def consolidate_all(self, objects: Sequence[Answers]) -> list[Consolidated]:
        """Every object's list, in the order given. Raises: InvalidVotes."""
        if not hasattr(self, "workers_"):
            self._set_unfitted()
        tables = self._tabulate(objects, self.workers_, self.labels_)
        items, existing = tables.items, self.existence_.site_posterior(tables.marks)[:, EXISTS].sum(axis=1)
        classes = _extended(self.classes_, len(tables.labels)).posterior(
            items.site, items.worker, items.label, items.n_sites
        )
        shapes, chosen = self.placement_.place(items), _best_given(classes, items)
        starts = np.searchsorted(tables.site_object, np.arange(len(objects) + 1))
        order = np.argsort(items.site, kind="stable")
        members = np.split(items.who[order], np.cumsum(np.bincount(items.site, minlength=items.n_sites))[:-1])
        results = []
        for n, answers in enumerate(objects):
            sites, names = range(int(starts[n]), int(starts[n + 1])), list(answers)
            candidates = [
                _Candidate(
                    shapes[s],
                    classes[s],
                    int(chosen[s]),
                    float(existing[s]),
                    sort_ids(names[v] for v in members[s].tolist()),
                    unanimous=len(members[s]) == len(answers),
                )
                for s in sites
            ]
            results.append(self._label(candidates, tables.labels, self._unmarked(answers)))
        return results

    def _set_unfitted(self) -> None:
        self.workers_ = []
        self.labels_ = list(self.labels or ())
        self.skill_ = np.zeros(0)
        self.existence_ = existence.unfitted(1)
        self.classes_ = site_classes.unfitted(1, len(self.labels_))
        nothing = np.zeros(0, np.int64)
        self.placement_ = self.kind.fit(Items([], nothing, nothing, nothing, nothing, 0, 1), np.zeros(0))

    def _unmarked(self, answers: Answers) -> float:
        """Expected number of existing things that none of the object's workers marked."""
        position = {worker: w for w, worker in enumerate(self.workers_)}
        bias = self.existence_.bias[[position.get(worker, len(position)) for worker in answers]]
        return float(self.existence_.unmarked(bias.reshape(-1, 2))[EXISTS].sum())

    def _label(self, candidates: list[_Candidate], labels: Sequence[str], unmarked: float) -> Consolidated:
        there = sum(c.exists for c in candidates) + unmarked
        kept = [c for c in candidates if c.kept_at(self.keep_at)]
        written = [
            (self.kind.write(labels[c.label], c.shape), c)
            for c in sorted(kept, key=lambda c: (*self.kind.bounds([c.shape])[0].tolist(), *c.classes.tolist()))
        ]
        confidences = [c.exists * float(c.classes[c.label]) for _, c in written]
        right = sum(confidences)
        confidence = 2.0 * right / (len(written) + there) if written else float(np.exp(-there))
        details = {
            "confidences": confidences,
            "existence": [c.exists for _, c in written],
            "posteriors": [dict(zip(labels, c.classes.tolist(), strict=True)) for _, c in written],
            "workers": [c.workers for _, c in written],
            "left_out": [c.exists for c in candidates if not c.kept_at(self.keep_at)],
        }
        return Consolidated([value for value, _ in written], min(confidence, 1.0), details)

    def _tabulate(self, objects: Sequence[Answers], workers: Sequence[str], known: list[str]) -> Tables:
        position = {worker: w for w, worker in enumerate(workers)}
        read = [self._read(n, answers, position) for n, answers in enumerate(objects)]
        given = {row.label for rows in read for row in rows}
        labels = list(dict.fromkeys(self.labels)) if self.labels is not None else known + sorted(given - set(known))
        number = {label: k for k, label in enumerate(labels)}
        tables = TableBuilder(len(workers) + 1)
        for answers, rows in zip(objects, read, strict=True):
            seen = np.array([position.get(worker, len(workers)) for worker in answers], np.int64)
            tables.add(seen, rows, number, self._cluster(rows))
        return tables.build(labels)

    def _read(self, n: int, answers: Answers, position: Mapping[str, int]) -> list[Row]:
        """One object's marks, in an order that does not depend on who made them."""
        rows = [
            Row(v, label, shape, position.get(worker, len(position)))
            for v, (worker, value) in enumerate(answers.items())
            for label, shape in self._read_answer(value, where=f"object {n}, worker {worker!r}")
        ]
        if not rows:
            return rows
        bounds = self.kind.bounds([row.shape for row in rows]).tolist()
        order = sorted(range(len(rows)), key=lambda a: (bounds[a], rows[a].label, rows[a].shape.tobytes()))
        return [rows[a] for a in order]

    def _read_answer(self, value: Any, *, where: str) -> list[tuple[str, Shape]]:
        """Classes and shapes of one worker's answer."""
        marks = [self.kind.read(item, where=where) for item in read_items(value, what=self.kind.what, where=where)]
        for label, _ in marks:
            if self.labels is not None and label not in self.labels:
                raise InvalidVotes(
                    f"every label must be one of {list(self.labels)!r}, but {where} has {label!r}", field="label"
                )
        return marks

    def _cluster(self, rows: list[Row]) -> Ints:
        if not rows:
            return np.zeros(0, np.int64)
        shapes = [row.shape for row in rows]
        owner = np.array([row.who for row in rows], np.int64)
        first, second = overlapping_pairs(self.kind.bounds(shapes))
        apart = owner[first] != owner[second]
        first, second = first[apart], second[apart]
        _, label = np.unique([row.label for row in rows], return_inverse=True)
        alike = self.kind.similarity(shapes, first, second)
        alike = np.where(label[first] == label[second], alike, alike * _OTHER_CLASS)
        join_at = self.default_join_at if self.join_at is None else self.join_at
        return cluster_instances(owner, first, second, alike, join_at=join_at)

    def _describe_workers(self, tables: Tables, sure: Floats, size: int) -> None:
        marks, items = tables.marks, tables.items
        possible = np.bincount(marks.worker, sure[marks.site], size + 1)[:size]
        found = np.bincount(items.worker, sure[items.site], size + 1)[:size]
        posterior = self.classes_.posterior(items.site, items.worker, items.label, items.n_sites)
        right = sure[items.site] * posterior[items.site, items.label] * self._likeness(items)
        good = np.bincount(items.worker, right, size + 1)[:size]
        made = np.bincount(items.worker, minlength=size + 1)[:size]
        seen = np.bincount(marks.seen_worker, minlength=size + 1)[:size]
        total = float((made + possible).sum())
        crowd = 2.0 * float(good.sum()) / total if total > 0.0 else 1.0
        self.skill_ = (2.0 * good + _SKILL_STRENGTH * crowd) / (made + possible + _SKILL_STRENGTH)
        self.miss_rate_ = np.where(possible > 0.0, 1.0 - found / np.maximum(possible, 1e-300), 0.0).clip(0.0, 1.0)
        self.false_alarms_ = np.maximum(made - found, 0.0) / np.maximum(seen, 1)


@dataclass(frozen=True, eq=False)
class _Candidate:
    shape: Shape
    classes: Floats  # (K,) posterior
    label: int  # the most probable of the classes someone gave
    exists: float
    workers: list[str]  # who marked it
    unanimous: bool  # whether everyone who saw the object marked it

    def kept_at(self, chance: float) -> bool:
        """Whether it is in the label."""
        return self.unanimous or self.exists >= chance


def _best_given(classes: Floats, items: Items) -> Ints:
    """(sites,) the most probable class among those someone gave: however common another is, nobody saw it here."""
    if not items.n_sites:
        return np.zeros(0, np.int64)
    given = np.zeros(classes.shape, np.bool_)
    given[items.site, items.label] = True
    chance = np.where(given, classes, -1.0)
    # The margin keeps rounding from deciding between equals: the first class wins.
    return np.asarray((chance > chance.max(axis=1, keepdims=True, initial=-1.0) - 1e-12).argmax(axis=1))


def _extended(classes: ClassModel, n_labels: int) -> ClassModel:
    """The model with classes unseen in fitting appended at the rarest known rate."""
    missing = n_labels - len(classes.prior)
    if missing <= 0:
        return classes
    prior = np.concatenate((classes.prior, np.full(missing, classes.prior.min(initial=1.0))))
    return ClassModel(classes.accuracy.clip(max=0.999), prior / prior.sum())
