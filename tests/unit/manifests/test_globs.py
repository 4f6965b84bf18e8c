"""Globs: what they match, and that no pattern makes them slow."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundswell.manifests.globs import Glob, glob_prefix, is_glob


@pytest.mark.parametrize(
    ("pattern", "matched", "others"),
    [
        ("in/*.jpg", ["in/a.jpg", "in/a b.jpg"], ["in/sub/a.jpg", "in/a.JPG", "in/.a.jpg", "in/a.jpg.txt"]),
        ("in/**/*.jpg", ["in/a.jpg", "in/x/a.jpg", "in/x/y/a.jpg"], ["out/a.jpg", "in/.git/a.jpg", "in/x/.a.jpg"]),
        ("in/**.jpg", ["in/a.jpg", "in/x/a.jpg"], ["in/a.png"]),
        ("in/**", ["in/a", "in/x/y"], ["in/.a", "inner"]),
        ("in/?[0-9].jpg", ["in/a7.jpg"], ["in/7.jpg", "in/ab.jpg", "in//7.jpg"]),
        ("in/[!a-c]x", ["in/dx", "in/éx"], ["in/ax", "in//x", "in/.x"]),
        ("in/[]]", ["in/]"], ["in/x"]),
        ("in/[[]1].jpg", ["in/[1].jpg"], ["in/1.jpg"]),
        ("in/[1.jpg", ["in/[1.jpg"], ["in/1.jpg"]),
        ("in/.*/x", ["in/.git/x"], ["in/git/x"]),
        ("in/[z-a]", [], ["in/a", "in/z"]),
        ("in/a+(b).jpg*", ["in/a+(b).jpg", "in/a+(b).jpgx"], ["in/aab.jpg"]),
    ],
)
def test_what_matches(pattern: str, matched: list[str], others: list[str]) -> None:
    glob = Glob(pattern)
    assert [text for text in matched + others if glob.matches(text)] == matched


def test_hidden_names_match_where_asked() -> None:
    assert Glob("in/*.jpg", hidden=True).matches("in/.a.jpg")


@given(st.text("a*?/", max_size=9), st.text("a/b", max_size=9))
def test_as_the_regular_expression(pattern: str, text: str) -> None:
    wild = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    expression = "".join(wild.get(piece, piece) for piece in re.findall(r"\*\*/|\*\*|\*|\?|.", pattern))
    assert Glob(pattern).matches(text) == (re.fullmatch(expression, text) is not None)


@pytest.mark.parametrize("pattern", ["*a" * 14 + "b", "**/" * 30 + "b", "**a" * 30 + "b", "?*" * 400])
def test_no_pattern_explodes(pattern: str) -> None:
    text = "a" * 5_000 + "/" + "a" * 5_000
    began = time.process_time()
    Glob(pattern).matches(text)
    assert time.process_time() - began < 2


def test_where_listing_begins() -> None:
    assert is_glob("s3://in/photos/2*/a?.jpg") and not is_glob("s3://in/photos/")
    assert glob_prefix("s3://in/photos/2*/a?.jpg") == "s3://in/photos/"
    assert glob_prefix("*.jpg") == ""
