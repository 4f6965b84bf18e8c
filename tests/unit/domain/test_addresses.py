"""Addresses, references and names."""

from __future__ import annotations

import pytest

from groundswell.domain.addresses import Address, join, name_problem, parse, resolve
from groundswell.domain.errors import InvalidInput


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("s3://in/a b/c%20d.jpg", Address("s3", "in", "a b/c%20d.jpg")),
        ("s3://in", Address("s3", "in", "")),
        ("gs://in/x", Address("gs", "in", "x")),
        ("file:///data/a%20b.jpg", Address("file", "", "/data/a b.jpg")),
        ("photos/a.jpg", Address("file", "", "photos/a.jpg")),
    ],
)
def test_parts(uri: str, expected: Address) -> None:
    assert parse(uri) == expected


@pytest.mark.parametrize(
    "uri", ["http://x/y", "s3:///key", "s3://../x", "s3://b/../../etc", "../x", "file://host/x", "a\0b"]
)
def test_addresses_that_are_refused(uri: str) -> None:
    with pytest.raises(InvalidInput):
        parse(uri)


@pytest.mark.parametrize(
    ("reference", "base", "expected"),
    [
        ("images/7.png", "s3://in/set/labeled.manifest", "s3://in/set/images/7.png"),
        ("../7.png", "s3://in/set/labeled.manifest", "s3://in/7.png"),
        ("7.png", "/data/set/x.manifest", "/data/set/7.png"),
        ("7.png", "file:///data/x.manifest", "file:///data/7.png"),
        ("/abs/7.png", "s3://in/x.manifest", "/abs/7.png"),
        ("https://example.org/7.png", "s3://in/x.manifest", "https://example.org/7.png"),
        ("../images/7.png", "s3://in/set/labeled.manifest", "s3://in/images/7.png"),
        ("./a/./7.png", "s3://in/x.manifest", "s3://in/a/7.png"),
        ("../../other/7.png", "s3://in/set/x.manifest", "s3://in/../other/7.png"),  # refused by `parse`
        ("../7.png", "sets/x.manifest", "7.png"),
        ("what: 7?#.png", "s3://in/x.manifest", "s3://in/what: 7?#.png"),  # no scheme, no query
        ("a%20b c.png", "file:///my%20data/x.manifest", "file:///my%20data/a%2520b%20c.png"),
        ("http://[::1/a.png", "s3://in/x.manifest", "http://[::1/a.png"),
    ],
)
def test_references_are_beside_their_manifest(reference: str, base: str, expected: str) -> None:
    assert resolve(reference, base) == expected


def test_references_never_leave_their_bucket() -> None:
    with pytest.raises(InvalidInput):
        parse(resolve("../../other/7.png", "s3://in/set/x.manifest"))


@pytest.mark.parametrize(
    "name", ["shot#1.jpg", "a%20b.jpg", ".hidden", "back\\slash", "e\u0301.jpg", "q?x=1&y=2", "a/b c"]
)
def test_names_that_can_be_kept(name: str) -> None:
    assert name_problem(name) is None


@pytest.mark.parametrize(
    "name", ["", "a//b", "a/", "/a", "a/./b", "..", "tab\t.jpg", "a\nb", "\x7f", "\udcff.jpg", "x" * 901]
)
def test_names_that_no_storage_keeps(name: str) -> None:
    assert name_problem(name)


def test_joining() -> None:
    assert join("s3://out/", "job", "x.json") == join("s3://out", "job", "x.json") == "s3://out/job/x.json"
