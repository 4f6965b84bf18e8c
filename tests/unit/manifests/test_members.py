"""Labels go into lines; every other byte comes through."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundswell.manifests.members import with_members, with_values, without_members
from groundswell.manifests.references import with_absolute_references

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=10,
)
LINES = st.dictionaries(TEXT.filter(lambda key: not key.startswith("sport")), VALUES, min_size=1, max_size=6)
STYLES: list[dict[str, Any]] = [
    {"ensure_ascii": False, "separators": (",", ":")},
    {"ensure_ascii": True},
    {"ensure_ascii": False, "separators": (" , ", " : ")},
]


@given(LINES, VALUES, st.sampled_from(STYLES))
def test_other_keys_come_through_byte_for_byte_and_in_order(
    members: dict[str, Any], label: Any, style: dict[str, Any]
) -> None:
    line = json.dumps(members, **style)
    labeled = with_members(line, {"sport": label, "sport-metadata": {"type": "x"}})
    assert labeled.startswith(line[:-1].rstrip())
    read = json.loads(labeled)
    assert list(read) == [*members, "sport", "sport-metadata"]
    assert read["sport"] == label
    assert without_members(labeled, frozenset({"sport", "sport-metadata"})) in (line, _compact_joins(members, style))


def _compact_joins(members: dict[str, Any], style: dict[str, Any]) -> str:
    """The members' own bytes, joined by plain commas: what cutting out a member leaves."""
    _, colon = style.get("separators", (", ", ": "))
    parts = [f"{json.dumps(key, **_ascii(style))}{colon}{json.dumps(value, **style)}" for key, value in members.items()]
    return "{" + ",".join(parts) + "}"


def _ascii(style: dict[str, Any]) -> dict[str, Any]:
    return {"ensure_ascii": style["ensure_ascii"]}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        # an earlier value of the same name is replaced, wherever it stands
        ('{"a": 1e3, "sport": {"x": "}"}, "b": "\\u00e9"}', '{"a": 1e3,"b": "\\u00e9","sport":2}'),
        ('{"sport":1,"b":0.10}', '{"b":0.10,"sport":2}'),
        # the name spelled with escapes
        ('{"\\u0073port":1,"b":2}', '{"b":2,"sport":2}'),
        # the name as a value or inside another member is left alone
        ('{"a":"sport","b":{"sport":1}}', '{"a":"sport","b":{"sport":1},"sport":2}'),
        # numbers too large for a double, repeated keys and lone surrogates are not touched
        ('{"n":123456789012345678901234567890,"a":1,"a":2,"s":"\\ud800"}', None),
        ('  {"a":1 }  ', '  {"a":1,"sport":2}'),
        ("{ }", '{"sport":2}'),
    ],
)
def test_known_lines(line: str, expected: str | None) -> None:
    assert with_members(line, {"sport": 2}) == (expected or line[:-1] + ',"sport":2}')


def test_a_line_that_is_no_object_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON object"):
        with_members("[1]", {"sport": 2})


def test_values_are_replaced_where_they_are() -> None:
    line = ' { "a" : [1, {"b":2}] , "b":1.50,"\\u0062":3 } '
    assert with_values(line, {"b": "x", "none": 1}) == ' { "a" : [1, {"b":2}] , "b":"x","b":"x" } '
    assert with_values(line, {}) == line


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('{"source-ref": "../a b.png","x":1}', '{"source-ref":"s3://in/a b.png","x":1}'),
        ('{"source-ref": "s3://in/a.png" }', '{"source-ref": "s3://in/a.png" }'),
        ('{"m-ref":"m/0.png","m-ref-metadata":{}}', '{"m-ref":"s3://in/set/m/0.png","m-ref-metadata":{}}'),
        ('{"own-ref":"not an address","n":{"source-ref":"x"}}', '{"own-ref":"not an address","n":{"source-ref":"x"}}'),
    ],
)
def test_relative_addresses_are_made_absolute(line: str, expected: str) -> None:
    assert with_absolute_references(line, json.loads(line), "s3://in/set/x.manifest") == expected
