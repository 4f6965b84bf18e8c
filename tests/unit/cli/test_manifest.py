"""`groundswell manifest make` and `check` read what a job reads, and say what they leave out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from groundswell.cli.manifest import app
from groundswell.domain.errors import GroundswellError
from groundswell.manifests.inputs import made_lines
from groundswell.testing.memory_storage import MemoryStorage

FILES = {
    "crlf.txt": "first\r\nsecond \U0001f600 café\r\n\r\nthird\r\n".encode(),
    "bom.txt": b"\xef\xbb\xbfuno\ndos\n",
    "t2.txt": b"   padded   \n\t\nlast no newline",
    "mac.txt": b"one\rtwo\rthree",
    "u2028.txt": "one\u2028still one\x85still one\x0cstill one\ntwo\n".encode(),
    "c1.csv": b'text,id\n"line one\nline two\n\nafter blank",1\nplain,2\n',
    "c2.csv": b'text,id\r\n"line one\r\nline two\r\n\r\nafter blank",1\r\nplain,2\r\n',
    "c3.csv": b"\xef\xbb\xbftext,id\r\nfirst,1\r\n",
    "semicolons.csv": b'\xef\xbb\xbfid;text\r\n1;"a; b"\r\n2;c\r\n',
}


def made(path: str, *options: str) -> list[dict[str, str]]:
    outcome = CliRunner().invoke(app, ["make", path, *options])
    if outcome.exception is not None and not isinstance(outcome.exception, SystemExit):
        raise outcome.exception
    return [json.loads(line) for line in outcome.stdout.split("\n") if line.startswith("{")]


@pytest.mark.parametrize("name", FILES)
def test_texts_are_read_as_a_job_reads_them(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(FILES[name])
    storage = MemoryStorage()
    storage.write(f"s3://in/{name}", FILES[name])
    lines = made(str(tmp_path / name))
    assert lines == [json.loads(line) for line in made_lines(storage, f"s3://in/{name}")]
    texts = [line["source"] for line in lines]
    assert not any(text.endswith(("\n", "\r")) or text.startswith("\ufeff") or "\n\n\n" in text for text in texts)


def test_folders_of_texts_and_of_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "in/sub.jpg").mkdir(parents=True)  # a folder that looks like a picture
    for name in ("a.jpg", ".hidden.jpg", "Thumbs.db", "scan.tif", "sub.jpg/b [1].png", "bad\tname.png"):
        (tmp_path / "in" / name).write_bytes(b"x")
    monkeypatch.chdir(tmp_path)
    outcome = CliRunner().invoke(app, ["make", "in"])
    assert [json.loads(one)["source-ref"] for one in outcome.output.splitlines() if one.startswith("{")] == [
        "in/a.jpg",
        "in/sub.jpg/b [1].png",
    ]
    for said in (".hidden.jpg", "Thumbs.db", "scan.tif", "bad\\tname.png"):
        assert said in outcome.output.replace("\n", "")
    assert [line["source-ref"] for line in made("in/*.jpg")] == ["in/a.jpg"]
    assert [line["source-ref"] for line in made("in/sub.jpg/b [1].png")] == ["in/sub.jpg/b [1].png"]
    (tmp_path / "texts").mkdir()
    for name, data in FILES.items():
        (tmp_path / "texts" / name).write_bytes(data)
    assert len(made("texts", "--modality", "text")) == 19


def test_what_cannot_be_read_is_said_and_leaves_the_old_manifest(tmp_path: Path) -> None:
    (tmp_path / "open.csv").write_bytes(b'text\nfine\n"open\n')
    (tmp_path / "old.manifest").write_bytes(b"old")
    with pytest.raises(GroundswellError, match=r"open\.csv cannot be read: line 3"):
        made(str(tmp_path / "open.csv"), "-o", str(tmp_path / "old.manifest"))
    assert (tmp_path / "old.manifest").read_bytes() == b"old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["old.manifest", "open.csv"]
    with pytest.raises(GroundswellError, match=r"none\.txt"):
        made(str(tmp_path / "none.txt"))


def test_check_reads_a_manifest_as_a_job_does(tmp_path: Path) -> None:
    (tmp_path / "bom.jsonl").write_bytes(b'\xef\xbb\xbf{"source":"x"}\r\n{"source":"y"}\r\n\n')
    outcome = CliRunner().invoke(app, ["check", str(tmp_path / "bom.jsonl")])
    assert outcome.exit_code == 0 and "2 lines, all good" in outcome.output


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("text,id\na,1\nb\0c,2\n", "line 2, source: expected a text without NUL"),
        ("text\n" + "x" * 20_001 + "\n", "line 1, source: expected at most 20,000 characters"),
        ("url\ns3://in/a.jpg\ns3://in//b.jpg\n", "line 2, source-ref: "),
    ],
)
def test_what_a_job_would_refuse_is_not_made(tmp_path: Path, data: str, said: str) -> None:
    (tmp_path / "in.csv").write_text(data)
    target = tmp_path / "out.manifest"
    outcome = CliRunner().invoke(app, ["make", str(tmp_path / "in.csv"), "-o", str(target)])
    assert outcome.exit_code == 1 and said in str(outcome.exception)
    assert not target.exists()
