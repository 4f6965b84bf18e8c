"""A function's code as one zip file, the form in which it is kept and sent to its process."""

from __future__ import annotations

import ast
import io
import stat
import zipfile
from collections.abc import Mapping, Sequence

from groundswell.domain.errors import InvalidInput

MAX_FILES = 10_000
MAX_CODE_BYTES = 50 << 20  # unpacked; Lambda allows 250 MB, layers included


def pack(files: Mapping[str, bytes]) -> bytes:
    """A zip file of these files by name; the same files always make the same bytes."""
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), files[name], zipfile.ZIP_DEFLATED)
    return found.getvalue()


def _check_entries(entries: Sequence[zipfile.ZipInfo]) -> None:
    """Raise InvalidInput for names that lead out of a folder, for links, and for very many files."""
    if len(entries) > MAX_FILES:
        raise InvalidInput(f"expected at most {MAX_FILES:,} files of code, got {len(entries):,}", field="code")
    for entry in entries:
        name = entry.filename
        odd = name.startswith("/") or "\\" in name or ".." in name.split("/") or ":" in name.split("/")[0]
        if odd or stat.S_ISLNK(entry.external_attr >> 16):
            raise InvalidInput(
                f"expected names of files inside a folder, and no links, got {name!r:.200}", field="code"
            )


def check_code(code: bytes, module: str, function: str) -> None:
    """Raise InvalidInput unless this is a zip file, not too large, with this module in it, which can be parsed."""
    try:
        with zipfile.ZipFile(io.BytesIO(code)) as archive:
            entries = archive.infolist()
            _check_entries(entries)
            size = sum(entry.file_size for entry in entries)
            if size > MAX_CODE_BYTES:
                raise InvalidInput(f"expected at most {MAX_CODE_BYTES:,} bytes of code, got {size:,}", field="code")
            names = {entry.filename for entry in entries}
            path = module.replace(".", "/")
            found = next((name for name in (f"{path}.py", f"{path}/__init__.py") if name in names), None)
            if found is None:
                there = ", ".join(sorted(names)[:5]) or "no file"
                raise InvalidInput(f"expected {path}.py in the code, found {there}", field="handler")
            source = archive.read(found)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
        raise InvalidInput("expected the code as a zip file", field="code") from error
    try:
        ast.parse(source)
    except (SyntaxError, ValueError) as error:
        line = f"line {error.lineno}: " if isinstance(error, SyntaxError) else ""
        said = error.msg if isinstance(error, SyntaxError) else str(error)
        raise InvalidInput(f"{found}, {line}{said}", field="code") from error
    if not function.isidentifier():
        raise InvalidInput(f"expected the name of a function, got {function!r}", field="handler")
