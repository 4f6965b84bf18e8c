"""Whose an address is: uploads and folders of a workspace, the server's own files, what is everybody's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from groundswell.domain.errors import Forbidden
from groundswell.domain.people import MAIN
from groundswell.objects.storage import Storage
from groundswell.service.places import SERVER, Places, WorkspaceStorage

PLACES = Places("/srv/data", "s3://uploads/here")


@pytest.mark.parametrize(
    ("uri", "owner"),
    [
        ("s3://photos/a.jpg", None),
        ("file:///mnt/photos", None),  # a folder that the operator opened
        ("s3://uploads/here/w2/0123456789abcdef/a.jpg", "w2"),
        ("s3://uploads/here/main/0123456789abcdef", MAIN),
        ("s3://uploads/here/0123456789abcdef/a.jpg", MAIN),  # of before there were workspaces
        ("s3://uploads/here", SERVER),  # a listing of everybody's
        ("s3://uploads/", SERVER),
        ("s3://uploads/elsewhere/a.jpg", None),
        ("s3://uploads/hereabouts/a.jpg", None),
        ("file:///srv/data/s3/uploads/here/w2/x/a.jpg", "w2"),  # the same by its path
        ("file:///srv/data/s3/uploads", SERVER),
        ("file:///srv/data/s3", SERVER),
        ("file:///srv/data/s3/photos/a.jpg", None),
        ("file:///srv/data/output/birds", MAIN),
        ("file:///srv/data/photos/a.jpg", MAIN),
        ("file:///srv/data/workspaces/w2/output/birds", "w2"),
        ("file:///srv/data/workspaces", SERVER),
        ("file:///srv/data/drafts/ann/1.json", SERVER),
        ("file:///srv/data/secret-key", SERVER),
        ("file:///srv/data/groundswell.db-wal", SERVER),
        ("file:///srv/data", SERVER),
        ("file:///srv", SERVER),  # has the data directory inside
        ("file:///", SERVER),
        ("file:///srv/database/a.jpg", None),
    ],
)
def test_an_address_belongs_to(uri: str, owner: str | None) -> None:
    assert PLACES.owner(uri) == owner


def test_a_workspace_reads_and_writes_what_is_its_own(tmp_path: Path) -> None:
    storage = Storage(tmp_path)
    places = Places(str(tmp_path), "s3://uploads")
    mine, theirs = (WorkspaceStorage(storage, places, name) for name in ("w1", "w2"))
    mine.write("s3://uploads/w1/u/a.txt", b"x")
    mine.write("s3://photos/a.txt", b"y")
    storage.write("drafts/ann/1.json", b"{}")
    assert theirs.read("s3://photos/a.txt") == b"y"
    for uri in ("s3://uploads/w1/u/a.txt", "s3/uploads/w1/u/a.txt", "drafts/ann/1.json", f"file://{tmp_path}/drafts"):
        uses: tuple[Callable[[str], object], ...] = (
            theirs.read,
            theirs.size,
            theirs.exists,
            theirs.delete,
            theirs.entries,
        )
        for use in uses:
            with pytest.raises(Forbidden):
                use(uri)
        assert uri in theirs.missing([uri, "s3://photos/a.txt"])
        with pytest.raises(Forbidden):
            theirs.write(uri, b"z")
    assert [uri for uri, _ in mine.entries("s3://uploads/w1/")] == ["s3://uploads/w1/u/a.txt"]
