"""Checking manifest lines: what is good, what is bad, and what is said about it."""

from __future__ import annotations

import json

import pytest

from groundswell.domain.errors import InvalidManifest
from groundswell.manifests.lines import MAX_LINE_CHARACTERS, MAX_VALUE_CHARACTERS, LineChecker, LineRules, check_lines

GOOD = [
    # plain, with spaces, with other keys
    b'{"source-ref":"s3://in/a.jpg"}',
    b' { "source" : "The train is late" , "id" : "t-17" } ',
    # a nested source is not the line's own
    b'{"source":"a","meta":{"source":"b","source-ref":"c"}}',
    # source only as a value
    b'{"source-ref":"s3://in/a.jpg","kind":"source"}',
    # right to left, surrogate pairs, line separators
    '{"source":"שלום \\ud83d\\ude00 \u2028 عالم"}'.encode(),
    # a value of exactly the longest length, of characters outside the BMP
    json.dumps({"source": "😀" * MAX_VALUE_CHARACTERS}, ensure_ascii=False).encode(),
    # as deep as it may be
    b'{"source":"a","deep":' + b"[" * 99 + b"]" * 99 + b"}",
    # many lists, not deep
    json.dumps({"source": "a", "n": [[]] * 500}).encode(),
    # addresses on the web
    b'{"source-ref":"https://example.org:8080/a%20b.jpg?x=1#y"}',
    b'{"source-ref":"http://[2001:db8::1]/a.png"}',
    # an earlier label may be longer than a value
    json.dumps({"source": "a", "ner": list(range(8_000)), "ner-metadata": {}}).encode(),
]

BAD = [
    (b"not json", None, "JSON object on one line"),
    (b"", None, "empty line"),
    (b"[1,2]", None, "expected a JSON object"),
    (b'{"source":"a"', None, "JSON"),
    (b'{"source":NaN}', "source", "JSON"),
    (b'{"source":"\xff"}', None, "UTF-8, got the byte 0xff at position 12"),
    (b'{"other":1}', "source-ref", "got neither"),
    (b'{"source":"a","source-ref":"s3://b/c"}', "source-ref", "got both"),
    (b'{"source":""}', "source", "not empty"),
    (b'{"source-ref":7}', "source-ref", "got 7"),
    (b'{"source":null}', "source", "null"),
    (b'{"source":"a","source":"b"}', "source", "more than once"),
    (b'{"source":"a","$price":1}', "$price", "reserved"),
    (b'{"source":"a","\\u0024price":1}', "$price", "reserved"),
    (b'{"source-ref":"http://[::1/a.png"}', "source-ref", "Invalid IPv6 URL"),
    (b'{"source-ref":"https://"}', "source-ref", "names no host"),
    (b'{"source-ref":"http://x:99999999/a.png"}', "source-ref", "Port"),
    (b'{"source-ref":"HTTP://x\xe2\x80\xae/a.png"}', "source-ref", "do not print"),
    (b'{"source":"a","deep":' + b"[" * 300 + b"]" * 300 + b"}", None, "at most 100 deep in one another, got 301"),
    (b'{"source":"lone \\ud83d surrogate"}', "source", "surrogate"),
    (b'{"source":"a","n":1e999}', "n", "infinity"),
    (b'{"source":"a\\u0000b"}', "source", "without NUL"),
    (json.dumps({"source": "x" * (MAX_VALUE_CHARACTERS + 1)}).encode(), "source", "20,001"),
    (json.dumps({"source": "x", "n": list(range(9_000))}).encode(), "n", "at most 20,000"),
]


@pytest.mark.parametrize("line", GOOD)
def test_good_lines_pass(line: bytes) -> None:
    checker = LineChecker()
    assert checker.check(line) == json.loads(line)
    assert checker.problem_count == 0


@pytest.mark.parametrize(("line", "key", "message"), BAD)
def test_bad_lines_say_why(line: bytes, key: str | None, message: str) -> None:
    checker = check_lines([b'{"source":"first"}', line])
    assert checker.problem_count == 1
    (problem,) = checker.problems
    assert (problem.line, problem.key) == (2, key)
    assert message in problem.message


def test_a_line_is_measured_in_characters_not_bytes() -> None:
    members = {"source": "a"} | {f"k{index}": "ü" * (MAX_VALUE_CHARACTERS - 100) for index in range(5)}
    room = MAX_LINE_CHARACTERS - len(json.dumps(members | {"z": ""}, ensure_ascii=False))
    fits = json.dumps(members | {"z": "ü" * room}, ensure_ascii=False)
    assert len(fits) == MAX_LINE_CHARACTERS
    assert check_lines([fits.encode()]).problem_count == 0
    too_long = check_lines([fits.encode() + b" "])
    assert [problem.message for problem in too_long.problems] == [
        "expected at most 100,000 characters in a line, got 100,001"
    ]


def test_all_problems_are_counted_and_the_first_hundred_kept() -> None:
    checker = check_lines([b'{"source":"a"}', *[b'{"$a":1,"$b":2}'] * 60])
    assert (checker.lines, checker.problem_count, len(checker.problems)) == (61, 180, 100)
    with pytest.raises(
        InvalidManifest, match=r"birds\.manifest has 180 problems; the first: line 2, source-ref"
    ) as info:
        checker.raise_if_bad("birds.manifest")
    assert info.value.problem_count == 180 and len(info.value.problems) == 100


def test_an_empty_manifest_is_an_error() -> None:
    with pytest.raises(InvalidManifest, match="has no lines"):
        check_lines([]).raise_if_bad("empty.manifest")


def test_a_task_type_may_need_one_of_the_two() -> None:
    rules = LineRules(needs="source-ref")
    assert check_lines([b'{"source-ref":"a.jpg"}'], rules).problem_count == 0
    assert "needs source-ref" in check_lines([b'{"source":"a"}'], rules).problems[0].message


def test_an_audit_needs_the_earlier_label() -> None:
    rules = LineRules(audit_attribute="boxes")
    assert check_lines([b'{"source-ref":"a.jpg","boxes":{}}'], rules).problem_count == 0
    assert check_lines([b'{"source-ref":"a.jpg"}'], rules).problems[0].key == "boxes"


@pytest.mark.parametrize("key", ["a//b.png", "a/./b.png", "a/../b.png", "a\\tb.png", "a\\u007fb.png", "", "folder/"])
def test_a_key_that_no_object_can_have_is_a_problem_of_its_line(key: str) -> None:
    checked = check_lines([b'{"source-ref": "s3://in/good.png"}', f'{{"source-ref": "s3://in/{key}"}}'.encode()])
    assert [(one.line, one.key) for one in checked.problems] == [(2, "source-ref")]


@pytest.mark.parametrize(
    "key", ["a b.png", "a+b%20#?&'.png", "günther/שלום.png", ".hidden/a.png", "a...b.png", "x" * 500]
)
def test_keys_of_any_letters_are_fine(key: str) -> None:
    assert not check_lines([f'{{"source-ref": "s3://in/{key}"}}'.encode()]).problems
