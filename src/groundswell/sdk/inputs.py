"""Sends a job's local files to the server: images, manifests, CSV files, templates, example pictures.

A specification may name `photos/*.jpg`, a folder, a manifest whose `source-ref` are relative paths,
`task.liquid.html` or `a.jpg`; after this it names what the server can read.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import orjson

from groundswell.domain.addresses import is_absolute, name_problem, shown_name
from groundswell.domain.errors import InvalidInput, InvalidSpec
from groundswell.manifests.globs import Glob, glob_prefix, is_glob
from groundswell.manifests.ground_truth import OUTPUT_MANIFESTS
from groundswell.manifests.inputs import manifest_lines
from groundswell.manifests.left_out import LeftOut
from groundswell.manifests.references import references
from groundswell.objects.folders import Folder, LocalFiles
from groundswell.wire.job_spec import JobSpec

Upload = Callable[[Sequence[tuple[str, Path]]], str]
MANIFESTS = frozenset({".manifest", ".jsonl", ".ndjson"})


def is_remote(uri: str) -> bool:
    """Whether the server, not this machine, is to find it: `s3://...`, `file:///...`, `https://...`."""
    return "://" in uri or uri.startswith("data:")


def ground_truth_files(folder: Path) -> list[tuple[str, Path]]:
    """What an import needs of a Ground Truth job's output folder: its manifest, workers' answers, masks.

    Raises InvalidInput where there is no manifest in it.
    """
    manifest = next((folder / name for name in OUTPUT_MANIFESTS if (folder / name).is_file()), None)
    if manifest is None:
        raise InvalidInput(
            f"expected the output folder of a Ground Truth job at {folder}: there is neither {OUTPUT_MANIFESTS[0]} "
            f"nor {OUTPUT_MANIFESTS[1]} in it",
            field="source",
        )
    below = ("annotations/worker-response", "worker-response", "annotations/consolidated-annotation/output")
    found = [path for name in below for path in sorted((folder / name).rglob("*")) if path.is_file()]
    return [(path.relative_to(folder).as_posix(), path) for path in (manifest, *found)]


def resolve_input(spec: JobSpec, base: Path, *, upload: Upload, left_out: LeftOut | None = None) -> JobSpec:
    """The specification with everything local sent and replaced by where it is now; `left_out` counts what is not sent.

    Raises InvalidSpec naming the field when a file is not there or has a name that no storage keeps.
    """
    changes: dict[str, Any] = {}
    if spec.input and not is_remote(spec.input):
        files, name = _input_files(spec.input, base, left_out if left_out is not None else LeftOut())
        _check_names(files)
        folder = upload(files).rstrip("/")
        changes["input"] = f"{folder}/{name}" if name else f"{folder}/"
    for field in ("good_example", "bad_example"):
        given = getattr(spec.instructions, field)
        if given and not is_remote(given):
            path = _existing(base / given, f"instructions.{field}")
            _check_names([(path.name, path)])
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


def _check_names(files: Sequence[tuple[str, Path]]) -> None:
    """Raises InvalidSpec for names that would not arrive as they are, before anything is sent."""
    bad = [(name, problem) for name, _ in files if (problem := name_problem(name))]
    if bad:
        (first, why), more = bad[0], f" (and {len(bad) - 1:,} more)" if len(bad) > 1 else ""
        raise InvalidSpec(
            f"expected names of files that can be kept, got {shown_name(first)}: it {why}{more}; rename it",
            field="input",
        )


def _input_files(given: str, base: Path, left_out: LeftOut) -> tuple[list[tuple[str, Path]], str]:
    """(name, file) of everything to send, and the name of the input among them; empty for the whole folder."""
    path = Path(os.path.normpath(base / given))
    if path.is_dir():
        return _files_under(path, None, left_out), ""
    if path.is_file():
        return _with_referenced(path) if path.suffix.lower() in MANIFESTS else ([(path.name, path)], path.name)
    files: list[tuple[str, Path]] = []
    if is_glob(given):
        root = glob_prefix(given)
        files = _files_under(base / root, given.removeprefix(root), left_out)
    if not files:
        raise InvalidSpec(f"nothing matches {path}: expected a manifest, a folder, a CSV file or a glob", field="input")
    return files, ""


def _files_under(folder: Path, pattern: str | None, left_out: LeftOut) -> list[tuple[str, Path]]:
    """A folder's files, or those that a pattern matches, by their names in it; hidden ones are counted, not sent."""
    root, found = f"{folder.as_posix().rstrip('/')}/", []
    glob, beyond = Glob(pattern or "**"), Glob(pattern or "**", hidden=True)
    for path, _ in Folder(Path()).entries(root):
        name = path.removeprefix(root)
        if glob.matches(name):
            found.append((name, Path(path)))
        elif beyond.matches(name):
            left_out.add(name, "hidden")
    return found


def _with_referenced(manifest: Path) -> tuple[list[tuple[str, Path]], str]:
    """A manifest, the files that its lines name by relative paths, and its name among them.

    Names are those under the folder that holds them all. What is wrong with a line, the server says.
    """
    paths = [manifest, *sorted(_referenced(manifest))]
    root = Path(os.path.commonpath([path.parent for path in paths]))
    names = [(path.relative_to(root).as_posix(), path) for path in paths]
    return names, names[0][0]


def _referenced(manifest: Path) -> set[Path]:
    """Files that the lines name: data objects, and labels of earlier jobs that are files."""
    found = set()
    for line in manifest_lines(LocalFiles(), str(manifest)):
        if b'-ref"' not in line:
            continue
        try:
            members = orjson.loads(line)
        except ValueError:
            continue
        for reference in references(members).values() if isinstance(members, dict) else ():
            if not is_absolute(reference) and "\0" not in reference:
                path = Path(os.path.normpath(manifest.parent / reference))
                if path.is_file():
                    found.add(path)
    return found
