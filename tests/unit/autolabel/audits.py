"""Audits of made-up machine labels, for tests: which are wrong is known."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from groundswell.autolabel.audit import Audit
from groundswell.autolabel.audit_plan import AuditPlan, Promise, plan_audit
from groundswell.autolabel.learner import Scores


def made_plan(
    objects: int,
    *,
    seed: int = 1,
    risk: float | NDArray[np.float64] = 0.01,
    promise: Promise | None = None,
    weighted: bool = False,
    classes: int = 1,
    copies: int = 1,
) -> AuditPlan:
    """A plan over objects of one class each in turn, the first the surest."""
    best = np.arange(objects) % classes
    scores = Scores(best.astype(np.int64), np.linspace(1, 0, objects))
    risks = np.broadcast_to(np.asarray(risk, np.float64), (objects,))
    plan = plan_audit(
        scores,
        np.arange(objects),
        risks,
        promise or Promise(),
        attempt=1,
        seed=seed,
        weighted=weighted,
        groups=np.arange(objects) // copies,
    )
    assert plan is not None
    return plan


def run(plan: AuditPlan, wrong: NDArray[np.bool_]) -> Audit:
    """The whole audit, with people's answers as `wrong` (N,) has it."""
    audit = Audit(plan)
    while not audit.over:
        for index in audit.next_draws(20):
            if not audit.over:
                audit.observe(int(index), float(wrong[index]))
    return audit


def wrong_at(objects: int, count: int, seed: int) -> NDArray[np.bool_]:
    """`count` wrong labels at random places."""
    wrong = np.zeros(objects, bool)
    wrong[np.random.default_rng(seed).choice(objects, count, replace=False)] = True
    return wrong
