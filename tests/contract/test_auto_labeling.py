"""Loops of automated labeling, what they decided, kept models, objects kept from people: in every store."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from groundswell.domain.auto_labeling import KEPT_BACK, AutoLabeling, Decision, DecisionKind, Model, Phase
from groundswell.domain.errors import NotFound
from groundswell.service.ports import Store, Transaction
from store_work import START, add_job, after, counters, do

LOOP = AutoLabeling(7, Phase.LEARNING, 2**40 + 1, START, after(1), round=2, notes={"chosen": [1, 2]})
MODEL = Model("birds-2", "image-classification", ("owl", "ü"), "deskewed", "s3://out/m", START, "ann", job="birds")


def test_a_loop_reads_back_and_keeps_its_beginning_and_seed(store: Store) -> None:
    assert do(store, lambda tx: tx.auto_labeling.get(7)) is None
    do(store, lambda tx: tx.auto_labeling.put(LOOP))
    assert do(store, lambda tx: tx.auto_labeling.get(7)) == LOOP
    later = replace(
        LOOP, phase=Phase.ENDED, seed=5, began_at=after(9), changed_at=after(9), reason="one class", round=3
    )
    do(store, lambda tx: tx.auto_labeling.put(later))
    assert do(store, lambda tx: tx.auto_labeling.get(7)) == replace(later, seed=LOOP.seed, began_at=START)


def test_decisions_are_kept_by_kind_and_number_and_written_over(store: Store) -> None:
    first = Decision(7, DecisionKind.ROUND, 1, START, {"labels": 200})
    for one in (replace(first, number=2), first, replace(first, job_id=8), replace(first, kind=DecisionKind.ATTEMPT)):
        do(store, partial(decide, one))
    do(store, partial(decide, replace(first, at=after(3), data={"labels": 210})))
    found = do(store, lambda tx: tx.auto_labeling.decisions(7, DecisionKind.ROUND))
    assert [(one.number, one.data, one.at) for one in found] == [
        (1, {"labels": 210}, after(3)),
        (2, {"labels": 200}, START),
    ]
    assert len(do(store, lambda tx: tx.auto_labeling.decisions(7, DecisionKind.ATTEMPT))) == 1


def decide(one: Decision, tx: Transaction) -> None:
    tx.auto_labeling.decide(one)


def keep(one: Model, tx: Transaction) -> None:
    tx.models.add(one)


def test_models_are_found_by_name_and_listed_newest_first(store: Store) -> None:
    for one in (MODEL, replace(MODEL, name="b", created_at=after(5)), replace(MODEL, name="c", workspace_id="other")):
        do(store, partial(keep, one))
    do(store, lambda tx: tx.models.add(replace(MODEL, measures={"accuracy": 0.97})))
    assert do(store, lambda tx: tx.models.get("birds-2")) == replace(MODEL, measures={"accuracy": 0.97})
    assert [one.name for one in do(store, lambda tx: tx.models.select("main"))] == ["b", "birds-2"]
    with pytest.raises(NotFound):
        do(store, lambda tx: tx.models.get("nobody"))


def test_what_is_kept_back_is_not_next_until_it_is_ranked_otherwise(store: Store) -> None:
    job = add_job(store, objects=6, release=False)
    do(store, lambda tx: tx.tasks.rank(job, {n: KEPT_BACK for n in range(5)}))
    assert do(store, lambda tx: tx.objects.pending(job, 10)) == [5]
    do(store, lambda tx: tx.tasks.rank(job, {3: 1, 4: 0}))
    assert do(store, lambda tx: tx.objects.pending(job, 10)) == [4, 5, 3]
    assert counters(store, job).pending == 6


def test_a_removed_job_takes_its_loop_along_and_leaves_its_models(store: Store) -> None:
    job = add_job(store, objects=2)
    do(store, lambda tx: tx.auto_labeling.put(replace(LOOP, job_id=job)))
    do(store, lambda tx: tx.auto_labeling.decide(Decision(job, DecisionKind.ROUND, 1, START, {})))
    do(store, lambda tx: tx.models.add(MODEL))
    do(store, lambda tx: tx.jobs.remove(job, at=START))
    while do(store, lambda tx: tx.jobs.purge(10)):
        pass
    assert do(store, lambda tx: tx.auto_labeling.get(job)) is None
    assert do(store, lambda tx: tx.auto_labeling.decisions(job, DecisionKind.ROUND)) == []
    assert do(store, lambda tx: tx.models.get("birds-2")) == MODEL
