"""The loop of a job with auto-labeling as a state machine: what people label, when a model is fitted, when it is over.

    rounds = Rounds(objects=10_000, settings=settings)
    while (step := rounds.step()) is not Step.DONE:
        if step is Step.ASK:                                   # people are to label rounds.asked()
            for row in ...: rounds.answered(row, label)        # in any order; None: nobody could
        elif step is Step.FIT:
            rows, labels = rounds.training_set()
            model = learner.fit(features, rows, labels, ...)
            rounds.fitted(model.score(features), model.left_out)
    rounds.machine_labels()                                    # row to answer and confidence; people label the others

Pure: the state (`rounds_state.py` makes JSON of it and back) and the answers decide everything, the seed draws every
random choice, so a restart goes on as if nothing had happened. People need not wait for a fit, nor a fit for
stragglers: `step` says FIT once `Settings.enough` of a batch is labeled, and later answers count in the next round.

Elsewhere: publishing tasks and running fits (`groundswell.runner`), replays of labeled files (`groundswell.offline`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np

from groundswell.autolabel.audit import Audit, Decisions
from groundswell.autolabel.audit_plan import AuditPlan, Promise, plan_audit
from groundswell.autolabel.calibration import NOTHING_KNOWN, Calibration, fit_calibration
from groundswell.autolabel.draws import drawn_order
from groundswell.autolabel.learner import Reals, Rows, Scores
from groundswell.autolabel.selection import RANDOM_SHARE, least_sure, next_batch
from groundswell.autolabel.value import Value, training_pays, value_of
from groundswell.domain.errors import Conflict

MAX_ATTEMPTS = 4
WEIGHTED_FROM = 0.7
"""From this part of the tolerance on, draws are weighted: objects more likely wrong are audited more often."""

Loss = Callable[[Any, Any], float]
"""(machine's label, people's label) to a loss in [0, 1]."""


def zero_one(machine: Any, people: Any) -> float:
    """The loss of classes: 0 where both are the same."""
    return 0.0 if machine == people else 1.0


class Step(StrEnum):
    ASK = "ask"  # people are to label `asked()`
    FIT = "fit"  # a model is to be fitted to `training_set()`
    DONE = "done"  # `machine_labels()` is final; people label what is left


class Origin(StrEnum):
    RANDOM = "random"  # drawn from all there were: what calibration may use
    CHOSEN = "chosen"  # because the model was not sure
    AUDIT = "audit"  # drawn from the objects that may be labeled by machine


@dataclass(frozen=True)
class Settings:
    """What a job decides before it begins."""

    classes: int  # 0 where labels are no classes
    batch: int  # labels a round
    seed: int
    promise: Promise = field(default_factory=Promise)
    random_share: float = RANDOM_SHARE
    audit_ahead: int = 20  # draws of an audit that people have at once
    enough: float = 1.0  # part of a batch that must be labeled before the next fit
    class_names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Round:
    """What one fit found."""

    number: int  # 1, 2, ...
    labels: int  # that the model was fitted to
    pool: int  # objects without a label then
    value: Value
    calibration: Calibration
    action: str  # what came next: train, audit or people


@dataclass
class RoundsState:
    """All that changes; every field is JSON or dataclasses of JSON."""

    labels: dict[int, Any] = field(default_factory=dict)  # row to people's label
    origins: dict[int, Origin] = field(default_factory=dict)  # row to why it was asked; no entry: not by this loop
    given_up: set[int] = field(default_factory=set)  # rows that nobody could label
    batch: list[int] = field(default_factory=list)  # rows of the current batch
    rounds: list[Round] = field(default_factory=list)
    attempt: int = 0
    plan: AuditPlan | None = None  # of the audit under way
    audited: dict[int, tuple[Any, float]] = field(default_factory=dict)  # row to people's label then, and its loss
    decisions: dict[int, Decisions] = field(default_factory=dict)  # attempt to what its looks decided
    finished: list[AuditPlan] = field(default_factory=list)  # audits that are over
    certified: dict[int, tuple[Any, float]] = field(default_factory=dict)  # row to machine's label and confidence
    confidences: dict[int, float] = field(default_factory=dict)  # of the objects of the plan
    done: bool = False
    reason: str = ""


class Rounds:
    """The loop's decisions. `state` may be a stored one; `groups` (N,) gives exact duplicates the same number."""

    def __init__(
        self,
        objects: int,
        settings: Settings,
        *,
        groups: Rows | None = None,
        state: RoundsState | None = None,
        loss: Loss = zero_one,
    ) -> None:
        self.objects, self.settings, self.groups, self.loss = objects, settings, groups, loss
        self.state = state or RoundsState()
        self._random_order = drawn_order(settings.seed, "training", np.arange(objects))
        self._audit: Audit | None = None
        self._places: dict[int, int] = {}
        if self.state.plan is not None:
            self._resume_audit(self.state.plan)
        elif state is None:
            self._ask_at_random()

    def step(self) -> Step:
        """What is to be done now."""
        if self.state.done:
            return Step.DONE
        if self._audit is not None:
            return Step.ASK
        missing = len(self._unanswered(self.state.batch))
        allowed = int((1 - self.settings.enough) * len(self.state.batch) + 1e-9)
        return Step.FIT if missing <= allowed else Step.ASK

    def asked(self) -> Rows:
        """Rows without an answer that people should label now, the first the most urgent."""
        if self._audit is not None:
            draws = self._audit.next_draws(self.settings.audit_ahead)
            return np.array(self._unanswered(draws.tolist()), np.int64)
        return np.array(self._unanswered(self.state.batch), np.int64)

    def answered(self, row: int, label: Any | None) -> None:
        """People labeled an object, or could not (None). Given again it replaces the first, but for the audit's."""
        row = int(row)
        if label is None:
            self.state.given_up.add(row)
        else:
            self.state.labels[row] = label
        self._tell_audit(row)

    def training_set(self) -> tuple[Rows, list[Any]]:
        """(rows, labels) of everything people labeled, in the order in which they were."""
        return np.array(list(self.state.labels), np.int64), list(self.state.labels.values())

    def fitted(self, scores: Scores, left_out: Scores) -> None:
        """A model of `training_set()` says this of all N objects, and of its own training objects left out."""
        if self._audit is not None:
            raise Conflict("an audit is under way: its model is frozen; fit the next one when `step` says so")
        self._decide(scores, left_out)

    def machine_labels(self) -> dict[int, tuple[Any, float]]:
        """Row to the machine's label and its confidence; without rows that people labeled meanwhile."""
        return {row: label for row, label in self.state.certified.items() if row not in self.state.labels}

    @property
    def audit(self) -> Audit | None:
        """The audit under way."""
        return self._audit

    def pool(self) -> Rows:
        """Rows that neither people nor the machine have labeled."""
        free = np.ones(self.objects, bool)
        for known in (self.state.labels, self.state.given_up, self.state.certified):
            free[np.fromiter(known, np.int64, len(known))] = False
        return np.flatnonzero(free)

    # What follows decides.

    def _decide(self, scores: Scores, left_out: Scores) -> None:
        state, promise = self.state, self.settings.promise
        pool = self.pool()
        calibration = self._calibrate(left_out)
        risk = np.clip(1 - calibration.right(scores.margin[pool]), 0, 1)
        attempt = state.attempt + 1
        value = value_of(risk, promise.tolerance, promise.level(attempt))
        history = [one.value.gain for one in state.rounds if one.action != "audit"] + [value.gain]
        action = "train"
        if value.gain > 0 and attempt <= MAX_ATTEMPTS and not training_pays(history, pool.size, self.settings.batch):
            action = "audit" if self._begin_audit(scores, pool, risk, value) else "train"
        state.rounds.append(Round(len(state.rounds) + 1, len(state.labels), int(pool.size), value, calibration, action))
        if action == "train":
            self._ask_next(scores, pool)

    def _begin_audit(self, scores: Scores, pool: Rows, risk: Reals, value: Value) -> bool:
        promise = self.settings.promise
        plan = plan_audit(
            scores,
            pool,
            risk,
            promise,
            attempt=self.state.attempt + 1,
            seed=self.settings.seed,
            class_names=self.settings.class_names,
            weighted=value.loss > WEIGHTED_FROM * promise.tolerance,
        )
        if plan is None:
            return False
        if Audit(plan).over:
            return False  # nothing gains by it after all
        self.state.attempt += 1
        self.state.plan = plan
        sure = dict(zip(pool.tolist(), (1 - risk).tolist(), strict=True))
        self.state.confidences = {int(row): sure[int(row)] for row in plan.objects}
        self.state.batch = []
        self._resume_audit(plan)
        return True

    def _resume_audit(self, plan: AuditPlan) -> None:
        self._places = {row: place for place, row in enumerate(plan.objects.tolist())}
        losses = {row: loss for row, (_, loss) in self.state.audited.items() if row in self._places}
        self._audit = Audit.resume(plan, losses, self.state.decisions.get(plan.attempt))
        self.state.decisions[plan.attempt] = self._audit.decisions
        if self._audit.over:
            self._settle_audit()

    def _settle_audit(self) -> None:
        plan, audit = self.state.plan, self._audit
        if plan is None or audit is None:
            return
        answers = dict(zip(plan.objects.tolist(), plan.answers, strict=True))
        rows = audit.certified().tolist()
        self.state.certified.update({row: (answers[row], self.state.confidences[row]) for row in rows})
        self.state.finished.append(plan)
        self.state.plan, self._audit, self.state.confidences = None, None, {}
        if rows:
            self._finish("the audit is certified; people label what is left")
        elif self.state.attempt >= MAX_ATTEMPTS:
            self._finish(f"{MAX_ATTEMPTS} audits certified nothing; people label everything")

    def _finish(self, reason: str) -> None:
        self.state.done, self.state.reason = True, reason

    def _ask_at_random(self) -> None:
        drawn, _ = next_batch(
            self._random_order, self._random_order, self.settings.batch, random_share=1.0, groups=self.groups
        )
        self._ask(drawn, Origin.RANDOM)

    def _ask_next(self, scores: Scores, pool: Rows) -> None:
        if not pool.size:
            self._finish("people labeled everything before a model could")
            return
        inside = np.zeros(self.objects, bool)
        inside[pool] = True
        drawn, chosen = next_batch(
            least_sure(scores, pool),
            self._random_order[inside[self._random_order]],
            self.settings.batch,
            random_share=self.settings.random_share,
            groups=self.groups,
        )
        self.state.batch = []
        self._ask(drawn, Origin.RANDOM)
        self._ask(chosen, Origin.CHOSEN)

    def _ask(self, rows: Rows, origin: Origin) -> None:
        for row in rows.tolist():
            self.state.batch.append(row)
            self.state.origins.setdefault(row, origin)

    def _unanswered(self, rows: list[int]) -> list[int]:
        return [row for row in rows if row not in self.state.labels and row not in self.state.given_up]

    def _calibrate(self, left_out: Scores) -> Calibration:
        rows, labels = self.training_set()
        origins = self.state.origins
        random = np.array([origins.get(int(row)) is Origin.RANDOM for row in rows], bool)
        if not random.any():
            return NOTHING_KNOWN
        answers = left_out.best if left_out.answers is None else left_out.answers
        right = np.array([1 - self.loss(answers[i], labels[i]) for i in np.flatnonzero(random).tolist()])
        return fit_calibration(left_out.margin[random], right)

    def _tell_audit(self, row: int) -> None:
        plan, place = self.state.plan, self._places.get(row)
        if self._audit is None or plan is None or place is None:
            return
        self.state.origins.setdefault(row, Origin.AUDIT)
        if row in self.state.audited:
            return  # what is proven rests on the first answer; a later one counts as a label
        label = self.state.labels.get(row)
        loss = 1.0 if label is None else self.loss(plan.answers[place], label)
        self.state.audited[row] = (label, loss)
        self._audit.observe(row, loss)
        if self._audit.over:
            self._settle_audit()
