"""The lines of a job's input, whatever form it has: for previews and checks, before it is made into a manifest."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from groundswell.domain.errors import InvalidManifest, LineProblem
from groundswell.manifests.making import (
    csv_lines,
    glob_prefix,
    input_kind,
    is_glob,
    lines_of_files,
    reference_lines,
    select_files,
    text_lines,
)
from groundswell.manifests.splitting import split_lines
from groundswell.service.ports import ObjectStorage
from groundswell.tasktypes import registry
from groundswell.wire.job_spec import JobSpec

HEAD_BYTES = 1 << 18
LISTED_FILES = 10_000


def first_lines(storage: ObjectStorage, spec: JobSpec, count: int) -> list[Mapping[str, Any]]:
    """At most `count` lines of the input; raises InvalidManifest, NotFound, Forbidden."""
    if not spec.input:
        return []
    modality = registry.get(spec.task_type).modality
    lines = input_lines(
        storage, spec.input, input_format=spec.input_format, column=spec.csv_column, modality=modality, head=True
    )
    found: list[Mapping[str, Any]] = []
    for number, line in enumerate(islice(lines, count), 1):
        try:
            members = json.loads(line)
        except ValueError as error:
            problem = LineProblem(number, None, f"expected a JSON object: {error}")
            raise InvalidManifest(f"{spec.input} line {number}: {problem.message}", problems=[problem]) from error
        if isinstance(members, dict):
            found.append(members)
    return found


def input_lines(
    storage: ObjectStorage,
    uri: str,
    *,
    input_format: str = "auto",
    column: str | None = None,
    modality: str = "any",
    head: bool = False,
) -> Iterator[bytes]:
    """The manifest lines of an input, streaming; with `head` only those of its beginning are looked for."""
    kind = input_kind(uri, input_format)

    def read(name: str) -> Iterator[bytes]:
        return _head(storage, name) if head else split_lines(storage.stream(name))

    if kind == "manifest":
        return read(uri)
    if kind == "files":
        names: Iterable[str] = (name for name, _ in storage.entries(glob_prefix(uri)))
        names = islice(names, LISTED_FILES) if head else names
        chosen = select_files(names, modality=modality, pattern=uri if is_glob(uri) else None)
        made = lines_of_files(chosen, read, column=column) if modality == "text" else reference_lines(chosen)
    elif kind == "csv":
        made = csv_lines(read(uri), column=column)
    else:
        made = text_lines(read(uri))
    return (line.encode() for line in made)


def _head(storage: ObjectStorage, uri: str) -> Iterator[bytes]:
    """The lines of an object's beginning; one that the beginning cuts in two is left out."""
    head = storage.read_range(uri, 0, HEAD_BYTES)
    if len(head) == HEAD_BYTES:
        head = head[: head.rfind(b"\n") + 1] or head
    return split_lines([head])
