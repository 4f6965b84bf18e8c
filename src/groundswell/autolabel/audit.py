"""An audit under way: which objects people label next, what their labels prove, when it is over.

Losses are taken in the drawn order only, however late an answer comes, and a set is dropped by what was drawn before;
so evidence stays valid at every look. The whole state is the plan, the losses so far and the decisions so far (which
set each look kept): `Audit.resume` of these is the same audit, also where a later version would decide otherwise.
Elsewhere: the plan (`audit_plan.py`), the document that others check (`certificate.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np

from groundswell.autolabel.audit_plan import AuditPlan, Chain
from groundswell.autolabel.evidence import Evidence
from groundswell.autolabel.learner import Reals, Rows
from groundswell.autolabel.price import expected_audits

LOOK_EVERY = 20
"""Draws between decisions which sets are still worth their audits."""
_BELIEF = 200.0
"""How many audits a predicted loss weighs as much as."""
_SHIFTS = (-1.28, -0.52, 0.0, 0.52, 1.28)
"""The fifths of what a loss may be, in standard deviations: sets are compared by their mean gain over these."""
_WASTE = 100.0
"""Audits spent on a set that cannot be proven, before that shows."""


Decisions = list[dict[int, int]]
"""For each chain: after how many of its draws which set was kept (-1: the end)."""


@dataclass(frozen=True)
class Draw:
    """One audited object."""

    place: int  # its position in `plan.objects`
    index: int  # its index in the job
    loss: float  # of the machine's label against people's, in [0, 1]


class Audit:
    """A certificate's audit, fed with losses in any order and used in the drawn one."""

    def __init__(self, plan: AuditPlan, decisions: Decisions | None = None) -> None:
        self.plan = plan
        self.decisions: Decisions = decisions or [{} for _ in plan.chains]
        self.draws: list[Draw] = []
        self._objects = plan.objects
        self._order = plan.order
        self._place_of = {int(index): place for place, index in enumerate(self._objects)}
        self._twins = _places_by_group(plan)
        self._waiting: dict[int, float] = {}
        self._next = 0  # in the drawn order
        self._revealed: set[int] = set()  # places
        self._chains: list[_ChainAudit] = []
        start = 0
        for chain, decided in zip(plan.chains, self.decisions, strict=True):
            self._chains.append(_ChainAudit(plan, chain, start, decided))
            start += len(chain.objects)
        self._chain_of = np.repeat(np.arange(len(self._chains)), [len(c.objects) for c in plan.chains])
        for chain_audit in self._chains:
            chain_audit.look()

    @classmethod
    def resume(cls, plan: AuditPlan, losses: Mapping[int, float], decisions: Decisions | None = None) -> Self:
        """The audit as it is after these losses (index to loss), in whatever order they came."""
        audit = cls(plan, decisions)
        for index, loss in losses.items():
            audit.observe(index, loss)
        return audit

    @property
    def over(self) -> bool:
        """Whether no further draw can be worth its price: `certified` is final."""
        return all(chain.over for chain in self._chains)

    def next_draws(self, count: int) -> Rows:
        """Indices of up to `count` objects that people should label next; some may have been asked before.

        They hold as things stand now: after further losses, sets may be dropped and other objects come next.
        """
        found: list[int] = []
        if self.over:
            return np.array(found, np.int64)
        for place in self._order[self._next :]:
            if len(found) == count:
                break
            if self._wanted(int(place)):
                found.append(int(self._objects[place]))
        return np.array(found, np.int64)

    def observe(self, index: int, loss: float) -> None:
        """People labeled an object of the plan: its loss in [0, 1]. An object nobody could label counts as 1."""
        place = self._place_of.get(int(index))
        if place is None or place in self._waiting or self.over:
            return
        self._waiting[place] = float(loss)
        self._advance()

    def certified(self) -> Rows:
        """Indices of the objects that the machine may label: the certified sets without the objects people labeled."""
        known = self._revealed | self._waiting.keys()
        early = {place: loss for place, loss in self._waiting.items() if place not in self._revealed}
        sizes = [(chain.start, chain.certain(early)) for chain in self._chains]
        places = [p for start, size in sizes for p in range(start, start + size) if p not in known]
        found: Rows = self._objects[np.array(places, np.int64)]
        return found

    def progress(self) -> list[dict[str, float | int | str]]:
        """For people to see: each chain's audited objects, losses, evidence and the evidence it needs (logarithms)."""
        return [chain.progress() for chain in self._chains]

    @property
    def early(self) -> dict[int, float]:
        """Index to loss of objects labeled ahead of their turn, which never came: known all the same."""
        drawn = {draw.index for draw in self.draws}
        known = {int(self._objects[place]): loss for place, loss in self._waiting.items()}
        return {index: loss for index, loss in known.items() if index not in drawn}

    def _advance(self) -> None:
        while not self.over and self._next < len(self._order):
            place = int(self._order[self._next])
            if self._wanted(place):
                if place not in self._waiting:
                    return
                self._draw(place, self._waiting[place])
            self._next += 1
        if self._next >= len(self._order):
            for chain in self._chains:
                chain.over = True

    def _wanted(self, place: int) -> bool:
        return place not in self._revealed and self._chains[self._chain_of[place]].wants(place)

    def _draw(self, place: int, loss: float) -> None:
        number = self._chain_of[place]
        chain = self._chains[number]
        index = int(self._objects[place])
        twins = self._twins[self.plan.groups[place]] if self.plan.groups is not None else []
        same = [p for p in twins if p not in self._revealed and p != place and self._chain_of[p] == number]
        chain.evidence.observe(place - chain.start, loss, with_ranks=[p - chain.start for p in same])
        self._revealed.update((place, *same))
        self.draws.append(Draw(place, index, loss))
        chain.taken += 1
        chain.check()
        if chain.taken % LOOK_EVERY == 0:
            chain.look()


def _places_by_group(plan: AuditPlan) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for place, group in enumerate(plan.groups or ()):
        found.setdefault(group, []).append(place)
    return found


class _ChainAudit:
    """One chain's evidence and decisions."""

    def __init__(self, plan: AuditPlan, chain: Chain, start: int, decided: dict[int, int]) -> None:
        self.chain, self.start, self.decided = chain, start, decided
        self.tolerance = plan.promise.tolerance
        self.bounds = np.array(plan.bounds(chain))
        weights = None
        if plan.weights is not None:
            weights = np.array(plan.weights[start : start + len(chain.objects)])
        self.evidence = Evidence(chain.sizes, plan.bounds(chain), weights)
        self.kept = len(chain.sizes) - 1  # the loosest set still pursued
        self.taken = 0
        self.over = False
        self.certified_size = 0
        self._whole = plan.whole
        self._needs = float(-np.log(chain.level))

    def wants(self, place: int) -> bool:
        return not self.over and place - self.start < self.chain.sizes[self.kept]

    def certain(self, early: Mapping[int, float]) -> int:
        """The size of the loosest proven set whose rest keeps the promise; `early`: further known losses, by place."""
        known = {place - self.start: loss for place, loss in early.items()}
        return max((self.chain.sizes[j] for j in range(self._proven()) if self._holds_for_rest(j, known)), default=0)

    def check(self) -> None:
        """What is certified now; over where that is all that is pursued."""
        self.certified_size = self.certain({})
        if self.certified_size == self.chain.sizes[self.kept]:
            self.over = True

    def look(self) -> None:
        """Drop the loosest sets that cannot be worth most even with luck; over where no set gains by more audits.

        A set that is dropped is lost, and one that is kept costs only the draws outside the stricter sets: so a set
        stays while its gain in the luckier two fifths of what its loss may be reaches the best set's mean gain.
        """
        if self.over:
            return
        if self.taken not in self.decided:
            self.decided[self.taken] = self._decide()
        kept = min(self.decided[self.taken], self.kept)
        if kept < 0:
            self.over = True
        else:
            self.kept = kept

    def _decide(self) -> int:
        """The loosest set to keep, or -1 to end."""
        proven = self._proven()
        now = self._after(self.chain.sizes.index(self.certified_size)) if self.certified_size else 0.0
        gains = self._gains(proven, now)
        most = float(gains.mean(axis=1).max())
        return -1 if most <= now else int(np.flatnonzero(gains[:, :2].mean(axis=1) >= most - 1e-6)[-1])

    def progress(self) -> dict[str, float | int | str]:
        j = self.kept
        return {
            "chain": self.chain.name,
            "size": self.chain.sizes[j],
            "audited": int(self.evidence.revealed[j]),
            "losses": float(self.evidence.losses[j]),
            "log_evidence": float(min(self.evidence.peak[: j + 1])),
            "log_evidence_needed": self._needs,
            "certified": self.certified_size,
        }

    def _proven(self) -> int:
        """How many sets, from the strictest on, have each gathered enough evidence.

        A set that was dropped is out for good: later draws all come from the stricter ones, and say nothing of it.
        """
        crossed = self.evidence.crossed(self.chain.level)[: self.kept + 1]
        return int(np.argmin(crossed)) if not crossed.all() else len(crossed)

    def _holds_for_rest(self, j: int, early: Mapping[int, float]) -> bool:
        """Whether the claim about the whole set implies the promise for its unaudited rest."""
        e = self.evidence
        whole = self.bounds[j] - (1 if self._whole else 0)
        known = [loss for rank, loss in early.items() if 0 <= rank < e.sizes[j]]
        rest = e.sizes[j] - e.revealed[j] - len(known)
        return bool(rest > 0 and whole - e.losses[j] - sum(known) <= self.tolerance * rest + 1e-9)

    def _gains(self, proven: int, now: float) -> Reals:
        """(kept + 1, S) objects labeled by machine if set j is pursued, less audits to come; lucky cases first."""
        gains = np.full((self.kept + 1, len(_SHIFTS)), -1.0)
        slowest = np.zeros(
            len(_SHIFTS)
        )  # audits to come for an object of the set, of the stricter sets' that is longest
        for j in range(self.kept + 1):
            size = self.chain.sizes[j]
            if j >= proven:
                left = [self._audits_left(j, shift) / size for shift in _SHIFTS]
                slowest = np.maximum(slowest, left)
                gains[j] = np.maximum(self._after(j) - slowest * size, now - _WASTE)
            elif self._holds_for_rest(j, {}):
                gains[j] = self._after(j)
        return gains

    def _after(self, j: int) -> float:
        return float(self.chain.sizes[j] - self.evidence.revealed[j])

    def _audits_left(self, j: int, shift: float) -> float:
        e, size = self.evidence, self.chain.sizes[j]
        if e.losses[j] >= self.bounds[j]:
            return float("inf")
        if e.peak[j] >= self._needs:
            return 0.0
        known = _BELIEF + e.revealed[j]
        loss = (self.chain.predicted[j] * _BELIEF + e.losses[j]) / known
        loss = max(loss + shift * np.sqrt(loss * (1 - loss) / known), 0.0)
        whole = expected_audits(size, float(loss), float(self.bounds[j]) / size, self.chain.level)
        return whole * (self._needs - float(e.log[j])) / self._needs
