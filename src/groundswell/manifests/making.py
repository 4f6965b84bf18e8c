"""Manifest lines out of what people have: which files of a folder are objects, and lines of texts.

What an input is, is read off its name (`input_kind`); which files of a folder are objects, off their endings.
`csv_lines` reads CSV, `inputs` puts it all together, for jobs, previews, checks and `groundswell manifest make` alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from groundswell.domain.errors import InvalidManifest, LineProblem
from groundswell.manifests.globs import Glob, is_glob
from groundswell.manifests.left_out import LeftOut
from groundswell.manifests.members import json_text

Kind = Literal["manifest", "files", "csv", "text"]

ENDINGS: dict[str, tuple[str, ...]] = {
    "image": (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".avif"),
    "text": (".txt", ".csv", ".tsv"),
    "audio": (".wav", ".mp3", ".ogg", ".oga", ".m4a", ".flac", ".opus"),
    "video": (".mp4", ".webm", ".ogv", ".mov"),
}
"""File endings that are data objects, by a task type's modality."""

OTHER_PICTURES = frozenset(
    ".tif .tiff .heic .heif .svg .jfif .jp2 .j2k .jxl .psd .raw .dng .cr2 .cr3 .nef .arw .dcm .ico .eps .tga .pgm .ppm "
    ".pbm .exr .hdr".split()
)
"""Endings of pictures that not every browser shows, or that are pictures under another name."""


def input_kind(uri: str, input_format: str = "auto") -> Kind:
    """What an input is: by its format if one is said, else by its name; a name without a known ending is a folder."""
    if input_format != "auto":
        return input_format  # type: ignore[return-value]
    lowered = uri.lower()
    if is_glob(uri):
        return "files"
    if lowered.endswith((".manifest", ".jsonl", ".json", ".ndjson")):
        return "manifest"
    if lowered.endswith((".csv", ".tsv")):
        return "csv"
    return "text" if lowered.endswith(".txt") else "files"


def select_files(
    uris: Iterable[str], *, modality: str, root: str = "", pattern: str | None = None, left_out: LeftOut | None = None
) -> Iterator[str]:
    """The files that are data objects: by the pattern if there is one (`globs`), else by the modality's endings.

    Hidden files (one of their names below `root` starts with a dot) are never objects. `left_out` counts what is not.
    """
    left_out = left_out if left_out is not None else LeftOut()
    endings = ENDINGS.get(modality) or tuple(ending for group in ENDINGS.values() for ending in group)
    glob = None if pattern is None else Glob(pattern)
    beyond = None if pattern is None else Glob(pattern, hidden=True)
    for uri in uris:
        name = uri.removeprefix(root)
        hidden = name.startswith(".") or "/." in name
        if glob is not None and beyond is not None:
            if glob.matches(uri):
                yield uri
            elif hidden and beyond.matches(uri):
                left_out.add(name, "hidden")
        elif hidden:
            left_out.add(name, "hidden")
        elif uri.lower().endswith(endings):
            yield uri
        else:
            left_out.add(name, _why_not(name, modality))


_MARKS = ((b"\xff\xfe\0\0", "UTF-32"), (b"\0\0\xfe\xff", "UTF-32"), (b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"))


def reference_lines(uris: Iterable[str]) -> Iterator[str]:
    """A manifest line with source-ref for each address."""
    for uri in uris:
        yield f'{{"source-ref":{json_text(uri)}}}'


def text_lines(lines: Iterable[bytes], *, name: str = "the text file") -> Iterator[str]:
    """A manifest line with source for each line of a text file; blank lines are left out.

    Raises InvalidManifest, naming file and line, for what is not UTF-8.
    """
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield f'{{"source":{json_text(decode(line, number, name))}}}'


def decode(line: bytes, number: int, name: str) -> str:
    """The text of line `number` of the file `name`; raises InvalidManifest where it is not UTF-8."""
    try:
        return line.decode()
    except UnicodeDecodeError as wrong:
        found = f"the byte 0x{line[wrong.start]:02x} at position {wrong.start + 1}"
        if number == 1:
            found = next((said for mark, said in _MARKS if line.startswith(mark)), found)
        raise unreadable(name, number, None, f"expected UTF-8, got {found}: save the file as UTF-8") from wrong


def unreadable(name: str, line: int, key: str | None, message: str) -> InvalidManifest:
    """What is wrong with one line of a file that is to be made into a manifest."""
    where = f"line {line}" + (f", {key}" if key else "")
    return InvalidManifest(f"{name} cannot be read: {where}: {message}", problems=[LineProblem(line, key, message)])


def _why_not(name: str, modality: str) -> str:
    base = name.rsplit("/", 1)[-1]
    ending = base[base.rfind(".") :].lower() if "." in base else "no ending"
    if modality == "image" and ending in OTHER_PICTURES:
        return f"pictures that not every browser shows: {ending}; convert them to .png or .jpg"
    return f"not {_article(modality)} by its ending: {ending}"


def _article(modality: str) -> str:
    return {"image": "a picture", "text": "a text", "audio": "a sound", "video": "a video"}.get(modality, "an object")
