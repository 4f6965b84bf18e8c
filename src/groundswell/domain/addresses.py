"""What an object's URI says: its scheme, bucket and key, or its path; and what a reference in a manifest means.

One function, `resolve`, reads references everywhere: at ingest, in workers' pages, in hooks and in what is written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

from groundswell.domain.errors import InvalidInput

SCHEMES = ("file", "s3", "gs", "az")
MAX_NAME_BYTES = 900
"""Of an object's name under its folder: S3 allows 1,024 for the whole key."""

_ABSOLUTE = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://|/|data:")
_WEB = re.compile(r"https?://|data:", re.IGNORECASE)


@dataclass(frozen=True)
class Address:
    """One object or folder: `bucket` is empty for paths, `key` is the path inside the bucket or the path itself."""

    scheme: str  # file, s3, gs, az
    bucket: str
    key: str


def parse(uri: str) -> Address:
    """The parts of a URI; a text without a scheme is a path (`file`).

    Raises InvalidInput for an unknown scheme, a missing bucket, or a key that climbs out of its bucket.
    """
    scheme, separator, rest = uri.partition("://")
    if not separator:
        return Address("file", "", _checked(uri, uri))
    if scheme == "file":
        host, slash, path = rest.partition("/")
        if host not in ("", "localhost") or not slash:
            raise InvalidInput(f"expected file:///path of this machine, got {uri!r}", field="uri")
        return Address("file", "", _checked("/" + unquote(path), uri))
    if scheme not in SCHEMES:
        raise InvalidInput(
            f"expected an address that starts with s3://, gs://, az:// or file://, got {uri!r}", field="uri"
        )
    bucket, _, key = rest.partition("/")
    if not bucket or bucket in (".", ".."):
        raise InvalidInput(f"expected {scheme}://bucket/key, got {uri!r}", field="uri")
    return Address(scheme, bucket, _checked(key, uri))


def is_absolute(reference: str) -> bool:
    """Whether a reference says by itself where its object is: it has a scheme, or is a path from the root.

    >>> is_absolute("s3://in/7.png"), is_absolute("data:,x"), is_absolute("what:7.png")
    (True, True, False)
    """
    return _ABSOLUTE.match(reference) is not None


def is_web(uri: str) -> bool:
    """Whether browsers fetch an address themselves: it is on the web, or is the data itself."""
    return _WEB.match(uri) is not None


def resolve(reference: str, base: str) -> str:
    """The URI of a reference found in the manifest at `base`: relative ones are beside the manifest.

    `.` and `..` are followed, never out of the bucket: what climbs higher keeps its `..`, which `parse` refuses.

    >>> resolve("../images/7.png", "s3://in/set/labeled.manifest")
    's3://in/images/7.png'
    """
    if is_absolute(reference):
        return reference
    folder = base[: base.rfind("/") + 1]
    scheme, separator, rest = folder.partition("://")
    if not separator:
        return _followed(folder, reference)
    bucket, _, inside = rest.partition("/")
    if scheme == "file":
        reference = quote(reference)  # such addresses are percent-encoded, names in manifests are not
    return f"{scheme}://{bucket}/{_followed(inside, reference)}"


def _followed(folder: str, reference: str) -> str:
    """The path from a folder (with its slash, or empty) along a relative reference."""
    start = folder.startswith("/")
    path = folder.removeprefix("/").split("/")[:-1]
    for part in reference.split("/"):
        if part == ".." and path and path[-1] != "..":
            path.pop()
        elif part != ".":
            path.append(part)
    return "/" * start + "/".join(path)


def name_problem(name: str) -> str | None:
    """Why this cannot be an object's name (its path under a folder or bucket), or None when it can.

    What some storage would change or refuse is refused by all of them, so that a name is always kept as it is.
    """
    if not name:
        return "is empty"
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in name):
        return "has a control character (such as a tab or a line break)"
    if not _is_text(name):
        return "is not valid Unicode"
    if len(name.encode()) > MAX_NAME_BYTES:
        return f"is longer than {MAX_NAME_BYTES} bytes"
    for part in name.split("/"):
        if part in ("", ".", ".."):
            return (
                f"has a part named {part!r}" if part else "has a folder without a name (two slashes, or one at an end)"
            )
    return None


def shown_name(name: str) -> str:
    """A name for messages: quoted where it has characters that would not show."""
    return name if name.isprintable() else repr(name)


def join(folder: str, *parts: str) -> str:
    """A URI under a folder's URI, which may or may not end in a slash."""
    return "/".join((folder.rstrip("/"), *parts))


def _checked(key: str, uri: str) -> str:
    if "\0" in key or ".." in key.split("/") or not _is_text(key):
        raise InvalidInput(f"expected an address without .., NUL and broken characters, got {uri!r}", field="uri")
    return key


def _is_text(text: str) -> bool:
    """Whether a text can be written as UTF-8: lone surrogates cannot."""
    return text.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in text)
