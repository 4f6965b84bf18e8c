"""Whose buckets are, in every store."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from groundswell.domain.buckets import Bucket, CorsRule
from groundswell.service.ports import Store, Transaction
from store_work import START, after, do

BUCKET = Bucket("pictures", "main", START, "rita")
RULES = (
    CorsRule(("https://a.example", "*"), ("GET", "PUT"), ("*",), ("ETag",), 300, "first"),
    CorsRule(("http://b.example",), ("HEAD",)),
)


def _add(bucket: Bucket, tx: Transaction) -> bool:
    return tx.buckets.add(bucket)


def test_a_bucket_reads_back_as_added(store: Store) -> None:
    assert do(store, lambda tx: tx.buckets.add(BUCKET))
    assert do(store, lambda tx: tx.buckets.add(replace(BUCKET, workspace_id="other"))) is False
    assert store.read(lambda tx: tx.buckets.find("pictures")) == BUCKET
    assert store.read(lambda tx: tx.buckets.find("Pictures")) is None


def test_a_workspace_lists_its_own_by_name(store: Store) -> None:
    for name, workspace in (("b", "main"), ("a", "main"), ("c", "other")):
        do(store, partial(_add, Bucket(name, workspace, after(1))))
    assert [one.name for one in store.read(lambda tx: tx.buckets.select("main"))] == ["a", "b"]
    assert [one.name for one in store.read(lambda tx: tx.buckets.select("other"))] == ["c"]


def test_what_is_said_of_a_bucket_is_kept(store: Store) -> None:
    do(store, lambda tx: tx.buckets.add(BUCKET))
    do(store, lambda tx: tx.buckets.set_cors("pictures", RULES))
    do(store, lambda tx: tx.buckets.set_told("pictures", True))
    assert store.read(lambda tx: tx.buckets.find("pictures")) == replace(BUCKET, cors=RULES, told=True)
    do(store, lambda tx: tx.buckets.set_cors("pictures", ()))
    assert store.read(lambda tx: tx.buckets.find("pictures")) == replace(BUCKET, told=True)
    do(store, lambda tx: tx.buckets.remove("pictures"))
    assert store.read(lambda tx: tx.buckets.find("pictures")) is None
