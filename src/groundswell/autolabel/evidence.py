"""Evidence that few of a set's labels are wrong, gathered draw by draw and valid at every look (e-processes).

The derivation is in docs/concepts/auto-labeling.md. In short: J nested sets, the first m_1 < ... < m_J objects of one
ranking; the null of set j says that its losses add up to at least b_j. After losses S among t revealed objects it
makes the mean loss of the rest at least pi = (b - S) / (m - t), so a bet that pays 1 + f (pi - Z) / (z_max - pi), where
Z is a draw's loss whose mean is the rest's mean loss and z_max its largest possible value, gains nothing on average
under the null. Evidence is the mixture of such bets over f; under the null it ever reaches 1/d with a chance of at most
d (Ville's inequality).

Here: the arithmetic. Elsewhere: which sets, which level, what is certified (`certificate.py`).
Source: Waudby-Smith and Ramdas 2024 (betting), Stark 2022 (ALPHA), Shekhar et al. 2023 (weighted draws without
replacement).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from groundswell.autolabel.learner import Reals

FRACTIONS = np.array([0.98, 0.94, 0.88, 0.8, 0.72, 0.64, 0.56, 0.48, 0.4, 0.32, 0.24, 0.16, 0.08])
"""Parts of the largest safe bet; f is best where the mean loss is (1 - f) pi, so .98 suits a set without errors."""
_SHARES = np.linspace(2.0, 0.5, FRACTIONS.size)
LOG_SHARES = np.log(_SHARES / _SHARES.sum())
CERTAIN = 1e9
"""The logarithm of evidence where the null has become impossible."""


class Evidence:
    """Evidence of J nested sets, fed one draw after the other in the drawn order.

    Parameters
    ----------
    sizes : (J,) m_j, strictly increasing; set j holds the ranks 0 .. m_j - 1.
    bounds : (J,) b_j > 0, the smallest sum of losses that violates set j's claim.
    weights : (m_J,) by rank, where draws are weighted; at least one a set is above zero.
    """

    def __init__(self, sizes: Sequence[int], bounds: Sequence[float], weights: Reals | None = None) -> None:
        self.sizes = np.asarray(sizes, np.int64)
        self.bounds = np.asarray(bounds, np.float64)
        self.losses = np.zeros(self.sizes.size)  # (J,) S
        self.revealed = np.zeros(self.sizes.size, np.int64)  # (J,) t
        self.log = np.full(self.sizes.size, 0.0)  # (J,) the logarithm of the evidence now
        self.peak = np.zeros(self.sizes.size)  # (J,) its largest value so far
        self._bets = np.zeros((self.sizes.size, FRACTIONS.size))
        self._weights = weights
        if weights is not None:
            self._left = np.array([weights[:size].sum() for size in self.sizes])
            self._least = np.array([weights[:size].min() for size in self.sizes])

    def observe(self, rank: int, loss: float, *, with_ranks: Sequence[int] = ()) -> None:
        """One draw: the object at `rank` has this loss, in [0, 1].

        with_ranks : further objects that the same answer reveals (its exact duplicates), with the same loss each.
        """
        held = self.sizes > rank
        self._bet(held, rank, loss)
        for one in (rank, *with_ranks):
            inside = self.sizes > one
            self.losses += inside * loss
            self.revealed += inside
            if self._weights is not None:
                self._left -= inside * self._weights[one]
        self._impossible()
        self.peak = np.maximum(self.peak, self.log)

    def crossed(self, level: float) -> NDArray[np.bool_]:
        """(J,) which sets' evidence has ever reached 1/level, those aside whose null has come true before our eyes."""
        reached: NDArray[np.bool_] = (self.peak >= -np.log(level)) & (self.losses < self.bounds)
        return reached

    def _bet(self, held: NDArray[np.bool_], rank: int, loss: float) -> None:
        left = np.maximum(self.sizes - self.revealed, 1)
        null = (self.bounds - self.losses) / left
        scale = np.ones(self.sizes.size)
        if self._weights is not None:
            scale = self._left / left
        largest = scale if self._weights is None else scale / self._least
        draw = loss * scale if self._weights is None else loss * scale / self._weights[rank]
        open_ = held & (null > 0) & (largest - null > 1e-12)
        room = np.where(open_, largest - null, 1.0)
        gain = np.where(open_, (null - draw) / room, 0.0)
        self._bets += np.log1p(gain[:, None] * FRACTIONS)
        self._mix(held)

    def _mix(self, held: NDArray[np.bool_]) -> None:
        bets = self._bets[held] + LOG_SHARES
        top = bets.max(axis=1)
        self.log[held] = top + np.log(np.exp(bets - top[:, None]).sum(axis=1))

    def _impossible(self) -> None:
        """Settle sets whose null cannot hold any more (certain), or has come true (never)."""
        left = self.sizes - self.revealed
        short = self.bounds - self.losses
        self.log = np.where(short > left, CERTAIN, self.log)
        self.log = np.where(short <= 0, -CERTAIN, self.log)
