"""An input's manifest lines, whatever form it has: the one reader of jobs, previews, checks and `manifest make`.

Opening files is others' business: they are read through `Files`, which object storage and folders of this machine are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from groundswell.domain.errors import InvalidManifest
from groundswell.manifests import making
from groundswell.manifests.csv_lines import csv_lines
from groundswell.manifests.globs import glob_prefix, is_glob
from groundswell.manifests.left_out import LeftOut, sentences
from groundswell.manifests.splitting import split_lines, split_text

MAX_PATTERN = 1_000  # characters of a glob


class Files(Protocol):
    """Where an input's files are."""

    def exists(self, uri: str) -> bool: ...
    def stream(self, uri: str, chunk_bytes: int = 1 << 20) -> Iterator[bytes]: ...
    def entries(
        self, prefix: str, *, on_odd: Callable[[str, str], None] | None = None
    ) -> Iterator[tuple[str, int]]: ...


def kind_of(files: Files, uri: str, input_format: str = "auto") -> tuple[making.Kind, str | None]:
    """What an input is, and its pattern where it is a glob; a file or folder that is really named so is no glob."""
    if not is_glob(uri) or (input_format not in ("auto", "files")):
        return making.input_kind(uri, input_format), None
    if files.exists(uri):
        plain = uri.translate({ord(letter): "_" for letter in "*?["})
        return making.input_kind(plain, input_format), None
    if next(files.entries(uri), None) is not None:
        return "files", None
    if len(uri) > MAX_PATTERN:
        raise InvalidManifest(f"expected a glob of at most {MAX_PATTERN:,} characters, got {len(uri):,}")
    return "files", uri


def made_lines(
    files: Files,
    uri: str,
    *,
    input_format: str = "auto",
    column: str | None = None,
    modality: str = "any",
    left_out: LeftOut | None = None,
    address: Callable[[str], str] = str,
) -> Iterator[str]:
    """The manifest lines made of an input that is no manifest: a line for each object.

    address : how a file that was found is written down, where the manifest will lie elsewhere.
    Raises InvalidManifest for what cannot be read, or where nothing is found; what files raise comes through.
    """
    kind, pattern = kind_of(files, uri, input_format)
    if kind == "manifest":
        raise InvalidManifest(f"{_base(uri)} is a manifest already: expected a folder, glob, CSV or text file")
    if kind == "csv":
        return csv_lines(split_text(files.stream(uri)), column=column, name=_base(uri))
    if kind == "text":
        return making.text_lines(split_text(files.stream(uri)), name=_base(uri))
    left_out = left_out if left_out is not None else LeftOut()
    names = _names_of_folder(files, uri, pattern, modality, left_out)
    if modality == "text":
        lines = _text_file_lines(files, names, column)
    else:
        lines = making.reference_lines(map(address, names))
    return _not_empty(lines, uri, modality, left_out)


def manifest_lines(files: Files, uri: str) -> Iterator[bytes]:
    """The lines of a manifest."""
    return split_lines(files.stream(uri))


def _names_of_folder(files: Files, uri: str, pattern: str | None, modality: str, left_out: LeftOut) -> Iterator[str]:
    root = uri if pattern is None else glob_prefix(pattern)
    listed = (found for found, _ in files.entries(root, on_odd=left_out.add))
    folder = root if root.endswith("/") or not root else f"{root}/"
    return making.select_files(listed, modality=modality, root=folder, pattern=pattern, left_out=left_out)


def _text_file_lines(files: Files, names: Iterable[str], column: str | None) -> Iterator[str]:
    for name in names:
        lines = split_text(files.stream(name))
        if name.lower().endswith((".csv", ".tsv")):
            yield from csv_lines(lines, column=column, name=_base(name))
        else:
            yield from making.text_lines(lines, name=_base(name))


def _not_empty(lines: Iterator[str], uri: str, modality: str, left_out: LeftOut) -> Iterator[str]:
    first = next(lines, None)
    if first is None:
        endings = ", ".join(making.ENDINGS.get(modality, ("any",)))
        others = "; ".join(sentences(left_out.as_json()))
        raise InvalidManifest(
            f"expected at least one {modality} file ({endings}) at {uri!r}, found none"
            + (f"; {others}" if others else "")
        )
    yield first
    yield from lines


def _base(uri: str) -> str:
    return uri.rsplit("/", 1)[-1] or uri
