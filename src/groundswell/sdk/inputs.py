"""Sends a job's local files to the server: images, manifests, CSV files, templates, example pictures.

A specification may name `photos/*.jpg`, a folder, a manifest whose `source-ref` are relative paths,
`task.liquid.html` or `a.jpg`; after this it names what the server can read.
"""

from __future__ import annotations

import glob
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from groundswell.domain.errors import InvalidSpec
from groundswell.wire.job_spec import JobSpec

Upload = Callable[[Iterable[tuple[str, Path]]], str]
MANIFESTS = frozenset({".manifest", ".jsonl", ".ndjson"})


def is_remote(uri: str) -> bool:
    """Whether the server, not this machine, is to find it: `s3://...`, `file:///...`, `https://...`."""
    return len(urlsplit(uri).scheme) > 1


def resolve_input(spec: JobSpec, base: Path, *, upload: Upload) -> JobSpec:
    """The specification with everything local sent and replaced by where it is now.

    Raises InvalidSpec naming the field when a file is not there.
    """
    changes: dict[str, Any] = {}
    if spec.input and not is_remote(spec.input):
        changes["input"] = _send_input(spec.input, base, upload)
    for field in ("good_example", "bad_example"):
        given = getattr(spec.instructions, field)
        if given and not is_remote(given):
            path = _existing(base / given, f"instructions.{field}")
            changes.setdefault("instructions", {})[field] = f"{upload([(path.name, path)]).rstrip('/')}/{path.name}"
    for field in ("short", "full"):
        text = _text_of(getattr(spec.instructions, field), base, (".html", ".htm", ".md", ".txt"))
        if text is not None:
            changes.setdefault("instructions", {})[field] = text
    if spec.template:
        text = _text_of(spec.template, base, (".html", ".htm", ".liquid"))
        if text is not None:
            changes["template"] = text
    return _with(spec, changes) if changes else spec


def _with(spec: JobSpec, changes: dict[str, Any]) -> JobSpec:
    asked = spec.model_dump(mode="json", exclude_unset=True)
    if "instructions" in changes:
        changes["instructions"] = {**asked.get("instructions", {}), **changes["instructions"]}
    return JobSpec.model_validate({**asked, **changes})


def _existing(path: Path, field: str) -> Path:
    if not path.is_file():
        raise InvalidSpec(f"there is no file {path}", field=field)
    return path


def _text_of(value: str, base: Path, endings: tuple[str, ...]) -> str | None:
    """The text of the file `value` names, or None when it is a text itself."""
    if not value or "\n" in value or len(value) > 500 or not value.endswith(endings) or "<" in value:
        return None
    return _existing(base / value, "template" if ".liquid" in value else "instructions").read_text("utf-8")


def _send_input(given: str, base: Path, upload: Upload) -> str:
    path = base / given
    if path.is_dir():
        return upload((str(file.relative_to(path)), file) for file in _files(path))
    if path.is_file():
        files = [(path.name, path)]
        if path.suffix in MANIFESTS:
            files += _referenced(path)
        return f"{upload(files).rstrip('/')}/{path.name}"
    found = sorted(Path(name) for name in glob.glob(str(path), recursive=True) if Path(name).is_file())
    if not found:
        raise InvalidSpec(f"nothing matches {path}: expected a manifest, a folder, a CSV file or a glob", field="input")
    root = Path(*path.parts[: next(i for i, part in enumerate(path.parts) if glob.has_magic(part))])
    return upload((str(file.relative_to(root)), file) for file in found)


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith("."))


def _referenced(manifest: Path) -> list[tuple[str, Path]]:
    """Files that lines name by a path relative to the manifest; the server names lines that cannot be read."""
    names: dict[str, Path] = {}
    with manifest.open("rb") as lines:
        for line in lines:
            if b"source-ref" not in line:
                continue
            try:
                reference = json.loads(line).get("source-ref")
            except (ValueError, AttributeError):
                continue
            if isinstance(reference, str) and not is_remote(reference) and not reference.startswith("/"):
                path = manifest.parent / reference
                if ".." not in Path(reference).parts and path.is_file():
                    names[reference] = path
    return sorted(names.items())
