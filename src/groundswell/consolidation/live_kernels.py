"""The step of stepwise expectation maximisation: one object's old part out of the sums, its new part in.

Elsewhere: the loop for large inputs (`compiled/live_kernels.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from groundswell.consolidation.fast import twinned

if TYPE_CHECKING:
    from jaxtyping import Float64, Int32, Int64

Floats = NDArray[np.float64]
Index = NDArray[np.int32]
Offsets = NDArray[np.int64]

LEAST = 1e-6  # answers a cell holds at least; what is taken out was put in under other estimates

_STEP = 16  # numbers that one object's step counts as: most of its time goes into calls, whatever their size


@twinned(lambda objects, *others: objects.size * _STEP)
def step_objects(
    objects: Int64[Offsets, " T"],
    old: tuple[Offsets, Index, Index],
    new: tuple[Offsets, Index, Index],
    gold: Int32[Index, " N"],
    power: float,
    answers: Float64[Floats, "W K K"],
    classes: Float64[Floats, " K"],
    posterior: Float64[Floats, "N K"],
) -> None:
    """Give each of T objects its posterior under everyone else's answers, and count it under that posterior.

    objects : (T,) distinct object indices into `gold` (N,) and `posterior` (N, K).
    old, new : annotations before and now as (offsets (T + 1,), worker, label), a worker at most once an object.
    power : the log likelihood's exponent; below 1 it tempers overconfident products.
    answers : (W, K, K) [worker, given, true] expected answers with the prior's; classes : (K,) expected objects.
    Changes answers, classes and posterior in place.
    """
    before, after = old[0].tolist(), new[0].tolist()
    for t, n in enumerate(objects.tolist()):
        belief = posterior[n]
        if before[t + 1] > before[t]:
            rows = slice(before[t], before[t + 1])
            _count(old[1][rows], old[2][rows], -belief, answers)
            np.maximum(classes - belief, LEAST, out=classes)
        rows = slice(after[t], after[t + 1])
        worker, label = new[1][rows], new[2][rows]
        belief[:] = _live_posterior(worker, label, int(gold[n]), power, answers, classes)
        if worker.size:
            _count(worker, label, belief, answers)
            classes += belief


def _live_posterior(worker: Index, label: Index, gold: int, power: float, answers: Floats, classes: Floats) -> Floats:
    """(K,) one object's posterior: class rates times the chances of its answers."""
    if gold >= 0:
        return np.asarray(np.eye(classes.size)[gold])
    joint = np.log(classes / classes.sum())
    if worker.size:
        joint += power * np.log(answers[worker, label] / answers[worker].sum(axis=1)).sum(axis=0)
    belief = np.exp(joint - joint.max())
    return np.asarray(belief / belief.sum())


def _count(worker: Index, label: Index, part: Floats, answers: Floats) -> None:
    answers[worker, label] = np.maximum(answers[worker, label] + part, LEAST)
