"""Chunks of bytes into lines, as manifests have them: `\\n` or `\\r\\n`, an optional byte order mark, UTF-8."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def split_lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Lines without their ends; blank lines at the end of the file are left out, blank lines before are kept.

    Only `\\n` ends a line (`\\r` before it is dropped), so that U+2028 inside a text stays where it is.
    """
    blank: list[bytes] = []  # held back until a line follows them
    first = True
    for line in _raw_lines(chunks):
        if first:
            line = line.removeprefix(BYTE_ORDER_MARK)
            first = False
        line = line.rstrip(b"\r")
        if not line or line.isspace():
            blank.append(line)
            continue
        yield from blank
        blank.clear()
        yield line


def split_text(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Lines of a text or CSV file: as `split_lines`, and of files with the line ends of old Macs (`\\r` alone) too.

    Such a file is known by its beginning: it has `\\r` and no `\\n`. In others a lone `\\r` is a part of its line.
    """
    rest = iter(chunks)
    head = next(rest, b"")
    whole = chain([head], rest)
    old_mac = b"\r" in head and b"\n" not in head
    yield from split_lines((chunk.replace(b"\r", b"\n") for chunk in whole) if old_mac else whole)


def _raw_lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    parts: list[bytes] = []  # of a line longer than a chunk: joined once, so that a huge line costs linear time
    for chunk in chunks:
        *complete, rest = chunk.split(b"\n")
        if complete:
            parts.append(complete[0])
            yield b"".join(parts)
            yield from complete[1:]
            parts = [rest]
        else:
            parts.append(rest)
    yield b"".join(parts)
