"""The lines of a job's input, whatever form it has: for previews and checks, before it is made into a manifest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import orjson

from groundswell.domain.errors import InvalidManifest, LineProblem
from groundswell.manifests.inputs import kind_of, made_lines, manifest_lines
from groundswell.manifests.left_out import LeftOut
from groundswell.service.ports import ObjectStorage, OnOdd
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
            members = orjson.loads(line)
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
    left_out: LeftOut | None = None,
) -> Iterator[bytes]:
    """The manifest lines of an input, streaming; with `head` only those of its beginning are looked for.

    left_out : counts the files of a folder that are not used.
    """
    files = _Beginnings(storage) if head else storage
    if kind_of(files, uri, input_format)[0] == "manifest":
        return manifest_lines(files, uri)
    made = made_lines(
        files,
        uri,
        input_format=input_format,
        column=column,
        modality=modality,
        left_out=left_out,
        address=storage.absolute,
    )
    return (line.encode() for line in made)


class _Beginnings:
    """The first files of a storage, and the beginning of each."""

    def __init__(self, storage: ObjectStorage) -> None:
        self._storage = storage
        self.exists = storage.exists

    def entries(self, prefix: str, *, on_odd: OnOdd | None = None) -> Iterator[tuple[str, int]]:
        return islice(self._storage.entries(prefix, on_odd=on_odd), LISTED_FILES)

    def stream(self, uri: str, chunk_bytes: int = 1 << 20) -> Iterator[bytes]:
        """The beginning; a line that it cuts in two is left out."""
        head = self._storage.read_range(uri, 0, HEAD_BYTES)
        if len(head) == HEAD_BYTES:
            head = head[: head.rfind(b"\n") + 1] or head
        yield head
