"""Consolidation of one job while annotations arrive: new ones count at once, full fits later.

Between full fits an object's posterior moves by stepwise expectation maximisation: its old part leaves the sums of
expected answers, its new posterior follows from everyone else's, and enters the sums. A full fit (`refit`) equals a fit
from scratch, whatever came before.
Elsewhere: structured answers such as boxes, by the same protocol (`live_objects.py`).

Source: Cappé & Moulines 2009, Journal of the Royal Statistical Society B 71(3), 593-613 (stepwise EM); incremental sums
by object as Neal & Hinton 1998, "A view of the EM algorithm", in Learning in Graphical Models.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groundswell.consolidation.base import CategoricalConsolidator
from groundswell.consolidation.class_names import tempered
from groundswell.consolidation.dawid_skene import ConfusionPrior
from groundswell.consolidation.estimates import Answer, Estimate
from groundswell.consolidation.kernels import expected_counts, log_joint, most_probable
from groundswell.consolidation.known import WorkerHistory
from groundswell.consolidation.live_kernels import LEAST, step_objects
from groundswell.consolidation.methods import DEFAULT_METHOD, consolidator_named
from groundswell.consolidation.recalibration import Recalibration, recalibrate
from groundswell.consolidation.votes import Votes
from groundswell.domain.errors import InvalidVotes

Floats = NDArray[np.float64]
Packed = tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]
Fitted = tuple[Votes, CategoricalConsolidator, Recalibration | None]

_TEMPERED_ON = 2000  # objects on which the live posteriors' power is chosen after a fit


class LiveClassification:
    """Live consolidation of single-class labels, by any method of `methods.py`.

    Parameters
    ----------
    labels : the classes, in order; one named twice is one.
    method : fits in full; "majority-vote" is also live a plain vote.
    gold : object n to its known class; 30 or more also set confidences right (`recalibration.py`).
    worker_history : as `CategoricalConsolidator.fit`.
    prior : imagined answers of a worker not seen yet.
    """

    _classes: Floats  # (K,) expected objects of each class
    _posterior: Floats  # (N, K) of latent classes, with room to grow
    _naming: Floats  # (K, K) what latent classes are called, where the method tells the two apart; else identity
    _tempering: float  # the power of the belief in what is stated
    _truth: Recalibration | None  # what gold made of confidences in the last full fit
    _habits: Floats  # (W, K, K) [worker, given, true] expected answers with the prior's, with room to grow

    def __init__(
        self,
        labels: Sequence[Any],
        method: str = DEFAULT_METHOD,
        *,
        gold: Mapping[int, Any] | None = None,
        worker_history: WorkerHistory | None = None,
        prior: ConfusionPrior = ConfusionPrior(correct=2.0, wrong=1.0),
        **options: Any,
    ) -> None:
        self.labels = list(dict.fromkeys(labels))
        self._estimator: CategoricalConsolidator = consolidator_named(method, **options)
        self._by_vote = method == "majority-vote"
        self._class_of = {label: k for k, label in enumerate(self.labels)}
        self._gold_classes = {n: self._class_index(Answer(n, "gold", label)) for n, label in (gold or {}).items()}
        self._history = worker_history
        self._prior = prior
        self._workers: dict[str, int] = {}
        self._answers: dict[int, dict[int, int]] = {}  # object -> worker index -> class index
        self._since: dict[int, dict[int, int]] | None = None  # while a fit is under way, answers as it has them
        self._start()

    def absorb(self, annotations: Sequence[Answer]) -> None:
        """See `LiveConsolidation.absorb`.

        Raises: InvalidVotes, for a class the job has not or an object below 0; nothing counts then.
        """
        _require_objects(annotation.object for annotation in annotations)
        classes = [-1 if a.value is None else self._class_index(a) for a in annotations]
        before: dict[int, dict[int, int]] = {}
        for annotation, k in zip(annotations, classes, strict=True):
            worker = self._workers.setdefault(annotation.worker, len(self._workers))
            answers = self._answers.setdefault(annotation.object, {})
            if annotation.object not in before:
                before[annotation.object] = dict(answers)
                if self._since is not None:
                    self._since.setdefault(annotation.object, before[annotation.object])
            if k >= 0:
                answers[worker] = k
        if before:
            self._grow(max(before) + 1)
            self._step(before)

    def estimate(self, objects: Iterable[int]) -> list[Estimate]:
        """See `LiveConsolidation.estimate`."""
        wanted = list(objects)
        _require_objects(wanted)
        self._grow(max(wanted, default=-1) + 1)
        beliefs = self._posterior[wanted]
        rows = tempered(beliefs, self._tempering) @ self._naming
        plain = [i for i, n in enumerate(wanted) if self._gold[n] >= 0 or not self._answers.get(n)]
        rows[plain] = beliefs[plain]
        classes = most_probable(rows)
        certainty = beliefs.max(axis=1, initial=0.0)
        return [
            self._as_estimate(n, row, int(k), float(sure))
            for n, row, k, sure in zip(wanted, rows, classes, certainty, strict=True)
        ]

    def know(self, gold: Mapping[int, Any]) -> None:
        """See `TakesGold.know`. Raises: InvalidVotes, for a class the job has not or an object below 0."""
        _require_objects(gold)
        self._gold_classes |= {n: self._class_index(Answer(n, "gold", label)) for n, label in gold.items()}

    def recalibration(self) -> Recalibration | None:
        """See `TakesGold.recalibration`."""
        return self._truth

    def refit(self) -> None:
        """See `LiveConsolidation.refit`."""
        self.take_fit(self.begin_fit()())

    def begin_fit(self) -> Callable[[], Fitted]:
        """See `FitsApart.begin_fit`."""
        self._since = {}
        gold = {n: self.labels[k] for n, k in self._gold_classes.items()}
        return partial(_fit, self._estimator, self._answers, list(self._workers), self.labels, gold, self._history)

    def take_fit(self, fitted: Fitted) -> None:
        """See `FitsApart.take_fit`."""
        votes, model, truth = fitted
        since, self._since = self._since or {}, None
        self._start()
        self._truth = truth
        self._grow(int(votes.objects.max(initial=-1)) + 1)
        annotated = int(np.count_nonzero(votes.counts_by_object))
        self._classes = model.prior_ * max(annotated, 1)
        self._take_workers(votes, model)
        self._posterior[:] = model.prior_
        self._posterior[votes.objects.astype(np.int64)] = model.belief_
        self._naming = getattr(model, "naming_", self._naming)
        self._tempering = getattr(model, "tempering_", self._tempering)
        self._power = 1.0 if self._by_vote else _tempering(votes, model)
        if since:
            self._grow(max(since) + 1)
            self._step(since)

    def worker_skill(self) -> dict[str, float]:
        """See `LiveConsolidation.worker_skill`."""
        self._grow(0)
        answers = self._habits[: len(self._workers)]
        met = answers.sum(axis=1)  # (W, K) by true class
        chances = np.diagonal(answers, axis1=1, axis2=2) / met
        skill = (chances * met).sum(axis=1) / met.sum(axis=1)
        return {worker: float(skill[w]) for worker, w in self._workers.items()}

    def _class_index(self, annotation: Answer) -> int:
        try:
            return self._class_of[annotation.value]
        except (KeyError, TypeError):
            raise InvalidVotes(
                f"an annotation must name one of the job's classes {self.labels!r}, but that of object "
                f"{annotation.object} by {annotation.worker!r} is {annotation.value!r}",
                field="label",
            ) from None

    def _start(self) -> None:
        """Sums as before the first annotation."""
        size = len(self.labels)
        self._power = 1.0
        self._naming, self._tempering = np.eye(size), 1.0
        self._truth = None
        self._newcomer = self._prior.answers(size)  # (K given, K true)
        self._classes = np.full(size, self._prior.classes / max(size, 1))
        self._posterior = np.empty((0, size))
        self._gold = np.empty(0, np.int32)
        self._habits = np.empty((0, size, size))

    def _grow(self, n_objects: int) -> None:
        """Room for objects and for everyone in `_workers`, doubling so that growth costs nothing in the long run."""
        have = len(self._gold)
        if n_objects > have:
            fresh = max(n_objects, 2 * have) - have
            rates = self._classes / self._classes.sum()
            self._posterior = np.concatenate([self._posterior, np.tile(rates, (fresh, 1))])
            gold = np.array([self._gold_classes.get(n, -1) for n in range(have, have + fresh)], np.int32)
            self._gold = np.concatenate([self._gold, gold])
            for n in np.flatnonzero(gold >= 0):
                self._posterior[have + n] = np.eye(len(self.labels))[gold[n]]
        missing = len(self._workers) - len(self._habits)
        if missing > 0:
            fresh = max(missing, len(self._habits))
            self._habits = np.concatenate([self._habits, np.repeat(self._newcomer[None], fresh, axis=0)])

    def _step(self, before: Mapping[int, Mapping[int, int]]) -> None:
        objects = np.fromiter(before, np.int64, len(before))
        old, new = _packed(before.values()), _packed([self._answers[n] for n in before])
        step_objects(objects, old, new, self._gold, self._power, self._habits, self._classes, self._posterior)
        if self._by_vote:
            for t, n in enumerate(objects):
                self._vote(int(n), new[2][new[0][t] : new[0][t + 1]])

    def _vote(self, n: int, label: NDArray[np.int32]) -> None:
        if self._gold[n] < 0 and label.size:
            self._posterior[n] = np.bincount(label, minlength=len(self.labels)) / label.size

    def _as_estimate(self, n: int, row: Floats, k: int, certainty: float) -> Estimate:
        if self._truth is not None and self._gold[n] < 0 and self._answers.get(n):
            row = _with_confidence(row, k, float(self._truth.curve(row[k : k + 1], [k])[0]))
        posterior = {label: float(p) for label, p in zip(self.labels, row, strict=True)}
        details = {"posterior": posterior, "annotations": len(self._answers.get(n, ())), "certainty": certainty}
        return Estimate(n, self.labels[k], float(row[k]), details)

    def _take_workers(self, votes: Votes, model: CategoricalConsolidator) -> None:
        """Sums that imply the fitted confusions, as weighty as the answers behind each."""
        counts = expected_counts(votes.object, votes.worker, votes.label, model.posterior_, votes.n_workers)
        imagined = self._prior.answers(len(self.labels)).sum(axis=0)
        weight = counts.sum(axis=2) + imagined  # (W, K) by true class
        crowd = np.einsum("wk,wkl->lk", weight, model.confusion_)
        if votes.n_workers:
            self._newcomer = np.maximum(crowd / crowd.sum(axis=0) * imagined, LEAST)
        self._habits = np.empty((0, *self._newcomer.shape))
        self._grow(0)
        for w, worker in enumerate(votes.workers.tolist()):
            habits = (weight[w][:, None] * model.confusion_[w]).T
            self._habits[self._workers[worker]] = np.maximum(habits, LEAST)  # some methods know chances of zero


def _fit(
    estimator: CategoricalConsolidator,
    answers: Mapping[int, Mapping[int, int]],
    workers: Sequence[str],
    labels: Sequence[Any],
    gold: Mapping[int, Any],
    history: WorkerHistory | None,
) -> Fitted:
    """The votes that answers (object -> worker index -> class) make, the fitted estimator, and what gold says."""
    rows = [(n, workers[w], k) for n, mine in answers.items() for w, k in mine.items()]
    task, worker, label = zip(*rows, strict=True) if rows else ((), (), ())
    votes = Votes.from_columns(task=task, worker=worker, label=label, labels=range(len(labels)), objects=gold)
    votes = votes.with_labels(labels)
    model = estimator.fit(votes, gold=gold, worker_history=history)
    return votes, model, recalibrate(model, gold, worker_history=history) if gold else None


def _require_objects(objects: Iterable[int]) -> None:
    lowest = min(objects, default=0)
    if lowest < 0:
        raise InvalidVotes(f"objects are numbered from 0, but {lowest} was given", field="object")


def _with_confidence(row: Floats, k: int, confidence: float) -> Floats:
    """The posterior (K,) with class k at a confidence and the others in proportion."""
    others = 1.0 - row[k]
    scaled = row * ((1.0 - confidence) / others) if others > 0.0 else np.full(len(row), (1.0 - confidence))
    scaled[k] = confidence
    return np.asarray(scaled / scaled.sum())


def _packed(answers: Iterable[Mapping[int, int]]) -> Packed:
    """Answers of T objects as offsets (T + 1,), workers and labels."""
    rows = list(answers)
    offsets = np.zeros(len(rows) + 1, np.int64)
    np.cumsum([len(row) for row in rows], out=offsets[1:])
    size = int(offsets[-1])
    worker = np.fromiter((w for row in rows for w in row), np.int32, size)
    return offsets, worker, np.fromiter((k for row in rows for k in row.values()), np.int32, size)


def _tempering(votes: Votes, model: CategoricalConsolidator) -> float:
    """The power of the live likelihood that best reproduces the fitted posteriors.

    Live steps know prior and confusions only; a method that also knows how hard objects are, or how workers err
    together, is less sure than their product says. The power is where its posteriors are most probable.
    """
    last = votes.offsets[min(votes.n_objects, _TEMPERED_ON)]
    offsets = votes.offsets[: _TEMPERED_ON + 1]
    floor = np.full_like(model.confusion_, 1e-12)
    log_confusion = np.log(np.maximum(model.confusion_, floor))
    log_prior = np.log(np.maximum(model.prior_, 1e-12))
    joint = log_joint(offsets, votes.worker[:last], votes.label[:last], log_prior, log_confusion) - log_prior
    posterior = model.belief_[: len(joint)]

    def loss(power: float) -> float:
        scores = log_prior + power * joint
        scores -= scores.max(axis=1, keepdims=True)
        return float(-(posterior * (scores - np.log(np.exp(scores).sum(axis=1, keepdims=True)))).sum())

    return min((1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2), key=loss) if len(joint) else 1.0
