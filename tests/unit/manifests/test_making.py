"""Manifests made from folders, CSV and text files; line splitting; sampling; label attribute names."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundswell.domain.errors import InvalidManifest, InvalidSpec
from groundswell.manifests.attributes import check_label_attribute
from groundswell.manifests.csv_lines import csv_lines
from groundswell.manifests.left_out import LeftOut, sentences
from groundswell.manifests.making import input_kind, reference_lines, select_files, text_lines
from groundswell.manifests.sampling import sample, sample_size
from groundswell.manifests.splitting import split_lines, split_text


@given(st.binary(max_size=200), st.integers(1, 7))
def test_chunking_does_not_matter(data: bytes, size: int) -> None:
    chunks = [data[start : start + size] for start in range(0, len(data), size)]
    assert list(split_lines(chunks)) == list(split_lines([data]))


def test_line_ends() -> None:
    text = "\ufeff{a}\r\n\r\n{b \u2028 \x0c}\n{c}\n\n \n"
    assert list(split_lines([text.encode()])) == [b"{a}", b"", "{b \u2028 \x0c}".encode(), b"{c}"]


@pytest.mark.parametrize(
    ("uri", "kind"),
    [
        ("s3://in/a.manifest", "manifest"),
        ("/data/a.JSONL", "manifest"),
        ("a.csv", "csv"),
        ("a.txt", "text"),
        ("photos/*.jpg", "files"),
        ("photos/*.txt", "files"),
        ("s3://in/photos/", "files"),
        ("photos", "files"),
    ],
)
def test_what_an_input_is_by_its_name(uri: str, kind: str) -> None:
    assert input_kind(uri) == kind


def test_files_of_a_folder_by_modality_and_by_pattern() -> None:
    uris = ["in/a.jpg", "in/b.PNG", "in/.hidden.jpg", "in/notes.md", "in/sub/c.jpg", "in/d [1].jpg"]
    assert list(select_files(uris, modality="image")) == ["in/a.jpg", "in/b.PNG", "in/sub/c.jpg", "in/d [1].jpg"]
    left_out = LeftOut()
    assert list(select_files(uris, modality="image", pattern="in/*.jpg", left_out=left_out)) == [uris[0], uris[5]]
    assert left_out.counts == {"hidden": 1}
    assert list(select_files(uris, modality="image", pattern="in/**/*.jpg")) == [uris[0], uris[4], uris[5]]
    assert list(select_files(uris, modality="image", pattern="in/[!a].PNG")) == ["in/b.PNG"]


def test_files_that_are_left_out_are_counted_and_named() -> None:
    names = ["a.jpg", "b.TIF", "c.tif", "d.heic", "e.svg", "f.jfif", "Thumbs.db", "README", ".git/x.jpg"]
    left_out = LeftOut()
    uris = [f"in/{name}" for name in names]
    assert list(select_files(uris, modality="image", root="in/", left_out=left_out)) == ["in/a.jpg"]
    assert sum(left_out.counts.values()) == 8
    said = sentences(list(left_out.as_json()))
    assert said[0].startswith("2 files left out (pictures that not every browser shows: .tif")
    assert said[0].endswith("b.TIF, c.tif")
    for name in names[3:]:
        assert any(name in sentence for sentence in said), name


def test_references_and_texts() -> None:
    assert list(reference_lines(["s3://in/ä b.jpg"])) == ['{"source-ref":"s3://in/ä b.jpg"}']
    assert list(text_lines([b"one", b" ", 'שתיים \\ "'.encode()])) == [
        '{"source":"one"}',
        '{"source":"שתיים \\\\ \\""}',
    ]


def test_csv_with_multi_line_cells_and_other_columns() -> None:
    data = 'id,text\n1,"two\nlines, ""quoted"""\n2,"‏שלום"\n'.encode()
    assert [json.loads(line) for line in csv_lines(split_lines([data]))] == [
        {"source": 'two\nlines, "quoted"', "id": "1"},
        {"source": "‏שלום", "id": "2"},
    ]


@pytest.mark.parametrize(
    ("data", "column", "message"),
    [
        (b"a,b\n1,2\n", None, "csv_column"),
        (b"a,b\n1,2\n", "c", "column of this name, got a, b"),
        (b"text\n\na,b\n", None, "line 3: expected 1 columns"),
        (b"text,b\n ,b\n", None, "line 2, text: expected a text"),
        (b"text\n\xff\n", None, "line 2: expected UTF-8"),
        (b"text,id\nhello\rworld,1\n", None, "line 2: .*carriage return"),
        (b'text,id\na,1\n"open,1\n' + b"more,2\n" * 10, None, "line 3: expected a quote to be closed"),
        (b'text,id\na,1\n"open,1\n' + b"more and more text,2\n" * 9_000, None, "line 3: .*never closed"),
        (b"text,id\n" + b"x" * 200_000 + b",1\n", None, "line 2: expected at most 131,072 characters"),
        (b'text,id\n"a" b,1\n', None, "line 2: expected a quote inside"),
        (b"id;name\n1;a\n", None, "got id, name"),
        (b"id;text\n1;a;b\n", None, "line 2: expected 2 columns as in the header, separated by semicolons, got 3"),
        (b"text,text\na,b\n", None, "line 1, text: expected every column once"),
        ("text,id\na,1\n".encode("utf-16"), None, "expected UTF-8, got UTF-16"),
        ("text,id\na,1\n".encode("utf-32"), None, "expected UTF-8, got UTF-32"),
    ],
)
def test_bad_csv(data: bytes, column: str | None, message: str) -> None:
    with pytest.raises(InvalidManifest, match=message):
        list(csv_lines(split_lines([data]), column=column))


@pytest.mark.parametrize(
    "data",
    [
        b"id;text\n1;two, three\n",
        b"\xef\xbb\xbfid;text\r\n1;two, three\r\n",
        b"id\ttext\n1\ttwo, three\n",
        b"sep=;\r\nid;text\r\n1;two, three\r\n",
        b'id,text\r1,"two, three"\r',  # old Mac
        b'"id","text"\n"1","two, three"\n',
        b"id|text\n1|two, three\n",
    ],
)
def test_separators_and_line_ends_are_recognised(data: bytes) -> None:
    assert [json.loads(line) for line in csv_lines(split_text([data]))] == [{"source": "two, three", "id": "1"}]


def test_one_column_of_texts_with_semicolons_is_one_column() -> None:
    assert [json.loads(line)["source"] for line in csv_lines([b"text", b"a; b", b'"c, d"'])] == ["a; b", "c, d"]
    assert [json.loads(line)["source"] for line in csv_lines([b"left|right", b"a|b", b"c"])] == ["a|b", "c"]


def test_text_files_of_old_macs_have_lines() -> None:
    assert list(split_text([b"one\rtwo\r", b"three"])) == [b"one", b"two", b"three"]
    assert list(split_text([b"one\rstill one\ntwo\n"])) == [b"one\rstill one", b"two"]
    assert list(split_text([])) == []


def test_texts_that_are_not_utf8_are_named() -> None:
    with pytest.raises(InvalidManifest, match=r"gb\.txt cannot be read: line 1: expected UTF-8, got the byte 0xc4"):
        list(text_lines([b"\xc4\xe3"], name="gb.txt"))


def test_csv_addresses_become_references() -> None:
    assert list(csv_lines([b"photo,n", b"s3://in/a.jpg,1"], column="photo")) == [
        '{"source-ref":"s3://in/a.jpg","n":"1"}'
    ]


@given(st.integers(0, 300), st.floats(0.1, 100), st.integers(0, 5))
def test_sampling_takes_exactly_its_part_in_order(total: int, percent: float, seed: int) -> None:
    chosen = list(sample(range(total), total, percent=percent, seed=seed))
    assert len(chosen) == sample_size(total, percent)
    assert chosen == sorted(set(chosen))
    assert chosen == list(sample(range(total), total, percent=percent, seed=seed))


def test_sampling_is_even() -> None:
    counts = [0] * 10
    for seed in range(2_000):
        for row in sample(range(10), 10, percent=30, seed=seed):
            counts[row] += 1
    assert all(520 < count < 680 for count in counts)  # 600 expected, standard deviation 20


@pytest.mark.parametrize(
    ("name", "is_reference", "message"),
    [
        ("source", False, "reserved"),
        ("a-metadata", False, "reserved"),
        ("$a", False, "letters"),
        ("mask", True, "mask-ref"),
        ("mask-ref", False, "another name"),
        ("boxes", False, "looked at"),
    ],
)
def test_label_attribute_names(name: str, is_reference: bool, message: str) -> None:
    with pytest.raises(InvalidSpec, match=message) as info:
        check_label_attribute(name, is_reference=is_reference, audit_attribute="boxes")
    assert info.value.field == "label_attribute"
    check_label_attribute("masks-ref" if is_reference else "species", is_reference=is_reference)
