"""An object's identity: what it leads to, not how it is written."""

from __future__ import annotations

import pytest

from groundswell.domain.identity import identity_of

BASE = "s3://in/set/one.manifest"
OWL = identity_of({"source-ref": "s3://in/set/owl.jpg"}, BASE)


@pytest.mark.parametrize(
    ("members", "base", "same"),
    [
        ({"source-ref": "owl.jpg"}, BASE, True),
        ({"source-ref": "../set/./owl.jpg", "label": 3}, BASE, True),
        ({"source-ref": "set/owl.jpg"}, "s3://in/other.manifest", True),
        ({"source-ref": "owl.jpg"}, "s3://in/two/one.manifest", False),
        ({"source-ref": "s3://in/set/OWL.jpg"}, BASE, False),
        ({"source": "s3://in/set/owl.jpg"}, BASE, False),  # a text that looks like an address
    ],
)
def test_files_are_the_same_by_where_they_are(members: dict[str, object], base: str, same: bool) -> None:
    assert (identity_of(members, base) == OWL) is same


def test_texts_are_the_same_by_what_they_say() -> None:
    text = identity_of({"source": "owl\n"}, BASE)
    assert (
        text == identity_of({"source": "owl\n", "note": 1}, "elsewhere.manifest") != identity_of({"source": "owl"}, "")
    )
    assert identity_of({"source": "\ud800"}, "") is not None


def test_a_line_that_names_nothing_has_none() -> None:
    assert identity_of({}, BASE) is identity_of({"source-ref": 7}, BASE) is None


def test_it_is_a_signed_number_of_64_bits_that_does_not_change() -> None:
    assert identity_of({"source": "bird 1"}, "") == 1697738542926346978
