"""Reading CSV and JSON Lines: separators, encodings, quotes, and the line of every mistake."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from groundswell.domain.errors import InvalidVotes
from groundswell.offline.annotation_files import read_annotations

COLUMNS = {"task": "task", "worker": "worker", "label": "label"}
HEADER = "task,worker,label\n"


def table_of(path: Path, data: bytes) -> list[tuple[object, ...]]:
    path.write_bytes(data)
    return list(zip(*read_annotations(path, COLUMNS).lists(), strict=True))


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("name", ["a.csv", "a.tsv"])
def test_the_separator_is_the_one_that_fits_the_header(tmp_path: Path, name: str, separator: str) -> None:
    lines = ["label", "task", "other", "worker"], ["cat, or dog", "t1", "", "w1"]
    rows = [separator.join(f'"{value}"' for value in line) for line in lines]
    assert table_of(tmp_path / name, "\n".join(rows).encode()) == [("t1", "w1", "cat, or dog")]


def test_a_header_that_no_separator_fits_is_refused_as_it_stands(tmp_path: Path) -> None:
    with pytest.raises(InvalidVotes, match=r"needs a column 'task' for the task, but its header is \['task:worker"):
        table_of(tmp_path / "a.csv", b"task:worker:label\na:b:c\n")


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("line", [2, 5002])
def test_bytes_that_are_no_utf8_are_found_on_their_line(tmp_path: Path, ends: str, line: int) -> None:
    rows = [f"task {number},worker,label".encode() for number in range(1, 6000)]
    rows[0] = b"task,worker,label"
    rows[line - 1] = b"task,worker,caf\xe9"
    with pytest.raises(InvalidVotes, match=rf"a.csv line {line}: expected CSV in UTF-8, but found the byte 0xe9 after"):
        table_of(tmp_path / "a.csv", ends.encode().join(rows))


def test_utf16_is_refused_on_its_first_line(tmp_path: Path) -> None:
    with pytest.raises(InvalidVotes, match=r"a.csv line 1: expected CSV in UTF-8, but found the byte 0xff"):
        table_of(tmp_path / "a.csv", (HEADER + "t,w,l\n").encode("utf-16"))


def test_a_byte_order_mark_is_no_part_of_a_name(tmp_path: Path) -> None:
    line = json.dumps({"task": "t", "worker": "w", "label": "l"})
    assert table_of(tmp_path / "a.csv", (HEADER + "t,w,l\n").encode("utf-8-sig")) == [("t", "w", "l")]
    assert table_of(tmp_path / "a.jsonl", (line + "\n").encode("utf-8-sig")) == [("t", "w", "l")]


@pytest.mark.parametrize("rows", [1, 9000])
@pytest.mark.parametrize("broken", ['t,w,"cat\n', '"t,w,cat\n'])
def test_a_quote_that_is_never_closed_is_named_by_the_line_it_begins_on(tmp_path: Path, rows: int, broken: str) -> None:
    data = HEADER + "t,w,dog\n" + broken + "t1,w,dog\n" * rows
    with pytest.raises(InvalidVotes, match=r"a.csv line 3: a quote begins here and is never closed"):
        table_of(tmp_path / "a.csv", data.encode())


def test_line_breaks_in_quotes_are_part_of_a_text(tmp_path: Path) -> None:
    assert table_of(tmp_path / "a.csv", (HEADER + 't,w,"a ""b""\nc"').encode()) == [("t", "w", 'a "b"\nc')]


def test_rows_that_do_not_fit_are_named_by_all_their_lines(tmp_path: Path) -> None:
    with pytest.raises(InvalidVotes, match=r"lines 2 to 3: expected 3 values, as in the header, but found 2"):
        table_of(tmp_path / "a.csv", (HEADER + 't,"w\nw"\nt,w,l\n').encode())
    with pytest.raises(InvalidVotes, match=r"line 3: a task and a worker must be given, but found task '  '"):
        table_of(tmp_path / "a.csv", (HEADER + "t,w,l\n  ,w,l\n").encode())


def test_cells_may_be_long_and_other_readers_of_csv_keep_their_limit(tmp_path: Path) -> None:
    before = csv.field_size_limit()
    found = table_of(tmp_path / "a.csv", (HEADER + f"t,w,{'x' * 200_000}\n").encode())
    assert len(str(found[0][2])) == 200_000
    assert csv.field_size_limit() == before


def test_json_numbers_keep_their_digits_and_nan_is_no_label(tmp_path: Path) -> None:
    ids = [2**70, 2**70 + 1]
    lines = [f'{{"task": {task}, "worker": "w", "label": NaN}}\n' for task in ids]
    found = table_of(tmp_path / "a.jsonl", "".join(lines).encode())
    assert [task for task, _, _ in found] == [str(task) for task in ids]
    assert all(label != label for _, _, label in found)


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_empty_parts_and_notes_of_programs_are_passed_over(tmp_path: Path, suffix: str) -> None:
    whole = HEADER + "t,w,l\n" if suffix == "csv" else json.dumps({"task": "t", "worker": "w", "label": "l"})
    for name, text in (("a", whole), ("b", ""), ("._a", "\x00"), ("_temporary", "x")):
        (tmp_path / f"{name}.{suffix}").write_text(text, encoding="utf-8")
    assert read_annotations(tmp_path, COLUMNS).lists() == (["t"], ["w"], ["l"])
