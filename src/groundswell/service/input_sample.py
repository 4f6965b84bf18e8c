"""The first lines of a job's input, whatever form it has: for previews, before the input is made into a manifest."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
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
    found: list[Mapping[str, Any]] = []
    for number, line in enumerate(islice(_texts(storage, spec), count), 1):
        try:
            members = json.loads(line)
        except ValueError as error:
            problem = LineProblem(number, None, f"expected a JSON object: {error}")
            raise InvalidManifest(f"{spec.input} line {number}: {problem.message}", problems=[problem]) from error
        if isinstance(members, dict):
            found.append(members)
    return found


def _texts(storage: ObjectStorage, spec: JobSpec) -> Iterator[str]:
    uri = spec.input or ""
    kind = input_kind(uri, spec.input_format)
    modality = registry.get(spec.task_type).modality
    if kind == "files":
        listed = (name for name, _ in islice(storage.entries(glob_prefix(uri)), LISTED_FILES))
        chosen = select_files(listed, modality=modality, pattern=uri if is_glob(uri) else None)
        if modality != "text":
            return reference_lines(chosen)
        return lines_of_files(chosen, lambda name: _head(storage, name), column=spec.csv_column)
    lines = _head(storage, uri)
    if kind == "csv":
        return csv_lines(lines, column=spec.csv_column)
    if kind == "text":
        return text_lines(lines)
    return (line.decode("utf-8", "replace") for line in lines)


def _head(storage: ObjectStorage, uri: str) -> Iterator[bytes]:
    """The lines of an object's beginning; one that the beginning cuts in two is left out."""
    head = storage.read_range(uri, 0, HEAD_BYTES)
    if len(head) == HEAD_BYTES:
        head = head[: head.rfind(b"\n") + 1] or head
    return split_lines([head])
