"""Whatever is in a file, it is read or refused with its line: nothing else is raised."""

from __future__ import annotations

import csv
import io

import orjson
from hypothesis import given
from hypothesis import strategies as st

from groundswell.domain.errors import InvalidManifest
from groundswell.manifests.inputs import made_lines
from groundswell.manifests.lines import LineChecker, LineRules
from groundswell.manifests.members import with_members, with_values
from groundswell.manifests.references import with_absolute_references
from groundswell.testing.memory_storage import MemoryStorage

PIECES = st.sampled_from(
    b'text|,|;|\t|"|\n|\r|\r\n|\xef\xbb\xbf|\xff\xfe|\0| |a|sep=|s3://x/y|url|source|\\|{}|\xed\xa0\x80|\xc3\xa9'.split(
        b"|"
    )
)
DATA = st.lists(PIECES, max_size=40).map(b"".join) | st.binary(max_size=60)


@given(DATA, st.sampled_from(["x.csv", "x.txt", "x.tsv"]))
def test_texts_and_csv(data: bytes, name: str) -> None:
    storage = MemoryStorage()
    storage.write(f"s3://in/{name}", data)
    checker = LineChecker()
    try:
        for line in made_lines(storage, f"s3://in/{name}"):
            members = orjson.loads(line)
            checker.check(line.encode())
            assert name != "x.txt" or not members["source"].endswith(("\n", "\r"))
    except InvalidManifest as error:
        assert error.message.startswith(f"{name} cannot be read: line ") and error.problems[0].line >= 1


@given(DATA, st.booleans())
def test_manifest_lines(data: bytes, in_json: bool) -> None:
    line = b'{"source-ref":' + orjson.dumps(data.decode("latin-1")) + b"}" if in_json else data
    checker = LineChecker(LineRules(audit_attribute="x", shows_label=lambda value, said: True))
    plain = LineChecker()
    checker.check(line)
    if plain.check(line) is not None:
        text = line.decode()
        members = orjson.loads(text)
        labeled = with_members(with_absolute_references(text, members, "s3://in/set/x.manifest"), {"y": 1})
        assert orjson.loads(labeled)["y"] == 1
        assert with_values(text, {}) == text


@given(st.lists(st.lists(st.text(max_size=5), min_size=2, max_size=2), max_size=6), st.sampled_from(",;\t"))
def test_what_csv_writers_write_is_read(rows: list[list[str]], separator: str) -> None:
    good = [row for row in rows if row[0].strip() and "\x00" not in "".join(row) and "".join(row).isprintable()]
    file = io.StringIO()
    csv.writer(file, delimiter=separator).writerows([["text", "more"], *good])
    storage = MemoryStorage()
    storage.write("s3://in/x.csv", file.getvalue().encode("utf-8"))
    lines = [orjson.loads(line) for line in made_lines(storage, "s3://in/x.csv", column="text")]
    key = "source-ref" if lines and "source-ref" in lines[0] else "source"
    assert [[line[key], line["more"]] for line in lines] == good
