"""Listings over S3, on this server and on moto's: order, prefixes, delimiters, pages."""

from __future__ import annotations

import random
from typing import Any

import pytest

from integration.server.s3.places import Place, new_bucket

KEYS = [
    "a",
    "a-1",
    "a.txt",
    "b/",
    "b/c/1",
    "b/c/2",
    "b/c-1/x",
    "b/d",
    "b.d/e",
    "é/x",
    "photos/2025/01/a.jpg",
    "photos/2025/01/b c.jpg",
    "photos/2025/02/a.jpg",
    "photos/2026/01/a.jpg",
    "photos/x",
    "z",
]


@pytest.fixture(scope="module")
def full(s3: Any) -> str:
    """A bucket with these keys."""
    name = new_bucket(s3)
    for key in random.Random(3).sample(KEYS, len(KEYS)):
        s3.put_object(Bucket=name, Key=key, Body=b"x" * (0 if key.endswith("/") else len(key)))
    return name


def _expected(prefix: str, delimiter: str) -> tuple[list[str], list[str]]:
    keys, groups = [], dict[str, None]()
    for key in sorted(KEYS, key=str.encode):
        if key.startswith(prefix):
            rest = key[len(prefix) :]
            if delimiter and delimiter in rest:
                groups[prefix + rest[: rest.index(delimiter) + len(delimiter)]] = None
            else:
                keys.append(key)
    return keys, list(groups)


ASKED = [
    ("", ""),
    ("", "/"),
    ("b", "/"),
    ("b/", "/"),
    ("b/c", "/"),
    ("photos/2025/", "/"),
    ("photos/", ""),
    ("photos/2", "/"),
    ("", "-"),
    ("photos/", "01/"),
    ("nothing", "/"),
    ("é", "/"),
    ("b/c/", ""),
    ("a.", ""),
]


@pytest.mark.parametrize("most", [1, 2, 3, 1_000])
@pytest.mark.parametrize(("prefix", "delimiter"), ASKED)
@pytest.mark.parametrize("version", ["list_objects", "list_objects_v2"])
def test_pages_together_are_the_listing(
    place: Place, s3: Any, full: str, version: str, prefix: str, delimiter: str, most: int
) -> None:
    if place.name == "moto" and version == "list_objects" and delimiter:
        most = 1_000  # it counts no common prefixes there
    pages = s3.get_paginator(version).paginate(
        Bucket=full, Prefix=prefix, Delimiter=delimiter, PaginationConfig={"PageSize": most}
    )
    keys: list[str] = []
    groups: list[str] = []
    for page in pages:
        found = (
            [one["Key"] for one in page.get("Contents", ())],
            [one["Prefix"] for one in page.get("CommonPrefixes", ())],
        )
        assert len(found[0]) + len(found[1]) <= most
        keys, groups = keys + found[0], groups + found[1]
    assert (keys, groups) == _expected(prefix, delimiter)


def test_a_listing_says_what_objects_are(s3: Any, full: str) -> None:
    page = s3.list_objects_v2(Bucket=full, Prefix="a", MaxKeys=2, FetchOwner=True)
    assert (page["KeyCount"], page["IsTruncated"], page["MaxKeys"], page["Name"]) == (2, True, 2, full)
    for one in page["Contents"]:
        head = s3.head_object(Bucket=full, Key=one["Key"])
        assert (one["ETag"], one["Size"]) == (head["ETag"], head["ContentLength"] or 0)
        assert one["Owner"]["ID"] and one["StorageClass"] == "STANDARD"


@pytest.mark.parametrize("after", ["", "a", "a-0", "b/c", "b/c/1", "photos/2025", "zz", "0"])
def test_beginning_behind_a_key(s3: Any, full: str, after: str) -> None:
    found = s3.list_objects_v2(Bucket=full, StartAfter=after).get("Contents", [])
    expected = [key for key in sorted(KEYS, key=str.encode) if key.encode() > after.encode()]
    assert [one["Key"] for one in found] == expected


def test_nothing_is_asked_for(s3: Any, full: str) -> None:
    page = s3.list_objects_v2(Bucket=full, MaxKeys=0)
    assert (page["KeyCount"], page["IsTruncated"]) == (0, False)
