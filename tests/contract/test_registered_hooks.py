"""Registered functions, in every store."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from groundswell.domain.errors import NotFound
from groundswell.domain.hooks import HookAbout, RegisteredHook
from groundswell.service.ports import Store, Transaction
from store_work import START, after, do

HOOK = RegisteredHook(
    name="prepare",
    version=0,
    module="prepare",
    function="lambda_handler",
    code=bytes(range(256)) * 3,
    sha256="ab" * 32,
    environment={"LANGUAGE": "ü", "EMPTY": ""},
    registered_at=START,
    registered_by="admin",
    about=HookAbout(90, 128, "prepares", "python3.12", "arn:aws:iam::123456789012:role/r", ("s3://labels/",)),
)


def put(hook: RegisteredHook, tx: Transaction) -> RegisteredHook:
    return tx.hooks.put(hook)


def test_a_function_reads_back_as_registered(store: Store) -> None:
    assert do(store, lambda tx: tx.hooks.put(HOOK)) == replace(HOOK, version=1)
    assert store.read(lambda tx: tx.hooks.get("prepare")) == replace(HOOK, version=1)


def test_registering_anew_makes_the_next_version(store: Store) -> None:
    do(store, lambda tx: tx.hooks.put(HOOK))
    changed = replace(HOOK, code=b"other", function="handler", registered_at=after(5), registered_by="ann")
    assert do(store, lambda tx: tx.hooks.put(changed)) == replace(changed, version=2)


def test_names_keep_their_case_and_listings_leave_code_out(store: Store) -> None:
    for name in ("b", "A", "a"):
        do(store, partial(put, replace(HOOK, name=name)))
    found = store.read(lambda tx: tx.hooks.select())
    assert sorted(hook.name for hook in found) == ["A", "a", "b"]
    assert {hook.code for hook in found} == {b""}


def test_removing(store: Store) -> None:
    do(store, lambda tx: tx.hooks.put(HOOK))
    do(store, lambda tx: tx.hooks.remove("prepare"))
    for ask in (lambda tx: tx.hooks.get("prepare"), lambda tx: tx.hooks.remove("prepare")):
        with pytest.raises(NotFound):
            do(store, ask)
