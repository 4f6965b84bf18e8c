"""The beginning of a loop: objects are kept from people, but for a random draw that they label first."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

import numpy as np

from groundswell.autolabel.draws import drawn_order
from groundswell.domain.auto_labeling import KEPT_BACK, AutoLabeling, Phase
from groundswell.domain.states import ObjectState
from groundswell.runner.auto_labeling.progress import advance
from groundswell.runner.desk import Desk
from groundswell.service.ports import ObjectFilter, Page, Transaction

LEAST_OBJECTS = 300
"""With fewer the price of proof is most of what a model could save: at 95 % some 80 audits and 100 examples."""
RANKED_TOGETHER = 1_000
_READ_TOGETHER = 5_000


def begin(desk: Desk) -> AutoLabeling:
    """Write down that there is a loop, and its seed."""
    given = desk.spec.auto_labeling.seed
    seed = secrets.randbelow(1 << 53) if given is None else given
    loop = AutoLabeling(desk.job.id, Phase.PREPARING, seed, desk.now, desk.now)

    def work(tx: Transaction) -> AutoLabeling:
        found = tx.auto_labeling.get(desk.job.id)
        if found is None:
            tx.auto_labeling.put(loop)
        return found or loop

    return desk.write(work)


def prepare(desk: Desk, loop: AutoLabeling, refusal: str | None) -> bool:
    """Keep objects back and let people see the first draw; or leave all to them, and say why."""
    if desk.job.ingest.get("phase") != "done":
        return desk.wait()
    if refusal is None and desk.job.counters.pending < LEAST_OBJECTS:
        refusal = (
            f"a model needs examples and the proof that it is right needs more: expected {LEAST_OBJECTS:,} objects or "
            f"more, the job has {desk.job.counters.pending:,} to label; people label all of them"
        )
    if refusal is not None:
        advance(desk, loop, phase=Phase.ENDED, reason=refusal)
        return True
    if desk.slice("auto-prepare", lambda: _keep_back(desk)):
        batch = batch_size(desk)
        chosen = first_draw(loop.seed, pending_objects(desk), batch + spare_of(batch))
        notes = {"random": chosen, "objects": desk.job.counters.pending, "batch": batch}
        shown = partial(rank, desk.job.id, dict.fromkeys(chosen, 0))
        advance(desk, loop, phase=Phase.LEARNING, notes=notes, with_work=shown)
    return True


def spare_of(batch: int) -> int:
    """Objects that people still have before them when a training begins."""
    return max(10, batch // 2)


def batch_size(desk: Desk) -> int:
    """Objects that people label between two trainings."""
    given = desk.spec.auto_labeling.batch_size
    return given or max(20, min(200, desk.job.counters.total // 25))


def first_draw(seed: int, pending: Sequence[int], count: int) -> list[int]:
    """The objects that people label first: a random draw."""
    objects = np.array(pending, np.int64)
    order = drawn_order(seed, "probe", objects)
    return sorted(int(n) for n in objects[order[:count]])


def pending_objects(desk: Desk) -> list[int]:
    """Every object that waits for a label, kept back or not."""
    wanted = ObjectFilter(states=frozenset({ObjectState.PENDING}))
    found: list[int] = []
    after: str | None = None
    while True:
        page = Page(limit=_READ_TOGETHER, after=after)
        block = desk.read(lambda tx, page=page: [one.n for one, _ in tx.objects.page(desk.job.id, wanted, page)])  # type: ignore[misc]
        if not block:
            return found
        found += block
        after = str(block[-1])


def rank(job_id: int, ranks: Mapping[int, int], tx: Transaction) -> None:
    """Give objects their places in the queue."""
    tx.tasks.rank(job_id, ranks)


def _keep_back(desk: Desk) -> Iterator[None]:
    numbers = pending_objects(desk)
    for start in range(0, len(numbers), RANKED_TOGETHER):
        some = dict.fromkeys(numbers[start : start + RANKED_TOGETHER], KEPT_BACK)
        desk.write(partial(rank, desk.job.id, some))
        yield
