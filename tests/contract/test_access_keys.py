"""AWS access keys, and what a workspace's ARNs carry, in every store."""

from __future__ import annotations

from dataclasses import replace

from groundswell.domain.access_keys import AccessKey
from groundswell.domain.people import MAIN, Role
from groundswell.service.ports import Store
from groundswell.testing.acting import member
from store_work import START, after, do

KEY = AccessKey("AKIA1", "ann", MAIN, "notebook", "sealed:1:abc", START)


def test_a_key_reads_back_as_stored(store: Store) -> None:
    short = replace(KEY, id="AKIA2", expires_at=after(60), role=Role.REQUESTER, created_at=after(1))
    for key in (short, KEY, replace(KEY, id="AKIA3", account_id="bob")):
        do(store, lambda tx, key=key: tx.access_keys.add(key))  # type: ignore[misc]
    assert store.read(lambda tx: tx.access_keys.find("AKIA2")) == short
    assert store.read(lambda tx: tx.access_keys.find("akia2")) is None
    assert store.read(lambda tx: tx.access_keys.select(account_id="ann")) == [KEY, short]
    assert [one.id for one in store.read(lambda tx: tx.access_keys.select())] == ["AKIA1", "AKIA3", "AKIA2"]
    do(store, lambda tx: tx.access_keys.remove("AKIA2"))
    assert store.read(lambda tx: tx.access_keys.find("AKIA2")) is None


def test_keys_go_with_their_account(store: Store) -> None:
    do(store, lambda tx: tx.workers.add(member("ann", "Ann", at=START), password_hash=None))
    do(store, lambda tx: tx.access_keys.add(KEY))
    do(store, lambda tx: tx.workers.erase("ann", called="former worker"))
    assert store.read(lambda tx: tx.access_keys.select()) == []


def test_a_workspace_has_an_account_and_a_region(store: Store) -> None:
    found = store.read(lambda tx: tx.workspaces.get(MAIN))
    assert (found.aws_account, found.region) == ("000000000000", "us-east-1")
    try:
        do(store, lambda tx: tx.workspaces.update(MAIN, region="eu-west-1"))
        changed = do(store, lambda tx: tx.workspaces.update(MAIN, aws_account="111122223333"))
        assert changed == replace(found, aws_account="111122223333", region="eu-west-1")
        assert store.read(lambda tx: tx.workspaces.by_name("MAIN")) == changed
    finally:  # the workspace outlives the test where the database does
        do(store, lambda tx: tx.workspaces.update(MAIN, aws_account=found.aws_account, region=found.region))
