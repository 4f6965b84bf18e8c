"""What a training is asked and what it finds: a model, what it is worth, what people should see next.

`study` runs in another process. It is a function of its argument alone, so that a training done again finds the same.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groundswell.autolabel import model_files
from groundswell.autolabel.audit import Audit
from groundswell.autolabel.audit_plan import AuditPlan, Promise, plan_audit
from groundswell.autolabel.calibration import Calibration, fit_calibration
from groundswell.autolabel.draws import drawn_order
from groundswell.autolabel.learner import Learner, Model, ModelState, Rows, Scores
from groundswell.autolabel.rounds import MAX_ATTEMPTS, WEIGHTED_FROM
from groundswell.autolabel.selection import least_sure, next_batch
from groundswell.autolabel.value import FREE_OF_ERRORS, Value, training_pays, value_of
from groundswell.runner.auto_labeling import learners
from groundswell.tasktypes.base import TaskType
from groundswell.wire.job_spec import JobSpec

TARGETS = (0.9, 0.93, 0.95, 0.97, 0.98, 0.99)
_RESERVE = 1.5  # times the audits that are expected
ONE_CLASS = 300  # labels that all say the same, before a model is given up

_LAST_FEATURES: dict[bytes, Any] = {}
"""Of this process: a job's features are the same in all its rounds."""


@dataclass(frozen=True)
class Study:
    """Everything a training needs."""

    task_type: str
    features: bytes  # packed
    groups: Rows  # (N,) exact duplicates share a number
    rows: Rows  # (L,) objects with a label by people
    labels: Rows  # (L,) index of each
    random: Rows  # objects that were drawn at random, labeled or not
    pool: Rows  # (P,) objects that nobody was asked about
    classes: tuple[str, ...]
    seed: int
    round: int
    attempt: int  # the next one
    batch: int
    spare: int
    promise: Promise
    values: tuple[float, ...]  # what each round since the last audit was worth
    labeled_by_machine: int = 0
    allowed: int = 1 << 60  # objects that people may label still, by the job's stopping conditions and budget
    initial: bytes | None = None  # packed: a kept model that may be better than a new one


@dataclass(frozen=True)
class Findings:
    """What a training found."""

    labels: int
    model: bytes  # packed; empty: there is none
    arrays: Mapping[str, NDArray[Any]]  # best, margin (N,): of every object; pool, risk (P,)
    value: float  # objects the machine would label, less the audits
    plan: AuditPlan | None  # training further cannot pay: this is to be audited
    hopeless: str | None  # nothing can be won any more, and why
    chosen: Sequence[tuple[int, bool]]  # objects for people, the most wanted first; whether drawn at random
    told: Mapping[str, Any] = field(default_factory=dict)  # for the job's page


def refusal(kind: TaskType, spec: JobSpec) -> str | None:
    """Why no model can label this job, if none can."""
    if not learners.has_learner(kind):
        return f"no learner here knows {kind.title.lower()}; people label all objects"
    if spec.hooks.post_annotation:
        return "labels are made by a function of your own, which says nothing of how sure they are; people label all"
    return None


def features_of(task_type: str, classes: Sequence[str], objects: Sequence[Any]) -> tuple[bytes, Rows]:
    """What a learner computes of all N objects, packed; and (N,) a number that exact duplicates share."""
    features = learners.learner_for(task_type, classes).features(objects)
    return model_files.pack(features.state()), groups_of(objects)


def groups_of(objects: Sequence[Any]) -> Rows:
    """(N,) the first object with the same content; itself for what could not be read."""
    first: dict[Any, int] = {}
    found = [n if one is None else first.setdefault(one, n) for n, one in enumerate(objects)]
    return np.array(found, np.int64)


def study(asked: Study) -> Findings:
    """Train, and say what is worth doing next."""
    began = time.perf_counter()
    learner = learners.learner_for(asked.task_type, asked.classes)
    if len(np.unique(asked.labels)) < 2:
        return _one_class(asked)
    features = _features(learner, asked.features)
    drawn = np.isin(asked.rows, asked.random)
    found = max((_appraise(asked, *one, drawn) for one in _candidates(asked, learner, features)), key=_worth)
    model, scores, right, calibration, risk, value = found
    pays = training_pays([*asked.values, value.gain], len(asked.pool), asked.batch) and _leaves_enough(asked, value)
    plan = None if pays or value.gain <= 0 else _plan(asked, scores, risk, value)
    hopeless = _hopeless(asked, calibration) if plan is None and len(asked.pool) <= FREE_OF_ERRORS else None
    told = {
        "labels": len(asked.rows),
        "seconds": round(time.perf_counter() - began, 3),
        "accuracy": float(right[drawn].mean()) if drawn.any() else None,
        "noise": calibration.floor,
        "share": (asked.labeled_by_machine + value.gain) / max(len(scores), 1),
        "forecast": _forecast(asked, scores, risk, int((~right[drawn]).sum())),
        "targets": _targets(asked, risk, len(scores)),
        "classes": _classes(asked, scores, right, drawn),
        "learner": learner.name,
    }
    return Findings(
        len(asked.rows),
        model_files.pack(_with_labels(model.state(), asked.classes)),
        {"best": scores.best, "margin": scores.margin, "pool": asked.pool, "risk": risk},
        value.gain,
        plan,
        hopeless,
        _choose(asked, least_sure(scores, asked.pool)),
        told,
    )


def _with_labels(state: ModelState, classes: Sequence[str]) -> ModelState:
    """The state with the names of its classes, for who has the file alone."""
    return replace(state, facts={**state.facts, "labels": list(classes)})


_Appraised = tuple[Model, Scores, NDArray[np.bool_], Calibration, NDArray[np.float64], Value]


def _candidates(asked: Study, learner: Learner, features: Any) -> Iterator[tuple[Model, Scores, Scores]]:
    """Models, what they say of every object, and of the labeled ones without having seen their labels."""
    rng = np.random.default_rng([asked.seed, asked.round])
    fitted = learner.fit(features, asked.rows, asked.labels, classes=len(asked.classes), rng=rng)
    yield fitted, fitted.score(features), fitted.left_out
    if asked.initial is not None:
        kept = learner.load(model_files.unpack(asked.initial))
        scores = kept.score(features)
        yield kept, scores, Scores(scores.best[asked.rows], scores.margin[asked.rows])


def _appraise(asked: Study, model: Model, scores: Scores, left_out: Scores, drawn: NDArray[np.bool_]) -> _Appraised:
    """What a model is worth, by those labels that were drawn at random."""
    right = left_out.best == asked.labels
    calibration = fit_calibration(left_out.margin[drawn], right[drawn].astype(np.float64))
    risk = np.clip(1 - calibration.right(scores.margin[asked.pool]), 0, 1)
    return (
        model,
        scores,
        right,
        calibration,
        risk,
        value_of(risk, asked.promise.tolerance, asked.promise.level(asked.attempt)),
    )


def _worth(found: _Appraised) -> tuple[float, float]:
    return found[5].gain, float(found[2].mean())


def random_order(seed: int, purpose: str, rows: Rows) -> Rows:
    """The rows at random, as the seed fixes it."""
    return rows[drawn_order(seed, purpose, rows)]


def _features(learner: Learner, packed: bytes) -> Any:
    if packed not in _LAST_FEATURES:
        _LAST_FEATURES.clear()
        _LAST_FEATURES[packed] = learner.load_features(model_files.unpack(packed))
    return _LAST_FEATURES[packed]


def _plan(asked: Study, scores: Scores, risk: NDArray[np.float64], value: Value) -> AuditPlan | None:
    """What is to be audited, if anything gains by it."""
    if asked.attempt > MAX_ATTEMPTS:
        return None
    plan = plan_audit(
        scores,
        asked.pool,
        risk,
        asked.promise,
        attempt=asked.attempt,
        seed=asked.seed,
        class_names=asked.classes,
        groups=asked.groups,
        weighted=value.loss > WEIGHTED_FROM * asked.promise.tolerance,
    )
    return None if plan is None or Audit(plan).over else plan


def _leaves_enough(asked: Study, value: Value) -> bool:
    """Whether another batch leaves people enough that they may label to prove what could be labeled now."""
    return asked.allowed - asked.batch > _RESERVE * value.audits


def _choose(asked: Study, ranked: Rows) -> list[tuple[int, bool]]:
    """Objects for people, random ones and wanted ones mixed so that any number of the first has its share of both."""
    at_random = random_order(asked.seed, f"round/{asked.round}", asked.pool)
    drawn, wanted = next_batch(ranked, at_random, asked.batch + asked.spare, groups=asked.groups)
    both = [((i + 0.5) / len(some), int(n), some is drawn) for some in (drawn, wanted) for i, n in enumerate(some)]
    return [(n, random) for _, n, random in sorted(both)]


def _one_class(asked: Study) -> Findings:
    """No model yet: more objects at random, until it is clear that there is nothing to tell apart."""
    at_random = random_order(asked.seed, f"round/{asked.round}", asked.pool)
    hopeless = None
    if not len(asked.labels):
        hopeless = "people could not label any of the first objects"
    elif len(asked.labels) >= ONE_CLASS or not len(asked.pool):
        name = asked.classes[int(asked.labels[0])]
        hopeless = f"all {len(asked.labels):,} labels so far say {name}: there is nothing to learn"
    chosen = [(int(n), True) for n in at_random[: asked.batch + asked.spare]]
    told = {"labels": len(asked.labels), "seconds": 0.0, "share": 0.0, "learner": None}
    return Findings(len(asked.labels), b"", {}, 0.0, None, hopeless, chosen, told)


def _hopeless(asked: Study, calibration: Calibration) -> str:
    said = f"{len(asked.pool):,} objects are left, fewer than a proof of {asked.promise.target:.1%} costs"
    if calibration.floor >= asked.promise.tolerance / 2:
        said += f"; even the model's surest labels and people's differ in about {calibration.floor:.1%}"
    return f"{said}; people label them"


def _forecast(asked: Study, scores: Scores, risk: NDArray[np.float64], wrong: int) -> dict[str, float]:
    """Objects that people will have labeled in the end, if the audit began now; and how far that may be off."""
    level, tolerance = asked.promise.level(asked.attempt), asked.promise.tolerance
    slack = 1 / np.sqrt(wrong + 1)
    low, now, high = (value_of(risk * factor, tolerance, level).gain for factor in (1 + slack, 1.0, 1 / (1 + slack)))
    total = len(scores) - asked.labeled_by_machine
    return {"people": round(total - now), "spread": round((high - low) / 2)}


def _targets(asked: Study, risk: NDArray[np.float64], objects: int) -> list[dict[str, float]]:
    """What each target accuracy would cost, if its audit began now."""
    found = []
    for target in sorted({*TARGETS, asked.promise.target}):
        value = value_of(risk, round(1 - target, 12), asked.promise.level(asked.attempt))
        machine = asked.labeled_by_machine + value.gain
        found.append(
            {
                "target": target,
                "share": round(machine / max(objects, 1), 4),
                "people": round(objects - machine),
                "audits": round(value.audits),
            }
        )
    return found


def _classes(asked: Study, scores: Scores, right: NDArray[np.bool_], drawn: NDArray[np.bool_]) -> list[dict[str, Any]]:
    """What is known of each label category."""
    found = []
    for k, name in enumerate(asked.classes):
        mine = asked.labels == k
        tried = mine & drawn
        found.append(
            {
                "label": name,
                "labels": int(mine.sum()),
                "recall": float(right[tried].mean()) if tried.any() else None,
                "predicted": int((scores.best[asked.pool] == k).sum()),
            }
        )
    return found
