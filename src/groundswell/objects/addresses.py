"""What an object's URI says: its scheme, bucket and key, or its path."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from urllib.parse import unquote

from groundswell.domain.errors import InvalidInput

SCHEMES = ("file", "s3", "gs", "az")


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


def resolve(reference: str, base: str) -> str:
    """The URI of a reference found in the manifest at `base`: relative ones are beside the manifest.

    >>> resolve("images/7.png", "s3://in/set/labeled.manifest")
    's3://in/set/images/7.png'
    """
    if "://" in reference or reference.startswith(("/", "data:")):
        return reference
    folder = base[: base.rfind("/") + 1]
    scheme, separator, rest = (folder + reference).partition("://")
    if not separator:
        return posixpath.normpath(folder + reference)
    return f"{scheme}://{posixpath.normpath(rest)}"


def join(folder: str, *parts: str) -> str:
    """A URI under a folder's URI, which may or may not end in a slash."""
    return "/".join((folder.rstrip("/"), *parts))


def _checked(key: str, uri: str) -> str:
    if "\0" in key or ".." in key.split("/"):
        raise InvalidInput(f"expected an address without .. and NUL, got {uri!r}", field="uri")
    return key
