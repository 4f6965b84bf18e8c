"""Local files of a specification are sent, and the specification names where they are now."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from groundswell.domain.errors import InvalidSpec
from groundswell.sdk.inputs import resolve_input
from groundswell.wire.job_spec import JobSpec


class Uploads:
    """Notes what is sent and answers a new folder each time."""

    def __init__(self) -> None:
        self.sent: list[list[str]] = []

    def __call__(self, files: Iterable[tuple[str, Path]]) -> str:
        self.sent.append([name for name, _path in files])
        return f"s3://uploads/{len(self.sent)}/"


@pytest.fixture
def uploads() -> Uploads:
    return Uploads()


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    for name in ("photos/a.jpg", "photos/deep/b.jpg", "photos/.hidden", "photos/notes.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    return tmp_path


def spec(**fields: object) -> JobSpec:
    return JobSpec.model_validate({"name": "x", "task_type": "image-classification", "labels": ["a", "b"], **fields})


def test_folder_goes_whole_without_hidden_files(photos: Path, uploads: Uploads) -> None:
    ready = resolve_input(spec(input="photos"), photos, upload=uploads)
    assert ready.input == "s3://uploads/1/"
    assert uploads.sent == [["a.jpg", "deep/b.jpg", "notes.txt"]]


def test_glob_sends_what_it_matches(photos: Path, uploads: Uploads) -> None:
    assert resolve_input(spec(input="photos/**/*.jpg"), photos, upload=uploads).input == "s3://uploads/1/"
    assert uploads.sent == [["a.jpg", "deep/b.jpg"]]


def test_manifest_takes_the_files_beside_it_along(photos: Path, uploads: Uploads) -> None:
    manifest = photos / "x.manifest"
    manifest.write_text(
        '{"source-ref": "photos/a.jpg"}\n{"source-ref": "s3://other/c.jpg"}\nnot json source-ref\n'
        '{"source-ref": "../outside.jpg"}\n{"source-ref": "photos/missing.jpg"}\n'
    )
    assert resolve_input(spec(input="x.manifest"), photos, upload=uploads).input == "s3://uploads/1/x.manifest"
    assert uploads.sent == [["x.manifest", "photos/a.jpg"]]


def test_addresses_of_the_server_are_left_alone(tmp_path: Path, uploads: Uploads) -> None:
    asked = spec(input="s3://in/x.manifest", instructions={"good_example": "https://x.org/a.jpg", "short": "Look."})
    assert resolve_input(asked, tmp_path, upload=uploads) is asked
    assert uploads.sent == []


def test_texts_and_examples_named_as_files_are_read(photos: Path, uploads: Uploads) -> None:
    (photos / "short.html").write_text("<p>Look</p>")
    (photos / "task.liquid.html").write_text("<crowd-form></crowd-form>")
    asked = spec(template="task.liquid.html", instructions={"short": "short.html", "good_example": "photos/a.jpg"})
    ready = resolve_input(asked, photos, upload=uploads)
    assert ready.template == "<crowd-form></crowd-form>"
    assert ready.instructions.short == "<p>Look</p>"
    assert ready.instructions.good_example == "s3://uploads/1/a.jpg"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"input": "nothing/*.jpg"}, "input"),
        ({"template": "missing.liquid.html"}, "template"),
        ({"instructions": {"bad_example": "missing.jpg"}}, "instructions.bad_example"),
    ],
)
def test_missing_files_are_named(tmp_path: Path, uploads: Uploads, fields: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidSpec) as caught:
        resolve_input(spec(**fields), tmp_path, upload=uploads)
    assert caught.value.field == field
