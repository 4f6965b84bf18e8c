"""What a model is worth at this point: how many objects it could label, less the audits that prove it.

Here: the curve over sets, the best of it, and when more training cannot pay. Forecasts; no promise rests on them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from groundswell.autolabel.learner import Reals
from groundswell.autolabel.price import expected_audits

_SETS = 24
FREE_OF_ERRORS = 62
"""About what an audit without errors costs in a small set: no pool can be worth more than itself less this."""


@dataclass(frozen=True)
class Value:
    """The best set there is to audit, as far as predictions go."""

    gain: float  # objects labeled by machine, less the audits
    size: int  # of that set
    audits: float  # expected
    loss: float  # predicted mean loss of that set


NO_VALUE = Value(0.0, 0, 0.0, 1.0)


def value_of(risk: Reals, tolerance: float, level: float) -> Value:
    """The value of a pool whose objects have these expected losses (P,), in any order."""
    mean = np.cumsum(np.sort(risk)) / np.arange(1, risk.size + 1)
    best = NO_VALUE
    for size in np.unique(np.linspace(risk.size / _SETS, risk.size, _SETS).astype(int)):
        if size and mean[size - 1] < tolerance:
            audits = expected_audits(int(size), float(mean[size - 1]), tolerance, level)
            if size - audits > best.gain:
                best = Value(float(size - audits), int(size), audits, float(mean[size - 1]))
    return best


def training_pays(history: Sequence[float], pool: int, batch: int) -> bool:
    """Whether another batch of labels may raise the value.

    history : the value after each round so far.     pool : objects without a label now.     batch : labels a round.
    Training ends where even a model without errors would gain less than half a batch, where the value fell twice in a
    row, or where it gained less than a quarter of a batch. While there is no value at all it goes on:
    people label everything anyway.
    """
    if not history or history[-1] <= 0:
        return True
    if history[-1] >= pool - 1.5 * batch - FREE_OF_ERRORS:
        return False
    if len(history) >= 3 and history[-1] < history[-2] < history[-3]:
        return False
    return not (len(history) >= 2 and history[-2] > 0 and 0 <= history[-1] - history[-2] < batch / 4)
